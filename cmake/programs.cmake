# SPDX-License-Identifier: MIT
#
# Everything that is built to be run by developers: examples, tests, fuzzers
# and benchmarks. One source file, one program; a program's target is its path
# with dashes (tests/unit/core/scope.c: `unit-core-scope`).
#
# ${CMAKE_BINARY_DIR}/tests.list tells scripts/run-tests what there is, a line
# each: kind, program, source, corpus.

set(list "")

# ---- examples ----

file(GLOB examples CONFIGURE_DEPENDS examples/*.c)
foreach(source IN LISTS examples)
	get_filename_component(name ${source} NAME_WE)
	add_executable(example-${name} ${source})
	set_target_properties(example-${name} PROPERTIES OUTPUT_NAME ${name})
	cio_program(example-${name} examples)
endforeach()

file(GLOB prices CONFIGURE_DEPENDS examples/prices/*.c)
pkg_check_modules(SQLITE IMPORTED_TARGET sqlite3)
if(prices AND SQLITE_FOUND)
	add_executable(example-prices ${prices})
	set_target_properties(example-prices PROPERTIES OUTPUT_NAME prices)
	target_include_directories(example-prices PRIVATE examples)
	cio_program(example-prices examples)
	target_link_libraries(example-prices PRIVATE PkgConfig::SQLITE)
elseif(prices)
	message(STATUS "examples/prices is not built: no sqlite3")
endif()

# ---- tests ----

pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
if(CMOCKA_FOUND)
	# Objects, so that its limit on hanging is in every test, asked for or not.
	add_library(check OBJECT tests/check.c tests/disturb.c)
	target_include_directories(check PUBLIC tests src)
	target_link_libraries(check PRIVATE cio_flags
		PUBLIC cio PkgConfig::CMOCKA)

	file(GLOB_RECURSE tests CONFIGURE_DEPENDS tests/unit/*.c
		tests/sim/*.c tests/regress/*.c tests/rules/*.c tests/e2e/*.c
		tests/parity/*.c)
	list(FILTER tests EXCLUDE REGEX "/tests/unit/compile/")
	if(NOT OPENSSL_FOUND) # they look into src/tls/
		list(FILTER tests EXCLUDE REGEX "/unit/tls/|/e2e/tls_|/session_(tls|cancel|peers)|/server_tls")
	endif()
	if(NOT ZLIB_FOUND OR NOT BROTLI_FOUND OR NOT ZSTD_FOUND) # they compress
		list(FILTER tests EXCLUDE
			REGEX "/unit/coding/|/session_(body|hostile)\\.c")
	endif()
	if(NOT CARES_FOUND) # they ask a name server
		list(FILTER tests EXCLUDE
			REGEX "/resolver/resolver\\.c|/question_left_behind\\.c")
	endif()
	foreach(source IN LISTS tests)
		file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${source})
		string(REGEX REPLACE "\\.c$" "" program ${path})
		string(REGEX REPLACE "^tests/" "" target ${program})
		string(REPLACE "/" "-" target ${target})
		get_filename_component(where ${program} DIRECTORY)
		get_filename_component(name ${program} NAME)
		add_executable(${target} ${source})
		set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name})
		target_link_libraries(${target} PRIVATE check)
		cio_program(${target} ${where})
		string(APPEND list "test\t${program}\t${path}\t-\n")
	endforeach()

	file(GLOB scripts CONFIGURE_DEPENDS tests/e2e/*.sh)
	foreach(source IN LISTS scripts)
		file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${source})
		string(REGEX REPLACE "\\.sh$" "" program ${path})
		string(APPEND list "script\t${program}\t${path}\t-\n")
	endforeach()

	# Asks cio itself whether a driver can run here.
	add_executable(probe tests/probe.c)
	cio_program(probe tests)
else()
	message(STATUS "tests are not built: no cmocka")
endif()

# ---- fuzzers: real ones with clang's libFuzzer, else replays of the corpus ----

find_path(LLHTTP_INCLUDE llhttp.h PATH_SUFFIXES llhttp
	PATHS /usr/share/include /usr/share)
find_path(LLHTTP_SOURCE llhttp.c PATHS /usr/share/llhttp /usr/share/llhttp/src)
mark_as_advanced(LLHTTP_INCLUDE LLHTTP_SOURCE)

add_custom_target(fuzzers)
file(GLOB fuzzers CONFIGURE_DEPENDS fuzz/*.c)
list(FILTER fuzzers EXCLUDE REGEX "/replay\\.c$")
set(replay ${PROJECT_SOURCE_DIR}/fuzz/replay.c)
if(fuzzers AND NOT CIO_SANITIZE STREQUAL "fuzz" AND NOT EXISTS ${replay})
	message(WARNING "corpora are not replayed: no fuzz/replay.c")
	set(fuzzers)
endif()

foreach(source IN LISTS fuzzers)
	get_filename_component(name ${source} NAME_WE)
	file(STRINGS ${source} oracle REGEX "#include <llhttp\\.h>")
	if(oracle AND NOT (LLHTTP_INCLUDE AND LLHTTP_SOURCE))
		message(WARNING "fuzz/${name}.c is not built: no llhttp")
		string(APPEND list "missing\tfuzz/${name}\tfuzz/${name}.c\tllhttp\n")
		continue()
	endif()
	add_executable(fuzz-${name} ${source})
	target_include_directories(fuzz-${name} PRIVATE src)
	set_target_properties(fuzz-${name} PROPERTIES OUTPUT_NAME ${name})
	cio_program(fuzz-${name} fuzz)
	add_dependencies(fuzzers fuzz-${name})
	if(CIO_SANITIZE STREQUAL "fuzz")
		target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
		set(kind fuzz)
	else()
		target_sources(fuzz-${name} PRIVATE ${replay})
		set(kind replay)
	endif()
	if(oracle)
		if(NOT TARGET llhttp)
			file(GLOB llhttp ${LLHTTP_SOURCE}/*.c)
			add_library(llhttp STATIC ${llhttp})
			target_compile_options(llhttp PRIVATE -w)
			target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
			target_include_directories(llhttp SYSTEM PUBLIC
				${LLHTTP_INCLUDE})
		endif()
		target_link_libraries(fuzz-${name} PRIVATE llhttp)
	endif()
	string(APPEND list
		"${kind}\tfuzz/${name}\tfuzz/${name}.c\tfuzz/corpus/${name}\n")
endforeach()

file(WRITE ${CMAKE_BINARY_DIR}/tests.list "${list}")

# ---- benchmarks ----

if(CIO_BENCH)
	file(GLOB benches CONFIGURE_DEPENDS bench/*.c)
	foreach(source IN LISTS benches)
		get_filename_component(name ${source} NAME_WE)
		add_executable(bench-${name} ${source})
		set_target_properties(bench-${name} PROPERTIES OUTPUT_NAME ${name})
		target_include_directories(bench-${name} PRIVATE bench src)
		cio_program(bench-${name} bench)
	endforeach()
endif()
