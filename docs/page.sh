# page.sh - what the scripts beside it share that make the tables and pictures of a page. They set `page`, its name
# without .md, `docs`, the folder it is in, `results`, where runs are left, and `swapsim`.
# shellcheck shell=bash disable=SC2154

row() {
	printf '|'
	printf ' %s |' "$@"
	printf '\n'
}

# head_of_table COLUMN...
head_of_table() {
	row "$@"
	printf '|'
	printf -- '---|%.0s' "$@"
	printf '\n'
}

# block NAME: what comes on standard input replaces what is between the marks of that name in the page.
block() {
	local text

	text=$(cat)
	TEXT=$text awk -v begin="<!-- $page.sh: $1 -->" '
	$0 == begin { print; print ENVIRON["TEXT"]; inside = 1; next }
	inside && $0 == "<!-- end -->" { inside = 0 }
	!inside' "$docs/$page.md" >"$results/$page.md"
	cat "$results/$page.md" >"$docs/$page.md"
}

# picture PLOT NAME: of the results of that name, as images/PAGE-NAME.png.
picture() {
	"$swapsim" plot "$1" "$results/$2" --output "$docs/images/$page-$2.png"
	rm -f "$docs/images/$page-$2.gp" "$docs/images/$page-$2.csv"
}

# The releases there are, one a line, oldest first.
releases() {
	"$swapsim" list kernels --format csv | sed -e 1d -e 's/,.*//'
}
