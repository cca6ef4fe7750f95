#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fetch_limits.sh BUILD_DIR - how much and how often `cio fetch` asks, and what it
# leaves out. Prints TAP.
# shellcheck disable=SC2317 # the cases are called by name
# shellcheck disable=SC2012,SC2013,SC2015 # names and words are plain; meant so
# shellcheck source=tests/e2e/fetch_lib.bash
. "$(dirname "$0")/fetch_lib.bash"

# summary EXPRESSION: over the last --summary json, as s.
summary() {
	tail -n 1 "$dir/err" | python3 -c '
import json, sys
s = json.load(sys.stdin)
if not eval(sys.argv[1]):
    print("#", s, "is not", sys.argv[1])
    sys.exit(1)' "$1"
}

# One is slow, one is down: the third does not wait for them.
three_hosts() {
	start_server good
	local good=$base
	start_server slow
	{
		seq 1 20 | sed "s|.*|$base/slow/400/&|"
		seq 1 20 | sed 's|.*|http://127.0.0.1:1/&|'
		seq 1 100 | sed "s|.*|$good/ok/&|"
	} >"$dir/list"
	expect 1 fetch --per-host 4 -r 1 -i "$dir/list" -o "$dir/a" || return
	rows "$dir/a" 'len(rows) == 140 and sum(r["ok"] for r in rows) == 120
	    and {r["error_kind"] for r in rows if not r["ok"]} == {"connect"}
	    and all("/slow/" in r["url"] for r in rows[-10:])' || return
	says "slowest  127.0.0.1:${base##*:}"
}

# Who waits for another attempt holds no place: the others go on meanwhile.
pause_holds_up_nobody() {
	start_server s
	{ echo "$base/later/3"; seq 1 3 | sed "s|.*|$base/ok/&|"; } >"$dir/list"
	expect 0 fetch -c 1 -i "$dir/list" -o "$dir/a" || return
	rows "$dir/a" '[r["seq"] for r in rows] == [2, 3, 4, 1]
	    and rows[3]["attempts"] == 2'
}

host_given_up() {
	start_server s
	{ seq 1 50 | sed 's|.*|http://127.0.0.1:1/&|'; seq 1 5 | sed "s|.*|$base/ok/&|"; } >"$dir/list"
	expect 1 fetch -c 1 -r 0 --max-host-errors 3 -i "$dir/list" -o "$dir/a" || return
	rows "$dir/a" '[r["error_kind"] for r in rows].count("connect") == 3
	    and [r["error_kind"] for r in rows].count("blocked") == 47
	    and sum(r["ok"] for r in rows) == 5'
}

# The times are lower bounds: a slow machine makes nothing fail.
rate() {
	start_server s
	seq 1 20 | sed "s|.*|$base/ok/&|" >"$dir/list"
	expect 0 fetch --rate 40/s --summary json -i "$dir/list" -o "$dir/a" || return
	summary 's["seconds"] >= 19 / 40' || return
	expect 0 fetch --rate-per-host 4/100ms --rate 1000 --summary json -i "$dir/list" -o "$dir/b" || return
	summary 's["seconds"] >= 19 / 40'
}

adaptive() {
	start_server s
	seq 1 200 | sed "s|.*|$base/ok/&|" >"$dir/list"
	expect 0 fetch --adaptive -i "$dir/list" -o "$dir/a" && rows "$dir/a" 'len(rows) == 200'
}

dedupe() {
	start_server s
	{ seq 1 500; seq 1 500; echo 7; } | sed "s|.*|$base/ok/&|" >"$dir/list"
	echo "{\"url\": \"$base/ok/7\", \"method\": \"PUT\"}" >>"$dir/list"
	expect 0 fetch --dedupe --summary json -i "$dir/list" -o "$dir/a" || return
	rows "$dir/a" 'len(rows) == 501 and len({r["url"] for r in rows}) == 500' || return
	summary 's["duplicates"] == 501 and s["ok"] == 501'
}

fail_under() {
	start_server s
	{ seq 1 199 | sed "s|.*|$base/ok/&|"; echo "$base/status/500"; } >"$dir/list"
	expect 0 fetch -r 0 --fail-under 99.5% -i "$dir/list" -o "$dir/a" || return
	expect 1 fetch -r 0 --fail-under 99.6 -i "$dir/list" -o "$dir/b"
}

