# The few words a person needs. Everything else is CMake: see CMakePresets.json.
#
#   make demo          builds the server and runs the demo world      (ONCE=1: runs it once and ends)
#   make test          builds and runs every test
#   make test-long     the same, then again under address, undefined and thread sanitizers
#   make test-outside  only: lint, fuzz and TLS checks by tools that nobody here wrote
#   make test-timing   only: what a refusal's time tells, by 100,000 probes
#   make bench         builds and runs every benchmark; make bench-ledger runs bench/ledger_bench.cc
#   make setup-demo    only installs what a demo needs; also setup-test and setup-bench
#   make format        formats all sources
#   make clean         removes what was built

BUILD := build/release
BENCHES := $(patsubst bench/%_bench.cc,%,$(wildcard bench/*_bench.cc))

.PHONY: demo test test-long test-outside test-timing bench format clean help
help:
	@sed -n 's/^#   //p' Makefile

demo: setup-demo
	cmake --preset release
	cmake --build $(BUILD) --target cloison cloisond
	$(BUILD)/cloison demo $(if $(ONCE),--once)

test: setup-test
	cmake --preset release -DCLOISON_TESTS=ON -DCLOISON_BENCH=OFF
	cmake --build $(BUILD)
	ctest --preset release -j2

test-long: test
	for preset in asan tsan; do \
	  cmake --preset $$preset -DCLOISON_TESTS=ON && cmake --build build/$$preset && \
	  CLOISON_LONG=1 ctest --preset $$preset -j2 || exit 1; \
	done

# Part of test-long: needs a build without sanitizers, whose time is its own.
test-long: test-timing
test-timing: setup-test
	cmake --preset release -DCLOISON_TESTS=ON -DCLOISON_BENCH=OFF
	cmake --build $(BUILD) --target api_test
	CLOISON_LONG=1 $(BUILD)/src/api/api_test --gtest_filter='Refusals.*'

# Part of test-long: needs Python and the network, for the tools.
test-long: test-outside
test-outside: setup-long
	cmake --preset release -DCLOISON_TESTS=ON -DCLOISON_BENCH=OFF
	cmake --build $(BUILD) --target cloison cloisond
	tests/outside/run

# Each prints `RESULT <name> ...`; together they also write bench/results/<date>-<machine>.md.
bench: export CLOISON_RESULTS_DIR = bench/results
bench: export CLOISON_COMMIT = $(shell git rev-parse --short HEAD)
bench: $(addprefix bench-,$(BENCHES)) bench-build

bench-%: setup-bench
	mkdir -p bench/results
	cmake --preset release -DCLOISON_BENCH=ON
	cmake --build $(BUILD) --target $*_bench
	$(BUILD)/bench/$*_bench

# What `make test` builds, from nothing: a clone of its own, no compiler cache.
bench-build: setup-test
	bench/build.sh

setup-%:
	tools/setup $*

format:
	git ls-files '*.h' '*.cc' | xargs clang-format-19 -i

clean:
	rm -rf build
