#!/usr/bin/env bash
#
# check_published.sh - are the rows of docs/published.md what comes out?
#
#	check_published.sh SWAPSIM SOURCE
#
# Runs all scenarios but the slowest ones, those of `left`, which ./dev published runs. Prints the rows that are not in the
# page; exits with 1 if there are any, or no picture was made of them.

set -euo pipefail
export LC_ALL=C
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export SWAPSIM_DATA=$2
left=' build-96 build-48 build-48-64k valkey-3m valkey-x86 valkey-2m-bgsave valkey-2500k-bgsave valkey-3m-bgsave valkey-x86-bgsave '
status=0

names=$(sed -n -e 1d -e 's/^\([a-z0-9-]\+\),.*/\1/p' "$2/scenarios/published/rows.csv" | sort -u |
	while read -r name; do [[ $left == *" $name "* ]] || echo "$name"; done | paste -sd,)
"$1" published --scenario "$names" --quiet --format markdown --output "$folder/changes" >"$folder/page"
while IFS= read -r row; do
	[[ $row != '|'* ]] || grep -qxF -- "$row" "$2/docs/published.md" || { echo "$row"; status=1; }
done <"$folder/page"
"$1" plot published "$folder/changes" >/dev/null
exit $status
