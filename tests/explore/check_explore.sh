#!/usr/bin/env bash
#
# check_explore.sh - explores the bundled small worlds: every release is free of findings, and whatever fix is
# taken out is missed. Prints which fix, where it was missed, and how little it takes; then the tables of mutants.sh.
#
#	check_explore.sh SWAPSIM SOURCE_DIR		proves what is expected to be proved
#	check_explore.sh SWAPSIM SOURCE_DIR STATES	gives up after so many, which then shows nothing; no tables. A quarter of
#							them where SWAPSIM_SEEDS says that it matters what code is reached

set -euo pipefail
export LC_ALL=C
swapsim=$1
export SWAPSIM_DATA=$2
states=${3:-}
[[ ! $states || ! ${SWAPSIM_SEEDS-} ]] || states=$((states / 4))
tables=$(mktemp -d)
trap 'rm -rf "$tables"' EXIT
failed=0

for file in "$2"/scenarios/explore/*.json; do
	name=$(basename "$file" .json)
	table=$tables/$name.csv
	"$swapsim" explore "$file" --quiet --format csv ${states:+--states "$states"} >"$table" 2>/dev/null || true
	awk -F, -v world="$name" -v quick="$states" '
	NR > 1 && $12 == "cut" && quick { next }
	NR > 1 && $4 != "ok" { print world ": " $1 ": " $2 ", expected was " $3; bad = 1; next }
	NR > 1 && $2 != "ok" {
		printf "%-20s %-45s %-18s %d preemptions, %d choices, %s switches, %d steps\n", world, $1, $2, $5, $6,
		       $7 == "" ? "?" : $7, $8
	}
	NR > 1 && $2 == "ok" && $12 != "complete" { print world ": " $1 ": not proved: " $12; bad = 1 }
	END {
		if (NR < 2)
			print world ": is not explored"
		exit NR < 2 || bad
	}' "$table" || failed=1
done
[[ $states ]] || "$2/tests/explore/mutants.sh" "$1" "$2" "$tables" || failed=1
exit $failed
