#!/bin/sh
# The monthly payment, end to end: the bank makes a key, one officer asks, another agrees, the
# payment program runs the job, the bank reads the file. Each step is somebody else's; here one
# script plays them all.
#
#   pay.sh LIST DIRECTORY      LIST: a line per person, CODE,AMOUNT
#
# CLOISON          the program [cloison]
# CLOISON_OPTIONS  where the server is, and the credentials: --server URL --credentials DIR
set -eu
umask 077

list=$1
directory=$2
cloison=${CLOISON:-cloison}
people=$(grep -c . "$list")

step() { printf '%s\n' "$*" >&2; }
# shellcheck disable=SC2086 # options are several words
as() { who=$1; shift; "$cloison" "$@" --as "$who" ${CLOISON_OPTIONS:-}; }

step "1. The bank makes a key and gives the public half to the officer."
public=$("$cloison" job key --plain --out "$directory/bank.key" | cut -f 1)

step "2. An officer asks for twelve payments, one a month."
# 4 is "waits for somebody": what is wanted here.
code=0
as officer.privacy job ask --plain --label monthly-payment --application app.payment \
  --purpose payment --fields identity.birth_name,identity.first_name,bank.iban \
  --recipient "$public" --people "${PEOPLE_MAX:-$people}" --runs 12 --pause-days 28 \
  --expires "${EXPIRES:?until when, as 2027-01-31T00:00:00Z}" --reason FIN-2041 \
  > "$directory/asked" || code=$?
[ "$code" = 4 ] || exit "$code"
approval=$(cut -f 1 "$directory/asked")
job=job_${approval#apr_}

step "3. Another officer compares the fingerprint with what the bank reads aloud, and agrees."
as officer.privacy.b approval show "$approval" >&2
as officer.privacy.b approval approve "$approval" >&2

step "4. The payment program runs the job. Broken off, the same command goes on."
as app.payment job run "$job" --list "$list" --out "$directory/payments.job"

step "5. The bank reads the file. Nobody else can."
"$cloison" job open "$directory/payments.job" --key "$directory/bank.key" \
  --out "$directory/payments.csv"
