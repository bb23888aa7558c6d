#!/usr/bin/env bash
#
# record.sh - record what a program does to memory, and what the kernel counts while it runs short of it.
#
# swapsim record runs this; it is also a program of its own. docs/record.md describes options and results. It runs the
# program again and again: once under valgrind or perf for the trace, then --repeat times under each limit.
#
# What it makes (a cgroup, a swap device, files beside the output) it removes when it ends, however it ends. It never
# touches swap that was there before.

set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR
source "$here/record_counters.sh"

swapsim=${SWAPSIM:-swapsim}
output=recording
trace=access
filter_top=16
limits=()
swap=
swap_limit=
repeat=1
input=/dev/null
user=${SUDO_USER-}
dry_run=
program=()

# What is there to be cleaned up.
work=
cgroup=
swap_device=
swap_file=
loop_device=
zram=
sampler=
running=
sample_fd=

usage() {
	cat <<-'END'
		usage: swapsim record [OPTION]... -- PROGRAM [ARGUMENT]...

		Records a program on this machine: the pages it touches, or its page faults, and the
		kernel's counters under memory limits, as a folder that swapsim and fidelity read.

		  -o, --output DIR    the folder (recording); it must not exist
		  --trace WHAT        access (default): every page access, by valgrind, 100 times slower;
		                      perf, ftrace: page faults only, under each limit; none
		  --filter-top K      of access: leave out accesses to the K pages used last (16)
		  --limit LIST        memory limits, in percent of what the program needs, or sizes:
		                      75%,50%,64MiB; needs root. Without it there are no counters
		  --swap KIND:SIZE    swap to make for it: zram, file, loop or loopdio, 1GiB; needs root.
		                      Without it what the machine has is used
		  --swap-limit SIZE   how much of it the program may use
		  --repeat N          runs under each limit (1)
		  --stdin FILE        what the program reads (nothing)
		  --user NAME         who it runs as (who called sudo)
		  --dry-run           say what would be done, and what is missing
		  --print             print what is run: this script and its part
		  -h, --help          this text
	END
}

# ---- Telling people ----

# Exit statuses are those of swapsim: 1 input and output, 2 usage, 130 interrupted.
die() {
	echo "swapsim: record: $1" >&2
	exit "${2-1}"
}

note() {
	echo "swapsim: record: $1" >&2
}

# The command that installs what is in package $1.
install_command() {
	local name=$1

	if command -v apt-get >/dev/null; then
		[[ $name != perf ]] || name=linux-perf
		echo "sudo apt-get install $name"
	elif command -v dnf >/dev/null; then
		echo "sudo dnf install $name"
	elif command -v pacman >/dev/null; then
		echo "sudo pacman -S $name"
	elif command -v zypper >/dev/null; then
		echo "sudo zypper install $name"
	else
		echo "install $name"
	fi
}

# ---- The command line ----

# 64MiB -> 67108864
bytes_of() {
	local number unit

	[[ $1 =~ ^([0-9]{1,12})(KiB|MiB|GiB|TiB|)$ ]] || return 1
	number=${BASH_REMATCH[1]}
	unit=${BASH_REMATCH[2]}
	case $unit in
	KiB) number=$((number << 10)) ;;
	MiB) number=$((number << 20)) ;;
	GiB) number=$((number << 30)) ;;
	TiB) number=$((number << 40)) ;;
	esac
	((number > 0)) && echo "$number"
}

bad_value() {
	die "$1 $2: not possible ($3)" 2
}

