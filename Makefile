# SPDX-License-Identifier: MIT
#
# The face of the build: each target is one line over CMake's presets and the
# scripts. `make` alone builds build/release; `make help` lists the rest.

MAKEFLAGS += --no-print-directory
JOBS ?= $(shell nproc)

.PHONY: all debug asan tsan clang check fuzz lint fmt bench doc deep install \
	clean help

all: release            ## build the libraries, the program and the examples

release debug clang: FORCE
	@cmake --preset $@ >/dev/null && cmake --build --preset $@ -j $(JOBS)

check:                  ## build plain and with ASan, run the suite everywhere
	@scripts/test

asan tsan: FORCE        ## build with a sanitizer and run the suite on it
	@scripts/test $@

fuzz:                   ## every fuzzer for 20 s over its corpus (SECONDS=n)
	@scripts/fuzz $(or $(SECONDS),20)

lint:                   ## format, layers, banned functions, shell, spelling
	@scripts/lint

fmt:                    ## format the files that git says have changed
	@scripts/fmt

bench: release          ## cio beside bare loops and peers (ROUNDS=n)
	@bench/run $(ROUNDS)

doc:                    ## the headers as manual pages, in build/man
	@scripts/doc

deep:                   ## what takes longer: clang, valgrind, tidy, long fuzzing
	@scripts/deep

install: release        ## install build/release; DESTDIR and PREFIX are heard
	cmake --install build/release $(if $(PREFIX),--prefix $(PREFIX))

clean:                  ## remove all build folders
	rm -rf build

help:                   ## show this list
	@awk -F': .*## |: +## ' '/^[a-z ]+:.*## /{printf "%-10s %s\n", $$1, $$2}' \
		Makefile

FORCE:
