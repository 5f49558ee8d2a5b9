"""Writes the API's own description as one principal would fill it in: the codes, values, purposes
and fields of a running demo world stand beside the free texts, so that what is made up from it
meets real people too. Answers' schemas stay as the server gives them.

    describe.py SERVER CREDENTIALS PEOPLE.jsonl PRINCIPAL OUT.json
"""

import copy
import json
import sys

import requests

PEOPLE_KNOWN = 6  # of each kind: followed by the adviser, strangers
LOOKUPS_MAX = 400
# What the description's examples say, and whom it stands for here.
CODE_OF_CASELOAD = "7KQ2-9TZD-1H7V-CX2M"
CODE_OF_STRANGER = "3F8N-0WRB-6Y4S-PKA9"
CODE_OF_REGISTERED = "5D1M-QG7X-ZC0E-42TJ"
NIR_OF_CASELOAD = "284057511612333"
EMAIL_OF_CASELOAD = "camille.martin@example.org"


class Api:
    def __init__(self, server, credentials, who):
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy and no authority but the demo's own
        self.session.verify = f"{credentials}/ca.pem"
        self.session.cert = (f"{credentials}/{who}.pem", f"{credentials}/{who}.key")
        with open(f"{credentials}/{who}.token", encoding="ascii") as token:
            self.session.headers["Authorization"] = "Bearer " + token.read()

    def get(self, path):
        answer = self.session.get(self.server + path, timeout=20)
        answer.raise_for_status()
        return answer.json()

    def find(self, person, purpose):
        """Somebody's values with their code and version, when the purpose shows them."""
        body = {
            "criteria": {"nir": person["civil_number.nir"]},
            "purpose": purpose,
            "case_ref": "outside",
        }
        answer = self.session.post(self.server + "/v1/lookups", json=body, timeout=20)
        answer.raise_for_status()
        rows = answer.json()["rows"]
        return (rows[0]["person"], person, rows[0]["version"]) if rows else None


def find_people(adviser, people, first):
    """People of the caseload, and strangers."""
    followed, strangers = [], []
    for person in [p for p in people if "civil_number.nir" in p][:LOOKUPS_MAX]:
        found = adviser.find(person, "support")
        if found is not None and len(followed) < PEOPLE_KNOWN:
            followed.append(found)
        # Whoever comes in may be received: the only purpose that gives a stranger's code.
        elif found is None and first and len(strangers) < PEOPLE_KNOWN:
            found = adviser.find(person, "reception")
            if found is not None:
                strangers.append(found)
        if len(followed) == PEOPLE_KNOWN and (not first or len(strangers) == PEOPLE_KNOWN):
            break
    if not followed or (first and not strangers):
        raise SystemExit("describe: the world has nobody of the caseload, or no strangers")
    return followed, strangers


def beside(schema, values):
    return {"anyOf": [{"type": "string", "enum": sorted(set(values))}, schema]}


def inline(document, schema):
    while "$ref" in schema:
        at = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        schema = at
    return copy.deepcopy(schema)


