#!/usr/bin/env bash
#
# check_scenarios.sh - is scenarios.md what scenarios.sh makes of the scenarios, and does it have all of them?
#
#	check_scenarios.sh SWAPSIM SOURCE		compares
#	check_scenarios.sh SWAPSIM SOURCE --pictures	makes every picture as well, of sweeps with a quarter of the points
#
# Prints what differs or is not there; exits with 1 if there is anything.

set -euo pipefail
export LC_ALL=C
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0

"$2/docs/scenarios.sh" "$1" --page >"$folder/page"
diff "$2/docs/scenarios.md" "$folder/page" || status=1
if [[ ${3-} ]] && ! SHARD=1/4 "$2/docs/scenarios.sh" "$1" "$folder" >"$folder/output" 2>&1; then
	tail "$folder/output"
	exit 1
fi
for file in "$2"/scenarios/*.json; do
	name=$(basename "$file" .json)
	grep -qx "## $name" "$folder/page" || { echo "no part is about $name"; status=1; }
	[[ ! ${3-} || -s $folder/$name.png ]] || { echo "no picture of $name"; status=1; }
done
exit $status
