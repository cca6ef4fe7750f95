#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fetch_options.sh BUILD_DIR - the options of `cio fetch` as people give them: what
# is wrong is said in their words, and before anything is sent. Prints TAP.
# shellcheck disable=SC2317,SC2034 # cases are called by name, descriptors held
# shellcheck source=tests/e2e/fetch_lib.bash
. "$(dirname "$0")/fetch_lib.bash"

# Names of the library's options, which nobody can give here.
ours='ca_file|ca_path|certificate_file|key_file|pin_sha256|max_body|max_wire|max_head'
ours+='|[a-z]+_timeout|as .auth|no_private|local_address|user_agent|base_url|session'

# refused TEXT OPTION...: a wrong command line; nothing is sent.
refused() {
	local text=$1
	shift
	expect 2 fetch "$@" </dev/null || return
	says "$text" || return
	[ "$(wc -l <"$dir/err")" = 1 ] || { echo "# more than a line"; cat "$dir/err"; return 1; }
	[ ! -s "$dir/s.log" ] || { echo "# something was sent"; return 1; }
}

# error_of FILE TEXT: the first row's error has it, and no name of ours.
error_of() {
	rows "$1" "'''$2''' in rows[0]['error']" || return
	rows "$1" "not re.search('$ours', rows[0]['error'])"
}

# make_certificates: ca.pem, and good.pem with good.key, other.key.
make_certificates() {
	local name
	for name in good other; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
			-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
			-keyout "$dir/$name.key" -out "$dir/$name.pem" 2>"$dir/openssl.err" || return
	done
}

# start_tls OPTION...: an https server; sets tls.
start_tls() {
	mkfifo "$dir/tls.hold" && exec {hold}<>"$dir/tls.hold"
	openssl s_server -accept 127.0.0.1:0 -www -cert "$dir/good.pem" -key "$dir/good.key" "$@" \
		<"$dir/tls.hold" >"$dir/tls.out" 2>&1 &
	pids+=($!)
	disown
	await "$dir/tls.out" '^ACCEPT'
	tls=https://$(sed -n 's/^ACCEPT //p' "$dir/tls.out")
}

own_words() {
	start_server s
	expect 1 fetch -r 0 --max-size 10 -o "$dir/a" "$base/big/11" || return
	error_of "$dir/a" 'larger than 10 bytes (--max-size)' || return
	expect 1 fetch -r 0 -m 100ms -o "$dir/b" "$base/slow/3000" || return
	error_of "$dir/b" 'not done within the --timeout of 100 ms' || return
	expect 1 fetch --total-time 100ms -o "$dir/c" "$base/slow/3000" || return
	error_of "$dir/c" 'not done within the --total-time of 100 ms' || return
	expect 4 fetch -r 0 --interface 192.0.2.1 -o "$dir/d" "$base/ok" || return
	error_of "$dir/d" '--interface 192.0.2.1' || return
	expect 4 fetch -o "$dir/e" "http://u:p@${base#http://}/ok" || return
	error_of "$dir/e" 'use -u' || return
	expect 1 fetch -L -o "$dir/f" "$base/redirect/http://u:p@${base#http://}/ok" || return
	error_of "$dir/f" 'a name and password' || return
	echo "{\"url\": \"$base/ok\", \"headers\": {\"expect\": \"100-continue\"}}" >"$dir/list"
	expect 4 fetch -i "$dir/list" -o "$dir/h" || return
	error_of "$dir/h" 'are set by cio itself' || return
	expect 1 fetch -r 0 -o "$dir/g" "$base/manyheaders" || return
	error_of "$dir/g" 'headers of'
}

