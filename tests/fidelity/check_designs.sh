#!/usr/bin/env bash
#
# check_designs.sh SWAPSIM - every design of slot allocation and swap cache counts the same events in every workload of one
# task on zram. Reclaim gets fresh statistics for this: with old ones it depends on the time of day what it sees, and the
# designs do not take equally long. What slots a CPU of 6.12 has in hand is charged, so swap in use may differ. From 7.1 on
# each try of a charge decides anew whether reclaim may swap (try_charge_memcg()), which shows in the rows that have a limit
# of memory and swap together, and pgscan_direct has reclaim for limits in it.

set -euo pipefail
swapsim=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
since_7_1='^32[012],|,pgscan_direct,'

predict() {
	"$swapsim" fidelity -q -s 1 --on zram --as "$1+stats-ratelimited=off" --set machine.memory_stat_every=0 --format csv |
		cut -d, -f1,13-15 | grep -v ,memory.swap.peak, >"$folder/$1"
}

predict 6.12
(($(wc -l <"$folder/6.12") > 1000)) || { echo "too few figures" >&2; exit 1; }
for design in 6.14 6.17 6.18 7.0 7.0-fix; do
	predict "$design"
	diff -u "$folder/6.12" "$folder/$design"
done
predict 7.1
diff -u <(grep -vE "$since_7_1" "$folder/6.12") <(grep -vE "$since_7_1" "$folder/7.1")
predict 7.2
diff -u "$folder/7.1" "$folder/7.2"
