#!/usr/bin/env bash
#
# bench.sh - runs the benchmarks: ./dev bench.
#
#	bench.sh BUILD			prints a table, and leaves it as build/bench.json
#	bench.sh BUILD --counts		instructions an operation of the hottest rows, by callgrind: the same every time
#	bench.sh BUILD --peers		what other programs make of comparable work, if they are installed

set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

say() {
	printf 'bench: %s\n' "$*" >&2
}

# Columns are separated by tabs. Numbers stand on the right.
align() {
	awk -F'\t' '
	{ for (i = 1; i <= NF; i++) { text[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) }
	  cells[NR] = NF }
	END { for (r = 1; r <= NR; r++) { line = ""
	        for (i = 1; i <= cells[r]; i++) line = line sprintf(i == 1 ? "%-*s" : "  %*s", width[i], text[r, i])
	        print line } }'
}

# The row's figure of the peer beside it: the first of peers.txt that its name begins with.
with_peers() {
	awk -F'\t' -v OFS='\t' '
	NR == FNR { name[++n] = $1; peer[n] = $2 " " $3; next }
	{ beside = "-"; for (i = n; i; i--) if (index($1, name[i]) == 1) beside = peer[i]
	  print $0, (FNR == 1 ? "peer" : beside) }' "$here/peers.txt" -
}

as_json() {
	awk -F'\t' '
	NR == 1 { for (i = 1; i <= NF; i++) key[i] = $i; printf "["; next }
	{ printf "%s\n{", (NR > 2 ? "," : "")
	  for (i = 1; i <= NF; i++) {
	        sub(/^ +/, "", $i)
	        value = ($i == "-") ? "null" : ($i ~ /^[0-9.]+(e[+-]?[0-9]+)?$/) ? $i : ("\"" $i "\"")
	        printf "%s\"%s\": %s", (i > 1 ? ", " : ""), key[i], value }
	  printf "}" }
	END { print "\n]" }'
}

run_all() {
	local benchmark status=0

	printf 'name\tvalue\tunit\tfloor\taim\n' >"$place/rows"
	for benchmark in "$build"/tests/bench/bench_*; do
		[[ -f $benchmark && -x $benchmark ]] || continue
		say "${benchmark##*/}"
		if ! "$benchmark" >>"$place/rows" </dev/null; then
			say "${benchmark##*/} failed"
			status=1
		fi
	done
	with_peers <"$place/rows" >"$place/table"
	as_json <"$place/table" >"$build/bench.json"
	align <"$place/table"
	return "$status"
}

# Program | beginning of the row's name | the function that is timed.
hot_rows() {
	cat <<'END'
events|events|hold_model
tasks|steps|run
tasks|timers|run
tasks|task switches|run
tasks|spinlock|run
pages|hits, 64 Ki pages, zipf|hits
faults|faults, 50 %, 1 tasks, zram, 6.17|faults
faults|faults, 50 %, 1 tasks, zram, 7.2|faults
faults|faults, 50 %, 96 tasks, zram, 7.2|faults
faults|faults, 50 %, 96 tasks, ssd, 7.2|faults
trace|accesses out of a raw|read_all
trace|accesses out of a zstd|read_all
trace|accesses imported|trace_import
END
}

# count PROGRAM ROW FUNCTION: of what the function does in one run, by what that says it did.
count() {
	local operations counts

	operations=$(valgrind --tool=callgrind --branch-sim=yes "--toggle-collect=$3" "--callgrind-out-file=$place/out" \
		"$build/tests/bench/bench_$1" "$2" 2>/dev/null </dev/null)
	counts=$(sed -n 's/^\(totals\|summary\): //p' "$place/out" | head -n 1)
	awk -v row="$2" -v n="$operations" '{ printf "%s\t%.1f\t%.2f\n", row, $1 / n, ($3 + $5) / n }' <<<"$counts"
}

count_all() {
	local program row function

	command -v valgrind >/dev/null || { say "valgrind is not installed: no counts"; return 1; }
	printf 'an operation of\tinstructions\tmispredicted\n' >"$place/rows"
	while IFS='|' read -r program row function; do
		say "$row"
		count "$program" "$row" "$function" >>"$place/rows"
	done < <(hot_rows)
	align <"$place/rows"
}

# States a second of CPU time.
spin_peer() {
	local seconds TIMEFORMAT=%U

	cp "$here/peers/counting.pml" "$place"
	(cd "$place" && spin -a counting.pml && cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c)
	seconds=$({ time "$place/pan" -m100000 >"$place/pan.log"; } 2>&1)
	awk -v seconds="$seconds" '/states, stored/ {
		printf "states, tasks that count\t%.2f\tM/s\tSpin\n", $1 / seconds / 1e6 }' "$place/pan.log"
}

peers() {
	local python=/usr/bin/python3

	printf 'row\tvalue\tunit\tpeer\n' >"$place/rows"
	if command -v spin >/dev/null; then
		spin_peer >>"$place/rows"
	else
		say "Spin is not installed (the package is spin): left out"
	fi
	if "$python" -c 'import simpy' 2>/dev/null; then
		printf 'events, 1000 pending\t%s\tM/s\tSimPy\n' "$("$python" "$here/peers/hold.py")" >>"$place/rows"
	else
		say "SimPy is not installed (the package is python3-simpy3): left out"
	fi
	align <"$place/rows"
}

case ${2-} in
'') run_all ;;
--counts) count_all ;;
--peers) peers ;;
esac
