"""Makes a JSON Schema of the Calendar API from the description in Google's own library. usage: google_schemas.py <file>

The description is written in a dialect of JSON Schema draft 3: references are bare names, what is required is said for
each method, large numbers are text.
"""

import json
import re
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

DOCUMENT = "googleapiclient.discovery_cache.documents"
# The description allows times without an offset: their zone then stands beside them.
PATTERNS = {
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "date-time": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$",
    "int64": r"^-?\d+$",
    "uint64": r"^\d+$",
}
RANGES = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


def converted(source: dict[str, Any]) -> dict[str, Any]:
    """One schema. Objects are closed: a key that nobody declared is refused."""
    if "$ref" in source:
        return {"$ref": f"#/definitions/{source['$ref']}"}
    kind = source.get("type")
    schema: dict[str, Any] = {} if kind in (None, "any") else {"type": kind}
    form = source.get("format")
    if kind == "string" and form in PATTERNS:
        schema["pattern"] = PATTERNS[form]
    if kind == "integer" and form in RANGES:
        schema["minimum"], schema["maximum"] = RANGES[form]
    for bound in ("minimum", "maximum"):
        if bound in source:
            schema[bound] = int(source[bound])
    if "enum" in source:
        schema["enum"] = source["enum"]
    if kind == "array":
        schema["items"] = converted(source["items"])
    if kind == "object":
        schema["properties"] = {name: converted(value) for name, value in source.get("properties", {}).items()}
        more = source.get("additionalProperties")
        schema["additionalProperties"] = converted(more) if more else False
    return schema


def parameter(source: dict[str, Any]) -> dict[str, Any]:
    """A parameter of a query: a list where it may be repeated."""
    schema = converted(source)
    return {"type": "array", "items": schema} if source.get("repeated") else schema


def required(document: dict[str, Any], name: str, method: str) -> list[str]:
    """What a body of this type must have in this method."""
    properties = document["schemas"][name]["properties"]
    return [key for key, value in properties.items() if method in value.get("annotations", {}).get("required", [])]


def methods(resources: dict[str, Any]) -> list[dict[str, Any]]:
    """The methods of all resources, those of nested ones included."""
    found: list[dict[str, Any]] = []
    for resource in resources.values():
        found += resource.get("methods", {}).values()
        found += methods(resource.get("resources", {}))
    return found


def bundle(document: dict[str, Any]) -> dict[str, Any]:
    """Every type under its name, and for every method its query and its body."""
    definitions = {name: converted(schema) for name, schema in document["schemas"].items()}
    described = {}
    for method in methods(document["resources"]):
        name = method["id"]
        given = document["parameters"] | method.get("parameters", {})
        query = {key: parameter(value) for key, value in given.items() if value["location"] == "query"}
        definitions[f"{name}.query"] = {"type": "object", "properties": query, "additionalProperties": False}
        body = method.get("request", {}).get("$ref")
        if body:
            needed = required(document, body, name)
            definitions[f"{name}.body"] = {"$ref": f"#/definitions/{body}", "required": needed}
        path = re.sub(r"\{\w+\}", "{}", f"/{document['servicePath']}{method['path']}")
        answer = method.get("response", {}).get("$ref")
        described[name] = {"verb": method["httpMethod"], "path": path, "answer": answer, "body": bool(body)}
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, "definitions": definitions, "methods": described}


def main() -> None:
    """Reads the description and writes the schema."""
    document = json.loads(files(DOCUMENT).joinpath("calendar.v3.json").read_text())
    Path(sys.argv[1]).write_text(json.dumps(bundle(document), indent=1))


main()
