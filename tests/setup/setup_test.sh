#!/usr/bin/env bash
# Runs tools/setup where every tool it calls is a stand-in, and looks at what it did.
#
#   setup_test.sh <path of tools/setup>
set -uo pipefail

setup=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# Only these and the stand-ins are on the PATH of a run.
mkdir "$work/bin"
for tool in bash env sed grep tr cat true; do ln -s "$(type -P "$tool")" "$work/bin/$tool"; done

stand_in() { printf '#!/usr/bin/env bash\n%s\n' "$2" >"$work/world/$1"; chmod +x "$work/world/$1"; }

# A fresh world: Debian 12, an ordinary user, no sudo, only libsodium-dev missing.
world() {
  rm -rf "$work/world" "$work/calls"
  mkdir "$work/world"
  : >"$work/calls"
  printf 'ID=debian\nVERSION_ID="12"\n' >"$work/world/os-release"
  stand_in id 'echo 1000'
  stand_in dpkg-query '
    for word in "$@"; do
      case "$word" in
        -*|libsodium-dev) ;;
        *) echo "installed $word" ;;
      esac
    done
    echo "config-files libsodium-dev"; exit 1'
  apt 'echo "Inst libsodium-dev (1.0)"' 0
}

# apt-get that prints $1 when it simulates and ends with $2 when it installs.
apt() {
  stand_in apt-get "
    echo \"apt-get \$*\" >>'$work/calls'
    case \" \$* \" in
      *' -s '*) $1 ;;
      *' install '*) exit $2 ;;
    esac"
}

run() {
  output=$(PATH="$work/world:$work/bin" SETUP_OS_RELEASE="$work/world/os-release" \
    SETUP_YES="${yes:-}" "$work/bin/bash" "$setup" "$@" 2>&1 </dev/null)
  status=$?
}

# check <why> <wanted status> <pattern in the output, or -> <pattern in apt's calls, or "no calls">
check() {
  local ok=1
  [ "$status" = "$2" ] || ok=0
  [ "$3" = - ] || grep -qE -- "$3" <<<"$output" || ok=0
  if [ "$4" = "no calls" ]; then
    [ ! -s "$work/calls" ] || ok=0
  else
    grep -qE -- "$4" "$work/calls" || ok=0
  fi
  [ "$ok" = 1 ] && return
  failures=$((failures + 1))
  printf 'FAILED: %s\n  status %s, wanted %s\n  output: %s\n  calls: %s\n' \
    "$1" "$status" "$2" "$output" "$(cat "$work/calls")"
}

never_installed() {
  grep -q -- '-y' "$work/calls" || return
  failures=$((failures + 1))
  printf 'FAILED: %s: something was installed\n' "$1"
}

world; run; check "no word" 2 "demo, test, bench or long" "no calls"
world; run everything; check "an unknown word" 2 "demo, test, bench or long" "no calls"

world
stand_in dpkg-query 'for word in "$@"; do echo "installed $word"; done'
run bench; check "all is there: apt is not asked" 0 - "no calls"

line='^apt-get install --no-install-recommends libsodium-dev$'
world; run demo; check "no rights: the one line" 1 "$line" "no calls"

world; stand_in sudo 'exit 1'
run demo; check "sudo that would ask, no terminal: the one line" 1 "$line" "no calls"

world; rm "$work/world/apt-get"
run demo; check "no apt: what is needed" 1 "no apt-get.* libsodium-dev" "no calls"

world; stand_in dpkg-query 'exit 1'
run test; check "Debian 12's names" 1 "libboost1.81-dev .*libgtest-dev softhsm2 curl python3-cryptography libpq-dev postgresql nodejs npm$" "no calls"
stand_in node 'exit 0'; run test; check "a node without npm" 1 " python3-cryptography libpq-dev postgresql npm$" "no calls"
stand_in npm 'exit 0'; run test; check "a node of one's own" 1 " python3-cryptography libpq-dev postgresql$" "no calls"
rm "$work/world/node" "$work/world/npm"
run demo; check "a demo needs no tests" 1 "libp11-kit-dev$" "no calls"
run bench; check "benchmarks need PostgreSQL" 1 "libbenchmark-dev libpq-dev postgresql$" "no calls"
run long; check "fuzzing needs clang 19" 1 " clang-19 libclang-rt-19-dev " "no calls"
printf 'ID=ubuntu\nVERSION_ID="24.04"\n' >"$work/world/os-release"
run demo; check "Ubuntu's names" 1 "libboost1.83-dev" "no calls"

world; stand_in id 'echo 0'
run demo; check "root installs what is missing" 0 - "-y --no-remove install .* libsodium-dev$"
check "root updates the lists first" 0 - "^apt-get -q update$"

world; stand_in sudo '[ "$1" != -n ] || shift; exec "$@"'
run demo; check "sudo that asks nothing installs" 0 - "-y --no-remove install .* libsodium-dev$"

world; stand_in sudo '[ "$1" != -n ] || exit 1; exec "$@"'
yes=1 run demo; check "SETUP_YES takes sudo" 0 - "-y --no-remove install .* libsodium-dev$"

world; stand_in id 'echo 0'
apt 'echo "Remv libboost1.74-dev [1.74]"; echo "Remv old-tool [1]"; echo "Inst libsodium-dev"' 0
run demo; check "never removes a package" 1 "would remove libboost1.74-dev old-tool\." "-s install"
never_installed "never removes a package"

world; stand_in id 'echo 0'
apt 'echo "E: Unable to locate package libsodium-dev"; exit 100' 0
run demo; check "a package that apt does not know" 1 "Unable to locate" "-s install"
never_installed "a package that apt does not know"

world; stand_in id 'echo 0'; apt 'true' 100
run demo; check "an installation that fails" 1 "apt-get install failed" "--no-remove"

[ "$failures" = 0 ] || exit 1
echo "tools/setup: all cases hold"
