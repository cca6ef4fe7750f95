# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tally.sh - to be sourced: how the scripts say what they do and count it
#
# A stage is a command whose last line is "N passed, M failed[, K skipped]";
# tally_end prints the sum of all stages in the same form, so a script made of
# stages is a stage itself.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # for those who source this
build=${CIO_BUILD_ROOT:-$top/build}
jobs=${JOBS:-$(nproc)}

passed=0 failed=0 skipped=0

say() {
	printf '== %s\n' "$*"
}

# One test of our own: what it is called, and whether it passed (0).
tally_one() {
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s\n' "$1"
	fi
}

tally_skip() {
	skipped=$((skipped + ${3:-1}))
	printf 'skip %s: %s\n' "$1" "$2"
}

# stage TITLE COMMAND...: run it, show its lines but the last, and add that up.
stage() {
	local title=$1 log status last
	shift
	say "$title"
	log=$(mktemp)
	"$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	last=$(tail -n 1 "$log")
	rm -f "$log"
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
		[ "$status" -eq 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] ||
			tally_one "$title: exit status $status" 1
	else
		tally_one "$title: exit status $status, and no count" 1
	fi
}

# step TITLE COMMAND...: run it silently; its output is shown if it fails.
step() {
	local title=$1 log status=0
	shift
	say "$title"
	log=$(mktemp)
	"$@" >"$log" 2>&1 || status=$?
	if [ "$status" -ne 0 ]; then
		grep -v '^\[ *[0-9]*%\]' "$log" # what make went through is no news
		tally_one "$title: exit status $status" 1
	fi
	rm -f "$log"
	return "$status"
}

# build_step PRESET [TARGET]: configure and build, all of it or one target.
build_preset() {
	local dir=$build/$1
	(cd "$top" && cmake --preset "$1" -B "$dir" >"$dir.log" 2>&1) ||
		{ cat "$dir.log"; return 1; }
	grep -A3 'CMake Warning' "$dir.log" || true
	cmake --build "$dir" -j "$jobs" ${2:+--target "$2"}
}

build_step() {
	mkdir -p "$build"
	step "build $1 (build/$1)" build_preset "$@"
}

tally_end() {
	local line="$passed passed, $failed failed"
	[ "$skipped" -eq 0 ] || line+=", $skipped skipped"
	printf '%s\n' "$line"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
