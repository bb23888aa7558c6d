#!/usr/bin/env bash
#
# verdicts.sh - makes the tables of verdicts.md: every bundled race on every release.
#
#	verdicts.sh SWAPSIM RESULTS [DOCS]
#
# DOCS is where verdicts.md is, the folder of this script if it is not given; RESULTS is for files in between.

set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
swapsim=$1 results=$2 docs=${3:-$here} page=verdicts
. "$here/page.sh"
seeds=20

# outcomes RACE [KERNEL]: a line each, kernel|verdict|why, with a kernel on that one, else on those of "expect". The exit
# status says only whether that was expected. What a release does not have is no verdict.
outcomes() {
	local text

	text=$("$swapsim" race "$1" --seeds $seeds --format csv ${2:+--kernel "$2"} 2>/dev/null) || true
	[[ $text ]] || text=$'\n'$2,none
	sed -e 1d -e 's/^\([^,]*\),\([^,]*\),*\([^,]*,\)\{0,6\}/\1|\2|/' <<<"$text"
}

# Of what race says of a schedule that could not be followed the task and the place.
shorten() {
	sed -E -e 's/^(.*\|).*\b([A-Z][0-9]*) never (came to|reached) ([a-zA-Z_.]+).*/\1\2 never comes to `\4`/' \
		-e 's/^(.*\|).*\b([A-Z][0-9]*) ended without being in ([a-z_]+).*/\1\2 never comes to `\3`/' \
		-e 's/^(.*\|).*\b([A-Z][0-9]*) was [0-9]+ times at ([a-zA-Z_.]+).*/\1\2 comes to `\3` again and again/' \
		-e 's/^(.*\|).*\b([A-Z][0-9]*) waits at ([a-zA-Z_.]+) for ([^,;"]*).*/\1\2 waits at `\3` for the \4/'
}

# cell RACE KERNEL: where seeds differ all verdicts there were.
cell() {
	local verdict

	awk -F'|' -v race="$1" -v kernel="$2" '$1 == race && $2 == kernel { print $3 }' "$results/outcomes" |
		while read -r verdict; do
			emphasis "$verdict"
		done | paste -sd' '
}

matrix() {
	local file race kernel
	local -a cells

	# shellcheck disable=SC2046 # a word a release
	head_of_table race $(releases)
	for file in "$here"/../scenarios/race/*.json; do
		race=$(basename "$file" .json)
		cells=()
		for kernel in $(releases); do
			cells+=("$(cell "$race" "$kernel")")
		done
		row "\`$race\`" "${cells[@]}"
	done
}

# joined: lines "a|b|release" with equal a and b become one "a|b|releases", in the order in which they came.
joined() {
	awk -F'|' '
	{ key = $1 "|" $2; if (!(key in on)) order[++n] = key; on[key] = on[key] (on[key] == "" ? "" : ", ") $3 }
	END { for (i = 1; i <= n; i++) print order[i] "|" on[order[i]] }'
}

# What goes wrong with a fix taken out.
broken() {
	local race how releases

	head_of_table race with 'releases and verdict'
	awk -F'|' '$2 ~ /\+/ {
		plus = index($2, "+")
		print $1 "|" substr($2, plus + 1) " " $3 "|" substr($2, 1, plus - 1)
	}' "$results/outcomes" | joined | while IFS='|' read -r race how releases; do
		echo "$race|\`${how% *}\`|$releases: $(emphasis "${how#* }")"
	done | sed 's/+/`, `/g' | joined | while IFS='|' read -r race how releases; do
		row "\`$race\`" "$how" "$releases"
	done
}

emphasis() {
	case $1 in
	ok) echo ok ;;
	infeasible) echo - ;;
	none) ;;
	*) echo "**$1**" ;;
	esac
}

# Releases with the same reason share a line.
reasons() {
	local race why releases

	head_of_table race 'not possible because' releases
	awk -F'|' '$2 !~ /\+/ && $3 == "infeasible" { print $1 "|" $2 "|" $4 }' "$results/outcomes" | shorten |
		awk -F'|' '{ print $1 "|" $3 "|" $2 }' | joined | while IFS='|' read -r race why releases; do
		row "\`$race\`" "$why" "$releases"
	done
}

mkdir -p "$results"
for file in "$here"/../scenarios/race/*.json; do
	race=$(basename "$file" .json)
	for kernel in $(releases); do
		outcomes "$file" "$kernel"
	done | sed "s/^/$race|/"
	outcomes "$file" | grep '^[^|]*+' | sed "s/^/$race|/" || true
done >"$results/outcomes"
matrix | block matrix
broken | block broken
reasons | block reasons