check_options() {
	local limit

	case $trace in
	access | perf | ftrace | none) ;;
	*) bad_value --trace "$trace" "access, perf, ftrace or none" ;;
	esac
	[[ $filter_top =~ ^[0-9]{1,6}$ ]] || bad_value --filter-top "$filter_top" "a number of pages"
	[[ $repeat =~ ^[1-9][0-9]{0,3}$ ]] || bad_value --repeat "$repeat" "a whole number, 1 to 9999"
	for limit in "${limits[@]}"; do
		[[ $limit =~ ^[1-9][0-9]{0,2}%$ ]] || bytes_of "$limit" >/dev/null ||
			bad_value --limit "$limit" "a list of 50%, 64MiB and the like"
	done
	if [[ $swap ]]; then
		if [[ ! $swap =~ ^(zram|file|loop|loopdio): ]] || ! bytes_of "${swap#*:}" >/dev/null; then
			bad_value --swap "$swap" "zram, file, loop or loopdio, and a size: zram:1GiB"
		fi
		((${#limits[@]})) || die "--swap is for runs under a limit (add --limit)" 2
	fi
	[[ ! $swap_limit ]] || bytes_of "$swap_limit" >/dev/null || bad_value --swap-limit "$swap_limit" "a size: 64MiB"
	[[ -r $input ]] || die "$input: cannot be read (--stdin FILE)"
	((${#program[@]})) || die "no program (usage: swapsim record [OPTION]... -- PROGRAM [ARGUMENT]...)" 2
	[[ $trace != none || ${#limits[@]} -gt 0 ]] || die "nothing to record (--trace, --limit or both)" 2
}

parse() {
	while (($#)); do
		case $1 in
		-h | --help)
			usage
			exit 0
			;;
		--print)
			cat "${BASH_SOURCE[0]}" "$here/record_counters.sh"
			exit 0
			;;
		--dry-run) dry_run=yes ;;
		--)
			shift
			program=("$@")
			break
			;;
		-o | --output | --trace | --filter-top | --limit | --swap | --swap-limit | --repeat | --stdin | --user)
			(($# > 1)) || die "$1: a value is missing (swapsim record --help)" 2
			case $1 in
			-o | --output) output=${2%/} ;;
			--trace) trace=$2 ;;
			--filter-top) filter_top=$2 ;;
			--limit) IFS=, read -ra limits <<<"$2" ;;
			--swap) swap=$2 ;;
			--swap-limit) swap_limit=$2 ;;
			--repeat) repeat=$2 ;;
			--stdin) input=$2 ;;
			--user) user=$2 ;;
			esac
			shift
			;;
		-*) die "unknown option $1 (see swapsim record --help)" 2 ;;
		*) die "unexpected argument $1 (the program comes after --)" 2 ;;
		esac
		shift
	done
	check_options
}

# ---- What the machine has ----

# Version (1, 2 or nothing) and place of the cgroups with the memory controller.
cgroup_version=
cgroup_root=
find_cgroup() {
	local mount type options

	while read -r _ mount type options _; do
		if [[ $type == cgroup && ,$options, == *,memory,* ]]; then
			cgroup_version=1
			cgroup_root=$mount
		elif [[ $type == cgroup2 && -r $mount/cgroup.controllers ]] &&
			grep -qw memory "$mount/cgroup.controllers"; then
			cgroup_version=2
			cgroup_root=$mount
		fi
	done </proc/mounts
}

