"""The pieces that every page is made of: `ui.button(…)` in a template is the macro in templates/components/button.html.

No template imports them. They are made without the context of a page, so each is read once and not once a request:
what a component shows, it is given.
"""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

LINE_BREAK = re.compile(r"[ \t]*\n\s*")


class Components:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._macros: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """The macro of that name. Raises TemplateNotFound, which names the file that is missing."""
        if name.startswith("_"):
            raise AttributeError(name)  # Jinja asks every value for __html__ and the like
        if name not in self._macros:
            module = self._environment.get_template(f"components/{name}.html").module
            self._macros[name] = getattr(module, name)
        return self._macros[name]


class WithoutIndent(Extension):
    """Templates are laid out for whoever reads them. What a page needs of it is a space, and weighs a third less."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            yield (
                Token(token.lineno, token.type, without_indent(token.value))
                if token.type == "data"
                else token
            )


def without_indent(text: str) -> str:
    """The text of a template with a line break only between tags, and none before the end of one."""

    def instead(found: re.Match[str]) -> str:
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        if after == ">":
            return ""
        return "\n" if (before, after) == (">", "<") else " "

    return LINE_BREAK.sub(instead, text)


def install(app: Flask) -> None:
    app.jinja_env.globals["ui"] = Components(app.jinja_env)
    app.jinja_env.add_extension(WithoutIndent)
