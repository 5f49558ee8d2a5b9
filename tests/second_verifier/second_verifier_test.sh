#!/usr/bin/env bash
# Holds tests/second_verifier/verify.py and cloison verify against each other. The first was written by
# somebody who had docs/format/ledger.md alone, and not this project's code.
#
#   second_verifier_test.sh <path of cloison>
set -uo pipefail

cloison=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

# Debian's Python has Debian's python3-cryptography; another one may stand before it.
python=
for candidate in /usr/bin/python3 python3; do
  if "$candidate" -c 'import cryptography' 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  echo "no Python 3 with the package cryptography: tools/setup test installs it"
  exit 1
fi

# flip FILE BYTE: changes the lowest bit of a byte.
flip() {
  "$python" -c 'import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); b = f.read(1)[0] ^ 1; f.seek(int(sys.argv[2])); f.write(bytes([b]))' "$@"
}
# edit FILE CODE: runs Python on the JSON `f` of a file.
edit() {
  "$python" -c 'import json, sys
with open(sys.argv[1], encoding="utf-8") as file: f = json.load(file)
exec(sys.argv[2])
with open(sys.argv[1], "w", encoding="utf-8") as file: json.dump(f, file)' "$@"
}

# check <why> <0 or 1> <what is done to a copy of the log>
check() {
  rm -rf log
  cp -r "$original" log
  eval "$3" || { echo "FAILED to prepare: $1"; failures=$((failures + 1)); return; }
  local second first common=(log --key log/key.pub --witness log/witness.pub)
  for file in person officer; do
    first=0 second=0
    "$cloison" verify "${common[@]}" "--$file" "log/$file.json" >first 2>&1 || first=$?
    "$python" "$here/verify.py" "${common[@]}" "--$file" "log/$file.json" >second 2>&1 || second=$?
    # What spoils one of the two files leaves the other as it was.
    local want=$2
    if [ "$want" = 1 ] && [ "${4:-$file}" != "$file" ]; then want=0; fi
    if [ "$first" != "$want" ] || [ "$second" != "$want" ]; then
      echo "FAILED: $1 ($file): wanted $want, cloison gave $first, verify.py $second"
      cat first second
      failures=$((failures + 1))
    fi
  done
}

for size in 0 1 2 255 256 257 600 66000; do
  "$cloison" ledger sample --entries "$size" --seed 9 --out "good-$size"
  original=good-$size
  check "a sample of $size" 0 :
done

original=good-600
check "a byte of an entry"             1 'flip log/tile/entries/001 4000'
check "a length"                       1 'flip log/tile/entries/001 1'
check "a byte of a tile"               1 'flip log/tile/0/001 77'
check "a byte of the partial tile"     1 'flip log/tile/0/002.p/88 77'
check "a byte of the tile above"       1 'flip log/tile/1/000.p/2 40'
check "the size"                       1 "sed -i '2s/600/601/' log/checkpoint"
check "the root"                       1 "sed -i '3s/./Z/' log/checkpoint"
check "the log's signature"            1 "sed -i '5s/A/B/' log/checkpoint"
check "the witness's signature"        1 "sed -i '6s/A/B/3' log/checkpoint"
check "no witness"                     1 "sed -i '6d' log/checkpoint"
check "another log's key"              1 'cp good-1/key.pub log/key.pub; "$cloison" ledger sample --entries 1 --seed 8 --out other; mv other/key.pub log; rm -r other'
check "a bundle dropped"               1 'rm log/tile/entries/001'
check "a tile dropped"                 1 'rm log/tile/0/000'
check "the checkpoint dropped"         1 'rm log/checkpoint'
check "two bundles exchanged"          1 'mv log/tile/entries/000 x; mv log/tile/entries/001 log/tile/entries/000; mv x log/tile/entries/001'
check "a bundle cut"                   1 'truncate -s -1 log/tile/entries/001'
check "a bundle longer"                1 'printf x >> log/tile/entries/001'
check "a tile cut"                     1 'truncate -s -32 log/tile/0/001'
check "a smaller log's checkpoint"     1 'cp good-257/checkpoint log'
check "a smaller log whole, and a file of the larger one" 1 \
      'cp good-600/*.json .; rm -r log; cp -r good-257 log; mv ./*.json log'
