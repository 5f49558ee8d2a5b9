"""Holds events of OCSF against the schema that they name, class by class.

    ocsf.py EVENTS.jsonl
"""

import json
import sys

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema


def check(path):
    failed = count = 0
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        event = json.loads(line)
        schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=event["metadata"]["version"]))
        of_class = schema.get_class_schema(schema.lookup_class_name_from_uid(event["class_uid"]))
        validator = jsonschema.validators.validator_for(of_class)(of_class)
        for error in validator.iter_errors(event):
            print(f"{path}:{number}: {error.json_path}: {error.message}")
            failed += 1
        # What no schema of JSON says: the one is made of the other two.
        if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
            print(f"{path}:{number}: type_uid is not of its class and activity")
            failed += 1
        # A check that lets everything pass finds nothing either.
        if validator.is_valid({**event, "severity_id": "high"}) or validator.is_valid({}):
            print(f"{path}:{number}: the schema refuses nothing")
            failed += 1
        count += 1
    print(f"{count} events, {failed} faults")
    return failed == 0 and count > 0


sys.exit(0 if check(sys.argv[1]) else 1)
