#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fetch.sh BUILD_DIR - `cio fetch` and the price service as their users run them
#
# Prints TAP. Each case is a function; it fails where a command in it fails.
# shellcheck disable=SC2317 # the cases are called by name
set -u
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
cio=$build/cio prices=$build/examples/prices
dir=$(mktemp -d)
pids=()
cleanup() {
	for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT

# ---- helpers ----

# Wait until a file holds a line that matches; ends by the test's own limit.
await_line() {
	until grep -q "$2" "$1" 2>/dev/null; do sleep 0.05; done
}

# start_prices OPTION...: sets url and service.
start_prices() {
	: >"$dir/service.log"
	"$prices" --port 0 "$@" >"$dir/service.log" 2>&1 &
	service=$!
	pids+=("$service")
	until grep -q '^prices: http' "$dir/service.log"; do
		kill -0 "$service" 2>/dev/null && sleep 0.05 && continue
		echo "# the service did not start"
		sed 's/^/# /' "$dir/service.log"
		return 1
	done
	url=$(sed -n 's|^prices: \(http://[^/]*\)/.*|\1|p' "$dir/service.log")
}

stop_prices() {
	kill -TERM "$service"
	wait "$service"
}

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

# rows FILE EXPRESSION: over all rows as a list `rows` of dicts.
rows() {
	python3 - "$1" "$2" <<-'EOF'
	import json, sys
	keys = {"url", "http_code", "ok", "attempts", "error_kind", "error",
	        "size_download", "time_connect", "time_starttransfer", "time_total"}
	rows = [json.loads(line) for line in open(sys.argv[1])]
	assert open(sys.argv[1]).read().endswith("\n") or not rows, "torn last line"
	assert all(keys <= set(r) for r in rows), "a key is missing"
	if not eval("(" + sys.argv[2] + ")"):
	    print("# rows do not satisfy", sys.argv[2], rows[:3])
	    sys.exit(1)
	EOF
}

# ---- cases ----

thousand_flaky() {
	start_prices --flaky --delay 20 || return
	seq 1 1000 | sed "s|.*|$url/prices/&|" >"$dir/urls"
	expect 0 fetch -c 50 -i "$dir/urls" -o "$dir/rows" || return
	rows "$dir/rows" 'len(rows) == 1000 and all(r["ok"] for r in rows)
	    and len({r["url"] for r in rows}) == 1000
	    and 9 <= sum(r["attempts"] > 1 for r in rows) <= 19' || return
	grep -q '1000 ok (100.0 %)' "$dir/err" && stop_prices &&
		grep -q '^prices: drained' "$dir/service.log"
}

malformed_is_a_row() {
	start_prices --delay 0 || return
	expect 1 fetch -o "$dir/rows" "$url/prices/1" 'nonsense' 'http://' \
		"ht tp://x" "http://127.0.0.1:99999/" "$url/prices/2" || return
	rows "$dir/rows" 'len(rows) == 6 and sum(r["ok"] for r in rows) == 2 and
	    all(r["error_kind"] == "url" and r["error"] for r in rows if not r["ok"])' &&
		stop_prices
}

statuses() {
	start_prices --delay 0 || return
	expect 1 fetch -o "$dir/rows" "$url/prices/0" "$url/prices/x" || return
	rows "$dir/rows" 'all(r["http_code"] == 404 and r["error_kind"] == "http"
	    for r in rows)' && stop_prices
}

hostile_servers() {
	mkfifo "$dir/hold"
	"$here/hostile.py" <"$dir/hold" >"$dir/port" &
	pids+=($!)
	exec 9>"$dir/hold"
	await_line "$dir/port" .
	local base
	base=http://127.0.0.1:$(cat "$dir/port")
	expect 1 fetch -r 1 -m 0.5 -o "$dir/rows" "$base"/{garbage,silence,reset,short,endless,ok} || return
	exec 9>&-
	rows "$dir/rows" '{r["url"].rsplit("/", 1)[1]: r["error_kind"] for r in rows} ==
	    {"garbage": "protocol", "silence": "timeout", "reset": "reset",
	     "short": "reset", "endless": "too_large", "ok": None}
	    and all(r["url"] in r["error"] for r in rows if not r["ok"])'
}

nothing_could_start() {
	expect 4 fetch -r 0 -o "$dir/rows" http://127.0.0.1:1/ || return
	rows "$dir/rows" 'rows[0]["error_kind"] == "connect" and "127.0.0.1:1" in rows[0]["error"]'
}

