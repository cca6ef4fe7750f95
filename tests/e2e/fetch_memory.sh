#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fetch_memory.sh BUILD_DIR - what `cio fetch` needs for a long list, and for many
# requests at once. With CIO_WHOLE=1 the list has ten million lines. Prints TAP.
# shellcheck disable=SC2034,SC2317 # a descriptor is held; the cases are called by name
# shellcheck source=tests/e2e/fetch_lib.bash
. "$(dirname "$0")/fetch_lib.bash"

sanitized() { grep -q -e __asan_init -e __tsan_init "$cio"; }

# Of the last --summary json, in KiB.
peak() {
	tail -n 1 "$dir/err" | python3 -c '
import json, sys
print(round(json.load(sys.stdin)["memory_mb"] * 1024))'
}

# items URL N: a list of so many lines.
items() { seq 1 "$2" | awk -v u="$1" '{print u "/prices/" $1 % 1000 + 1}'; }

# What is resident does not depend on the length of the list.
long_list() {
	! sanitized || { skip "a sanitizer's memory is not ours"; return; }
	local n=200000 free url small large
	if [ -n "${CIO_WHOLE-}" ]; then
		n=10000000
		free=$(df --output=avail -k "$dir" | tail -n 1)
		[ "$free" -gt 8000000 ] || { skip "8 GB of rows do not fit"; return; }
	fi
	"$build/examples/prices" --port 0 --delay 0 >"$dir/service" 2>&1 &
	pids+=($!)
	disown
	await "$dir/service" '^prices: http'
	url=$(sed -n 's|^prices: \(http://[^/]*\)/.*|\1|p' "$dir/service")
	items "$url" "$n" >"$dir/list"
	head -n 20000 "$dir/list" >"$dir/short"
	expect 0 fetch --summary json -i "$dir/short" -o "$dir/a" || return
	small=$(peak)
	expect 0 fetch --summary json -i "$dir/list" -o "$dir/b" || return
	large=$(peak)
	echo "# $small KiB for 20000 lines, $large KiB for $n"
	[ "$(wc -l <"$dir/b")" = "$n" ] || return
	rm "$dir/b" "$dir/list"
	[ "$large" -le $((small + 1024)) ]
}

# Ten thousand that are answered only when all of them wait; twice, since those
# behind them in the list must cost nothing meanwhile.
ten_thousand_at_once() {
	! sanitized || { skip "a sanitizer cannot hold so many stacks"; return; }
	[ "$(ulimit -Hn)" -ge 10100 ] ||
		{ skip "no more than $(ulimit -Hn) descriptors"; return; }
	local base url idle all n=10000
	start_server s
	expect 0 fetch --summary json -o "$dir/a" "$base/ok" || return
	idle=$(peak)
	mkfifo "$dir/hold"
	"$here/barrier_server.py" "$n" <"$dir/hold" >"$dir/port" 2>"$dir/barrier.err" &
	pids+=($!)
	disown
	exec {hold}>"$dir/hold"
	await "$dir/port" .
	url=http://127.0.0.1:$(cat "$dir/port")
	items "$url" $((2 * n)) >"$dir/list"
	expect 0 fetch -c "$n" -r 0 --summary json -i "$dir/list" -o "$dir/b" || return
	all=$(peak)
	echo "# $idle KiB for one, $all KiB for $n at once"
	rows "$dir/b" "len(rows) == 2 * $n and all(r['ok'] for r in rows)" || return
	[ $(((all - idle) / n)) -lt 12 ]
}

run_cases long_list ten_thousand_at_once
