#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fetch_results.sh BUILD_DIR - what becomes of the results of `cio fetch`: forms,
# --resume, interrupts, --errors, bodies, disks that are full. Prints TAP.
# shellcheck disable=SC2317 # the cases are called by name
# shellcheck disable=SC2012,SC2013,SC2015 # names and words are plain; meant so
# shellcheck source=tests/e2e/fetch_lib.bash
. "$(dirname "$0")/fetch_lib.bash"

list() { seq "$1" "$2" | sed "s|.*|$base/${3-ok}/&|"; }

csv() {
	start_server s
	list 1 50 >"$dir/list"
	echo 'http://bad host/a,"b"' >>"$dir/list"
	expect 1 fetch -i "$dir/list" -o "$dir/a.csv" || return
	python3 - "$dir/a.csv" <<-'EOF2'
	import csv, sys
	rows = list(csv.DictReader(open(sys.argv[1], newline="")))
	assert len(rows) == 51, len(rows)
	assert sum(r["ok"] == "true" for r in rows) == 50
	bad = [r for r in rows if r["ok"] == "false"][0]
	assert bad["url"] == 'http://bad host/a,"b"', bad
	assert bad["error_kind"] == "url" and bad["content_type"] == ""
	EOF2
}

sqlite() {
	start_server s
	list 1 1200 >"$dir/list"
	list 1 3 status/404 >>"$dir/list"
	expect 1 fetch -c 20 -i "$dir/list" -o "$dir/a.db" || return
	[ "$(sqlite3 "$dir/a.db" 'select count(*), sum(ok), max(seq), count(distinct url) from results')" \
		= "1203|1200|1203|1203" ] || return
	[ "$(sqlite3 "$dir/a.db" "select http_code, error_kind, count(*) from results where not ok group by 1, 2")" \
		= "404|http|3" ] || return
	[ "$(sqlite3 "$dir/a.db" 'select count(*), count(ended) from runs')" = "1|1" ] || return
	[ "$(sqlite3 "$dir/a.db" 'pragma journal_mode')" = wal ] || return
	[ "$(sqlite3 "$dir/a.db" "select typeof(time_total), typeof(http_code), typeof(ts), content_type from results limit 1")" \
		= "real|integer|text|text/plain" ] || return
	# another run goes beside the first
	expect 0 fetch -o "$dir/a.db" "$base/ok" || return
	[ "$(sqlite3 "$dir/a.db" 'select run, count(*) from results group by 1')" = "1|1203
2|1" ] || return
	echo "this is no database, but a text that is long enough" >"$dir/b.db"
	expect 3 fetch -o "$dir/b.db" "$base/ok" && says "not a database"
}

# stopped SIGNAL NAME [OPTION...]: a run of 300 slow URLs, stopped in the middle.
stopped() {
	local signal=$1 name=$2 pid code=0
	shift 2
	list 1 300 slow/20 >"$dir/list"
	"$cio" fetch -c 4 -i "$dir/list" -o "$dir/$name" "$@" 2>"$dir/err" &
	pid=$!
	pids+=("$pid")
	until [ "$(asked s slow)" -ge "${enough-100}" ]; do sleep 0.05; done
	kill "-$signal" "$pid"
	wait "$pid" || code=$?
	echo "$code" >"$dir/code"
}

resumed_jsonl() {
	start_server s
	stopped INT a.jsonl
	[ "$(cat "$dir/code")" = 130 ] && says "--resume" || return
	local before
	before=$(wc -l <"$dir/a.jsonl")
	[ "$before" -ge 80 ] && [ "$before" -lt 300 ] || return
	cp "$dir/a.jsonl" "$dir/before"
	expect 0 fetch --resume -c 4 -i "$dir/list" -o "$dir/a.jsonl" || return
	says "$before had their rows already" || return
	cmp -n "$(stat -c %s "$dir/before")" "$dir/before" "$dir/a.jsonl" || return
	rows "$dir/a.jsonl" 'sorted(r["seq"] for r in rows) == list(range(1, 301))
	    and len({r["url"] for r in rows}) == 300' || return
	# and once more: nothing is left to do
	: >"$dir/s.log"
	expect 0 fetch --resume -c 4 -i "$dir/list" -o "$dir/a.jsonl" || return
	[ "$(asked s slow)" = 0 ]
}

# What was written within the last second may be lost, nothing else; and what was
# written in part is cut.
killed() {
	start_server s
	local name enough
	for name in k.jsonl k.csv k.db; do
		enough=100
		[ $name != k.db ] || enough=280 # more than a second's
		: >"$dir/s.log"
		stopped KILL "$name" 2>/dev/null
		[ "${name##*.}" = db ] || printf '{"seq":299,"url":"http' >>"$dir/$name"
		expect 0 fetch --resume -c 4 -i "$dir/list" -o "$dir/$name" || return
		says "had their rows already" || return
		[ "$(asked s slow)" -le 520 ] || { echo "# $name: $(asked s slow)"; return 1; }
	done
	rows "$dir/k.jsonl" 'sorted(r["seq"] for r in rows) == list(range(1, 301))' || return
	[ "$(sqlite3 "$dir/k.db" 'select count(*), count(distinct seq), max(run) from results')" \
		= "300|300|1" ] || return
	python3 - "$dir/k.csv" <<-'EOF2'
	import csv, sys
	rows = list(csv.DictReader(open(sys.argv[1], newline="")))
	assert sorted(int(r["seq"]) for r in rows) == list(range(1, 301)), len(rows)
	EOF2
}

other_list() {
	start_server s
	list 1 20 >"$dir/list"
	expect 0 fetch -i "$dir/list" -o "$dir/a" || return
	cp "$dir/a" "$dir/before"
	{ echo "$base/new"; cat "$dir/list"; } >"$dir/changed"
	expect 3 fetch --resume -i "$dir/changed" -o "$dir/a" || return
	says "list has changed" && cmp "$dir/a" "$dir/before" || return
	expect 3 fetch --resume -i - -o "$dir/a" <"$dir/changed" || return
	says "not of this list" || return
	cp "$dir/before" "$dir/a"
	# more at its end is well
	echo "$base/new" >>"$dir/list"
	expect 0 fetch --resume -i "$dir/list" -o "$dir/a" || return
	rows "$dir/a" 'len(rows) == 21' || return
	echo "dear diary" >"$dir/diary"
	expect 3 fetch --resume -i "$dir/list" -o "$dir/diary" || return
	says "line 1 is not a row" && [ "$(cat "$dir/diary")" = "dear diary" ]
}

# In a row, bytes that are no UTF-8 are U+FFFD: the list is the same nevertheless.
other_bytes() {
	start_server s
	printf '%s/a\xff\xfeb\n%s/\xc3\xa9\n' "$base" "$base" >"$dir/list"
	local name
	for name in o.jsonl o.csv o.db; do
		expect 0 fetch -i "$dir/list" -o "$dir/$name" || return
		expect 0 fetch --resume -i "$dir/list" -o "$dir/$name" || return
		says "2 had their rows already" || return
		expect 0 fetch --resume -i - -o "$dir/$name" <"$dir/list" || return
	done
	python3 - "$dir" "$base" <<-'EOF2'
	import csv, json, sqlite3, sys
	where, base = sys.argv[1:]
	want = [base + "/a\ufffd\ufffdb", base + "/\u00e9"]
	lines = [json.loads(s)["url"] for s in open(where + "/o.jsonl")]
	with open(where + "/o.csv", encoding="utf-8", newline="") as f:
	    fields = [r["url"] for r in csv.DictReader(f)]
	db = sqlite3.connect(where + "/o.db")
	cells = [r[0] for r in db.execute("select url from results")]
	sys.exit(not sorted(lines) == sorted(fields) == sorted(cells) == sorted(want))
	EOF2
}

resumed_pipe() {
	mkfifo "$dir/rows"
	expect 3 timeout -k 1 20 "$cio" fetch --resume -o "$dir/rows" http://127.0.0.1:9/ \
		2>"$dir/err" && says 'no file that holds rows'
}

errors_fed_back() {
	start_server s
	{ list 1 10; list 1 10 first; echo "{\"url\": \"$base/first/post\", \"body\": 1}"; } >"$dir/list"
	expect 1 fetch -r 0 -i "$dir/list" -o "$dir/a" --errors "$dir/failed" || return
	[ "$(wc -l <"$dir/failed")" = 11 ] || return
	expect 0 fetch -r 0 -i "$dir/failed" -o "$dir/b" --errors "$dir/again" || return
	rows "$dir/b" 'len(rows) == 11' && [ ! -s "$dir/again" ] || return
	[ "$(asked s '^POST /first/post')" = 2 ]
}

# What failed before it was interrupted counts at the end.
failures_before() {
	start_server s
	local form
	printf '%s\n' "$base/ok" "$base/status/404" >"$dir/list"
	for form in jsonl csv db; do
		expect 1 fetch -i "$dir/list" -o "$dir/a.$form" || return
		expect 1 fetch --resume -i "$dir/list" -o "$dir/a.$form" || return
		says "2 had their rows already, 1 of them ok" || return
		expect 0 fetch --fail-under 50 --resume -i "$dir/list" -o "$dir/a.$form" || return
	done
}

output_exists() {
	start_server s
	expect 0 fetch -o "$dir/a" "$base/ok" || return
	cp "$dir/a" "$dir/before"
	expect 3 fetch -o "$dir/a" "$base/ok" || return
	says "--overwrite" && cmp "$dir/a" "$dir/before" || return
	expect 0 fetch --overwrite -o "$dir/a" "$base/ok/2" || return
	rows "$dir/a" 'len(rows) == 1 and "2" in by'
}

bodies() {
	start_server s
	mkdir "$dir/d"
	touch "$dir/d/.cio-999999999-7.part" # of a killed run
	expect 0 fetch -D "$dir/d" -o "$dir/a" "$base/big/200000" "$base/ok" "$base/cut/1" || return
	rows "$dir/a" 'by["200000"]["sha256"] == __import__("hashlib").sha256(b"x" * 200000).hexdigest()
	    and by["1"]["attempts"] == 2 and by["1"]["size_download"] == 400000
	    and all(len(open(r["body_file"]).read()) == r["size_download"] for r in rows)' || return
	[ "$(ls -A "$dir/d")" = "1-127.0.0.1_${base##*:}
2-127.0.0.1_${base##*:}
3-127.0.0.1_${base##*:}" ] || { ls -A "$dir/d"; return 1; }
	expect 0 fetch --body hash -o "$dir/b" "$base/ok" || return
	rows "$dir/b" 'rows[0]["sha256"] == __import__("hashlib").sha256(b"ok\n").hexdigest()' || return
	expect 1 fetch -r 0 -D "$dir/e" --name '{sha256}.txt' -o "$dir/c" "$base/ok" "$base/cut/2" || return
	rows "$dir/c" 'by["2"]["error_kind"] == "reset" and by["2"]["body_file"] is None' || return
	[ "$(ls -A "$dir/e" | wc -l)" = 1 ] || return
	expect 0 fetch --body inline -o "$dir/f" "$base/binary" "$base/ok" || return
	rows "$dir/f" 'by["binary"]["body_base64"] == "/wD+" and by["ok"]["body"] == "ok\n"'
}

interrupted_body() {
	start_server s
	"$cio" fetch -D "$dir/d" -o "$dir/a" "$base/ok" "$base/slow/60000" 2>"$dir/err" &
	local pid=$! code=0
	pids+=("$pid")
	await "$dir/a" '"http_code":200'
	kill -INT "$pid"
	wait "$pid" || code=$?
	[ "$code" = 130 ] && [ "$(ls -A "$dir/d" | wc -l)" = 1 ] && rows "$dir/a" 'len(rows) == 1'
}

# A file system of 256 KiB, where we may make one; else a limit of file sizes.
full_disk() {
	start_server s
	list 1 3000 >"$dir/list"
	mkdir "$dir/small"
	local disk=no form code
	mount -t tmpfs -o size=256k none "$dir/small" 2>/dev/null && disk=yes
	for form in jsonl csv db; do
		code=0
		if [ $disk = yes ]; then
			fetch -i "$dir/list" -o "$dir/small/a.$form" || code=$?
		else
			(ulimit -f 128 && fetch -i "$dir/list" -o "$dir/small/a.$form") || code=$?
		fi
		[ "$code" = 3 ] && says "cannot write" && says "a.$form" || { code=bad; break; }
		case $form in
		jsonl) rows "$dir/small/a.jsonl" '100 < len(rows) < 3000' || code=bad ;;
		csv) python3 -c "
import csv
rows = list(csv.DictReader(open('$dir/small/a.csv', newline='')))
assert 100 < len(rows) < 3000 and all(r['ts'] for r in rows)" || code=bad ;;
		db) ;; # SQLite's own business
		esac
		rm -f "$dir/small"/*
	done
	if [ "$code" = 3 ] && [ $disk = yes ]; then
		code=0
		fetch -D "$dir/small/d" -o "$dir/rows" "$base/big/100000" "$base/big/100000/2" \
			"$base/big/100000/3" -c 1 || code=$?
		[ "$code" = 3 ] && says "cannot write" && ! ls "$dir/small/d"/.cio-* 2>/dev/null || code=bad
	fi
	[ $disk = no ] || umount "$dir/small"
	[ "$code" = 3 ]
}

run_cases csv sqlite resumed_jsonl killed other_list other_bytes resumed_pipe errors_fed_back failures_before \
	output_exists bodies interrupted_body full_disk
