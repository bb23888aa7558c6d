#!/usr/bin/env bash
#
# check_console.sh - is what a document shows of a console what the program says?
#
#	check_console.sh SWAPSIM DOCUMENT		compares
#	check_console.sh SWAPSIM DOCUMENT --update	writes what it says into the document
#
# In blocks marked `console` lines that begin with "$ " are run, in a folder of their own, and the lines below them are
# their output, standard error last. A block marked `json` is a file there, if the line before it ends with its name
# between backticks and a colon.

set -uo pipefail
export LC_ALL=C
program=$(realpath "$1")
document=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin" "$folder/place"
ln -s "$program" "$folder/bin/swapsim"
SWAPSIM_DATA=$(dirname "$document")
[[ -d $SWAPSIM_DATA/scenarios ]] || SWAPSIM_DATA=$(dirname "$SWAPSIM_DATA")
export SWAPSIM_DATA

# run COMMAND
run() {
	(cd "$folder/place" && PATH=$folder/bin:$PATH && eval "$1") 2>"$folder/error" </dev/null | sed 's/ *$//'
	cat "$folder/error"
}

page() {
	local line block='' file=''

	while IFS= read -r line; do
		case $block in
		'')
			[[ $line == '```'* ]] && block=$line
			[[ $block == '```json' && $file ]] && : >"$folder/place/$file"
			[[ $line =~ \`([a-z.-]+\.json)\`:$ ]] && file=${BASH_REMATCH[1]}
			printf '%s\n' "$line"
			continue
			;;
		'```json')
			[[ $line != '```' && $file ]] && printf '%s\n' "$line" >>"$folder/place/$file"
			[[ $line == '```' ]] && file=''
			printf '%s\n' "$line"
			;;
		'```console')
			[[ $line == '```' || $line == '$ '* ]] && printf '%s\n' "$line"
			[[ $line == '$ '* ]] && run "${line#\$ }"
			;;
		*)
			printf '%s\n' "$line"
			;;
		esac
		[[ $line == '```' ]] && block=''
	done <"$document"
}

page >"$folder/page"
if [[ ${3-} == --update ]]; then
	cp "$folder/page" "$document"
else
	diff "$document" "$folder/page"
fi