own_words_of_tls() {
	make_certificates && start_tls || return
	expect 1 fetch -r 0 -o "$dir/a" "$tls/" || return
	error_of "$dir/a" 'give it as --cacert' || return
	expect 0 fetch -r 0 --cacert "$dir/good.pem" -o "$dir/b" "$tls/" || return
	expect 1 fetch -r 0 --cacert "$dir/good.pem" -o "$dir/c" \
		--pinnedpubkey sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= "$tls/" || return
	error_of "$dir/c" 'its key is none of --pinnedpubkey: it is sha256//' || return
	local pin
	pin=$(grep -o 'sha256//[A-Za-z0-9+/]*=' "$dir/c")
	expect 0 fetch -k --pinnedpubkey "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;$pin" \
		-o "$dir/d" "$tls/" || return
	expect 4 fetch --pinnedpubkey sha256//short -o "$dir/e" "$tls/" || return
	says '--pinnedpubkey "sha256//short": must be the base64 of 32 bytes' || return
	# a server that says nothing during the handshake
	mkfifo "$dir/silent.hold" && exec {hold}<>"$dir/silent.hold"
	python3 -c 'import socket, sys; s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True); sys.stdin.read()' <"$dir/silent.hold" >"$dir/silent" &
	pids+=($!)
	disown
	await "$dir/silent" .
	expect 1 fetch -r 0 --connect-timeout 200ms -o "$dir/f" "https://127.0.0.1:$(cat "$dir/silent")/" || return
	error_of "$dir/f" 'not done within the --connect-timeout of 200 ms'
}

certificate_wanted() {
	make_certificates && start_tls -Verify 1 -CAfile "$dir/good.pem" || return
	expect 1 fetch -k -r 0 -o "$dir/a" "$tls/" || return
	rows "$dir/a" "'--cert' in rows[0]['error'] or rows[0]['error_kind'] == 'reset'" || return
	expect 0 fetch -k -r 0 --cert "$dir/good.pem" --key "$dir/good.key" -o "$dir/b" "$tls/"
}

# Files that are no certificate or no key: exit 4, a line, nothing asked.
certificates_first() {
	start_server s
	make_certificates || return
	expect 4 fetch --cert "$dir/good.pem" -o "$dir/a" "$base/ok" || return
	says "--cert $dir/good.pem: no key in it: give --key" || return
	expect 4 fetch --cert "$dir/good.pem" --key "$dir/other.key" -o "$dir/a" "$base/ok" || return
	says "--key $dir/other.key: the key is not that of the certificate" || return
	expect 4 fetch --cert "$dir/nope.pem" -o "$dir/a" "$base/ok" || return
	says "--cert $dir/nope.pem: No such file" || return
	expect 4 fetch --cert "$dir/good.pem" --key "$dir/nope.key" -o "$dir/a" "$base/ok" || return
	says "--key $dir/nope.key: No such file" || return
	expect 4 fetch --cert "$dir" -o "$dir/a" "$base/ok" || return
	says "--cert $dir: " || return
	openssl ec -in "$dir/good.key" -aes128 -passout pass:x -out "$dir/locked.key" 2>"$dir/openssl.err" || return
	expect 4 fetch --cert "$dir/good.pem" --key "$dir/locked.key" -o "$dir/a" "$base/ok" || return
	says "--key $dir/locked.key: it has a password" || return
	expect 4 fetch --cacert "$dir/good.key" -o "$dir/a" "$base/ok" || return
	says "--cacert $dir/good.key: no PEM in it" || return
	! grep -qE "$ours" "$dir/err" && [ ! -s "$dir/s.log" ] && [ ! -s "$dir/a" ] || return
	cat "$dir/good.key" >>"$dir/good.pem"
	expect 0 fetch --cert "$dir/good.pem" -o "$dir/a" "$base/ok"
}

# An answer that fails after its head has its status and what came of it.
late_failures() {
	start_server s
	expect 1 fetch -r 0 --compressed --max-size 500000 -o "$dir/a" \
		"$base/cutoff" "$base/big/500001" "$base/badgzip" || return
	rows "$dir/a" 'all(r["http_code"] == 200 and not r["ok"] and r["http_version"] == "1.1" for r in rows)
	    and sorted(r["error_kind"] for r in rows) == ["protocol", "reset", "too_large"]
	    and by["cutoff"]["size_download"] == 200000' || return
	expect 1 fetch -r 0 -D "$dir/bodies" -o "$dir/b" "$base/cutoff" || return
	rows "$dir/b" 'rows[0]["http_code"] == 200 and rows[0]["size_download"] == 200000' || return
	expect 1 fetch -r 0 -o "$dir/c" "$base/mute" || return
	rows "$dir/c" 'rows[0]["http_code"] == 0 and rows[0]["http_version"] is None'
}

