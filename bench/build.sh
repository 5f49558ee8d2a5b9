#!/usr/bin/env bash
# build: what does it cost to build everything that `make test` builds, from nothing?
#
# A clone of HEAD in a folder of its own, without the compiler cache, with as many jobs as cores. Expect some 250
# translation units of 5 to 8 CPU-seconds each; the project's budget is 1,500 CPU-seconds by its end.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
folder=$(mktemp -d build/build-bench.XXXXXX)
trap 'rm -rf "$folder"' EXIT
git clone -q . "$folder/clone"
cd "$folder/clone"
export CCACHE_DISABLE=1
start=$(date +%s.%N)
cmake --preset release -DCLOISON_TESTS=ON -DCLOISON_BENCH=OFF > configure.log
cmake --build build/release > build.log
end=$(date +%s.%N)
# Children's CPU time of this shell, in seconds (the numbers of `times`, user and system).
cpu=$(times | tail -1 | awk '{ split($1, u, /[ms]/); split($2, s, /[ms]/); print u[1] * 60 + u[2] + s[1] * 60 + s[2] }')
wall=$(awk -v a="$start" -v b="$end" 'BEGIN { print b - a }')
line=$(printf 'RESULT build cpu_s=%.0f wall_s=%.0f' "$cpu" "$wall")
echo "$line"
if [ -n "${CLOISON_RESULTS_DIR:-}" ]; then
  cd - > /dev/null && cd "$(git rev-parse --show-toplevel)"
  mkdir -p "$CLOISON_RESULTS_DIR"
  printf '## build\n\nCommit: %s, %s cores, no compiler cache, one run.\n\n    %s\n\n' \
    "$(git rev-parse --short HEAD)" "$(nproc)" "$line" >> "$CLOISON_RESULTS_DIR/$(date -u +%F)-${CLOISON_MACHINE:-local}.md"
fi
