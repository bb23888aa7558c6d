# shellcheck shell=bash disable=SC2154,SC2034 # variables are those of record.sh
#
# record_counters.sh - runs under limits, what the kernel counts meanwhile, and runs.csv: a part of record.sh, which reads
# it. docs/record.md says where every figure comes from.

figures=(pgmajfault_cg ru_majflt pgfault_cg pswpin pswpout pgscan_anon_vm pgsteal_anon_vm refault_anon activate_anon
	pgactivate pgdeactivate swap_ra swap_ra_hit blk_rd_ios blk_rd_pages blk_wr_ios blk_wr_pages peak
	swap_max_sampled swapcached_max_sampled ev_max ev_oom_kill failcnt swpout_zero swpin_zero thp_swpout
	thp_swpout_fallback pgscan_kswapd_vm pgscan_direct_vm allocstall psi_some_us psi_full_us cpu_us reads wall_s)

# ---- Reading ----

word_of_file() {
	[[ -r $1 ]] && sed 's/.*\[\(.*\)\].*/\1/' "$1"
}

# The name of the device in runs.csv, and the block device whose statistics tell of swapping.
device_name() {
	case ${swap%%:*} in
	zram) echo zram ;;
	file) echo file ;;
	loop) echo loopbuf ;;
	loopdio) echo loopdio ;;
	*) awk 'NR == 2 { sub(/.*\//, "", $1); print "own-" $1 }' /proc/swaps ;;
	esac
}

stat_file() {
	local device=${swap_device:-$(awk 'NR == 2 { print $1 }' /proc/swaps)}

	[[ -b $device && -r /sys/class/block/${device##*/}/stat ]] || return 0
	echo "/sys/class/block/${device##*/}/stat"
}

# name value lines; what is in several files takes the name of the first column or a prefix.
counters() {
	local stat

	sed 's/^/vm./' /proc/vmstat
	sed 's/^/cg./' "$cgroup/memory.stat"
	if [[ $cgroup_version == 2 ]]; then
		sed 's/^/ev./' "$cgroup/memory.events"
		awk '{ sub(/.*total=/, "", $NF); print "psi." $1, $NF }' "$cgroup/memory.pressure" 2>/dev/null || true
		! [[ -r $cgroup/memory.peak ]] || echo "peak $(<"$cgroup/memory.peak")"
	else
		echo "failcnt $(<"$cgroup/memory.failcnt")"
		echo "peak $(<"$cgroup/memory.max_usage_in_bytes")"
		! [[ -r $cgroup/memory.kmem.max_usage_in_bytes ]] ||
			echo "kernel_max $(<"$cgroup/memory.kmem.max_usage_in_bytes")"
		awk '$1 == "oom_kill" { print "ev." $0 }' "$cgroup/memory.oom_control"
		awk '{ sub(/.*total=/, "", $NF); print "psi." $1, $NF }' /proc/pressure/memory 2>/dev/null || true
	fi
	stat=$(stat_file)
	[[ ! $stat ]] || awk '{ print "blk.rd_ios", $1; print "blk.rd_sectors", $3
		print "blk.wr_ios", $5; print "blk.wr_sectors", $7 }' "$stat"
}

# The most swap that is charged, the most of it that is in the swap cache and, of cgroup v2, the most kernel memory,
# every 20 ms, and how often that was. A pipe that nobody writes to is waited for, so that no process is made for it.
sample() {
	local name value swap_now cached most_swap=0 most_cached=0 most_kernel=0 reads=0

	trap 'echo "swap_max $most_swap"; echo "swapcached_max $most_cached"; echo "reads $reads"
		((!most_kernel)) || echo "kernel_max $most_kernel"; exit 0' TERM
	while :; do
		swap_now=0 cached=0
		while read -r name value; do
			case $name in
			swap) swap_now=$value ;;
			swapcached) cached=$value ;;
			kernel) ((value <= most_kernel)) || most_kernel=$value ;;
			esac
		done <"$cgroup/memory.stat" 2>/dev/null
		[[ $cgroup_version == 1 ]] || read -r swap_now 2>/dev/null <"$cgroup/memory.swap.current" || true
		((++reads))
		((swap_now <= most_swap)) || most_swap=$swap_now
		((cached <= most_cached)) || most_cached=$cached
		read -rt 0.02 -u "$sample_fd" || true
	done
}

