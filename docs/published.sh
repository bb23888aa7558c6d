#!/usr/bin/env bash
#
# published.sh - makes the table and the picture of published.md.
#
#	published.sh SWAPSIM RESULTS [DOCS]
#
# The result folder is left in RESULTS/changes; DOCS is where published.md and images/ are, the folder of this script if it
# is not given.

set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
swapsim=$1 results=$2 docs=${3:-$here} page=published
. "$here/page.sh"

mkdir -p "$results" "$docs/images"
"$swapsim" published "$here/../scenarios/published" --quiet --format markdown --output "$results/changes" --force |
	block table
picture published changes
