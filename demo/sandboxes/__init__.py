"""Local servers that speak the documented format of a site's API, with its errors, limits, moderation and paging. The
tests speak to them, and a person can: OTKLIK_API_URLS puts one in place of the official server.

One file a kind, named after it, whose class is `Site`.
"""

import pkgutil
from importlib import import_module

from demo.sandboxes.base import Sandbox

SANDBOXES = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
"""The kinds that have one."""


def sandbox(kind: str) -> Sandbox:
    """A fresh one with its first stories in it. Raises KeyError for a kind that has none."""
    if kind not in SANDBOXES:
        raise KeyError(kind)
    made: Sandbox = import_module(f"demo.sandboxes.{kind}").Site()
    return made