# ---- runs.csv ----

# Figures of one run, as a line in the order of figures[]: after less before, but for what is a peak.
evaluate() {
	awk -v names="${figures[*]}" -v own="$([[ ! $swap_device ]] || stat_file)" '
		function delta(key) { return key in after ? sprintf("%.0f", after[key] - before[key]) : "" }
		function first(a, b) { return a in after ? delta(a) : delta(b) }
		function quarter(key) { return key in after ? sprintf("%.0f", (after[key] - before[key]) / 8) : "" }
		function swapped(name, sectors) {
			return ("cg." name) in after || !own ? first("cg." name, "vm." name) : quarter(sectors)
		}
		FILENAME == ARGV[1] { before[$1] = $2; next }
		{ after[$1] = $2 }
		END {
			v["pgmajfault_cg"] = delta("cg.pgmajfault"); v["pgfault_cg"] = delta("cg.pgfault")
			v["ru_majflt"] = after["ru_majflt"]; v["wall_s"] = after["wall_s"]
			v["cpu_us"] = after["cpu_us"]; v["reads"] = after["reads"]
			v["pswpin"] = swapped("pswpin", "blk.rd_sectors"); v["pswpout"] = swapped("pswpout", "blk.wr_sectors")
			v["pgscan_anon_vm"] = delta("vm.pgscan_anon"); v["pgsteal_anon_vm"] = delta("vm.pgsteal_anon")
			v["refault_anon"] = first("cg.workingset_refault_anon", "vm.workingset_refault_anon")
			v["activate_anon"] = first("cg.workingset_activate_anon", "vm.workingset_activate_anon")
			v["pgactivate"] = first("cg.pgactivate", "vm.pgactivate")
			v["pgdeactivate"] = first("cg.pgdeactivate", "vm.pgdeactivate")
			v["swap_ra"] = delta("vm.swap_ra"); v["swap_ra_hit"] = delta("vm.swap_ra_hit")
			v["blk_rd_ios"] = delta("blk.rd_ios"); v["blk_rd_pages"] = quarter("blk.rd_sectors")
			v["blk_wr_ios"] = delta("blk.wr_ios"); v["blk_wr_pages"] = quarter("blk.wr_sectors")
			v["peak"] = after["peak"]; v["swap_max_sampled"] = after["swap_max"]
			v["swapcached_max_sampled"] = after["swapcached_max"]
			v["ev_max"] = delta("ev.max"); v["ev_oom_kill"] = delta("ev.oom_kill")
			v["failcnt"] = delta("failcnt")
			v["swpout_zero"] = delta("vm.swpout_zero"); v["swpin_zero"] = delta("vm.swpin_zero")
			v["thp_swpout"] = delta("vm.thp_swpout")
			v["thp_swpout_fallback"] = delta("vm.thp_swpout_fallback")
			v["pgscan_kswapd_vm"] = delta("vm.pgscan_kswapd"); v["pgscan_direct_vm"] = delta("vm.pgscan_direct")
			for (key in after)
				if (key ~ /^vm\.allocstall/)
					v["allocstall"] += after[key] - before[key]
			v["psi_some_us"] = delta("psi.some"); v["psi_full_us"] = delta("psi.full")
			n = split(names, name, " ")
			for (i = 1; i <= n; i++)
				printf "%s%s", v[name[i]], i < n ? "," : "\n"
		}' "$work/before" "$work/after"
}

# In the program's CPU time: on a busy machine who goes by the clock looks more often in it.
time_between_reads() {
	awk -F, -v names="${figures[*]}" '
		BEGIN { n = split(names, name, " "); for (i = 1; i <= n; i++) at[name[i]] = i }
		{ cpu += $at["cpu_us"]; reads += $at["reads"] }
		END { if (cpu && reads) printf "%d", cpu / reads + 1 }' "$work/runs"
}