unreadable_list() {
	expect 4 fetch -i "$dir/none" && grep -q "$dir/none" "$dir/err" || return
	expect 4 fetch -i "$dir" && grep -q "$dir" "$dir/err"
}

usage() {
	expect 2 fetch --bogus && grep -q -- --bogus "$dir/err" || return
	expect 2 fetch -c 0 x && grep -q -- "-c 0: a number" "$dir/err" || return
	expect 2 fetch -m soon x || return
	expect 2 fetch -i || return
	expect 0 fetch --help >"$dir/out" && grep -q -- --per-host "$dir/out"
}

full_disk() {
	start_prices --delay 0 || return
	expect 3 fetch -o /dev/full "$url/prices/1" || return
	grep -q '/dev/full' "$dir/err" && stop_prices
}

# Rows behind what the file held before: a failure takes away none of that.
appends_to_full_file() {
	start_prices --delay 0 || return
	seq 1 1000 | sed "s|.*|$url/prices/&|" >"$dir/urls"
	seq 1 10000 >"$dir/old"
	cp "$dir/old" "$dir/log"
	(ulimit -f 64 && expect 3 fetch -i "$dir/urls" >>"$dir/log") || return
	cmp -n "$(stat -c %s "$dir/old")" "$dir/old" "$dir/log" || return
	tail -n +10001 "$dir/log" >"$dir/rows"
	rows "$dir/rows" 'len(rows) > 10' && stop_prices
}

# A descriptor that is not there must not be taken by another file.
closed_descriptors() {
	start_prices --delay 0 || return
	expect 4 fetch <&- && grep -q 'cannot read' "$dir/err" || return
	expect 0 fetch --overwrite -o "$dir/rows" "$url/prices/1" <&- || return
	expect 3 fetch "$url/prices/1" 3>&1 >&- || return
	grep -q 'cannot write stdout: Bad file' "$dir/err" || return
	"$cio" fetch --overwrite -o "$dir/rows" "$url/prices/1" 2>&- || return
	rows "$dir/rows" 'len(rows) == 1 and rows[0]["ok"]' && stop_prices
}

# Whoever made the pipe made it non-blocking, and reads when all is written that
# it can hold.
nonblocking_stdout() {
	start_prices --delay 0 || return
	seq 1 1000 | sed "s|.*|$url/prices/&|" >"$dir/urls"
	python3 - "$cio" "$dir/urls" >"$dir/rows" <<-'EOF' || return
	import fcntl, os, subprocess, sys
	r, w = os.pipe()
	os.set_blocking(w, False)
	fcntl.fcntl(w, 1031, 4096)  # F_SETPIPE_SZ
	p = subprocess.Popen([sys.argv[1], "fetch", "-i", sys.argv[2]],
	                     stdout=w, stderr=subprocess.DEVNULL)
	os.close(w)
	got = b""
	while chunk := os.read(r, 64):  # slower than it writes
	    got += chunk
	sys.stdout.buffer.write(got)
	sys.stdout.flush()
	sys.exit(p.wait())
	EOF
	rows "$dir/rows" 'len(rows) == 1000' && stop_prices
}

not_a_list() {
	head -c 2000000 /dev/zero | tr '\0' a >"$dir/bad"
	expect 4 fetch -i "$dir/bad" -o "$dir/rows" || return
	grep -q 'line 1 is over' "$dir/err" || return
	start_prices --delay 0 || return
	printf '%s\0\n' "$url/prices/1" >"$dir/bad"
	expect 4 fetch -i "$dir/bad" -o "$dir/rows" || return
	grep -q 'bad is binary' "$dir/err" && [ ! -s "$dir/rows" ] && stop_prices
}

closed_pipe() {
	start_prices --delay 0 || return
	seq 1 1000 | sed "s|.*|$url/prices/&|" >"$dir/urls"
	"$cio" fetch -i "$dir/urls" 2>"$dir/err" | head -n 1 >"$dir/out"
	local code=${PIPESTATUS[0]}
	[ "$code" -eq 3 ] || [ "$code" -eq 0 ] || { echo "# exit $code"; return 1; }
	rows "$dir/out" 'len(rows) == 1' && stop_prices
}

reads_lazily() {
	start_prices --delay 0 || return
	mkfifo "$dir/list"
	"$cio" fetch -i "$dir/list" -o "$dir/lazy" 2>"$dir/err" &
	local pid=$!
	pids+=("$pid")
	exec 8>"$dir/list"
	echo "$url/prices/1" >&8
	await_line "$dir/lazy" '/prices/1"' # the list is still open
	echo "# a comment is passed over" >&8
	printf '%s/prices/2' "$url" >&8 # no line end
	exec 8>&-
	wait "$pid" || return
	rows "$dir/lazy" 'len(rows) == 2' && stop_prices
}

