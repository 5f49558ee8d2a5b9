#!/usr/bin/env python3
"""An old application that asks the gate before it reads its own database.

    ask_first.py KEY FIELD... --purpose support --case A-1

prints the fields that may be shown, one per line. The ten lines that an application needs are
those of may_show(); the rest is what it did before.

Environment  GATE        host:port of Cloison
             GATE_CA     its certificate authority, PEM
             GATE_AGENT  path of the agent's session: .pem and .key of this application, .token
             PGDATABASE and the like, for psql
"""
import argparse
import http.client
import json
import os
import pathlib
import ssl
import subprocess
import sys

AGENT = os.environ.get("GATE_AGENT", "agent")
COLUMNS = {"contact.phone": "phone", "contact.email": "email", "bank.iban": "iban"}


def may_show(key, fields, purpose, case):
    """The fields of this person that may be shown whole, by the gate's word, on the record."""
    tls = ssl.create_default_context(cafile=os.environ["GATE_CA"])
    tls.load_cert_chain(AGENT + ".pem", AGENT + ".key")
    gate = http.client.HTTPSConnection(os.environ["GATE"], context=tls, timeout=10)
    headers = {"authorization": "Bearer " + pathlib.Path(AGENT + ".token").read_text().strip(),
               "content-type": "application/json"}
    gate.request("POST", "/v1/decisions", json.dumps(
        {"reference": key, "fields": fields, "purpose": purpose, "case_ref": case}), headers)
    said = json.load(gate.getresponse())
    refused = "refused: " + said.get("code", "")
    return said["decisions"][0]["plain"] if "decisions" in said else sys.exit(refused)


def read(key, fields):
    """As the application did before: the columns of one row. Values are bound, never pasted in."""
    columns = ", ".join(COLUMNS[field] for field in fields)
    query = "SELECT " + columns + " FROM people WHERE key = :'key';\n"
    command = ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-v", "key=" + key]
    row = subprocess.run(command, input=query, text=True, check=True, capture_output=True).stdout
    return row.rstrip("\n").split("|") if row else []


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("key")
    arguments.add_argument("fields", nargs="+", choices=sorted(COLUMNS))
    arguments.add_argument("--purpose", required=True)
    arguments.add_argument("--case", required=True)
    asked = arguments.parse_args()
    shown = may_show(asked.key, asked.fields, asked.purpose, asked.case)
    for field, value in zip(shown, read(asked.key, shown) if shown else []):
        print(field + "\t" + value)


if __name__ == "__main__":
    main()
