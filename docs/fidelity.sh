#!/usr/bin/env bash
#
# fidelity.sh - makes the tables between the marks in fidelity.md, and its pictures.
#
#	fidelity.sh SWAPSIM RESULTS [DOCS]
#
# The result folder is left in RESULTS/fidelity; DOCS is where fidelity.md is, the folder of this script if it is not
# given.

# shellcheck disable=SC2016 # backticks are those of Markdown
set -euo pipefail
export LC_ALL=C
swapsim=$1 results=$2 docs=${3:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)}
out=$results/fidelity
mkdir -p "$results"

# figures DEVICE...: a line a row, ours and theirs, after the fill; of fills that end in a kill, of all of it.
figures() {
	awk -F, -v devices=" $* " '
	function head() {
		print "| row | kernel | workload | limit % | refaults | swap-ins | swap-outs | major faults |"
		print "|---|---|---|---|---|---|---|---|"
	}
	function flush() {
		if (row == "") return
		printf "| %s |", row
		for (i = 1; i <= 4; i++) printf " %s |", cell[i]
		print ""
		row = ""
		split("", cell)
	}
	NR == 1 { head(); for (i = 1; i <= NF; i++) at[$i] = i
	          n["workingset_refault_anon"] = 1; n["pswpin"] = 2; n["pswpout"] = 3; n["pgmajfault"] = 4; next }
	index(devices, " " $at["dev"] " ") && ($at["phase"] == "run" || ($at["pat"] == "alloc" && $at["swapmb"] < 40)) &&
	$at["figure"] in n {
		if ($1 != last) {
			flush()
			last = $1
			row = $1 " | " $at["kernel"] ", " $at["dev"] ($at["pc"] == 3 ? "" : ", page-cluster " $at["pc"]) \
				($at["lru"] == "classic" ? "" : ", " $at["lru"]) ($at["thp"] == "none" ? "" : ", huge pages " $at["thp"]) \
				" | " $at["pat"] " `" $at["args"] "`" ($at["swapmb"] == "" ? "" : ", swap " $at["swapmb"] " MiB") \
				" | " $at["ratio"]
		}
		cell[n[$at["figure"]]] = $at["predicted"] " (" $at["measured"] ")" ($at["verdict"] == "MISSES" ? " **!**" : "")
	}
	END { flush() }' "$out/predictions.csv"
}

# between NAME: standard input takes the place of what is between its marks.
between() {
	local text
	text=$(cat)
	TEXT=$text awk -v begin="<!-- begin $1 -->" -v end="<!-- end $1 -->" '
	$0 == end { inside = 0; found++ }
	!inside { print }
	$0 == begin { inside = 1; print ""; print ENVIRON["TEXT"]; print "" }
	END { exit found != 1 }' "$docs/fidelity.md" >"$out/page" || { echo "fidelity.md: no mark $1" >&2; exit 1; }
	cat "$out/page" >"$docs/fidelity.md"
	rm "$out/page"
}

"$swapsim" fidelity --quiet --summary --format markdown --force --output "$out" >"$results/summary.md"
sed -n '/^| of /,$p' "$results/summary.md" | between scores
sed -n '/^| rows /,/^$/p' "$results/summary.md" | between not-run
for plot in fidelity fidelity-curves; do
	"$swapsim" plot "$plot" "$out" --output "$docs/images/$plot.png"
	rm -f "$docs/images/$plot.gp" "$docs/images/$plot.csv"
done
figures zram | between zram
figures disk disk-rot loopbuf loopbuf-rot loopdio | between disks
