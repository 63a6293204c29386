"""The engine that draws charts: a browser's, with 90 to 140 MB of its own, so it is imported by a process
of its own alone (webapp/helper_process.py)."""

import json
from typing import Any

import vl_convert

WARM = {"data": {"values": [{"x": 1}]}, "mark": "bar", "encoding": {"x": {"field": "x", "type": "ordinal"}}}


def svg(spec: dict[str, Any]) -> str:
    """Of a chart in the words of Vega-Lite."""
    return str(vl_convert.vegalite_to_svg(json.dumps(spec)))


# The first drawing takes half a second more than the others; whoever wakes us does that before there is a question.
svg(WARM)