key_columns() {
	local kernel lru=classic thp=none limit=$1

	kernel=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
	! [[ -r /sys/kernel/mm/lru_gen/enabled ]] || (($(</sys/kernel/mm/lru_gen/enabled) % 2 == 0)) || lru=mglru
	[[ $(word_of_file /sys/kernel/mm/transparent_hugepage/enabled) != always ]] || thp=2m
	printf '%s,%s,v%s,%s,%s,%s,0,%s,%s,%s,%s,%s,all,%s,%s' "$kernel" "$(device_name)" "$cgroup_version" "$pat" "$args" \
		"$mb" "$(((limit * 100 + (mb << 19)) / (mb << 20)))" "$(</proc/sys/vm/page-cluster)" "$lru" "$thp" \
		"$([[ ! $swap_limit ]] || echo $(($(bytes_of "$swap_limit") >> 20)))" "$(wc -l <"$work/runs")" \
		"$(time_between_reads)"
}

# Median, least and most of each column of the lines of runs.
spread() {
	awk -F, '
		{ for (i = 1; i <= NF; i++) v[i, NR] = $i }
		END {
			for (i = 1; i <= NF; i++) {
				empty = 0
				for (n = 1; n <= NR; n++) {
					empty += v[i, n] == ""
					for (k = n; k > 1 && v[i, k] + 0 < v[i, k - 1] + 0; k--) {
						t = v[i, k]; v[i, k] = v[i, k - 1]; v[i, k - 1] = t
					}
				}
				middle = (v[i, int((NR + 1) / 2)] + v[i, int(NR / 2) + 1]) / 2
				if (empty)
					printf ",,,"
				else
					printf ",%s,%s,%s", i == NF ? sprintf("%.6f", middle) : sprintf("%.1f", middle),
						v[i, 1], v[i, NR]
			}
			print ""
		}' "$1"
}

header() {
	local name

	printf 'kernel,dev,cgv,pat,args,mb,ops,ratio,pc,lru,thp,swapmb,phase,n,memory_stat_us'
	for name in "${figures[@]}"; do
		printf ',%s_med,%s_min,%s_max' "$name" "$name" "$name"
	done
	echo
}

# ---- Runs under limits ----

# What the program needs: the peak of a run without a limit, and what of it is the kernel's. Sets mb and overhead. The
# run before it has its files read, which would be charged to it otherwise.
measure() {
	local run

	for run in first second; do
		count_run "" ""
		((status == 0)) || die "${program[0]} ended with $status without any limit, the $run time"
	done
	overhead=$(awk '$1 == "kernel_max" { print int(($2 + 4095) / 4096) }' "$work/after")
	mb=$(awk '$1 == "peak" { print int(($2 + 1048575) / 1048576) }' "$work/after")
	[[ $mb ]] || die "this kernel does not tell peaks of memory (cgroup v2 before 5.19; sizes in --limit do not help)"
	note "it needs $mb MiB"
}

limit_bytes() {
	if [[ $1 == *% ]]; then
		echo $((mb * 1048576 * ${1%\%} / 100 / 4096 * 4096))
	else
		bytes_of "$1"
	fi
}

count_all() {
	local limit bytes most="" run

	[[ ! $swap_limit ]] || most=$(bytes_of "$swap_limit")
	header >"$work/result/runs.csv"
	for limit in "${limits[@]}"; do
		bytes=$(limit_bytes "$limit")
		: >"$work/runs"
		: >"$work/failed"
		for ((run = 1; run <= repeat; run++)); do
			note "limit $limit, run $run of $repeat"
			count_run "$bytes" "$most"
			if ((status == 0)); then
				evaluate >>"$work/runs"
			else
				note "${program[0]} ended with $status under $limit"
				evaluate >>"$work/failed"
			fi
		done
		[[ -s $work/runs ]] || mv "$work/failed" "$work/runs"
		{
			key_columns "$bytes"
			spread "$work/runs"
		} >>"$work/result/runs.csv"
		[[ $trace != perf && $trace != ftrace ]] || trace_faults "$bytes" "$most" "${limit/\%/}"
	done
}
