#!/usr/bin/env bash
#
# lint.sh [FOLDER] - check the rules of the house in the git checkout FOLDER (default: this one). A finding reads
# file:line: what is wrong (what would be right). Exits with 1 if there is one. The rules: docs/building.md.

set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C
rules=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${1:-$rules/../..}"
top=$(pwd -P)

# The files git knows and that exist, by pattern, one a line; "." for all.
files() {
	git -c safe.directory="$top" ls-files -- "$@" | while IFS= read -r name; do
		[[ ! -f $name ]] || printf '%s\n' "$name"
	done
}

sources() {
	files '*.c' '*.h'
}

texts() {
	files '*.c' '*.h' '*.sh' '*.awk' '*.cmake' '*CMakeLists.txt' '*.md' dev .ci .clang-format .gitignore
}

# rule FILE.awk: over the files named on standard input.
rule() {
	xargs -r -d '\n' awk -f "$rules/code.awk" -f "$rules/$1"
}

# search GREP_ARGUMENTS: in the files named on standard input; to find nothing is fine.
search() {
	xargs -r -d '\n' grep "$@" || true
}

check_format() {
	local formatter

	formatter=$(command -v clang-format-14 || command -v clang-format) || {
		echo "lint: clang-format 14 is missing (./dev lint installs it)"
		return
	}
	sources | { xargs -r -d '\n' "$formatter" --dry-run --Werror 2>&1 || true; } |
		sed -n 's/^\([^ :]*:[0-9]*\):[0-9]*: error: code should be clang-formatted.*/\1: not formatted (.\/dev format)/p' |
		sort -t : -k 1,1 -u
}

check_length() {
	{
		sources
		files '*.sh' '*.awk' '*CMakeLists.txt' dev
	} | rule length.awk
}

check_floating() {
	files 'sim/*.[ch]' 'models/*.[ch]' | rule floating.awk
}

# Written so that the rule does not find itself.
check_unfinished() {
	texts | search -nHwE 'TO[D]O|FIX[M]E|XX[X]' |
		sed 's/^\([^:]*:[0-9]*\):.*/\1: a word for unfinished work (finish it, or open an issue)/'
}

# Where people keep their checkouts, and where this one is.
check_machine() {
	local places='/(home|root|Users|mnt|srv|media|work|scratch)/'

	files . ':!tests/lint/*lint.sh' |
		search -nHIoE "(^|[^[:alnum:]_./}*~-])${places}[[:alnum:]_.-]+|$(quote_pattern "$top")/" |
		sed "s/^\([^:]*:[0-9]*\):[^/]*\(.*\)/\1: path of one machine: \2 (a path relative to the sources)/"
}

quote_pattern() {
	printf '%s' "$1" | sed 's/[][\.*^$+?(){}|]/\\&/g'
}

check_whitespace() {
	texts | search -nHE '[[:blank:]]$' |
		sed 's/^\([^:]*:[0-9]*\):.*/\1: trailing whitespace (none)/'
}

# test_json_schema.c tests json_schema or else json.
check_unit_tests() {
	local name module modules

	modules=" $(files '*.[ch]' ':!tests' | sed 's/.*\///; s/\.[ch]$//' | tr '\n' ' ') "
	files 'tests/unit/test_*.c' | while IFS= read -r name; do
		module=${name##*/test_}
		module=${module%.c}
		while [[ $modules != *" $module "* ]]; do
			if [[ $module != *_* ]]; then
				echo "$name:1: no module of that name (test_MODULE.c or test_MODULE_ASPECT.c)"
				break
			fi
			module=${module%_*}
		done
	done
}

check_headers() {
	local compiler flags

	compiler=$(command -v gcc || command -v clang)
	flags="-std=gnu17 -Wall -Wextra -Werror -I. $(pkg-config --cflags glib-2.0 libcjson libzstd zlib)"
	# shellcheck disable=SC2016 # expanded by the shells that xargs starts
	files '*.h' | xargs -r -d '\n' -n 1 -P "$(nproc)" sh -c 'echo "#include \"$1\"" | $0 -fsyntax-only -x c - 2>&1 |
		grep -m 1 error:' "$compiler $flags" |
		sed -n 's/^\(.*:[0-9]*\):[0-9]*:.* error: \(.*\)/\1: does not compile alone: \2 (include what it uses)/p' |
		sort || true
}

findings=$(
	check_format
	check_length
	sources | rule includes.awk
	check_floating
	sources | rule survives.awk
	check_unfinished
	check_machine
	check_whitespace
	check_unit_tests
	check_headers
)
[[ -z $findings ]] || printf '%s\n' "$findings"
[[ -z $findings ]]
