# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# fetch_lib.bash BUILD_DIR - what the tests of `cio fetch` share; to be sourced.
# A case is a function; it fails where a command in it fails, and has a folder
# $dir of its own. run_cases prints TAP.
set -u
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cio=$build/cio
export cio
all=$(mktemp -d)
dir=$all
pids=()
cleanup() {
	for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$all"
}
trap cleanup EXIT

# start_server NAME [ADDRESS]: sets base; the requests it got are in $dir/NAME.log.
start_server() {
	mkfifo "$dir/$1.hold"
	"$here/fetch_server.py" "$dir/$1.log" "${2-127.0.0.1}" \
		<"$dir/$1.hold" >"$dir/$1.port" 2>"$dir/$1.err" &
	pids+=($!)
	disown
	exec {hold}>"$dir/$1.hold"
	await "$dir/$1.port" .
	base=http://${2-127.0.0.1}:$(cat "$dir/$1.port")
}

# await FILE EXPRESSION: until the file has such a line; the run's limit ends it.
await() { until grep -q "$2" "$1" 2>/dev/null; do sleep 0.05; done; }

fetch() { "$cio" fetch "$@" 2>"$dir/err"; }

# expect CODE COMMAND...: the command's exit code.
expect() {
	local want=$1 got=0
	shift
	"$@" || got=$?
	[ "$got" -eq "$want" ] && return
	echo "# exit $got, expected $want: $*"
	sed 's/^/# /' "$dir/err"
	return 1
}

# says TEXT: the last command's stderr has this text.
says() {
	grep -qF -- "$1" "$dir/err" && return
	echo "# stderr does not say: $1"
	sed 's/^/# /' "$dir/err"
	return 1
}

# rows FILE EXPRESSION: over all rows as a list `rows` of dicts; `by` has them by
# the last part of their URL.
rows() {
	python3 - "$1" "$2" <<-'EOF2'
	import json, re, sys
	keys = ("seq url effective_url http_code ok error_kind error attempts "
	        "http_version remote_ip num_redirects size_download size_wire "
	        "content_type time_namelookup time_connect time_appconnect "
	        "time_starttransfer time_total ts").split()
	text = open(sys.argv[1]).read()
	assert text.endswith("\n") or not text, "torn last line"
	rows = [json.loads(line) for line in text.splitlines()]
	for r in rows:
	    assert list(r)[:len(keys)] == keys, "the columns are " + str(list(r))
	by = {r["url"].rsplit("/", 1)[-1]: r for r in rows}
	if not eval("(" + sys.argv[2] + ")"):
	    print("# rows do not satisfy", sys.argv[2], rows[:3])
	    sys.exit(1)
	EOF2
}

# skip WHY: the case cannot be tried here; `skip "..."; return`.
skip() {
	echo "# skip: $1"
	return 77
}

# Lines of the server's log that match.
asked() { grep -c "$2" "$dir/$1.log"; }

run_cases() {
	local n=0 bad=0 case
	echo "1..$#"
	for case in "$@"; do
		n=$((n + 1))
		dir=$all/$case
		mkdir "$dir"
		local code=0
		"$case" || code=$?
		case $code in
		0) echo "ok $n - $case" ;;
		77) echo "ok $n - $case # SKIP" ;;
		*) echo "not ok $n - $case" && bad=1 ;;
		esac
	done
	return "$bad"
}