# What is missing for what was asked for, a line each.
missing() {
	local name

	if [[ $trace == access ]]; then
		command -v valgrind >/dev/null || echo "valgrind is missing ($(install_command valgrind))"
		command -v "$swapsim" >/dev/null || echo "swapsim is missing (say where it is: SWAPSIM=/path/to/swapsim)"
	elif [[ $trace == perf ]]; then
		command -v perf >/dev/null || echo "perf is missing ($(install_command perf))"
	elif [[ $trace == ftrace ]]; then
		((EUID == 0)) || echo "--trace ftrace needs root (sudo, or --trace perf)"
	fi
	command -v "${program[0]}" >/dev/null || echo "${program[0]}: no such program (its path?)"
	command -v gzip >/dev/null || echo "gzip is missing ($(install_command gzip))"
	((${#limits[@]})) || return 0
	((EUID == 0)) || echo "--limit needs root (sudo)"
	[[ $cgroup_version ]] ||
		echo "no cgroup has the memory controller (boot with cgroup_enable=memory)"
	[[ $swap || $(wc -l </proc/swaps) -gt 1 ]] || echo "there is no swap (--swap zram:1GiB or file:1GiB)"
	for name in mkswap swapon; do
		[[ ! $swap ]] || command -v "$name" >/dev/null || echo "$name is missing ($(install_command util-linux))"
	done
	[[ ! $user ]] || command -v setpriv >/dev/null || echo "setpriv is missing ($(install_command util-linux))"
}

plan() {
	local limit command

	printf -v command ' %q' "${program[@]}"
	echo "record:$command"
	echo "into: $output"
	case $trace in
	access) echo "trace: run it under valgrind, import without the $filter_top pages used last" ;;
	perf) echo "trace: run it under perf, without a limit and under each" ;;
	ftrace) echo "trace: run it with page faults traced, without a limit and under each" ;;
	none) echo "trace: none" ;;
	esac
	if ((${#limits[@]})); then
		echo "cgroup: version ${cgroup_version:-?}"
		echo "swap: ${swap:-what the machine has}"
		[[ ! $swap_limit ]] || echo "swap limit: $swap_limit"
		echo "run it once without a limit, to see what it needs"
		for limit in "${limits[@]}"; do
			echo "run it with $limit of memory, times: $repeat"
		done
	fi
	missing | sed 's/^/missing: /'
}

# ---- Cleaning up ----

# Those that were started in the cgroup, and no others.
end_program() {
	local pid tries

	[[ ! $running ]] || kill "$running" 2>/dev/null || true
	running=
	[[ $cgroup && -e $cgroup/cgroup.procs ]] || return 0
	for ((tries = 0; tries < 100; tries++)); do
		[[ $(<"$cgroup/cgroup.procs") ]] || return 0
		while read -r pid; do
			kill -KILL "$pid" 2>/dev/null || true
		done <"$cgroup/cgroup.procs"
		sleep 0.05
	done
}

stop_sampler() {
	[[ $sampler ]] || return 0
	kill "$sampler" 2>/dev/null || true
	wait "$sampler" 2>/dev/null || true
	sampler=
}

remove_cgroup() {
	local tries

	[[ $cgroup ]] || return 0
	for ((tries = 0; tries < 20; tries++)); do
		! rmdir "$cgroup" 2>/dev/null || break
		sleep 0.05
	done
	[[ ! -d $cgroup ]] || note "$cgroup: cannot be removed (rmdir it when it is empty)"
	cgroup=
}

remove_swap() {
	[[ ! $swap_device ]] || swapoff "$swap_device" || note "$swap_device: swapoff failed; it is still in use"
	swap_device=
	[[ ! $loop_device ]] || losetup -d "$loop_device" || true
	loop_device=
	if [[ $zram ]]; then
		echo 1 >"/sys/block/zram$zram/reset" || true
		echo "$zram" >/sys/class/zram-control/hot_remove || note "/dev/zram$zram: cannot be removed"
	fi
	zram=
	[[ ! $swap_file ]] || rm -f "$swap_file"
	swap_file=
}

clean_up() {
	trap '' INT TERM HUP
	set +e
	end_program
	stop_sampler
	stop_ftrace
	remove_cgroup
	remove_swap
	[[ ! $work ]] || rm -rf "$work"
}

# ---- Swap ----

make_zram() {
	[[ -e /sys/class/zram-control/hot_add ]] || modprobe zram 2>/dev/null || true
	[[ -e /sys/class/zram-control/hot_add ]] || die "this kernel has no zram (--swap file:SIZE)"
	zram=$(</sys/class/zram-control/hot_add)
	echo "$1" >"/sys/block/zram$zram/disksize"
}

make_file() {
	swap_file=$work.swap
	(umask 077 && : >"$swap_file")
	chattr +C "$swap_file" 2>/dev/null || true # btrfs swaps only to files it does not copy on write
	dd if=/dev/zero of="$swap_file" bs=1M count=$((($1 + (1 << 20) - 1) >> 20)) status=none
}

make_swap() {
	local kind=${swap%%:*} size device

	[[ $swap ]] || return 0
	size=$(bytes_of "${swap#*:}")
	case $kind in
	zram) make_zram "$size" ;;
	file) make_file "$size" ;;
	loop | loopdio)
		make_file "$size"
		loop_device=$(losetup --find --show "$([[ $kind == loop ]] && echo --direct-io=off || echo --direct-io=on)" \
			"$swap_file")
		;;
	esac
	device=${zram:+/dev/zram$zram}
	device=${device:-${loop_device:-$swap_file}}
	mkswap "$device" >/dev/null
	swapon -p 32767 "$device" || die "$device: cannot be swapped to (--swap zram:SIZE or loop:SIZE)"
	swap_device=$device
}

# ---- Runs ----

