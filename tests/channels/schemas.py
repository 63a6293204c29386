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
