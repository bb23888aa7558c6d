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

# varied WHAT OPTION...: the score with something changed, one seed a row; kernels as in the first line.
varied() {
	echo "fidelity.sh: $1" >&2
	"$swapsim" fidelity --quiet --seeds 1 --summary --format csv "${@:2}" |
		awk -F, -v what="$1" -v wanted="${kernels[*]}" '
		$1 == "kernel" && $6 == "yes" { share[$2] = $5; holds += $3; pairs += $4 }
		END {
			n = split(wanted, kernel, " ")
			printf "| %s | %.1f |", what, pairs ? int(holds * 1000 / pairs) / 10 : 0
			for (i = 1; i <= n; i++) printf " %s |", share[kernel[i]]
			print ""
		}'
}

sensitivity() {
	local -a kernels
	mapfile -t kernels < <(awk -F, '$1 == "kernel" { print $2 }' "$out/scores.csv")
	printf '| changed | total %% |'
	printf ' %s |' "${kernels[@]}"
	printf '\n|---|---|'
	printf -- '---|%.0s' "${kernels[@]}"
	printf '\n'
	varied 'nothing'
	varied 'other seed' --seeds 7..7
	varied 'statistics always fresh (`memory_stat_every`)' --set machine.memory_stat_every=0
	varied 'statistics every 40 ms' --set machine.memory_stat_every=40ms
	varied '30 pages beyond the data, not 61 (`overhead_pages`)' --set 'tasks[0].overhead_pages=30'
	varied '122 pages' --set 'tasks[0].overhead_pages=122'
	varied 'a faster `cpu`: `server`' --set machine.cpu=server
	varied 'reclaim by 16 pages, not 32 (`reclaim_batch`)' --set machine.reclaim_batch=16
	varied 'charges by 16 pages, not 64 (`charge_batch`)' --set machine.charge_batch=16
	varied 'swappiness 100, not 60' --set machine.swappiness=100
	varied 'two CPUs' --set machine.cpus=2
	varied 'every row under the multi-gen LRU' --set machine.lru=mglru
	varied 'no merging of requests (`nomerges`)' --set 'swap[0].nomerges=2'
	varied 'disks are all `nvme-client`' --device disk=nvme-client --device loopbuf=nvme-client --device loopdio=nvme-client
	varied 'every row on 6.12' --as 6.12
	varied 'every row on 6.18' --as 6.18
}

"$swapsim" fidelity --quiet --summary --format markdown --force --output "$out" >"$results/summary.md"
sed -n '/^| of /,$p' "$results/summary.md" | between scores
sed -n '/^| rows /,/^$/p' "$results/summary.md" | between not-run
for plot in fidelity fidelity-curves; do
	"$swapsim" plot "$plot" "$out" --output "$docs/images/$plot.png"
	rm -f "$docs/images/$plot.gp" "$docs/images/$plot.csv"
done
"$swapsim" fidelity --quiet --summary --format markdown kernels >"$results/kernels.md"
sed -n '/^| of /,$p' "$results/kernels.md" | between kernels
"$swapsim" fidelity --quiet --summary --format markdown programs >"$results/programs.md"
sed -n '/^| of /,$p' "$results/programs.md" | between programs
figures zram | between zram
figures disk disk-rot loopbuf loopbuf-rot loopdio | between disks
sensitivity | between sensitivity