check "a larger log whole, and a file of the smaller one" 0 \
      'cp good-257/person.json .; cp good-600/officer.json .; mv ./*.json log'

check "a row left out"                 1 'edit log/person.json "del f[\"items\"][2]"' person
check "the newest left out"            1 'edit log/person.json "del f[\"items\"][0]; f[\"proofs\"][\"covers\"][\"end\"] -= 1"' person
check "the expired one left out"       1 'edit log/person.json "f[\"proofs\"][\"expired\"] = []"' person
check "a number moved"                 1 'edit log/person.json "f[\"items\"][2][\"n\"] = 40"' person
check "another time"                   1 'edit log/person.json "f[\"items\"][2][\"time\"] = f[\"items\"][3][\"time\"]"' person
check "another purpose"                1 'edit log/person.json "f[\"items\"][2][\"purpose\"] = \"own\""' person
check "a field fewer"                  1 'edit log/person.json "f[\"items\"][2][\"fields\"].pop()"' person
check "another row's opening"          1 'edit log/person.json "f[\"items\"][2][\"proof\"][\"actor_part\"] = f[\"items\"][1][\"proof\"][\"actor_part\"]"' person
check "another row's proof"            1 'edit log/person.json "f[\"items\"][2][\"proof\"][\"tlog_proof\"] = f[\"items\"][1][\"proof\"][\"tlog_proof\"]"' person
check "another leaf"                   1 'edit log/person.json "f[\"items\"][2][\"proof\"][\"leaf\"] = f[\"items\"][1][\"proof\"][\"leaf\"]"' person
check "another unsealed access"        1 'edit log/person.json "f[\"items\"][3][\"unsealed\"][\"index\"] += 1"' person
check "an unsealed access left out"    1 'edit log/person.json "del f[\"items\"][3][\"unsealed\"]"' person
check "an unsealed access that has expired" 0 'edit log/person.json "del f[\"items\"][3][\"unsealed\"]; f[\"items\"][3][\"unsealed_expired\"] = True"' person
check "an unsealed access that has expired, and is there" 1 'edit log/person.json "f[\"items\"][3][\"unsealed_expired\"] = True"' person
check "an expired access of no unseal" 1 'edit log/person.json "f[\"items\"][2][\"unsealed_expired\"] = True"' person
check "a receipt above what is told"   1 'edit log/person.json "del f[\"items\"][0]; f[\"proofs\"][\"covers\"][\"end\"] -= 1; f[\"receipt\"] = {\"log\": f[\"proofs\"][\"logs\"][0][\"origin\"], \"index\": 556}"' person
check "a row twice"                    1 'edit log/person.json "f[\"items\"].append(f[\"items\"][2])"' person
check "a number outside covers"        1 'edit log/person.json "f[\"proofs\"][\"covers\"][\"end\"] = 9"' person
check "two logs"                       1 'edit log/person.json "f[\"proofs\"][\"logs\"] *= 2"' person
check "pending, and proven"            1 'edit log/person.json "f[\"items\"][2][\"proof\"][\"proof_pending\"] = True"' person
check "not pending, and proven"        1 'edit log/person.json "f[\"items\"][2][\"proof\"][\"proof_pending\"] = False"' person
check "no register"                    1 'edit log/person.json "del f[\"proofs\"][\"register\"]"' person
check "extra in a proof"               1 'edit log/person.json "p = f[\"items\"][2][\"proof\"]; p[\"tlog_proof\"] = p[\"tlog_proof\"].replace(\"\\nindex\", \"\\nextra AAAA\\nindex\", 1)"' person
check "the fields of a row exchanged"  1 'edit log/person.json "f[\"items\"][2][\"fields\"].reverse()"' person
check "a wrong cosignature in a proof" 0 'edit log/person.json "p = f[\"items\"][2][\"proof\"]; head, line = p[\"tlog_proof\"].rsplit(\" \", 1); p[\"tlog_proof\"] = head + \" \" + line[:40] + (\"B\" if line[40] == \"A\" else \"A\") + line[41:]"' person
check "an index above all"             1 'edit log/person.json "r = f[\"items\"][2]; r[\"index\"] = 2**63; r[\"proof\"].pop(\"tlog_proof\"); r[\"proof\"].pop(\"published\"); r[\"proof\"][\"proof_pending\"] = True"' person
check "an unsealed access of another log that was changed" 1 'edit log/person.json "u = f[\"items\"][3][\"unsealed\"]; u[\"proof\"][\"log_id\"] = \"0\" * 16"' person
check "no proofs"                      1 'edit log/person.json "del f[\"proofs\"]"' person
check "not JSON"                       1 'printf "{" > log/person.json' person
check "an entry of the period left out" 1 'edit log/officer.json "del f[\"entries\"][5]"' officer
check "its neighbour before left out"  1 'edit log/officer.json "del f[\"entries\"][0]"' officer
check "its neighbour after left out"   1 'edit log/officer.json "f[\"entries\"].pop()"' officer
check "another account's key"          1 'edit log/officer.json "f[\"activity_key\"] = f[\"activity_key\"][1:21] + f[\"activity_key\"][:1] + f[\"activity_key\"][21:]"' officer
check "an entry of another log"        1 'edit log/officer.json "f[\"entries\"][5][\"proof\"][\"log_id\"] = \"0\" * 16"' officer
check "a day that is none"             1 'edit log/officer.json "f[\"period\"][\"from\"] = \"2023-02-30T00:00:00.000Z\""' officer
check "the year 0"                     1 'edit log/officer.json "f[\"period\"][\"from\"] = \"0000-02-20T00:00:00.000Z\""' officer
check "two entries exchanged"          1 'edit log/officer.json "e = f[\"entries\"]; e[4], e[5] = e[5], e[4]"' officer

