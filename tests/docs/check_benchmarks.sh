#!/usr/bin/env bash
#
# check_benchmarks.sh - does benchmarks.sh still make the table of benchmarks.md?
#
#	check_benchmarks.sh SOURCE

set -euo pipefail
source=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$source/docs/benchmarks.md" "$folder"
cat >"$folder/bench.json" <<'END'
[
{"name": "events, 1000 pending", "value": 26.1, "unit": "M/s", "floor": 10, "aim": 20, "peer": "SimPy 0.5"},
{"name": "a page in memory", "value": 29, "unit": "bytes", "floor": null, "aim": null, "peer": null}
]
END
"$source/docs/benchmarks.sh" "$folder/bench.json" "$folder"
sed -n '/^<!-- benchmarks.sh: figures -->$/,/^<!-- end -->$/p' "$folder/benchmarks.md" >"$folder/table"
diff - "$folder/table" <<'END'
<!-- benchmarks.sh: figures -->
| row | value | unit | floor | aim |
|---|---|---|---|---|
| events, 1000 pending | 26.1 | M/s | 10 | 20 |
| a page in memory | 29 | bytes |  |  |
<!-- end -->
END