make_cgroup() {
	cgroup=$cgroup_root/swapsim-record.$$
	mkdir "$cgroup" || die "$cgroup: cannot be made"
	if [[ $cgroup_version == 2 && ! -e $cgroup/memory.max ]]; then
		echo +memory >"$cgroup_root/cgroup.subtree_control" || die "$cgroup_root: no memory controller for cgroups below"
	fi
}

# Limits of a run: memory and swap in bytes, nothing for none. Under cgroup v1 swap is limited along with memory.
set_limits() {
	local memory=$1 most=$2

	if [[ $cgroup_version == 2 ]]; then
		[[ ! $memory ]] || echo "$memory" >"$cgroup/memory.max"
		[[ ! $most ]] || echo "$most" >"$cgroup/memory.swap.max"
		return
	fi
	[[ ! $memory ]] || echo "$memory" >"$cgroup/memory.limit_in_bytes"
	if [[ $memory && $most ]]; then
		[[ -e $cgroup/memory.memsw.limit_in_bytes ]] || die "swap is not accounted for (boot with swapaccount=1)"
		echo $((memory + most)) >"$cgroup/memory.memsw.limit_in_bytes"
	fi
}

# The program in the cgroup, if there is one, as the user. Outer, a command that sees what it execs, is not in the
# cgroup; inner, one that does not, is next to the program. $1: where GNU time, which is not in the cgroup either,
# tells major faults and CPU time, or nothing.
outer=()
inner=()
# shellcheck disable=SC2016 # expanded by the shell it is for
inside='[ -z "$1" ] || echo $$ >"$1/cgroup.procs"; shift; exec "$@"'
run_program() {
	local as=() timed=()

	[[ ! $1 || ! -x /usr/bin/time ]] || timed=(/usr/bin/time -q -f '%F %U %S' -o "$1")
	[[ ! $user || $EUID != 0 ]] ||
		as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --init-groups)
	exec "${timed[@]}" "${outer[@]}" sh -c "$inside" sh "$cgroup" "${as[@]}" "${inner[@]}" "${program[@]}" <"$input" >/dev/null
}

# Runs it in the background and waits, so that a signal is seen at once. Sets status.
status=0
run_and_wait() {
	run_program "$@" &
	running=$!
	status=0
	wait "$running" || status=$?
	running=
}

# One run under a limit (bytes, or nothing); its figures go to stdout. status is the program's.
count_run() {
	local begin end

	make_cgroup
	set_limits "$1" "$2"
	counters >"$work/before"
	: >"$work/majflt"
	sample >"$work/sampled" &
	sampler=$!
	begin=${EPOCHREALTIME/./}
	run_and_wait "$work/majflt"
	end=${EPOCHREALTIME/./}
	stop_sampler
	{
		counters
		cat "$work/sampled"
		awk 'END { if (NR) print "ru_majflt " $1 "\ncpu_us " ($2 + $3) * 1000000 }' "$work/majflt"
		printf 'wall_s %d.%06d\n' $(((end - begin) / 1000000)) $(((end - begin) % 1000000))
	} >"$work/after"
	end_program
	remove_cgroup
}

# ---- Traces ----

tracefs=
tracefs_mount=
stop_ftrace() {
	if [[ $tracefs ]]; then
		echo 0 >"$tracefs/events/exceptions/page_fault_user/enable"
		rmdir "$tracefs"
	fi
	tracefs=
	[[ ! $tracefs_mount ]] || umount "$tracefs_mount" || true
	tracefs_mount=
}

trace_access() {
	local importer

	note "trace of accesses, under valgrind"
	mkfifo "$work/pipe"
	"$swapsim" trace import "$work/pipe" --format lackey --numbering tables --filter-top "$filter_top" \
		--program "${program[*]}" -o "$work/result/traces/$pat.swt" &
	importer=$!
	exec 9>"$work/pipe"
	inner=(valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes --log-fd=9)
	run_and_wait ""
	inner=()
	exec 9>&-
	wait "$importer" || die "the trace could not be imported"
	((status == 0)) || die "${program[0]} ended with $status under valgrind"
	rm "$work/pipe"
}

