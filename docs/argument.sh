#!/usr/bin/env bash
#
# argument.sh - makes the tables and pictures of argument.md.
#
#	argument.sh SWAPSIM RESULTS [DOCS]
#
# Results of the runs are left in RESULTS; DOCS is where argument.md and images/ are, the folder of this script if it is
# not given.

set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
swapsim=$1 results=$2 docs=${3:-$here} page=argument
. "$here/page.sh"
scenarios=$here/../scenarios/argument
count='tasks[0].count' limit='cgroups[0].memory.max' sizes=machine.thp.sizes
# 7.0-fix is 7.0 on a synchronous device.
designs='6.17 6.18 7.0 7.0+charge=order-as-charged 7.1 7.2'
# What the debate is about, and what came of it.
orders='6.18 7.0+charge=before-insert 7.0+charge=after-insert 7.0+charge=order-as-charged 7.1 7.2'

ssd="6.17 $orders"

# known KERNEL...: those that there are, a word each.
known() {
	local kernel

	for kernel; do
		! releases | grep -qxF "${kernel%%+*}" || echo "$kernel"
	done
}

# sweep NAME SCENARIO KERNELS OPTION...: into RESULTS/NAME.
sweep() {
	local kernels

	echo "argument.sh: $1" >&2
	# shellcheck disable=SC2086 # a word a kernel
	kernels=$(known $3 | paste -sd,)
	"$swapsim" sweep "$scenarios/$2.json" --set "machine.kernel=$kernels" "${@:4}" --output "$results/$1" --force --quiet \
		>/dev/null
}

# of NAME KERNEL AXIS VALUE COLUMN: the median over seeds; of COLUMN a/b of a for a thousand of b. An axis with one value has
# no column. Up to 6.18 what was allocated for nothing had been charged, too; it is counted from 7.0 on.
of() {
	local column=$5

	[[ $2 != 6.* ]] || column=${column/wasted_charges/wasted_pages}
	awk -F, -v kernel="$2" -v axis="$3" -v value="$4" -v column="$column" '
	{ gsub(/"[^"]*"/, "quoted") }
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; split(column, part, "/"); next }
	$at["kernel"] == kernel && (!(axis in at) || $at[axis] == value) {
		if ($at["outcome"] != "ok") print $at["outcome"]
		else if (2 in part) printf "%.0f\n", $at[part[2]] ? $at[part[1]] * 1000 / $at[part[2]] : 0
		else print $at[part[1]]
	}' "$results/$1/sweep.csv" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# us NANOSECONDS: in microseconds.
us() {
	awk -v ns="$1" 'BEGIN { printf ns < 100000 ? "%.1f\n" : "%.0f\n", ns / 1000 }'
}

# table_of NAME KERNELS AXIS VALUE TITLE=COLUMN...: a line a kernel; what ends in _ns is in microseconds.
table_of() {
	local name=$1 kernels=$2 axis=$3 value=$4 kernel column cell
	local -a titles=() cells

	for column in "${@:5}"; do
		titles+=("${column%%=*}")
	done
	head_of_table kernel "${titles[@]}"
	# shellcheck disable=SC2086 # a word a kernel
	for kernel in $(known $kernels); do
		cells=()
		for column in "${@:5}"; do
			cell=$(of "$name" "$kernel" "$axis" "$value" "${column#*=}")
			[[ $column != *_ns || $cell == *[a-z]* ]] || cell=$(us "$cell")
			cells+=("$cell")
		done
		row "$kernel" "${cells[@]}"
	done
}

# table_over NAME KERNELS AXIS COLUMN VALUE...: a line a kernel, a column a value of the axis.
table_over() {
	local kernel value cell
	local -a cells

	head_of_table kernel "${@:5}"
	# shellcheck disable=SC2086 # a word a kernel
	for kernel in $(known $2); do
		cells=()
		for value in "${@:5}"; do
			cell=$(of "$1" "$kernel" "$3" "$value" "$4")
			[[ $4 != *_ns || $cell == *[a-z]* ]] || cell=$(us "$cell")
			cells+=("$cell")
		done
		row "$kernel" "${cells[@]}"
	done
}

# on_one_entry NAME KERNELS
on_one_entry() {
	table_of "$1" "$2" "$count" 8 'pages for nothing=swapin_wasted_pages/pgmajfault' \
		'charges for nothing=swapin_wasted_charges/pgmajfault' 'sleeps=swapin_race_sleeps/pgmajfault' \
		'waits for a folio=folio_lock_waits/pgmajfault' 'fault p50, us=fault_p50_ns' 'fault p99, us=fault_p99_ns' \
		'fault p99.9, us=fault_p999_ns' 'all, us=run_time_ns' | block "$1"
}

one_entry() {
	sweep zram one-entry "$designs" --seeds 1..3
	picture contenders zram
	on_one_entry zram "$designs"
	sweep ssd one-entry "$ssd" --seeds 1..3 --set 'swap[0].device=nvme-client' --set "$count=8"
	on_one_entry ssd "$ssd"
	sweep hz one-entry "$designs" --seeds 1..3 --set machine.hz=100,250,1000 --set "$count=8"
	table_over hz "$designs" machine.hz fault_p999_ns 100 250 1000 | block hz
}

# at_a_third NAME SIZE
at_a_third() {
	table_of "$1" "$orders" "$limit" 33% 'time, us=run_time_ns' 'pages swapped in=pswpin' \
		"large swap-ins=hugepages-$2kB.swpin" "charges refused=hugepages-$2kB.swpin_fallback_charge" \
		'pages for nothing=swapin_wasted_pages' 'charges for nothing=swapin_wasted_charges' \
		VM_FAULT_OOM=vm_fault_oom kills=memory.events:oom_kill | block "large-$1"
}

large_folios() {
	local size

	for size in 64 256; do
		sweep "$size" large-folios "$orders" --seeds 1..3 --set "$sizes={\"${size}KiB\":\"madvise\",\"2MiB\":\"never\"}" \
			--set "$limit=90%,60%,50%,40%,33%"
		picture thrashing "$size"
		at_a_third "$size" "$size"
	done
	sweep always large-folios "$orders" --seeds 1..3 --set "$sizes={\"64KiB\":\"always\",\"2MiB\":\"never\"}" \
		--set 'processes[0].madvise=none' --set "$limit=33%"
	at_a_third always 64
	sweep 4 large-folios "$orders" --seeds 1..3 --set "$sizes={\"2MiB\":\"never\"}" --set "$limit=75%,50%,33%"
	table_over 4 "$orders" "$limit" run_time_ns 75% 50% 33% | block large-4
}

zswap() {
	sweep zswap zswap-writeback "$designs" --seeds 1..3 --set "$limit=50%"
	table_of zswap "$designs" "$limit" 50% 'time, us=run_time_ns' 'entries written back=zswpwb' \
		'refused=zswap_reject_reclaim_fail' 'kept=zswpout' 'fault p99, us=fault_p99_ns' | block zswap
}

mkdir -p "$results" "$docs/images"
one_entry
large_folios
zswap
