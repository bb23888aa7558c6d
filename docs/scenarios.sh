#!/usr/bin/env bash
#
# scenarios.sh - makes the pictures of all bundled scenarios, and the page about them.
#
#	scenarios.sh SWAPSIM FOLDER [NAME...]	runs those scenarios, or all; FOLDER/NAME.png and .svg are the pictures,
#						FOLDER/results/NAME what they are made from; with SHARD=1/4 in the
#						environment a quarter of the points of each sweep or line
#	scenarios.sh SWAPSIM --page		prints docs/scenarios.md: descriptions are those of the scenarios

set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export SWAPSIM_DATA=$PWD
swapsim=$1
knees=104%,102%,100%,98%,96%,94%,92%,90%,85%,80%,70%,60%,50%,40%,33%,25%
# As other sweeps a quarter of it.
[[ -z ${SHARD-} ]] || knees=102%,94%,85%,50%

# Scenario | plot | command and options.
rows() {
	cat <<END
thrash-cc1|thrashing|sweep
thrash-python|thrashing|sweep
thrash-sqlite|thrashing|sweep
ladder|thrashing|sweep
thrash-seq|thrashing|sweep --set cgroups[0].memory.max=110%,105%,100%,95%,90%,75%,50%,25%
demo|thrashing|sweep --set machine.kernel=6.17,6.18 --set cgroups[0].memory.max=110%,100%,80%,60%,50%,40%,33%,28%
multiprogramming|multiprogramming|sweep
zram-size|sizes|sweep
memory-low|progress|run
noisy-neighbour|progress|run
zipf-two-cgroups|pressure|run --set sample.every=1ms
high-or-max|memory|run
oom-swap-cap|memory|run
oom-no-swap|memory|run
oom-slow-device|memory|run
load-comes-and-goes|memory|run --set sample.every=1ms
background-save|rates|run
free-or-swap|memory|run --set sample.every=500us
global-pressure|reclaim|run
zram-then-nvme|latency|run
zswap|latency|run
has-cache-wait|latency|run
swapoff-under-load|memory|run --set sample.every=5ms
mthp-amplification|progress|run
mthp-fallback|slots|run --slots
kernel-build|memory|run
kernel-build-mthp|slots|run --slots
hot-set-moves|refaults|run
mglru|reclaim|run --set sample.every=5ms
producer-consumer|memory|run --set sample.every=1ms
leak-decay|decay|run --slots
rand-50|slots|run --set swap[0].device=nvme-client --set sample.every=2ms --slots
hdd-sequential|forest|compare --kernel 6.17,6.18 --seeds 6
swap-race|locks|compare --kernel 6.17,6.18 --seeds 6
usemem-memcg|locks|compare --kernel 6.17,6.18 --seeds 6
knee|cliff|compare --kernel 6.12+plug-peek=newest,6.12 --seeds 2 --sweep cgroups[0].memory.max=$knees --measured scenarios/knee.measured.csv
knee-writes|cliff|compare --kernel 6.12+plug-peek=newest,6.12 --seeds 2 --sweep cgroups[0].memory.max=$knees --measured scenarios/knee-writes.measured.csv
knee-loop|cliff|compare --kernel 6.18+plug-peek=newest,6.18 --seeds 2 --sweep cgroups[0].memory.max=$knees --measured scenarios/knee-loop.measured.csv
END
}

# picture NAME PLOT COMMAND OPTION...
picture() {
	local results=$folder/results/$1
	local -a part=()

	[[ $3 != sweep || -z ${SHARD-} ]] || part=(--shard "$SHARD")
	"$swapsim" "$3" "$1" "${@:4}" "${part[@]}" --output "$results" --force --quiet >/dev/null
	"$swapsim" plot "$2" "$results"
	cp "$results/$2.png" "$folder/$1.png"
	cp "$results/$2.svg" "$folder/$1.svg"
}

pictures() {
	local name plot command wanted=" $* "
	local -a words

	mkdir -p "$folder/results"
	while IFS='|' read -r name plot command; do
		[[ $wanted == "  " || $wanted == *" $name "* ]] || continue
		echo "scenarios.sh: $name" >&2
		read -ra words <<<"$command"
		picture "$name" "$plot" "${words[@]}" </dev/null
	done < <(rows)
}

# description NAME
description() {
	sed -n 's/^  "description": "\(.*\)",$/\1/p' "scenarios/$1.json" | sed 's/\\"/"/g'
}

# command_line NAME PLOT COMMAND OPTION...: as one would type it.
command_line() {
	local word
	local -a quoted=()

	for word in "${@:4}"; do
		[[ $word == *[][]* ]] && word="'$word'"
		quoted+=("$word")
	done
	printf 'swapsim %s --output results/%s && swapsim plot %s results/%s\n' "${*:3:1} $1${quoted[*]:+ ${quoted[*]}}" "$1" \
		"$2" "$1"
}

page() {
	local name plot command
	local -a words

	cat <<'END'
# The bundled scenarios

What each shows, and the command that makes its picture. `./dev scenarios` makes all of them into `results/scenarios`, in
well under a minute; `./dev scenarios memory-low ladder` those two. `scenarios/NAME.json` is a place to begin for one of
your own. Made by `scenarios.sh` from the descriptions in the scenarios; a test compares.
END
	while IFS='|' read -r name plot command; do
		read -ra words <<<"$command"
		printf '\n## %s\n\n' "$name"
		description "$name" | fold -s -w 120 | sed 's/ $//'
		[[ ! -e docs/images/scenario-$name.png ]] ||
			printf '\n![picture of the scenario %s](images/scenario-%s.png)\n' "$name" "$name"
		printf '\n```\n%s\n```\n' "$(command_line "$name" "$plot" "${words[@]}")"
	done < <(rows)
}

if [[ ${2-} == --page ]]; then
	page
else
	folder=$2
	pictures "${@:3}"
fi
