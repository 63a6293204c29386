"""What sandboxes and saved answers are held to: the official schemas under tests/schemas/, trimmed (LICENSES beside them)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema.validators import validator_for
from openapi_schema_validator import OAS30Validator, OAS31Validator

SCHEMAS = Path(__file__).parents[1] / "schemas"


@cache
def document(path: str) -> dict[str, Any]:
    """`path` is below tests/schemas: `vk/vk.schema.json`."""
    return dict(json.loads((SCHEMAS / path).read_text()))


def faults(path: str, name: str, said: object) -> list[str]:
    """What is wrong with `said` by that schema: a name of the document's definitions, or a pointer that begins with `#/`."""
    whole = document(path)
    if "openapi" in whole:
        pointer = name if name.startswith("#/") else f"#/components/schemas/{name}"
        kind = OAS31Validator if whole["openapi"].startswith("3.1") else OAS30Validator
        root = {"$ref": pointer, "components": whole.get("components", {}), "paths": whole.get("paths", {})}
    else:
        holder = next(key for key in ("$defs", "definitions") if key in whole)
        root = {**whole, "$ref": name if name.startswith("#/") else f"#/{holder}/{name}"}
        kind = validator_for(whole)
    return [f"{list(one.absolute_path)}: {one.message}" for one in kind(root).iter_errors(said)]


def unnamed(path: str, name: str, said: object) -> list[str]:
    """What stands in `said` and in no property of that schema: where nothing is required, a misspelt name is seen only so."""
    root = document(path)
    start = {"$ref": name if name.startswith("#/") else f"#/components/schemas/{name}"}
    return sorted(set(_unnamed(root, start, said, "")))


def _unnamed(root: dict[str, Any], schema: dict[str, Any], said: object, at: str) -> list[str]:
    if isinstance(said, list):
        items = _facet(root, schema, "items")
        return [fault for one in said for fault in _unnamed(root, items, one, f"{at}[]")] if items else []
    if not isinstance(said, dict) or not (properties := _facet(root, schema, "properties")):
        return []
    found = [f"{at}/{key}" for key in said if key not in properties]
    for key in said.keys() & properties.keys():
        found += _unnamed(root, properties[key], said[key], f"{at}/{key}")
    return found


def _facet(root: dict[str, Any], schema: dict[str, Any], facet: str) -> dict[str, Any]:
    """`items` or `properties` of a schema, gathered from all that it refers to and is made of."""
    whole: dict[str, Any] = {}
    if "$ref" in schema:
        whole |= _facet(root, resolved(root, schema["$ref"]), facet)
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        whole |= _facet(root, part, facet)
    return whole | schema.get(facet, {})


def resolved(root: dict[str, Any], pointer: str) -> Any:
    found: Any = root
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found
