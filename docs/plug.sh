#!/usr/bin/env bash
#
# plug.sh - makes every picture and table of plug.md: pictures in images/plug-*.png, tables between the marks in
# plug.md.
#
#	plug.sh SWAPSIM RESULTS [SEEDS [DOCS]]
#
# Results of the runs are left in RESULTS. SEEDS (20) is how many seeds each point has; DOCS is where plug.md and
# images/ are, the folder of this script if it is not given.

# shellcheck disable=SC2016 # backticks are those of Markdown
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
swapsim=$1 results=$2 seeds=${3:-20} docs=${4:-$here}
scenarios=$here/../scenarios
page=plug
. "$here/page.sh"
limit='cgroups[0].memory.max'
old=6.12+plug-peek=newest new=6.12
rules=$old,$new,6.12+plug-peek=total,6.12+plug-peek=nested

# compare NAME SCENARIO KERNELS LIMITS OPTION...: into RESULTS/NAME.
compare() {
	echo "plug.sh: $1" >&2
	"$swapsim" compare "$scenarios/$2.json" --kernel "$3" --seeds "1..$seeds" --sweep "$limit=$4" "${@:5}" \
		--output "$results/$1" --force --quiet >/dev/null
}

# series NAME SCENARIO SEED: what happens when, on both rules.
series() {
	echo "plug.sh: $1" >&2
	"$swapsim" compare "$scenarios/$2.json" --kernel "$old,$new" --seeds "$3..$3" --set sample.every=500us --series \
		--output "$results/$1" --force --quiet >/dev/null
}

# values NAME KERNEL VALUE COLUMN: of all runs that were not killed, ascending; of COLUMN a/b the quotient in tenths.
values() {
	awk -F, -v kernel="$2" -v value="$3" -v column="$4" '
	NR == 1 {
		for (i = 1; i <= NF; i++) at[$i] = i
		split(column, of, "/")
		next
	}
	$1 == kernel && $at["value"] == value && (column == "memory.events:oom_kill" || !$at["memory.events:oom_kill"]) {
		print 2 in of ? int($at[of[1]] * 10 / $at[of[2]] + 0.5) : $at[of[1]]
	}' "$results/$1/sweep.csv" | sort -n
}

# spread NAME KERNEL VALUE COLUMN [DIVISOR [DECIMALS]]: "median (lowest-highest)", or a dash if none was left.
spread() {
	values "$1" "$2" "$3" "$4" | awk -v by="${5:-1}" -v decimals="${6:-0}" '
	function show(x) { return sprintf("%.*f", decimals, x / by) }
	{ v[NR] = $1 }
	END {
		if (!NR) print "-"
		else if (show(v[1]) == show(v[NR])) print show(v[1])
		else print show(v[int((NR + 1) / 2)]) " (" show(v[1]) "-" show(v[NR]) ")"
	}'
}

# killed NAME KERNEL VALUE: "16 of 20".
killed() {
	values "$1" "$2" "$3" memory.events:oom_kill | awk '{ n += $1 > 0 } END { print n + 0 " of " NR }'
}

# ---- The curves ----

curves() {
	compare cliff knee "$old,$new" 104%,102%,101%,100%,99%,98%,97%,96%,95%,94%,92%,90%,88%,85%,80%,75%,70%,60%,50%,33%,25% \
		--measured "$scenarios/knee.measured.csv"
	compare kills knee-writes "$old,$new" 104%,102%,101%,100%,99%,98%,96%,94%,92%,90%,85%,80%,75%,70%,60%,50%,40%,36%,33%,30%,27%,25%,20%,15% \
		--measured "$scenarios/knee-writes.measured.csv"
	compare loop knee-loop 6.18+plug-peek=newest,6.18 110%,104%,102%,101%,100%,98%,96%,94%,92%,90%,85%,80%,75%,70%,60%,50%,33%,25% \
		--measured "$scenarios/knee-loop.measured.csv"
	compare rules knee "$rules" 104%,102%,101%,100%,99%,98%,96%,94%,92%,90%,85%,80%,75%,70%,60%,50%
	for name in cliff kills loop rules; do
		picture cliff "$name"
	done
	series burst knee 1
	series kill knee-writes 10
	for name in burst kill; do
		picture unsent "$name"
	done
}

