"""The pieces that every page is made of: `ui.button(…)` in a template is the macro in templates/components/button.html.

No template imports them. They are made without the context of a page, so each is read once and not once a request:
what a component shows, it is given.
"""

import re
from typing import Any

from flask import Flask
from jinja2 import Environment
from jinja2.ext import Extension

INDENT = re.compile(r"\n[ \t]+")


class Components:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        """The macro of that name, from now on an attribute. Raises TemplateNotFound, which names the missing file."""
        if name.startswith("_"):
            raise AttributeError(name)  # Jinja asks every value for __html__ and the like
        macro = getattr(self._environment.get_template(f"components/{name}.html").module, name)
        setattr(self, name, macro)
        return macro


class WithoutIndent(Extension):
    """Templates are indented for whoever reads them. On a page a line break is worth as much, and weighs a third less."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return INDENT.sub("\n", source)


def install(app: Flask) -> None:
    app.jinja_env.globals["ui"] = Components(app.jinja_env)
    app.jinja_env.add_extension(WithoutIndent)