# Page faults under a limit; $3 names it.
trace_faults() {
	local name=$work/result/traces/$pat.$3

	note "page faults, $3"
	[[ ! $cgroup_version || $EUID != 0 ]] || make_cgroup
	[[ ! $cgroup ]] || set_limits "$1" "$2"
	if [[ $trace == perf ]]; then
		outer=(perf record -q -e page-faults -c 1 -d -T -o "$work/perf.data")
		run_and_wait ""
		outer=()
		perf script -i "$work/perf.data" -F comm,pid,tid,time,event,addr,ip 2>"$work/perf.said" |
			gzip -9n >"$name.perfscript.txt.gz" || die "perf script: $(tail -n 1 "$work/perf.said")"
	else
		ftrace_faults "$name.ftrace.txt.gz"
	fi
	end_program
	remove_cgroup
}

# An instance of its own, so that nobody else's tracing is disturbed; what is not of the program is left out.
ftrace_faults() {
	local mount=/sys/kernel/tracing

	if [[ ! -d $mount/instances ]] && mount -t tracefs tracefs "$mount" 2>/dev/null; then
		tracefs_mount=$mount
	fi
	[[ -d $mount/instances ]] || die "$mount: no tracing (a kernel with CONFIG_FTRACE, or --trace perf)"
	tracefs=$mount/instances/swapsim-record.$$
	mkdir "$tracefs"
	[[ -d $tracefs/events/exceptions/page_fault_user ]] || die "this kernel does not trace page faults (--trace perf)"
	echo 65536 >"$tracefs/buffer_size_kb"
	echo 1 >"$tracefs/options/event-fork"
	# shellcheck disable=SC2016 # expanded by the shell it is for
	outer=(sh -c 'echo $$ >"$0/set_event_pid"; echo 1 >"$0/events/exceptions/page_fault_user/enable"; exec "$@"'
		"$tracefs")
	run_and_wait ""
	outer=()
	echo 0 >"$tracefs/events/exceptions/page_fault_user/enable"
	cat "$tracefs/trace" >"$work/faults" # all at once: what is read in pieces may change between them
	gzip -9n <"$work/faults" >"$1"
	stop_ftrace
}

# ---- The folder ----

describe() {
	printf 'command:'
	printf ' %q' "${program[@]}"
	echo
	echo "recorded: $(date -u +%Y-%m-%d)"
	echo "kernel: $(uname -srvm)"
	echo "memory: $(awk '$1 == "MemTotal:" { print $2 " " $3 }' /proc/meminfo), $(nproc) CPUs"
	((${#limits[@]})) || return 0
	echo "swappiness: $(</proc/sys/vm/swappiness), page-cluster: $(</proc/sys/vm/page-cluster)"
	echo "swap: ${swap:-own}"
	! [[ $zram ]] || echo "zram: $(word_of_file "/sys/block/zram$zram/comp_algorithm")"
	sed 's/^/swaps: /' /proc/swaps
}

main() {
	parse "$@"
	find_cgroup
	if [[ $dry_run ]]; then
		plan
		exit 0
	fi
	local what

	what=$(missing)
	[[ ! $what ]] || die "${what//$'\n'/$'\n'swapsim: record: }"
	[[ ! -e $output ]] || die "$output: exists (another --output)"

	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	mkdir -p "$(dirname "$output")"
	work=$(mktemp -d "$output.XXXXXX")
	chmod 755 "$work"
	mkdir -p "$work/result/traces"
	mkfifo "$work/never"
	exec {sample_fd}<>"$work/never"
	pat=$(basename "${program[0]}" | tr -c 'A-Za-z0-9\n' -)
	args=id:$(printf '%s\n' "${program[@]}" | cksum | cut -d' ' -f1)
	mb='' overhead=''

	[[ $trace != access ]] || trace_access
	[[ $trace != perf && $trace != ftrace ]] || trace_faults "" "" unlimited
	if ((${#limits[@]})); then
		make_swap
		measure
		count_all
	fi
	describe >"$work/result/recording.txt"
	if [[ $trace == access ]]; then
		echo "pat,args,mb,file,fill_lines,tasks,overhead" >"$work/result/streams.csv"
		echo "$pat,$args,$mb,traces/$pat.swt,0,1,$overhead" >>"$work/result/streams.csv"
	fi
	mv -T "$work/result" "$output"
	note "$output is complete"
}

main "$@"