def fill_in(document, known, people, capabilities):
    schemas = document["components"]["schemas"]
    codes = [code for code, _, _ in known]
    values = {}
    for _, person, _ in known:
        for name, text in person.items():
            values.setdefault(name, []).append(text)
    fields = sorted({name for person in people for name in person})
    purposes = [purpose["name"] for purpose in capabilities["purposes"]] or ["support"]

    person = beside(inline(document, schemas["PersonCode"]), codes)
    purpose = beside(inline(document, schemas["Purpose"]), purposes)
    agent = beside(inline(document, schemas["Principal"]), ["adviser.ft.002", "adviser.ft.003"])
    field = {"type": "string", "enum": fields}
    for name in ("LookUp", "Disclose", "Register", "Update", "Erase"):
        properties = schemas[name]["properties"]
        if "person" in properties:
            properties["person"] = person
        if "persons" in properties:
            properties["persons"]["items"] = person
        if "purpose" in properties:
            properties["purpose"] = purpose
    schemas["Disclose"]["properties"]["fields"]["items"] = field
    for name in ("Register", "Update"):
        texts = schemas[name]["properties"]["fields"]
        texts["propertyNames"] = field
        texts["properties"] = {
            of: beside(copy.deepcopy(texts["additionalProperties"]), values[of]) for of in values
        }
    criteria = schemas["LookUp"]["properties"]["criteria"]["properties"]
    for criterion, of in (
        ("nir", "civil_number.nir"),
        ("phone", "contact.phone"),
        ("email", "contact.email"),
        ("agency_id", "agency.identifier"),
    ):
        criteria[criterion] = beside(criteria[criterion], values[of])
    assignment = schemas["Assign"]["properties"]["assignments"]["items"]["properties"]
    assignment["agent"], assignment["person"] = agent, person
    schemas["PrincipalName"]["properties"]["principal"] = agent
    match = document["components"]["parameters"]["IfMatch"]
    match["schema"] = beside(match["schema"], [f'"{version}"' for _, _, version in known])


def body_of(properties, required):
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def add_honest_bodies(document, known, capabilities):
    """Beside the bodies that are only well-formed: some that the caller may well be given."""
    schemas = document["components"]["schemas"]
    case_ref = {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{1,9}$"}
    person = {"type": "string", "enum": [code for code, _, _ in known]}
    texts = {}
    for _, values, _ in known:
        for name, text in values.items():
            texts.setdefault(name, []).append(text)
    unique = ("civil_number.nir", "agency.identifier")  # nobody may have them twice
    fields = {
        name: {"type": "string", "enum": sorted(set(of))}
        for name, of in texts.items()
        if name not in unique
    }
    names = ["identity.birth_name", "identity.first_name"]
    honest = {
        "Disclose": [
            body_of(
                {
                    "person": person,
                    "fields": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 6,
                        "uniqueItems": True,
                        "items": {"type": "string", "enum": grant["fields"]},
                    },
                    "purpose": {"type": "string", "enum": [grant["purpose"]]},
                    "case_ref": case_ref,
                },
                ["person", "fields", "purpose", "case_ref"],
            )
            for grant in capabilities["grants"]
        ],
        "Register": [body_of({"fields": body_of(fields, names)}, ["fields"])],
        "Update": [
            body_of({"person": person, "fields": body_of(fields, names[:1])}, ["person", "fields"])
        ],
    }
    for name, bodies in honest.items():
        schemas[name] = {"anyOf": [*bodies, schemas[name]]}


def with_our_people(document, followed, strangers):
    text = json.dumps(document)
    code, person, _ = followed[0]
    for said, ours in (
        (CODE_OF_CASELOAD, code),
        (CODE_OF_STRANGER, (strangers or followed)[-1][0]),
        (CODE_OF_REGISTERED, followed[-1][0]),
        (NIR_OF_CASELOAD, person["civil_number.nir"]),
        (EMAIL_OF_CASELOAD, person["contact.email"]),
    ):
        text = text.replace(said, ours)
    return json.loads(text)


def main():
    server, credentials, people_file, who, out = sys.argv[1:]
    with open(people_file, encoding="utf-8") as lines:
        people = [json.loads(line) for line in lines]
    first = who != "adviser.ce"  # an account of the first organisation, as most are
    adviser = Api(server, credentials, "adviser.ft" if first else "adviser.ce")
    followed, strangers = find_people(adviser, people, first)
    caller = Api(server, credentials, who)
    document = with_our_people(caller.get("/openapi.json"), followed, strangers)
    capabilities = caller.get("/v1/me/capabilities")
    fill_in(document, followed + strangers, people, capabilities)
    add_honest_bodies(document, followed, capabilities)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(document, file)


if __name__ == "__main__":
    main()