# pages <why> <0 or 1> <page>...: several of one person.
pages() {
  local why=$1 want=$2 first=0 second=0 files=()
  shift 2
  for page in "$@"; do files+=(--person "$page"); done
  "$cloison" verify good-600 --key good-600/key.pub "${files[@]}" >first 2>&1 || first=$?
  "$python" "$here/verify.py" good-600 --key good-600/key.pub "${files[@]}" >second 2>&1 || second=$?
  [ "$first" = "$want" ] && [ "$second" = "$want" ] && return
  echo "FAILED: $why: wanted $want, cloison gave $first, verify.py $second"
  cat first second
  failures=$((failures + 1))
}
# split FROM TO FIRST END: the page of these numbers.
split() {
  cp "$1" "$2"
  edit "$2" "p = f['proofs']; p['covers'] = {'first': $3, 'end': $4}
f['items'] = [r for r in f['items'] if $3 <= r['n'] < $4]
p['expired'] = [r for r in p['expired'] if $3 <= r['n'] < $4]"
}
"$cloison" ledger sample --entries 300 --seed 9 --out good-300
split good-600/person.json low 0 4
split good-600/person.json mid 3 5
split good-600/person.json high 4 10
split good-300/person.json early 4 5
pages "two pages"                                 0 high low
pages "the newest alone"                          0 high
pages "the older alone"                           1 low
pages "one twice"                                 1 high high low
pages "an overlap"                                1 high mid low
pages "a page between left out"                   1 high mid
pages "the newest read from a smaller log"        0 early low
edit early "f['receipt'] = {'log': f['proofs']['logs'][0]['origin'], 'index': 312}"
pages "the newest had an entry that it leaves out" 1 early low
"$cloison" ledger sample --entries 300 --seed 8 --out strange
pages "a page of another log as well"             0 high low strange/person.json
pages "no page of this log"                       1 strange/person.json

[ "$failures" = 0 ] && echo "one verdict on all" && exit 0
echo "$failures failed"
exit 1
