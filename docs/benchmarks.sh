#!/usr/bin/env bash
#
# benchmarks.sh - makes the table of figures of benchmarks.md, between the marks there, of what ./dev bench left.
#
#	benchmarks.sh JSON [DOCS]
#
# JSON is build/bench.json; DOCS is where benchmarks.md is, the folder of this script if it is not given.

set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
json=$1 docs=${2:-$here}
page=benchmarks
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
. "$here/page.sh"

# A line for each row of the benchmarks, as bench.sh writes them.
figures() {
	local name value unit floor aim

	head_of_table row value unit floor aim
	sed -n 's/^{"name": "\([^"]*\)", "value": \([^,]*\), "unit": "\([^"]*\)", "floor": \([^,]*\), "aim": \([^,]*\),.*/\1|\2|\3|\4|\5/p' "$json" |
		sed 's/null//g' | while IFS='|' read -r name value unit floor aim; do
		row "$name" "$value" "$unit" "$floor" "$aim"
	done
}

figures | block figures
