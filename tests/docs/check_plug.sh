#!/usr/bin/env bash
#
# check_plug.sh - can plug.sh still make the pictures and tables of plug.md?
#
#	check_plug.sh SWAPSIM SOURCE
#
# Makes them with one seed a point in a folder of its own. All pictures must be there, and all lines of plug.md, those of
# tables with other figures. Exits with 1 if not.

set -euo pipefail
export LC_ALL=C
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export SWAPSIM_DATA=$2

# Without figures, ranges, dashes and blanks.
shape() {
	sed -E '/^\|/s/[-0-9.() ]//g' "$1"
}

cp "$2/docs/plug.md" "$folder"
if ! "$2/docs/plug.sh" "$1" "$folder/results" 1 "$folder" >"$folder/output" 2>&1; then
	tail "$folder/output"
	exit 1
fi
diff <(shape "$2/docs/plug.md") <(shape "$folder/plug.md")
for picture in "$2"/docs/images/plug-*.png; do
	[[ -s $folder/images/${picture##*/} ]] || { echo "no ${picture##*/}"; exit 1; }
done