redirects_none() {
	start_server s
	expect 1 fetch -L --max-redirs 0 -o "$dir/a" "$base/redirect/$base/ok" || return
	rows "$dir/a" 'rows[0]["error_kind"] == "redirect" and rows[0]["http_code"] == 302
	    and rows[0]["num_redirects"] == 0' || return
	expect 1 fetch -L --max-redirs 0 -D "$dir/bodies" -o "$dir/b" "$base/redirect/$base/ok" || return
	[ "$(ls -A "$dir/bodies")" = "" ] && [ "$(asked s ' /ok')" = 0 ] || return
	expect 0 fetch -L --max-redirs 0 -o "$dir/c" "$base/ok"
}

# Where cookies cannot be kept, that is known before the first request, and a
# jar is not harmed by the attempt.
jar_first() {
	start_server s
	expect 3 fetch --cookie-jar /nope/jar -o "$dir/a" "$base/cookie" || return
	says '--cookie-jar /nope/jar: No such file' || return
	expect 4 fetch --cookie-jar /dev/null -o "$dir/a" "$base/cookie" || return
	says '--cookie-jar /dev/null: not a plain file' || return
	expect 4 fetch --cookie-jar "$dir" -o "$dir/a" "$base/cookie" || return
	says "--cookie-jar $dir: Is a directory" || return
	echo junk >"$dir/junk"
	expect 4 fetch --cookie-jar "$dir/junk" -o "$dir/a" "$base/cookie" || return
	says "$dir/junk:1: " && [ "$(cat "$dir/junk")" = junk ] && [ ! -s "$dir/s.log" ] || return
	expect 0 fetch --cookie-jar "$dir/jar" -o "$dir/b" "$base/cookie" || return
	expect 2 fetch --cookie-jar "$dir/jar" -o "$dir/jar" "$base/cookie" || return
	grep -q 'id.7' "$dir/jar" || return
	expect 3 fetch --cookie-jar "$dir/jar" -o /nope/rows "$base/cookie" || return
	grep -q 'id.7' "$dir/jar"
}

conflicts() {
	start_server s
	: >"$dir/list"
	refused '-d sends a form and --json JSON' -d a --json b "$base/" || return
	refused '-d sends a form and --json JSON' --json b --data-binary a "$base/" || return
	refused '-k accepts any certificate and --cacert' -k --cacert x "$base/" || return
	refused '-D is for --body file' --body none -D "$dir/d" "$base/" || return
	refused '-D is for --body file' -D "$dir/d" --body inline "$base/" || return
	refused '-I asks for heads' -I --body hash "$base/" || return
	refused '-I asks for heads' -I -D "$dir/d" "$base/" || return
	refused '-q and -v' -q -v "$base/" || return
	refused '-q says no summary' -q --summary json "$base/" || return
	refused '-q shows no progress' -q --progress always "$base/" || return
	refused '--histogram is a part of the summary' -q --histogram "$base/" || return
	refused '--resume goes on with a file' --resume "$base/" || return
	refused '--dry-run shows the whole list' --dry-run --resume -o "$dir/a" "$base/" || return
	refused '--errors and -o are one file' --errors "$dir/new" -o "$dir/../conflicts/new" "$base/" || return
	refused '--errors and -o are one file' --errors - "$base/" || return
	refused '-i and -o are one file' -i "$dir/list" -o "$dir/./list" || return
	refused 'a second list' -i "$dir/list" -i "$dir/list" || return
	refused 'are both stdin' -d @- || return
	refused 'are both stdin' -d @- -i - || return
	refused 'stdin is read already' -d @- -d @- "$base/" || return
	refused '-u and --oauth2-bearer' --digest --oauth2-bearer x "$base/" || return
	refused '-u and --oauth2-bearer' --oauth2-bearer x -u a:b "$base/" || return
	refused "-H 'Authorization: ...'" -u a:b -H 'authorization: x' "$base/" || return
	refused "-A and -H 'User-Agent: ...'" -A a -H 'User-Agent: x' "$base/" || return
	refused '--name knows {seq}, {host} and {sha256} only' --name '{seq}{date}' -D "$dir/d" "$base/" || return
	refused '--name is too long' --name '{seq}{host}{host}{host}' -D "$dir/d" "$base/" || return
	refused 'at most 107 bytes' --unix-socket "$(printf '%0300d' 0)" "$base/" || return
	refused '- is no URL: -i - reads' - || return
	refused '--key is the key of --cert' --key x "$base/" || return
	expect 0 fetch -X GET -d x -o "$dir/b" "$base/ok" # as with curl
}