# ---- The tables ----

# rules_row TITLE RULE NAME KERNEL LIMIT
rules_row() {
	row "$1" "$2" "$(spread "$3" "$4" "$5" workingset_refault_anon)" "$(spread "$3" "$4" "$5" run_time_ns 1000000000 2)" \
		"$(spread "$3" "$4" "$5" blk_wr_ios)" "$(spread "$3" "$4" "$5" blk_wr_pages/blk_wr_ios 10 1)" \
		"$(spread "$3" "$4" "$5" swap_read_p50_ns 1000)" "$(spread "$3" "$4" "$5" swap_read_p99_ns 1000)" \
		"$(spread "$3" "$4" "$5" direct_reclaim_p999_ns 1000000)"
}

# all_rules TITLE NAME LIMIT: and those two that are not in the sweep.
all_rules() {
	rules_row "$1" newest "$2" "$old" "$3"
	rules_row '' '**oldest**' "$2" "$new" "$3"
	rules_row '' total "$2" 6.12+plug-peek=total "$3"
	rules_row '' nested "$2" 6.12+plug-peek=nested "$3"
	rules_row '' 'oldest, `nomerges` 2' "$2-nomerges" "$new" "$3"
}

# measure_rules NAME SCENARIO LIMIT OPTION...
measure_rules() {
	compare "$1" "$2" "$rules" "$3" "${@:4}"
	compare "$1-nomerges" "$2" "$new" "$3" --set 'swap[0].nomerges=2' "${@:4}"
}

rules_table() {
	local random='"size":"64MiB","accesses":32768,"write_permille":300,"writes":"update"'

	measure_rules rules-reads knee 90%
	measure_rules rules-writes knee-writes 90%
	measure_rules rules-rand knee 50% --set "tasks[0].workload={\"rand\":{$random}}"
	measure_rules rules-zipf knee 50% --set "tasks[0].workload={\"zipf\":{$random,\"skew_permille\":900}}"
	{
		head_of_table workload rule refaults 'time, s' 'write requests' 'pages each' 'read p50, us' 'read p99, us' \
			'longest reclaim, ms'
		all_rules 'sweeps, reads, 90 %' rules-reads 90%
		all_rules 'sweeps, writes, 90 %' rules-writes 90%
		all_rules 'random, 30 % writes, 50 %' rules-rand 50%
		all_rules 'zipf, 30 % writes, 50 %' rules-zipf 50%
	} | block rules
}

# kills_row TITLE NAME LIMIT MEASURED
kills_row() {
	row "$1" "$(killed "$2" "$old" "$3")" "$(killed "$2" "$new" "$3")" "$(killed "$2" 6.12+plug-peek=total "$3")" \
		"$(killed "$2" 6.12+plug-peek=nested "$3")" "$4"
}

kills_table() {
	compare kills-limits knee-writes "$rules" 75%,50%,40%,36%,33%,30%,25%,20%,15%
	compare kills-nomerges-1 knee-writes "$rules" 25% --set 'swap[0].nomerges=1'
	compare kills-nomerges-2 knee-writes "$rules" 25% --set 'swap[0].nomerges=2'
	compare kills-v1 knee-writes "$rules" 25% --set machine.cgroup_version=1
	compare kills-pc0 knee-writes "$rules" 25% --set machine.page-cluster=0
	compare kills-server knee-writes "$rules" 25% --set machine.cpu=server
	compare kills-nvme knee-writes "$rules" 25% --set machine.cpu=server --set 'swap[0].device=nvme-client'
	compare kills-loop knee-writes "$rules" 25%,20% --set machine.cpu=vm --set 'swap[0].device=loopbuf'
	compare kills-loop-v1 knee-writes "$rules" 25% --set machine.cpu=vm --set 'swap[0].device=loopbuf' \
		--set machine.cgroup_version=1
	{
		head_of_table 'sweeps, writes, limit' newest oldest total nested 'real kernels'
		kills_row '75 %' kills-limits 75% '6.1: 0 of 4; 6.12: 0 of 4'
		kills_row '50 %' kills-limits 50% '6.1: 0 of 2; 6.12: 0 of 2'
		kills_row '40 %' kills-limits 40% ''
		kills_row '36 %' kills-limits 36% ''
		kills_row '33 %' kills-limits 33% '6.1: 0 of 1; 6.12: 0 of 1'
		kills_row '30 %' kills-limits 30% ''
		kills_row '**25 %**' kills-limits 25% '**6.1: 0 of 4; 6.12: 6 of 7**'
		kills_row '20 %' kills-limits 20% ''
		kills_row '15 %' kills-limits 15% ''
		kills_row '25 %, `nomerges` 1' kills-nomerges-1 25% ''
		kills_row '25 %, `nomerges` 2' kills-nomerges-2 25% '6.12: 0 of 3'
		kills_row '25 %, cgroup v1' kills-v1 25% ''
		kills_row '25 %, loop device, cgroup v1' kills-loop-v1 25% '6.18: 0 of 6'
		kills_row '25 %, loop device, v2' kills-loop 25% ''
		kills_row '20 %, loop device, v2' kills-loop 20% ''
		kills_row '25 %, `page-cluster` 0' kills-pc0 25% ''
		kills_row '25 %, CPU `server`' kills-server 25% ''
		kills_row '25 %, CPU `server`, `nvme-client`' kills-nvme 25% ''
	} | block kills
}

