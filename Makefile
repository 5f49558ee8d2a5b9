# The few words a person needs. Everything else is CMake: see CMakePresets.json.
#
#   make demo          builds the server and runs the demo world      (ONCE=1: runs it once and ends)
#   make test          builds and runs every test
#   make test-long     hours: all of test, then the parts below, in this order; each runs alone too
#     make test-long-release, test-timing, test-outside, test-foreign, test-long-asan, test-long-tsan, fuzz
#   make test-outside  lint, fuzz and TLS checks by tools that nobody here wrote
#   make test-foreign  the ledger before Tessera, two witnesses, x/mod, sigstore (Go 1.25, node, their registries)
#   make test-keycloak the page on Keycloak, followed against one     (CLOISON_KEYCLOAK=its directory; Java 17)
#   make test-timing   what a refusal's time tells, by 100,000 probes
#   make test-worlds   10,000 seeded worlds (a part of test-long-release)
#   make fuzz          an hour of fuzzing over all parsers           (FUZZ_SECONDS=10: of each target)
#   make mutants       breaks our own code in a copy, one line at a time: some test must fail (MUTANTS=--resume)
#   make bench         builds and runs every benchmark; make bench-ledger runs bench/ledger_bench.cc
#   make setup-demo    only installs what a demo needs; also setup-test, setup-bench and setup-long
#   make format        formats all sources
#   make clean         removes what was built

BUILD := build/release
BENCHES := $(patsubst bench/%_bench.cc,%,$(wildcard bench/*_bench.cc))

.PHONY: demo test test-long test-outside test-foreign test-keycloak test-timing test-worlds fuzz mutants bench format clean help
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

# What `make test` has no time for, in parts that can be run again alone; the first that fails ends it.
LONG_PARTS := test-long-release test-timing test-outside test-foreign test-long-asan test-long-tsan fuzz

test-long: test
	for part in $(LONG_PARTS); do $(MAKE) $$part || { echo "test-long: $$part failed"; exit 1; }; done
	@echo "test-long: test $(LONG_PARTS): all passed"

# The long forms once, in release; under sanitizers the usual ones.
test-long-release: export CLOISON_LONG = 1
test-long-release test-long-tsan: setup-test
test-long-asan: setup-long
test-long-release test-long-asan test-long-tsan: test-long-%:
	cmake --preset $* -DCLOISON_TESTS=ON -DCLOISON_BENCH=OFF
	cmake --build build/$*
	ctest --preset $* -j2

# Its targets are a part of the build under the address and undefined sanitizers.
fuzz: setup-long
	cmake --preset asan -DCLOISON_TESTS=ON -DCLOISON_BENCH=OFF
	cmake --build build/asan --target fuzz_targets
	tests/fuzz/run.sh

# Needs a build without sanitizers, whose time is its own.
test-timing: setup-test
	cmake --preset release -DCLOISON_TESTS=ON -DCLOISON_BENCH=OFF
	cmake --build $(BUILD) --target api_test
	CLOISON_LONG=1 $(BUILD)/src/api/api_test --gtest_filter='Refusals.*'

# Needs Python and the network, for the tools.
test-outside: setup-long
	cmake --preset release -DCLOISON_TESTS=ON -DCLOISON_BENCH=OFF
	cmake --build $(BUILD) --target cloison cloisond
	tests/outside/run

# What it needs beyond tools/setup (Go, node, their registries) it says, and is skipped without.
test-foreign: setup-long setup-bench
	cmake --preset release -DCLOISON_TESTS=ON -DCLOISON_BENCH=ON
	cmake --build $(BUILD) --target cloison cloisond publish_bench
	tests/foreign/run || [ $$? = 77 ]

test-keycloak: setup-test
	cmake --preset release -DCLOISON_TESTS=ON
	cmake --build $(BUILD) --target cloison cloisond
	tests/keycloak/follow.py "$(CLOISON_KEYCLOAK)" $(BUILD)

mutants: setup-test
	tools/mutants $(MUTANTS)

# 10,000 seeded worlds (docs/design/0010-seeded-worlds.md).
test-worlds: setup-test
	cmake --preset release -DCLOISON_TESTS=ON
	cmake --build $(BUILD) --target world_sim_test
	CLOISON_LONG=1 ctest --preset release -R world_sim_test -j2

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
