"""Ends with 1 when testssl.sh found something of MEDIUM or above that is not accepted.

    findings.py FINDINGS.json ACCEPTED.txt
"""

import json
import sys

# WARN: testssl.sh could not look at something. That is no finding, but it is shown.
BAD = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}
# Looked at in every scan that came to its end.
NEEDED = {"TLS1_2", "TLS1_3", "cert_trust", "cert_chain_of_trust", "LUCKY13", "BEAST", "scanTime"}


def main():
    findings_file, accepted_file = sys.argv[1:]
    with open(findings_file, encoding="utf-8") as file:
        findings = json.load(file)
    with open(accepted_file, encoding="utf-8") as file:
        accepted = {line.split()[0] for line in file if line.strip() and not line.startswith("#")}
    failed = False
    seen = set()
    for finding in findings:
        name, severity = finding["id"].split(" ")[0], finding["severity"]
        seen.add(name)
        if severity not in BAD | {"LOW", "WARN"}:
            continue
        verdict = "below MEDIUM"
        if severity in BAD:
            verdict = "accepted" if name in accepted else "NOT ACCEPTED"
            failed = failed or name not in accepted
        print(f"  {severity:8} {name}: {finding['finding']}  [{verdict}]")
    for name in sorted(accepted - seen):
        print(f"  {name} is accepted but was not looked at: take it out of the list")
        failed = True
    for name in sorted(NEEDED - seen):
        print(f"  {name} was not looked at: the scan did not come to its end")
        failed = True
    print(f"  {len(findings)} findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
