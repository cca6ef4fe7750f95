#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fetch_requests.sh BUILD_DIR - what `cio fetch` sends: curl's options, and
# requests as JSON lines. Prints TAP.
# shellcheck disable=SC2317 # the cases are called by name
# shellcheck source=tests/e2e/fetch_lib.bash
. "$(dirname "$0")/fetch_lib.bash"

# echoed FILE EXPRESSION: over what the server got, as `got`.
echoed() {
	python3 - "$1" "$2" <<-'EOF2'
	import json, sys
	rows = [json.loads(l) for l in open(sys.argv[1])]
	got = [json.loads(r["body"]) for r in sorted(rows, key=lambda r: r["seq"])]
	if not eval("(" + sys.argv[2] + ")"):
	    print("# the server got", got[:3], "and not", sys.argv[2])
	    sys.exit(1)
	EOF2
}

curl_options() {
	start_server s
	expect 0 fetch --body inline -o "$dir/a" -H 'X-One: 1' -H 'X-Two;' -A me \
		-d a=b -d c=d "$base/echo" || return
	echoed "$dir/a" 'got[0]["method"] == "POST" and got[0]["body"] == "a=b&c=d"
	    and got[0]["headers"]["x-one"] == "1" and got[0]["headers"]["x-two"] == ""
	    and got[0]["headers"]["user-agent"] == "me"
	    and got[0]["headers"]["content-type"] == "application/x-www-form-urlencoded"' || return
	printf '1\n2\n' >"$dir/data"
	expect 0 fetch --body inline -o "$dir/b" -X PUT -d "@$dir/data" "$base/echo" || return
	echoed "$dir/b" 'got[0]["method"] == "PUT" and got[0]["body"] == "12"' || return
	expect 0 fetch --body inline -o "$dir/c" --data-binary "@$dir/data" "$base/echo" || return
	echoed "$dir/c" 'got[0]["body"] == "1\n2\n"' || return
	expect 0 fetch --body inline -o "$dir/d" --json '{"a":1}' "$base/echo" || return
	echoed "$dir/d" 'got[0]["body"] == "{\"a\":1}"
	    and got[0]["headers"]["content-type"] == "application/json"
	    and got[0]["headers"]["accept"] == "application/json"' || return
	expect 0 fetch -I -o "$dir/e" "$base/big/1000" || return
	rows "$dir/e" 'rows[0]["size_download"] == 0' && [ "$(asked s '^HEAD')" = 1 ]
}

redirects() {
	start_server s
	expect 0 fetch -o "$dir/a" "$base/redirect/$base/ok" || return
	rows "$dir/a" 'rows[0]["http_code"] == 302 and rows[0]["num_redirects"] == 0' || return
	expect 0 fetch -L -o "$dir/b" "$base/redirect/$base/ok" || return
	rows "$dir/b" 'rows[0]["http_code"] == 200 and rows[0]["num_redirects"] == 1
	    and rows[0]["attempts"] == 1 and rows[0]["effective_url"].endswith("/ok")
	    and not rows[0]["effective_url"].count("redirect")' || return
	expect 1 fetch -L --max-redirs 1 -o "$dir/c" \
		"$base/redirect/$base/redirect/$base/ok" || return
	rows "$dir/c" 'rows[0]["error_kind"] == "redirect"'
}

auth_and_cookies() {
	start_server s
	expect 1 fetch -o "$dir/a" "$base/auth" || return
	expect 0 fetch -o "$dir/b" -u u:p "$base/auth" || return
	expect 0 fetch --body inline -o "$dir/c" --cookie-jar "$dir/jar" "$base/cookie" || return
	rows "$dir/c" 'rows[0]["body"] == "none"' || return
	expect 0 fetch --body inline -o "$dir/d" --cookie-jar "$dir/jar" "$base/cookie" || return
	rows "$dir/d" 'rows[0]["body"] == "id=7"' || return
	[ "$(stat -c %a "$dir/jar")" = 600 ]
}

compressed() {
	start_server s
	expect 0 fetch -o "$dir/a" "$base/gzip" || return
	rows "$dir/a" 'rows[0]["size_wire"] == 10000' || return
	expect 0 fetch --compressed -o "$dir/b" "$base/gzip" || return
	rows "$dir/b" 'rows[0]["size_wire"] < 100 and rows[0]["size_download"] == 10000' || return
	expect 1 fetch --compressed --max-size 5000 -o "$dir/c" "$base/gzip" || return
	rows "$dir/c" 'rows[0]["error_kind"] == "too_large"'
}

resolve() {
	start_server s
	expect 0 fetch -o "$dir/a" --resolve "shop.example:${base##*:}:127.0.0.1" \
		"http://shop.example:${base##*:}/ok" || return
	rows "$dir/a" 'rows[0]["remote_ip"] == "127.0.0.1"'
}

