"""axe-core in a page: what people with other eyes, hands and ears cannot use. It is a development dependency of
package.json; `make setup-dev` fetches it."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
COUNTED = ("critical", "serious", "moderate")


@cache
def _source() -> str:
    if not SCRIPT.is_file():
        pytest.skip("axe-core is not fetched: `npm ci` gets it")
    return SCRIPT.read_text(encoding="utf-8")


def problems(page: Any) -> list[str]:
    """One line a problem of the impact COUNTED: its impact, rule, what it means and the first places of it."""
    page.evaluate(_source())
    # The size of targets (WCAG 2.2, 2.5.8) is a rule that axe leaves off unless it is asked for.
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{one['impact']} {one['id']}: {one['help']} ({len(one['nodes'])})\n    "
        + "\n    ".join(f"{node['target']} {_why(node)}" for node in one["nodes"][:4])
        for one in found
        if one["impact"] in COUNTED
    ]


def _why(node: dict[str, Any]) -> str:
    return " ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))[:200]