# matters_row TITLE MEASURED NAME OPTION...
matters_row() {
	compare "matters-$3" knee "$old,$new" 90% "${@:4}"
	row "$1" "$(spread "matters-$3" "$old" 90% workingset_refault_anon)" \
		"$(spread "matters-$3" "$new" 90% workingset_refault_anon)" "$2"
}

matters_table() {
	local cpu device

	{
		head_of_table 'sweeps, reads, 90 %' newest oldest 'real kernels'
		matters_row 'the scenario' '6.1: 32232 (32152-32318); 6.12: 15234 (13328-17397), another day 14975-18115' base
		matters_row '`nomerges` 1' '6.18 on loop: 15817-16145' nomerges-1 --set 'swap[0].nomerges=1'
		matters_row '`nomerges` 2' '6.12: 30177-30659; 6.18 on loop: 30613-30795' nomerges-2 --set 'swap[0].nomerges=2'
		matters_row '`page-cluster` 0' '' pc0 --set machine.page-cluster=0
		matters_row '`page-cluster` 1' '' pc1 --set machine.page-cluster=1
		matters_row '`page-cluster` 5' '' pc5 --set machine.page-cluster=5
		matters_row 'cgroup v1' '' v1 --set machine.cgroup_version=1
		for device in disk loopbuf loopdio nvme-client; do
			for cpu in emulated vm server; do
				matters_row "device \`$device\`, CPU \`$cpu\`" \
					"$([[ $device-$cpu != loopbuf-vm ]] || echo '6.18, v1: 15312 (12572-15681)')" \
					"$device-$cpu" --set "swap[0].device=$device" --set "machine.cpu=$cpu"
			done
		done
	} | block matters
}

# agreement_row FIGURE MEASURED_6.1 MEASURED_6.12
agreement_row() {
	row "\`$1\`" "$(spread matters-base "$old" 90% "$1")" "$2" "$(spread matters-base "$new" 90% "$1")" "$3"
}

agreement_table() {
	{
		head_of_table 'sweeps, reads, 90 %' 'newest, simulated' '6.1.192, measured' 'oldest, simulated' '6.12.107, measured'
		agreement_row workingset_refault_anon '32232 (32152-32318)' '15234 (13328-17397)'
		agreement_row pgmajfault '4066 (4057-4079)' '1929 (1696-2213)'
		agreement_row pgscan '94215 (94131-94333)' '74984 (73180-77201)'
		agreement_row pgsteal '33939 (33871-34036)' '16943 (15047-19123)'
		agreement_row pgdeactivate '0 (0-4)' '5571 (4938-7773)'
		agreement_row workingset_activate_anon '0' '3720 (379-4037)'
		agreement_row pswpout '16396 (16395-16396)' '14700 (14696-16397)'
		agreement_row blk_wr_ios '205 (200-212)' '160 (139-176)'
		agreement_row memory.events:max '942 (940-948)' '460 (407-515)'
	} | block agreement
}

mkdir -p "$results" "$docs/images"
curves
rules_table
kills_table
matters_table
agreement_table