# What to do is said where it helps: a full disk, and no other failure.
write_failures() {
	start_server s
	expect 3 fetch -o /dev/full "$base/ok" && says 'make room, then --resume' || return
	expect 3 fetch "$base/ok" >/dev/full && ! grep -q 'resume' "$dir/err" || return
	expect 3 fetch -D /proc -o "$dir/a" "$base/ok" && says 'cannot write /proc/' &&
		! grep -q 'make room' "$dir/err" || return
	expect 3 fetch --errors /dev/full -r 0 -o "$dir/b" "$base/status/500" && says /dev/full || return
	expect 3 fetch -D "$0" -o "$dir/c" "$base/ok" && says "cannot write into $0: Not a directory" || return
	expect 3 fetch -o "$dir" "$base/ok" && says "$dir: Is a directory" || return
	expect 3 fetch "$base/ok" >&- && says 'cannot write stdout' || return
	expect 0 fetch -o "$dir/d" "$base/ok" <&-
}

# A list as other systems write it.
odd_lists() {
	start_server s
	printf '\xef\xbb\xbf%s/ok\r\n\r\n  # no\r\n%s/ok' "$base" "$base" >"$dir/crlf"
	expect 0 fetch -i "$dir/crlf" -o "$dir/a" || return
	rows "$dir/a" 'len(rows) == 2 and all(r["url"].endswith("/ok") for r in rows)' || return
	printf '%s/ok\0\n' "$base" >"$dir/nul"
	expect 4 fetch -i "$dir/nul" -o "$dir/b" && says 'is binary' || return
	{ printf '%s/' "$base"; head -c 1000000 /dev/zero | tr '\0' a; printf '\n%s/ok\n' "$base"; } >"$dir/long"
	expect 1 fetch -i "$dir/long" -o "$dir/c" && rows "$dir/c" 'sum(r["ok"] for r in rows) == 1' || return
	head -c 2000000 /dev/zero | tr '\0' a >"$dir/longer"
	expect 4 fetch -i "$dir/longer" -o "$dir/d" && says 'line 1 is over 1048576 bytes' || return
	expect 4 fetch -i "$dir" -o "$dir/e" && says 'Is a directory' || return
	expect 4 fetch -o "$dir/f" <&- && says 'cannot read stdin'
}

# As it was given: -c, not --concurrency.
values() {
	start_server s
	refused '-c 0: a number from 1 to 100000' -c 0 "$base/" || return
	refused '--concurrency -1: a number from 1 to 100000' --concurrency=-1 "$base/" || return
	refused '-r 99999999999999999999: a number from 0 to 1000' -r 99999999999999999999 "$base/" || return
	refused '-m inf: it takes TIME: 30, 1.5, 500ms, 5m, 1h' -m inf "$base/" || return
	refused '--max-size -1: it takes SIZE' --max-size -1 "$base/" || return
	refused '--max-size 1e99: it takes SIZE' --max-size 1e99 "$base/" || return
	refused '-o : it takes FILE' -o '' "$base/" || return
	refused '-A needs NAME' -A || return
	refused '-A ' -A $'a\nb' "$base/" || return
	refused 'one of these at most' -H 'Host: a' -H 'host: b' "$base/" || return
	refused '-u ...: control bytes' -u $'a\n:b' "$base/" || return
	refused '--oauth2-bearer ...: ' --oauth2-bearer 'a b' "$base/" || return
	refused '-d @/nope: cannot read /nope: No such file' -d @/nope "$base/" || return
	refused "Is a directory" -d "@$dir" "$base/" || return
	refused '--retry-on 5x: statuses' --retry-on 5x "$base/" || return
	refused '--retry-on : statuses' --retry-on '' "$base/"
}

