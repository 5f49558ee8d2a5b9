#!/usr/bin/env bash
# Fuzzes all targets of the preset `asan`, two at a time, and keeps what they found.
#
#   tests/fuzz/run.sh [target ...]          no target: all of them
#
# FUZZ_SECONDS   of each target. Default: such that all targets take an hour together, two at a time
# FUZZ_JOBS      targets at a time: 2
#
# What is new goes to build/asan/fuzz/finds/<target>, where the next run goes on. What reaches code
# that no file of the corpus reaches is added to tests/fuzz/corpus/<target>, within limits. An input
# that crashed lies in build/asan/fuzz/crashes/<target>. Ends with 1 when there is one, with 2 when a
# target did not run.
set -euo pipefail
cd "$(dirname "$0")/../.."

bin=build/asan/tests/fuzz
out=build/asan/fuzz
jobs=${FUZZ_JOBS:-2}
files_max=199            # of a corpus
corpus_bytes_max=307200  # of a corpus
input_bytes_max=16384
hang_seconds=300         # on the clock: a machine that does something else is no hang

say() { printf 'fuzz: %s\n' "$*" >&2; }
bytes_of() { find "$1" -type f -printf '%s\n' | awk '{sum += $1} END {print sum + 0}'; }
files_of() { find "$1" -type f | wc -l; }

# Adds to the corpus of $1 what its finds reach and it does not, the smallest first, until a limit.
# Reaching is running a line of code, not running it another number of times: corpora stay small.
keep() {
  local target=$1 corpus=tests/fuzz/corpus/$1 merged=$out/merged/$1 file
  rm -rf "$merged"
  mkdir -p "$merged"
  cp "$corpus"/* "$merged/"
  "$bin/${target}_fuzz" -merge=1 -use_counters=0 -max_len=$input_bytes_max "$merged" \
    "$out/finds/$target" >"$out/logs/$target.merge" 2>&1 || return 1
  while read -r _ file; do
    [ ! -e "$corpus/$file" ] || continue
    [ "$(files_of "$corpus")" -lt $files_max ] || break
    local size
    size=$(stat -c %s "$merged/$file")
    [ $(($(bytes_of "$corpus") + size)) -le $corpus_bytes_max ] || break
    cp "$merged/$file" "$corpus/$file"
  done < <(find "$merged" -type f -printf '%s %f\n' | sort -n)
}

# Whether what crashed $1 before still does; what no longer does is forgotten.
still_crashes() {
  local file old=("$out/crashes/$1"/*)
  for file in "${old[@]}"; do
    [ -e "$file" ] || continue
    "$bin/$1_fuzz" -timeout=$hang_seconds "$file" >"$out/logs/$1.log" 2>&1 || return 0
    rm "$file"
  done
  return 1
}

# One target: fuzz, keep, one line of figures into $out/figures.
run_one() {
  local target=$1 log=$out/logs/$1.log dictionary=() before added crashes status=0
  mkdir -p "$out/finds/$target" "$out/crashes/$target"
  [ ! -e "tests/fuzz/dict/$target.dict" ] || dictionary=("-dict=tests/fuzz/dict/$target.dict")
  before=$(files_of "tests/fuzz/corpus/$target")
  ! still_crashes "$target" || status=1
  [ "$status" != 0 ] || "$bin/${target}_fuzz" -max_total_time="$seconds" \
    -max_len=$input_bytes_max -timeout=$hang_seconds -report_slow_units=$hang_seconds \
    -rss_limit_mb=3000 -print_final_stats=1 -artifact_prefix="$out/crashes/$target/" \
    "${dictionary[@]}" "$out/finds/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1 || status=$?
  [ "$status" != 0 ] || keep "$target" || status=$?
  added=$(($(files_of "tests/fuzz/corpus/$target") - before))
  crashes=$(files_of "$out/crashes/$target")  # and hangs, and leaks
  awk -v target="$target" -v added="$added" -v crashes="$crashes" -v status="$status" '
    /stat::number_of_executed_units/ {runs = $2}
    /stat::average_exec_per_sec/ {rate = $2}
    / cov: / {
      for (i = 1; i < NF; ++i) {
        if ($i == "cov:") cov = $(i + 1)
        if ($i == "ft:") ft = $(i + 1)
      }
    }
    END {printf "%s %d %d %d %d %d %d %d\n", target, runs, rate, cov, ft, added, crashes, status}
  ' "$log" >"$out/figures/$target"
}

main() {
  local targets=("$@") total=0 broken=0 target
  if [ ${#targets[@]} = 0 ]; then
    mapfile -t targets < <(basename -s _fuzz $bin/*_fuzz)
  fi
  [ ${#targets[@]} -gt 0 ] || { say "no target is built; make fuzz builds them"; exit 2; }
  export seconds=${FUZZ_SECONDS:-$((3600 * jobs / ${#targets[@]}))}
  rm -rf $out/logs $out/figures
  mkdir -p $out/logs $out/figures
  say "${#targets[@]} targets, $seconds s each, $jobs at a time"
  printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I {} "$0" --one {}

  local row='%-16s %12s %9s %7s %9s %5s %8s\n'
  # shellcheck disable=SC2059
  printf "$row" target executions exec/s edges features new crashes
  for target in "${targets[@]}"; do
    local name runs rate cov ft added crashes status
    read -r name runs rate cov ft added crashes status <"$out/figures/$target"
    # shellcheck disable=SC2059
    printf "$row" "$name" "$runs" "$rate" "$cov" "$ft" "$added" "$crashes"
    total=$((total + crashes))
    [ "$status" = 0 ] || [ "$crashes" != 0 ] || {
      say "$name ended with $status: $out/logs/$name.log"
      broken=$((broken + 1))
    }
  done
  if [ $total != 0 ]; then
    echo "fuzz: $total inputs crashed; they lie in $out/crashes. When it is mended, put each into" \
      "tests/fuzz/corpus/<target>/crash-<what it shows>."
    exit 1
  fi
  [ $broken = 0 ] || { echo "fuzz: $broken targets did not run to their end"; exit 2; }
  echo "fuzz: ${#targets[@]} targets ran, nothing crashed"
}

if [ "${1:-}" = --one ]; then run_one "$2"; else main "$@"; fi
