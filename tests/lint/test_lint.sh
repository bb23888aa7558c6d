#!/usr/bin/env bash
#
# test_lint.sh - every rule of lint.sh finds what it should, says so exactly, and finds nothing in good code. Each case
# is a small git checkout of its own.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0

# begin: an empty checkout; file NAME: standard input becomes one of its files.
begin() {
	rm -rf "$work/checkout"
	mkdir "$work/checkout"
	cp "$here/../../.clang-format" "$work/checkout"
	git -C "$work/checkout" init -q
}

file() {
	mkdir -p "$(dirname "$work/checkout/$1")"
	cat >"$work/checkout/$1"
}

# expect TITLE: standard input is what lint must print; its exit status must agree.
expect() {
	local expected found status=0 right=0

	expected=$(cat)
	[[ -z $expected ]] || right=1
	git -C "$work/checkout" add .
	found=$("$here/lint.sh" "$work/checkout" 2>&1) || status=$?
	[[ $found == "$expected" && $status == "$right" ]] && return
	printf '%s: wrong\nexpected (%d):\n%s\nfound (%d):\n%s\n' "$1" "$right" "$expected" "$status" "$found"
	wrong=1
}

nothing() {
	expect "$1" </dev/null
}

# lines N TEXT: N times.
lines() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf '%s\n' "$2"
	done
}

begin
file sim/good.h <<'END'
#ifndef SIM_GOOD_H
#define SIM_GOOD_H

/* Not a double in sight: "0.5" and 1.5 are text, and so is TODOS. */
int good(const char *format, ...);

#endif
END
file sim/good.c <<'END'
#include "sim/good.h"

int good(const char *format, ...)
{
	return format[0] == '"' ? 0x1e9 : (int)sizeof("a 2.5 float"); /* 3.5
	double */
}
END
file models/mm/fault.c <<'C'
#include "models/mm/fault.h"
#include "sim/good.h"
#include "traces/trace.h"

PATH(do_swap_page)
{
	STEPS(LOCK, UNLOCK, A_LONG_NAME,
	      ANOTHER);
	struct folio *const folio = folio_of(f->folio);
	const u32 slot = f->slot; /* derived */
	struct cluster *const cluster =
	    cluster_of(m, slot);
	static const struct table *const table = &tables;

	BEGIN;
	f->x = 1;
	END;
}
C
file models/mm/fault.h </dev/null
file traces/trace.h </dev/null
file tests/unit/test_good.c </dev/null
file tests/unit/test_good_errors.c </dev/null
file docs/good.md <<'END'
See models/work/zipf.c, $HOME/x, https://example.org/home/x and /proc/vmstat.
END
clang-format-14 -i "$work/checkout/models/mm/fault.c" 2>/dev/null || clang-format -i "$work/checkout/models/mm/fault.c"
nothing "good code"

begin
file sim/a.c <<'END'
int  a;
int  b;
END
expect "formatting" <<'END'
sim/a.c:1: not formatted (./dev format)
END

begin
{ lines 600 "/* */"; } | file sim/a.c
{ lines 601 "/* */"; } | file sim/b.c
expect "files of more than 600 lines" <<'END'
sim/b.c:601: more than 600 lines (one idea a file, at most 600 lines)
END

begin
{
	printf 'static int right(int a)\n{\n'
	lines 56 "	a++;"
	printf '	return a;\n}\n\nstruct folio *long_one(int a, int b,\n                      int c)\n{\n'
	lines 56 "	a++;"
	printf '	return 0;\n}\n\nPATH(right_path)\n{\n'
	lines 97 "	a++;"
	printf '}\n\nPATH(long_path)\n{\n'
	lines 98 "	a++;"
	printf '}\n'
} | file cli/a.c
printf -- '---\nDisableFormat: true\n' | file .clang-format
expect "functions of more than 60 lines, paths of more than 100" <<'END'
cli/a.c:62: function long_one has 61 lines (at most 60)
cli/a.c:225: path long_path has 101 lines (at most 100)
END

