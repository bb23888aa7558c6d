#!/usr/bin/env bash
#
# test_install.sh - does an installed swapsim work, far from its sources?
#
#	test_install.sh BUILD
#
# Installs the build into a folder, moves that, and runs what is there: its own scenarios, traces, manual pages and
# completions, and no others. Prints a line for each mistake; exits with 1 if there are any.

set -uo pipefail
export LC_ALL=C
unset SWAPSIM_DATA
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mistakes=0

mistake() {
	printf '%s\n' "$1"
	mistakes=$((mistakes + 1))
}

# expect WHAT COMMAND...: the command succeeds.
expect() {
	"${@:2}" >"$folder/output" 2>&1 </dev/null && return
	mistake "$1"
	tail -n 3 "$folder/output"
}

expect "cmake --install fails" cmake --install "$1" --prefix "$folder/before"
mv before after
swapsim=$folder/after/bin/swapsim
share=$folder/after/share

expect "a bundled scenario does not run" "$swapsim" run swap-race --output result
expect "a bundled trace is not found" "$swapsim" trace info cc1
expect "the script that records is not found" "$swapsim" record --help

# It takes what is installed: a scenario that is only there, and none that is only in the sources.
mv "$share/swapsim/scenarios/swap-race.json" "$share/swapsim/scenarios/own.json"
expect "an installed scenario is not listed" "$swapsim" run own
! "$swapsim" run swap-race >/dev/null 2>&1 || mistake "a scenario of the sources is found"

# Every page that the README names.
doc=$share/doc/swapsim
while read -r page; do
	[[ -e $doc/$page ]] || mistake "README.md names $page, which is not installed"
done < <(grep -o '](\(docs\|traces\)[^)#]*' "$doc/README.md" | cut -c 3-)

for command in $("$swapsim" help | awk '/^  [a-z]+ / && $1 != "help" { print $1 }'); do
	page=$share/man/man1/swapsim-$command.1
	[[ -s $page ]] || mistake "swapsim-$command has no manual page"
	if command -v groff >/dev/null; then
		[[ -z $(groff -man -Tascii -ww -z "$page" 2>&1) ]] || mistake "$page: groff complains"
	fi
done
[[ -s $share/man/man1/swapsim.1 ]] || mistake "swapsim has no manual page"

for pair in bash:bash-completion/completions/swapsim zsh:zsh/site-functions/_swapsim \
	fish:fish/vendor_completions.d/swapsim.fish; do
	"$swapsim" completion "${pair%%:*}" >expected
	cmp -s expected "$share/${pair#*:}" || mistake "${pair#*:} is not what swapsim completion prints"
done
expect "bash refuses its completion" bash -n "$share/bash-completion/completions/swapsim"
((mistakes == 0))
