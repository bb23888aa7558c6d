#!/usr/bin/env bash
#
# check_docs.sh - does what the documents say to type work?
#
#	check_docs.sh SWAPSIM SOURCE
#
# Every line of a block marked `sh` that begins with swapsim or build/swapsim is run, document by document, each in
# a folder of its own in which mine.json is a scenario. Options of all other commands, in blocks or between
# backticks, must be known to the command's help; every command must have its part in docs/cli.md; and what
# a link leads to must be there; all lists and plots must be named. Prints one line for each mistake; exits with 1 if
# there are any.

set -uo pipefail
export LC_ALL=C
program=$(realpath "$1")
source=$(realpath "$2")
cd "$source" || exit 1
documents=(README.md docs/*.md traces/README.md tests/fidelity/README.md)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export SWAPSIM_DATA=$source
mistakes=0

mistake() {
	printf '%s\n' "$1"
	mistakes=$((mistakes + 1))
}

# Lines of the blocks marked sh that run swapsim.
examples() {
	awk '/^```/ { inside = $0 == "```sh"; next } inside && /^(build\/)?swapsim /' "$1"
}

# run_examples DOCUMENT
run_examples() {
	local line place=$folder/${1//\//_} status

	mkdir -p "$place/build"
	ln -s "$source/scenarios" "$place/scenarios"
	ln -s "$program" "$place/build/swapsim"
	cp scenarios/thrash-seq.json "$place/mine.json"
	while IFS= read -r line; do
		(cd "$place" && PATH=$place/build:$PATH && eval "$line") >"$folder/output" 2>&1 </dev/null
		status=$?
		((status == 0)) && continue
		mistake "$1: $line: exit status $status"
		tail -n 3 "$folder/output"
	done < <(examples "$1")
}

# Command lines in blocks or between backticks, from "swapsim" on, less what follows a pipe or belongs to another
# program.
commands() {
	awk '
	/^```/ { inside = !inside; next }
	{
		n = inside ? split($0, part, "\n") : split($0, part, "`")
		for (i = inside ? 1 : 2; i <= n; i += 2)
			if (match(part[i], /(^|[ \/])swapsim /))
				print substr(part[i], RSTART)
	}' "$1" | sed -e 's,^.*\(swapsim \),\1,' -e 's, | .*,,' -e 's, -- .*,,'
}

declare -A help_of

# check_options DOCUMENT
check_options() {
	local line word command
	local -a words

	while IFS= read -r line; do
		read -ra words <<<"$line"
		command=${words[1]:-}
		[[ $command =~ ^[a-z]+$ ]] || continue
		[[ $command == trace && ${words[2]:-} =~ ^[a-z]+$ ]] && command+=" ${words[2]}"
		# shellcheck disable=SC2086 # trace import are two words
		[[ -v help_of[$command] ]] || help_of[$command]=$("$program" $command --help 2>&1)
		for word in "${words[@]:1}"; do
			word=${word%%=*}
			[[ $word =~ ^--?[a-z][a-z-]*$ ]] || continue
			grep -qE -- "(^|[ ,])$word([ =,|]|\$)" <<<"${help_of[$command]}" ||
				mistake "$1: $line: $command has no option $word"
		done
	done < <(commands "$1")
}

# check_links DOCUMENT
check_links() {
	local target

	while IFS= read -r target; do
		[[ -e $(dirname "$1")/$target ]] || mistake "$1: nothing is at $target"
	done < <(grep -oE '\]\([^)]+\)' "$1" | sed -e 's,^](,,' -e 's,)$,,' -e 's,#.*,,' | grep -vE '^(https?:|$)')
}

check_commands_are_described() {
	local command

	for command in $("$program" help | awk '/^  [a-z]+ / { print $1 }'); do
		[[ $command == help ]] || grep -qE "^## (.*[ ,])?$command(,|\$)" docs/cli.md ||
			mistake "docs/cli.md: no part is about $command"
	done
}

# What there is to list, and every plot with the commands that leave its folder behind.
check_lists() {
	local name of what named

	named=$(tr '\n' ' ' <docs/cli.md | sed -e 's,.*list WHAT. prints,,' -e 's,; all of them.*,,')
	for what in $("$program" list --help | awk -F'  +' '/^  [a-z]/ { print $2 "\n" $4 }' | grep -xE '[a-z]+'); do
		grep -qwF "$what" <<<"$named" || mistake "docs/cli.md: list $what is not named"
	done
	while IFS=, read -r name of; do
		[[ $of == *device_latency ]] && of='tests/fidelity/device_latency'
		grep -qF "| \`$name\` | \`${of//, /\`, \`}\` |" docs/plots.md ||
			mistake "docs/plots.md: the table has no plot $name of $of"
	done < <("$program" list plots --format json | awk -F'"' '/"plot":/ { plot = $4 } /"of":/ { print plot "," $4 }')
}

for document in "${documents[@]}"; do
	run_examples "$document"
	check_options "$document"
	check_links "$document"
done
check_commands_are_described
check_lists
((mistakes == 0))