begin
file sim/a.c <<'END'
#include "models/mm/lru.h"
/* #include "cli/run.h" */
END
file traces/a.c <<'END'
#include "sim/types.h"
#include "models/mm/lru.h"
END
file plots/a.c <<'END'
#include "traces/trace.h"
END
file models/a.c <<'END'
#include "traces/trace.h"
#include "cli/run.h"
END
expect "includes against the arrows" <<'END'
models/a.c:2: includes cli/run.h (models/ may include only sim, traces, models)
plots/a.c:1: includes traces/trace.h (plots/ may include only sim, plots)
sim/a.c:1: includes models/mm/lru.h (sim/ may include only sim)
traces/a.c:2: includes models/mm/lru.h (traces/ may include only sim, traces)
END

begin
file sim/a.c <<'END'
#include <math.h>
double a;
int b = 1e9;
int c = (int)0.5;
int d = item->valuedouble;
int e = x ? .5 : 1;
END
file models/a.h <<'END'
void f(float);
END
file plots/a.c <<'END'
double allowed = 0.5;
END
expect "floating point in sim/ and models/" <<'END'
models/a.h:1: floating point: void f(float); (integers only)
sim/a.c:1: floating point: #include <math.h> (integers only)
sim/a.c:2: floating point: double a; (integers only)
sim/a.c:3: floating point: int b = 1e9; (integers only)
sim/a.c:4: floating point: int c = (int)0.5; (integers only)
sim/a.c:5: floating point: int d = item->valuedouble; (integers only)
sim/a.c:6: floating point: int e = x ? .5 : 1; (integers only)
END

begin
file models/a.c <<'C'
PATH(one)
{
	STEPS(LOCK);
	u32 count = 0;
	const struct folio *folio = folio_of(f->folio);
	struct folio *const fine = folio_of(f->folio);
	struct cluster *cluster =
	    cluster_of(m, f->cluster_with_a_long_name_so_that_the_line_is_broken, f->another_long_name_of_it);
	f->count = 1;

	BEGIN;
	u32 later = 0;
	END;
}
C
printf -- '---\nDisableFormat: true\n' | file .clang-format
expect "locals that do not survive a step" <<'END'
models/a.c:4: does not survive a step: u32 count = 0; (a const pointer or value, or a field of the frame)
models/a.c:5: does not survive a step: const struct folio *folio = folio_of(f->folio); (a const pointer or value, or a field of the frame)
models/a.c:7: does not survive a step: struct cluster *cluster = cluster_of(m, f->cluster_with_a_long_name_so_that_the_line_is_broken, f->another_long_name_of_it); (a const pointer or value, or a field of the frame)
models/a.c:9: does not survive a step: f->count = 1; (a const pointer or value, or a field of the frame)
END

begin
# Assembled, so that lint does not find them here.
printf '/* %s: more */\n/* %s */\n/* %s */\n' TO"DO" FIX"ME" XX"X" | file plots/a.c
expect "words for unfinished work" <<'END'
plots/a.c:1: a word for unfinished work (finish it, or open an issue)
plots/a.c:2: a word for unfinished work (finish it, or open an issue)
plots/a.c:3: a word for unfinished work (finish it, or open an issue)
END

begin
file tests/golden/a.json <<'END'
{ "file": "/home/somebody/a.json" }
{ "file": "models/work/a.json" }
END
printf 'see %s/a.c\n' "$(cd "$work" && pwd -P)/checkout" | file docs/a.md
expect "paths of one machine" <<END
docs/a.md:1: path of one machine: $(cd "$work" && pwd -P)/checkout/ (a path relative to the sources)
tests/golden/a.json:1: path of one machine: /home/somebody (a path relative to the sources)
END

begin
printf 'good\nbad \n' | file docs/a.md
printf 'data \n' | file tests/golden/a.csv
expect "trailing whitespace" <<'END'
docs/a.md:2: trailing whitespace (none)
END

begin
file sim/json.c </dev/null
file tests/unit/test_json.c </dev/null
file tests/unit/test_json_errors.c </dev/null
file tests/unit/test_yaml_errors.c </dev/null
expect "unit tests of no module" <<'END'
tests/unit/test_yaml_errors.c:1: no module of that name (test_MODULE.c or test_MODULE_ASPECT.c)
END

begin
file sim/a.h <<'END'
#include <glib.h>
#include "sim/missing.h"
END
file sim/b.h <<'END'
#include <glib.h>

GError *b(u32 number);
END
expect "headers that do not compile alone" <<'END'
sim/a.h:2: does not compile alone: sim/missing.h: No such file or directory (include what it uses)
sim/b.h:3: does not compile alone: unknown type name 'u32' (include what it uses)
END

exit "$wrong"