dry_run() {
	start_server s
	printf '%s\n' "$base/ok" nonsense "{\"url\": \"$base/x\", \"body\": 1}" "$base/ok" >"$dir/list"
	expect 1 fetch --dry-run --dedupe -i "$dir/list" >"$dir/out" || return
	[ "$(cat "$dir/out")" = "GET $base/ok
POST $base/x" ] && says "line 2: nonsense" && [ ! -s "$dir/s.log" ]
}

load() {
	start_server s
	expect 0 fetch -n 100 -c 5 --summary json "$base/ok" "$base/big/1" >"$dir/out" || return
	[ ! -s "$dir/out" ] && [ "$(asked s ok)" = 50 ] && [ "$(asked s big)" = 50 ] || return
	summary 's["total"] == 100 and s["latency"]["p99"] > 0' || return
	expect 0 fetch -z 300ms -c 2 -o "$dir/a" "$base/ok" || return
	rows "$dir/a" 'len(rows) >= 1' && says '#' && says p99.9
}

# One at a time, 100 ms each, due every 10 ms: the n-th is late by 90 n ms, which
# the latencies must show.
coordinated_omission() {
	start_server s
	expect 0 fetch -n 10 -c 1 --rate 100/s --summary json "$base/slow/100" || return
	summary 's["latency"]["max"] >= 0.9 and s["latency"]["p50"] >= 0.4'
}

bad_input() {
	expect 2 fetch --concurency 5 x && says "did you mean --concurrency" || return
	expect 2 fetch --conc 5 x && says "did you mean --concurrency" || return
	expect 2 fetch --zzzz x && ! grep -q "did you mean" "$dir/err" || return
	expect 2 fetch -c 0 x && says "from 1 to 100000" || return
	expect 2 fetch --interface eth0 x && says "an address" || return
	expect 2 fetch --rate 5/0s x && expect 2 fetch --rate x x || return
	expect 2 fetch -Q x && says "unknown option -Q" || return
	expect 2 fetch --body file x && says "-D DIR" || return
	expect 2 fetch --resume x && says "-o FILE" || return
	expect 2 fetch --resume --overwrite -o a x || return
	expect 2 fetch -z 1s || return
	expect 2 fetch -I -d a x || return
	expect 2 fetch -q -v x || return
	expect 2 fetch --key k x && says "--cert" || return
	expect 2 fetch -u s3cret x && ! grep -q s3cret "$dir/err" || return
	expect 2 fetch -H 'Content-Length: 5' x || return
	expect 2 fetch --insecure=yes x && says "takes no value" || return
	expect 2 fetch -d "@$dir/none" x && says "$dir/none" || return
	expect 4 fetch --cacert "$dir/none" x && says "$dir/none" || return
	head -c 100000 /dev/urandom >"$dir/random"
	expect 4 fetch -q -i "$dir/random" && says "is binary" || return
	[ "$(wc -l <"$dir/err")" = 1 ] || return
	expect 4 fetch <"$dir/random" && says "stdin is binary" || return
	expect 3 fetch -o "$dir/no/such/place" x && says "$dir/no/such/place" || return
	expect 3 fetch -D /proc/none -o "$dir/a" x && says /proc/none
}

# The list is never emptied as its own output, by whatever name.
one_file_twice() {
	echo http://127.0.0.1:1/ >"$dir/list"
	ln "$dir/list" "$dir/link"
	expect 2 fetch --overwrite -i "$dir/list" -o "$dir/link" && says "one file" || return
	expect 2 fetch --overwrite -i "$dir/list" --errors "$dir/list" -o "$dir/a" && says "one file" || return
	expect 2 fetch --overwrite -i "$dir/list" --errors "$dir/./list" -o "$dir/a" && says "one file" || return
	expect 2 fetch --resume -i "$dir/list" --errors "$dir/link" -o "$dir/a" || return
	[ "$(cat "$dir/list")" = http://127.0.0.1:1/ ]
}

run_cases three_hosts pause_holds_up_nobody host_given_up rate adaptive dedupe \
	fail_under dry_run load coordinated_omission bad_input one_file_twice
