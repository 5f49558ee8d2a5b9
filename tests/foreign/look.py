"""Looks at the record of citizen.one in a running demo world, and keeps what the receipt proves.

    look.py PORT CREDENTIALS OUT [LOOKS]      writes OUT/proof and OUT/entry, of the last look
"""

import base64
import http.client
import json
import ssl
import sys

BODY = {"self": True, "fields": ["identity.birth_name"], "purpose": "own"}


def main():
    port, credentials, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    looks = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    trust = ssl.create_default_context(cafile=f"{credentials}/ca.pem")
    trust.load_cert_chain(f"{credentials}/citizen.one.pem", f"{credentials}/citizen.one.key")
    with open(f"{credentials}/citizen.one.token", encoding="ascii") as token:
        headers = {
            "Authorization": "Bearer " + token.read(),
            "Content-Type": "application/json",
            "Prefer": "proof",
        }
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=20)
    receipt = {}
    for _ in range(looks):
        connection.request("POST", "/v1/disclosures", json.dumps(BODY), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 201:
            sys.exit(f"look: {answer.status} {body.decode()}")
        receipt = json.loads(body)["disclosures"][0]["receipt"]
    if "proof" not in receipt:
        sys.exit("look: the receipt has no proof")
    with open(f"{out}/proof", "w", encoding="utf-8") as file:
        file.write(receipt["proof"])
    with open(f"{out}/entry", "wb") as file:
        file.write(base64.b64decode(receipt["leaf"]))


main()
