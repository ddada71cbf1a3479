#!/usr/bin/python3
"""schema.py NAME [--lines]: validates the JSON on stdin, or each line of it, against docs/schemas/NAME.schema.json.

schema.py --schemas: the schemas themselves are valid, and describe every field that they name.
"""
import json
import pathlib
import sys

from jsonschema import Draft202012Validator, RefResolver
from jsonschema.exceptions import best_match

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schemas"


def load(name):
    return json.loads((FOLDER / f"{name}.schema.json").read_text())


def complain(found):
    for line in found[:10]:
        print(line, file=sys.stderr)
    sys.exit(1 if found else 0)


def faults(validator, document):
    for each in validator.iter_errors(document):
        error = best_match([each])  # of alternatives, what is wrong with the one that fits best
        path = "/".join(str(part) for part in error.absolute_path)
        yield f"/{path}: {error.message[:300]}"


def undescribed(schema, path):
    """Fields without a description, and objects that would take fields that nobody described."""
    if isinstance(schema, list):
        for i, each in enumerate(schema):
            yield from undescribed(each, f"{path}/{i}")
    elif isinstance(schema, dict):
        for name, field in schema.get("properties", {}).items():
            is_condition = path.endswith("/if") or path.endswith("/then") or path.endswith("/else")
            if not is_condition and "description" not in field:
                yield f"{path}/{name}: has no description"
        if "properties" in schema and schema.get("type") == "object" and "additionalProperties" not in schema:
            yield f"{path}: takes any field"
        for key, each in schema.items():
            yield from undescribed(each, f"{path}/{key}")


def check_schemas():
    found = []
    for file in sorted(FOLDER.glob("*.schema.json")):
        schema = json.loads(file.read_text())
        Draft202012Validator.check_schema(schema)
        found += [f"{file.name}{line}" for line in undescribed(schema, "")]
    complain(found)


def main():
    if sys.argv[1] == "--schemas":
        check_schemas()
    schema = load(sys.argv[1])
    resolver = RefResolver(base_uri=(FOLDER / f"{sys.argv[1]}.schema.json").as_uri(), referrer=schema)
    validator = Draft202012Validator(schema, resolver=resolver)
    texts = sys.stdin.read().splitlines() if "--lines" in sys.argv else [sys.stdin.read()]
    if not any(text.strip() for text in texts):
        complain(["there is no document"])
    complain([fault for text in texts for fault in faults(validator, json.loads(text))])


main()
