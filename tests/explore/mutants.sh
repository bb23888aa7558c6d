#!/usr/bin/env bash
#
# mutants.sh - takes out of a kernel each fix that is a patch and each check behind a lock, and tells which world of
# scenarios/explore goes wrong without it, by what verdict and at what cost: once up to 7.0, and once on 7.2, where
# references are counted in the swap table. What none of them misses says why, or is an error. docs/mutants.md ends
# with the tables.
#
#	mutants.sh SWAPSIM SOURCE_DIR			prints them
#	mutants.sh SWAPSIM SOURCE_DIR --page		docs/mutants.md with them, on standard output
#	mutants.sh SWAPSIM SOURCE_DIR FOLDER		prints them; the worlds were explored, FOLDER/WORLD.csv has the table

set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C
swapsim=$1
source_dir=$2
how=${3:-}
export SWAPSIM_DATA=$source_dir

# Patches that say how well something goes, and not whether; and those whose worlds are too large to be explored.
declare -A spared_always=(
	[cluster-shuffle]='decides where, not whether'
	[nonfull-first]='decides where, not whether'
	[mglru-reactivates]='decides which, not whether'
	[mglru-resets-tiers]='decides which, not whether'
	[plug-peek]='decides when, not whether'
	[race-wait-queue]='decides when, not whether'
	[stats-ratelimited]='decides when, not whether'
	[shmem-verify-before-split]='its world is too large; `race/shmem-split-too-early` shows it'
)

# What comes after 7.0.
declare -A spared_up_to_7_0=(
	[extend-full]='there are no such tables before 7.1'
	[part-cache]='only 7.2 has it'
	[part-cgroup]='only 7.2 has it; 7.0 without it is in `swapin-part-owner`'
	[part-count]='only 7.2 has it'
	[part-zero]='only 7.2 has it'
)

# What 7.2 does not need, or does not have.
declare -A spared_in_7_2=(
	[continue-page]='there are no continuations from 7.1 on'
	[scan-map]='only 6.1 has it'
	[slots-used]='no CPU keeps slots from 6.15 on'
	[isolate-writeok]='not looked at there from 6.18 on'
	[bypass-pin]='nothing is read around the swap cache from 7.0 on'
	[race-sleep]='nobody polls from 7.0 on'
	[zswap-skip-if-exists]='who finds an entry that is being swapped in finds its folio from 7.0 on'
	[zswap-bypass-keeps]='nothing is read around the swap cache from 7.0 on'
	[zram-read-keeps]='who reads a slot has its folio locked in the swap cache from 7.0 on'
	[continuation-lock]='there are no continuations from 7.1 on'
	[shmem-mark-first]='slots get a reference before an index names them from 7.0 on'
	[shmem-split-before-insert]='always so where it is verified before the split'
	[shmem-fallback-cached]='so does what is verified before the split'
)

# WORLD KERNEL, of what the worlds expect to go wrong.
expected_mutants() {
	local file

	for file in "$source_dir"/scenarios/explore/*.json; do
		{ grep -oE '"[0-9.a-z-]+(\+[^"]+)?": "[a-z_]+"' "$file" || true; } | tr -d '":' |
			awk -v world="$(basename "$file" .json)" '$1 ~ /^[0-9]+\./ && $2 != "ok" { print world, $1 }'
	done
}

# table_of WORLD KERNEL: a table that has a line with what comes of it.
table_of() {
	if [[ -d $how ]]; then
		cat "$how/$1.csv"
	else
		"$swapsim" explore "explore/$1" --kernel "$2" --quiet --format csv 2>/dev/null || true
	fi
}

# KERNEL,WORLD,VERDICT,PREEMPTIONS,CHOICES,STEPS,STATES
explore_mutants() {
	local world kernel

	while read -r world kernel; do
		table_of "$world" "$kernel" |
			awk -F, -v world="$world" -v kernel="$kernel" '$1 == kernel && $2 != "ok" {
				print $1 "," world "," $2 "," $5 "," $6 "," $8 "," $9 }'
	done
}

# Of rows on standard input the one that has PATTERN in its kernel and little else, and the fewest states.
least() {
	awk -F, -v pattern="$1" '$1 ~ pattern {
		cost = gsub(/[+]/, "+", $1) * 1e9 + $7
		if (!best || cost < best) { best = cost; row = $0 }
	} END { if (best) print row }' OFS=,
}

# NAME ROW WHY: one row of a table.
print_row() {
	local kernel world verdict preemptions choices steps states

	if [[ -n $2 ]]; then
		IFS=, read -r kernel world verdict preemptions choices steps states <<<"$2"
		printf '| `%s` | `%s` on `%s` | `%s` | %s | %s | %s | %s |\n' \
			"$1" "$world" "$kernel" "$verdict" "$preemptions" "$choices" "$steps" "$states"
	elif [[ -n $3 ]]; then
		printf '| `%s` | survives: %s | | | | | |\n' "$1" "$3"
	else
		printf '| `%s` | **survives** | | | | | |\n' "$1"
		failed=1
	fi
}

print_head() {
	printf '| %s | found in | verdict | preemptions | choices | steps | states |\n' "$1"
	printf '|---|---|---|---|---|---|---|\n'
}

# KERNELS SPARED: of kernels that match, with the name of the reasons that are only theirs.
print_rechecks() {
	local -n spared=$2
	local name spare

	print_head 'not looked at'
	while IFS='|' read -r _ name _ _ spare _; do
		name=$(xargs <<<"$name")
		spare=$(sed 's/^ *//; s/ *$//' <<<"$spare")
		print_row "$name" "$(least "$1.*[+]unchecked=$name\$" <<<"$rows")" "${spared[$name]:-$spare}"
	done < <("$swapsim" list rechecks --format markdown | tail -n +3)
}

print_patches() {
	local -n spared=$2
	local name

	print_head 'without'
	while IFS=, read -r name _; do
		print_row "$name" "$(least "$1.*[+]$name=" <<<"$rows")" "${spared[$name]:-${spared_always[$name]:-}}"
	done < <("$swapsim" list patches --format csv | tail -n +2)
}

failed=0
rows=$(expected_mutants | explore_mutants)
if [[ $how == --page ]]; then
	sed '/^## Checks behind a lock, up to/,$d' "$source_dir/docs/mutants.md"
fi
printf '## Checks behind a lock, up to 7.0\n\n'
print_rechecks '^(6|7[.]0)' spared_up_to_7_0
printf '\n## Checks behind a lock, 7.2\n\n'
print_rechecks '^7[.]2' spared_in_7_2
printf '\n## Fixes, up to 7.0\n\n'
print_patches '^(6|7[.]0)' spared_always
printf '\n## Fixes, 7.2\n\n'
print_patches '^7[.]2' spared_in_7_2
exit $failed
