#!/usr/bin/env bash
#
# check_races.sh - does every bundled race end as it expects, on every kernel it names, whatever a thousand seeds draw?
#
#	check_races.sh SWAPSIM ROOT

set -euo pipefail
export LC_ALL=C SWAPSIM_DATA=$2

for race in "$2"/scenarios/race/*.json; do
	"$1" race "$race" --seeds 1000
done
