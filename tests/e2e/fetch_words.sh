#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fetch_words.sh BUILD_DIR - what cio says to people: help, manual pages,
# completions, doctor, and the line on a terminal. Prints TAP.
# shellcheck disable=SC2317 # the cases are called by name
# shellcheck disable=SC2012,SC2013,SC2015 # names and words are plain; meant so
# shellcheck source=tests/e2e/fetch_lib.bash
. "$(dirname "$0")/fetch_lib.bash"
top=$here/../..

# on_terminal COMMAND...: run with a terminal of 80 columns as stderr; what it got
# is in $dir/terminal.
on_terminal() {
	python3 - "$dir/terminal" "$@" <<-'EOF2'
	import os, pty, subprocess, sys
	master, slave = pty.openpty()
	p = subprocess.Popen(sys.argv[2:], stderr=slave, stdin=subprocess.DEVNULL)
	os.close(slave)
	got = b""
	while True:
	    try:
	        more = os.read(master, 4096)
	    except OSError:
	        break
	    if not more:
	        break
	    got += more
	open(sys.argv[1], "wb").write(got)
	sys.exit(p.wait())
	EOF2
}

progress() {
	start_server s
	seq 1 12 | sed "s|.*|$base/slow/300/&|" >"$dir/list"
	echo "$base/status/404" >>"$dir/list"
	expect 1 on_terminal "$cio" fetch -c 4 -i "$dir/list" -o "$dir/a" || return
	grep -q $'\r.* in flight, .* ok, .* req/s' "$dir/terminal" || return
	grep -qE ', [0-9]+:[0-9]{2} left' "$dir/terminal" || return
	grep -q $'\033\\[31m1 failed' "$dir/terminal" || return
	expect 1 on_terminal bash -c 'stty cols 20 <&2; exec "$@"' - "$cio" fetch -v -r 1 \
		--overwrite -c 4 -i "$dir/list" -o "$dir/a" "$base/first/x" || return
	python3 - "$dir/terminal" <<-'EOF2' || return
	import re, sys
	text = open(sys.argv[1], newline="").read()
	shown = re.findall("\r([^\r\n]*?)\033\\[K", text)
	assert any(shown) and all(len(s) < 20 for s in shown), shown
	assert re.search("\033\\[Kcio fetch: GET ", text), "a line behind the progress"
	EOF2
	expect 1 on_terminal "$cio" fetch -c 4 --no-color --progress never -i "$dir/list" -o "$dir/b" || return
	! grep -q $'\033' "$dir/terminal" || return
	# without a terminal: lines
	expect 1 fetch -c 4 -i "$dir/list" -o "$dir/c" || return
	! grep -q $'[\r\033]' "$dir/err"
}

quiet_and_verbose() {
	start_server s
	expect 0 fetch -q -o "$dir/a" "$base/ok" || return
	[ ! -s "$dir/err" ] || return
	expect 0 fetch -v -o "$dir/b" "$base/first/x" || return
	says "again in" && says "after 503" || return
	expect 4 fetch -v -r 1 -o "$dir/c" http://127.0.0.1:1/ || return
	grep -qE 'again in [0-9.]+ s$' "$dir/err"
}

help_and_manual() {
	local page=$top/docs/man/cio-fetch.1
	sed -n '/^\.\\" What follows is printed by/,/^\.\\" So far/p' "$page" | sed '1d;$d' >"$dir/page"
	"$cio" fetch --help=man >"$dir/table"
	[ -s "$dir/table" ] || return
	cmp "$dir/page" "$dir/table" || { echo "# put the output of \`cio fetch --help=man\` into $page"; return 1; }
	"$cio" fetch --help >"$dir/help"
	[ "$("$cio" help fetch)" = "$(cat "$dir/help")" ] || return
	! grep -qE '.{82}| $' "$dir/help" || return
	grep -qE '^      --dedupe +Fetch a URL once' "$dir/help" || return
	! grep -qE '^ .* --[^ ]+ [^ ]+[a-z][A-Z][a-z]' "$dir/help" || return # a word glued to the text
	local word
	for word in $(grep '^\\fB' "$dir/table" | sed 's/\\f[BRI]/ /g; s/\\-/-/g' | grep -oE -- '--[a-z0-9-]+'); do
		grep -q -- " $word" "$dir/help" || { echo "# no $word in the help"; return 1; }
	done
	"$cio" --version | grep -qx 'cio [0-9.]*' || return
	[ "$("$cio" doctor --help)" = "$("$cio" help)" ] || return
	expect 3 "$cio" fetch --help >/dev/full 2>"$dir/err" && says "cannot write stdout" || return
	"$cio" help | grep -q doctor && "$cio" fetch --help | head -n 1 >/dev/null
}

completions() {
	"$cio" completion bash >"$dir/bash" && bash -n "$dir/bash" || return
	[ "$(bash -c '. "$1"; COMP_WORDS=(cio fetch --fail); COMP_CWORD=2; _cio; echo "${COMPREPLY[@]}"' - "$dir/bash")" \
		= --fail-under ] || return
	[ "$(bash -c '. "$1"; COMP_WORDS=(cio fetch --body i); COMP_CWORD=3; _cio; echo "${COMPREPLY[@]}"' - "$dir/bash")" \
		= inline ] || return
	[ "$(bash -c '. "$1"; COMP_WORDS=(cio doc); COMP_CWORD=1; _cio; echo "${COMPREPLY[@]}"' - "$dir/bash")" \
		= doctor ] || return
	"$cio" completion zsh >"$dir/zsh" && "$cio" completion fish >"$dir/fish" || return
	local word
	for word in $("$cio" fetch --help=man | grep '^\\fB' | sed 's/\\f[BRI]/ /g; s/\\-/-/g' | grep -oE -- '--[a-z0-9-]+'); do
		grep -q -- "$word\b" "$dir/bash" && grep -q -- "$word\b" "$dir/zsh" &&
			grep -q -- " -l ${word#--}\b" "$dir/fish" || { echo "# $word"; return 1; }
	done
	expect 2 "$cio" completion tcsh 2>"$dir/err"
}

# has PROGRAM: or the case is passed over, aloud.
has() {
	command -v "$1" >/dev/null && return
	echo "# skip: $1 is not installed"
	return 77
}

manual_is_clean() {
	has man || return
	local page
	for page in cio cio-fetch; do
		[ -z "$(man --warnings -E UTF-8 -l "$top/docs/man/$page.1" 2>&1 >/dev/null)" ] || return
	done
}

zsh_reads_completion() {
	has zsh || return
	"$cio" completion zsh >"$dir/zsh" && zsh -n "$dir/zsh"
}

fish_reads_completion() {
	has fish || return
	"$cio" completion fish >"$dir/fish" && fish -n "$dir/fish"
}

doctor() {
	"$cio" doctor >"$dir/out"
	grep -qE '^  ok   driver +(epoll|uring), ' "$dir/out" || return
	grep -q TLS "$dir/out" && grep -q descriptors "$dir/out" || return
	local code=0
	(ulimit -n 100 && "$cio" doctor >"$dir/out") || code=$?
	[ "$code" = 1 ] && grep -q 'ulimit -Hn' "$dir/out" || return
	code=0
	CIO_DRIVER=none "$cio" doctor >"$dir/out" || code=$?
	[ "$code" = 1 ] && grep -q 'TLS  *not tried' "$dir/out" && ! grep -q ca-certificates "$dir/out"
}

run_cases progress quiet_and_verbose help_and_manual manual_is_clean completions zsh_reads_completion fish_reads_completion doctor