interrupted() {
	start_prices --delay 0 || return
	local slow=$url
	start_second --delay 60000
	{ seq 1 20 | sed "s|.*|$slow/prices/&|"; seq 1 20 | sed "s|.*|$url/prices/&|"; } >"$dir/urls"
	"$cio" fetch -i "$dir/urls" -o "$dir/rows" 2>"$dir/err" &
	local pid=$!
	pids+=("$pid")
	until [ "$(grep -c '"ok":true' "$dir/rows" 2>/dev/null)" = 20 ]; do sleep 0.05; done
	kill -INT "$pid"
	expect 130 wait "$pid" || return
	rows "$dir/rows" 'sum(r["ok"] for r in rows) == 20 and
	    all(r["error_kind"] == "cancelled" for r in rows if not r["ok"])' || return
	grep -q interrupted "$dir/err"
}

start_second() {
	"$prices" --port 0 "$@" >"$dir/second.log" 2>&1 &
	pids+=($!)
	await_line "$dir/second.log" '^prices: http'
	url=$(sed -n 's|^prices: \(http://[^/]*\)/.*|\1|p' "$dir/second.log")
}

few_descriptors() {
	start_prices --delay 0 || return
	seq 1 300 | sed "s|.*|$url/prices/&|" >"$dir/urls"
	(ulimit -n 64 && expect 0 fetch -c 1000 -i "$dir/urls" -o "$dir/rows") || return
	grep -q descriptors "$dir/err" || return
	rows "$dir/rows" 'len(rows) == 300 and all(r["ok"] for r in rows)' && stop_prices
}

port_in_use() {
	start_prices --delay 0 || return
	local code=0
	"$prices" --port "${url##*:}" >"$dir/out" 2>"$dir/err" || code=$?
	[ "$code" -eq 1 ] && grep -q "${url##*:}" "$dir/err" && stop_prices
}

drains_requests_at_hand() {
	start_prices --delay 2000 || return
	seq 1 20 | sed "s|.*|$url/prices/&|" >"$dir/urls"
	"$cio" fetch -c 20 -r 0 -i "$dir/urls" -o "$dir/rows" 2>"$dir/err" &
	local pid=$!
	pids+=("$pid")
	# the connections are there before the signal: ask the kernel
	until [ "$(connections "${url##*:}")" -ge 20 ]; do sleep 0.02; done
	stop_prices || return
	wait "$pid" || { sed 's/^/# /' "$dir/err"; return 1; }
	rows "$dir/rows" 'all(r["ok"] for r in rows)' &&
		grep -q 'drained: 20 requests at hand finished' "$dir/service.log"
}

# Established connections to a local port, as the server sees them.
connections() {
	local hex
	hex=$(printf ':%04X' "$1")
	awk -v port="$hex" '$4 == "01" && substr($2, 9) == port' /proc/net/tcp | wc -l
}

example_pages() {
	start_prices --delay 0 || return
	"$build/examples/pages" "$url/prices/1" | grep -q '^100 pages of 41 bytes' || return
	expect 1 "$build/examples/pages" "$url/prices/0" 2>"$dir/err" || return
	grep -q '/prices/0: 404' "$dir/err" && stop_prices
}

examples_run() {
	local name
	for name in "$here"/../../examples/*.c; do
		name=$(basename "$name" .c)
		[ "$name" = pages ] && continue
		"$build/examples/$name" >"$dir/out" 2>&1 </dev/null ||
			{ echo "# $name failed"; sed 's/^/# /' "$dir/out"; return 1; }
	done
}

# ---- run them ----

cases=(thousand_flaky malformed_is_a_row statuses hostile_servers
	nothing_could_start unreadable_list usage full_disk appends_to_full_file
	closed_descriptors nonblocking_stdout not_a_list closed_pipe
	reads_lazily interrupted few_descriptors port_in_use
	drains_requests_at_hand example_pages examples_run)
echo "1..${#cases[@]}"
n=0 bad=0
for case in "${cases[@]}"; do
	n=$((n + 1))
	rm -f "$dir/rows" "$dir/lazy"
	if "$case"; then echo "ok $n - $case"; else echo "not ok $n - $case"; bad=1; fi
done
exit "$bad"
