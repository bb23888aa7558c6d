#!/usr/bin/env bash
#
# check_page.sh - do the tables and pictures of a page come out as they are in it?
#
#	check_page.sh SWAPSIM SOURCE PAGE
#
# Makes docs/PAGE.md anew with docs/PAGE.sh, in a folder of its own. Prints what differs; exits with 1 if anything does,
# or a picture was not made.

set -euo pipefail
export LC_ALL=C
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export SWAPSIM_DATA=$2

cp "$2/docs/$3.md" "$folder"
if ! "$2/docs/$3.sh" "$1" "$folder/results" "$folder" >"$folder/output" 2>&1; then
	tail "$folder/output"
	exit 1
fi
diff "$2/docs/$3.md" "$folder/$3.md"
for picture in "$2/docs/images/$3"-*.png; do
	[[ ! -e $picture || -s $folder/images/${picture##*/} ]] || { echo "no ${picture##*/}"; exit 1; }
done