retry_on() {
	start_server s
	local closed=http://127.0.0.1:1/
	expect 1 fetch --retry-on 5xx,429 -r 2 -o "$dir/a" "$base/status/599" "$base/status/404" "$base/mute" || return
	rows "$dir/a" '[r["attempts"] for r in sorted(rows, key=lambda r: r["seq"])] == [3, 1, 1]' || return
	expect 1 fetch --retry-on reset -r 2 -o "$dir/b" "$base/status/503" "$base/mute" "$closed" || return
	rows "$dir/b" '[r["attempts"] for r in sorted(rows, key=lambda r: r["seq"])] == [1, 3, 1]' || return
	expect 4 fetch --retry-on none -o "$dir/c" "$closed" || return
	rows "$dir/c" 'rows[0]["attempts"] == 1' || return
	expect 4 fetch --retry-on connect -r 1 -o "$dir/d" "$closed" || return
	rows "$dir/d" 'rows[0]["attempts"] == 2' || return
	expect 1 fetch --retry-on timeout -m 50ms -r 1 -o "$dir/e" "$base/slow/500" || return
	rows "$dir/e" 'rows[0]["attempts"] == 2' || return
	expect 1 fetch --retry-on protocol -r 1 --compressed -o "$dir/f" "$base/badgzip" || return
	rows "$dir/f" 'rows[0]["attempts"] == 2' || return
	expect 1 fetch --retry-on tls -r 1 -o "$dir/g" "https://${base#http://}/x" || return
	# bodies that are read as they come have the same rule
	expect 1 fetch --retry-on 503 -D "$dir/bodies" -o "$dir/h" "$base/cut/h" || return
	expect 0 fetch --retry-on reset -D "$dir/bodies" -o "$dir/i" "$base/cut/i"
}

# What other programs have is named, and so is what is not there yet.
foreign() {
	start_server s
	refused 'proxies are not supported yet' -x http://127.0.0.1:3128 "$base/" || return
	refused 'proxies are not supported yet' --proxy=http://127.0.0.1:3128 "$base/" || return
	refused 'is not there yet' --limit-rate 10k "$base/" || return
	refused 'is not there yet' --deny 10.0.0.0/8 "$base/" || return
	refused 'use -m TIME' --max-time 3 "$base/" || return
	refused 'did you mean --concurrency' --concurency 3 "$base/" || return
	refused 'unknown option -Q' -Q "$base/" || return
	local word
	for word in '\-x' '\-\-limit\-rate' '\-\-deny' HTTP/2; do
		grep -qF -- "$word" "$here/../../docs/man/cio-fetch.1" || { echo "# $word"; return 1; }
	done
}

help_and_driver() {
	start_server s
	expect 2 "$cio" help foo 2>"$dir/err" || return
	says 'no command is called foo' || return
	expect 0 "$cio" help doctor >"$dir/out" || return
	expect 2 "$cio" help fetch more 2>"$dir/err" && says 'one command at a time' || return
	expect 2 "$cio" version more 2>"$dir/err" && says 'takes nothing' || return
	: >"$dir/err"
	CIO_DRIVER=sim expect 4 fetch -o "$dir/a" "$base/ok" || return
	says 'CIO_DRIVER=sim is for tests of programs' && [ ! -s "$dir/s.log" ]
}

run_cases own_words own_words_of_tls certificate_wanted certificates_first late_failures \
	write_failures odd_lists redirects_none jar_first conflicts values retry_on foreign help_and_driver
