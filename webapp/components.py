"""The pieces that every page is made of: `ui.button(…)` in a template is the macro in templates/components/button.html.

No template imports them. They are made without the context of a page, so each is read once and not once a request:
what a component shows, it is given.
"""

from typing import Any

from flask import Flask
from jinja2 import Environment


class Components:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        """The macro of that name. Raises TemplateNotFound, which names the file that is missing."""
        if name.startswith("_"):
            raise AttributeError(name)  # Jinja asks every value for __html__ and the like
        return getattr(self._environment.get_template(f"components/{name}.html").module, name)


def install(app: Flask) -> None:
    app.jinja_env.globals["ui"] = Components(app.jinja_env)
