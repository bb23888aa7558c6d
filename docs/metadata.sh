#!/usr/bin/env bash
#
# metadata.sh - makes the table and the pictures of metadata.md.
#
#	metadata.sh SWAPSIM RESULTS [DOCS]
#
# Results of the runs are left in RESULTS; DOCS is where metadata.md and images/ are, the folder of this script if it is
# not given.

set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
swapsim=$1 results=$2 docs=${3:-$here} page=metadata
. "$here/page.sh"
stride='tasks[3].workload.stride.stride'
# One of each design.
designs=6.17,6.18,7.1,7.2

# runs NAME SCENARIO OPTION...: on all releases.
runs() {
	echo "metadata.sh: $1" >&2
	"$swapsim" compare "$here/../scenarios/metadata/$2.json" --kernel "$(releases | paste -sd,)" --seeds 1 --series "${@:3}" \
		--output "$results/$1" --force --quiet >/dev/null
}

# curves NAME SCENARIO: a picture with a curve a design.
curves() {
	local known

	known=$(releases | grep -xF "${designs//,/$'\n'}" | paste -sd,)
	"$swapsim" compare "$here/../scenarios/metadata/$2.json" --kernel "$known" --seeds 1 --series \
		--set sample.every=200ms --output "$results/$1-curves" --force --quiet >/dev/null
	"$swapsim" plot metadata "$results/$1-curves" --output "$docs/images/metadata-$1.png"
	rm -f "$docs/images/metadata-$1".{gp,csv}
}

# mib KERNEL RUN SLOTS: MiB of metadata for a TiB of swap, from a device of 512 MiB, when not more than SLOTS are left in
# use of those that were. A device that was never used has one table, however large it is.
mib() {
	awk -F, -v kernel="$1" -v slots="$3" '
	FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; file++; next }
	file == 1 { if ($at["figure"] == "meta_static_bytes" && $at["kernel"] == kernel) static = $at["median"]; next }
	$at["kernel"] != kernel { next }
	slots == 0 { meta = $at["swap_meta_bytes"] / 2048; exit }
	{ used = $at["swap_used_pages"] }
	used > most { most = used }
	most == 131071 && used <= slots { meta = $at["swap_meta_bytes"]; exit }
	END { printf "%.0f\n", (static + meta) * 2048 / 1048576 }' "$results/$2/compare.csv" "$results/$2/series.csv"
}

# state TITLE RUN SLOTS
state() {
	local kernel
	local -a cells=()

	for kernel in $(releases); do
		cells+=("$(mib "$kernel" "$2" "$3")")
	done
	row "$1" "${cells[@]}"
}

mkdir -p "$results" "$docs/images"
runs in-order freed-in-order
runs anywhere freed-anywhere
runs one-in-64 one-in-512 --set "$stride=64" --set 'tasks[3].stop.accesses=129024'
runs one-in-512 one-in-512
{
	# shellcheck disable=SC2046 # a word a release
	head_of_table 'MiB for 1 TiB of swap' $(releases)
	state 'never used' in-order 0
	state 'all slots in use' in-order 131071
	state 'freed cluster by cluster, half left' in-order 65536
	state 'freed anywhere, half left' anywhere 65536
	state 'freed anywhere, 1 of 64 left' anywhere 2048
	state '1 of 64 left, in every 64 slots one' one-in-64 2048
	state '1 of 512 left, in every cluster one' one-in-512 256
} | block table
curves anywhere freed-anywhere
curves worst one-in-512
