#!/usr/bin/env bash
#
# test_targets.sh FUZZ_WORDS CORPUS - every target, so every format that can be imported, has a folder in the corpus,
# and every folder is of one.

set -euo pipefail
diff <("$1" | sort) <(ls "$2") || {
	echo "left: targets, right: folders of $2 (give a new format's importer a few seeds there)"
	exit 1
}