json_lines() {
	start_server s
	cat >"$dir/list" <<-EOF2
	# a list may be mixed
	$base/echo
	{"url": "$base/echo", "body": {"a": [1, "\u00e9"]}}
	{"url": "$base/echo", "method": "PUT", "headers": {"X-A": "b"}, "body": "text"}
	  {"url": "$base/echo", "method": "DELETE"}
	EOF2
	expect 0 fetch --body inline -H 'X-A: all' -i "$dir/list" -o "$dir/a" || return
	echoed "$dir/a" '[g["method"] for g in got] == ["GET", "POST", "PUT", "DELETE"]
	    and json.loads(got[1]["body"]) == {"a": [1, "é"]}
	    and got[1]["headers"]["content-type"] == "application/json"
	    and [g["headers"]["x-a"] for g in got] == ["all", "all", "b", "all"]
	    and got[2]["body"] == "text"' || return
	cat >"$dir/bad" <<-EOF2
	{"url": "$base/ok", "verb": "PUT"}
	{"url": "$base/ok", "method": "FETCH"}
	{"url": "$base/ok",}
	{"method": "GET"}
	{"url": "$base/ok"} {"url": "$base/ok"}
	{"url": "$base/ok", "headers": {"A\\nB": "c"}}
	{"url": "$base/ok", "body": 01}
	$base/ok
	EOF2
	expect 1 fetch -i "$dir/bad" -o "$dir/b" || return
	rows "$dir/b" 'len(rows) == 8 and sum(r["ok"] for r in rows) == 1
	    and all(r["error_kind"] == "url" and "line %d is no request" % r["seq"] in r["error"]
	            for r in rows if not r["ok"])' || return
	[ "$(asked s /ok)" = 1 ]
}

# A text of no bytes is that, and not what the memory held before.
empty_texts() {
	start_server s
	cat >"$dir/list" <<-EOF2
	{"url": "$base/echo", "body": "", "headers": {"X-A": "", "X-B": ""}}
	{"url": ""}
	{"url": "$base/echo", "method": ""}
	EOF2
	expect 1 env MALLOC_PERTURB_=165 "$cio" fetch --body inline -i "$dir/list" \
		-o "$dir/a" 2>"$dir/err" || return
	# shellcheck disable=SC2016 # the text has them
	rows "$dir/a" 'sorted((r["seq"], r["error"]) for r in rows)[1:] == [
	    (2, "line 2 is no request: `url` is missing"),
	    (3, "line 3 is no request: no such method")]' || return
	grep '"seq":1,' "$dir/a" >"$dir/one"
	echoed "$dir/one" 'got[0]["method"] == "POST" and got[0]["body"] == ""
	    and got[0]["headers"]["x-a"] == "" and got[0]["headers"]["x-b"] == ""'
}

thousand_posts() {
	start_server s
	python3 -c "
import json
for i in range(1000):
    print(json.dumps({'url': '$base/echo', 'body': {'n': i, 'text': 'x' * (i % 100)}}))
" >"$dir/list"
	expect 0 fetch -c 20 --body inline -i "$dir/list" -o "$dir/a" || return
	echoed "$dir/a" '[json.loads(g["body"])["n"] for g in got] == list(range(1000))' || return
	[ "$(asked s '^POST')" = 1000 ]
}

retries() {
	start_server s
	expect 0 fetch -o "$dir/a" "$base/first/a" || return
	rows "$dir/a" 'rows[0]["attempts"] == 2' || return
	expect 1 fetch --retry-on 500 -o "$dir/b" "$base/first/b" || return
	expect 1 fetch -d x -o "$dir/c" "$base/first/c" || return
	expect 0 fetch -d x --retry-unsafe -o "$dir/d" "$base/first/d" || return
	expect 1 fetch -r 0 -o "$dir/e" "$base/first/e" || return
	expect 1 fetch -r 1000 --retry-max-time 500ms -o "$dir/f" "$base/status/503" || return
	rows "$dir/f" '1 < rows[0]["attempts"] < 100'
}

# From an address that counts as public to one that does not, in a network of our
# own.
private_redirects() {
	unshare -rn true 2>/dev/null || { skip "no network of our own here"; return; }
	# shellcheck disable=SC2016 # it is expanded inside
	unshare -rn bash -c '
		ip link set lo up && ip addr add 8.8.4.4/32 dev lo || exit 9
		. "$0" "$1"
		dir=$2
		start_server private
		private=$base
		start_server public 8.8.4.4
		expect 1 fetch -L -r 0 -o "$dir/a" "$base/redirect/$private/ok" || exit
		rows "$dir/a" "rows[0][\"error_kind\"] == \"blocked\" and
		    \"redirected\" in rows[0][\"error\"]" || exit
		# nor over a connection that is there, as the user named that host, too
		printf "%s\n" "$private/ok" "$base/redirect/$private/ok?2" >"$dir/list"
		expect 1 fetch -L -c 1 -r 0 -i "$dir/list" -o "$dir/b" || exit
		rows "$dir/b" "rows[0][\"ok\"] and rows[1][\"error_kind\"] == \"blocked\"" || exit
		expect 0 fetch -L --allow-private -o "$dir/c" "$base/redirect/$private/ok" || exit
		expect 0 fetch -L -o "$dir/d" "$private/redirect/$private/ok"
	' "$here/fetch_lib.bash" "$build" "$dir"
}

run_cases curl_options redirects auth_and_cookies compressed resolve json_lines empty_texts \
	thousand_posts retries private_redirects
