"""What every page shows around itself: the rail, the language, the theme. An item of the rail appears as soon as a
view with that endpoint is registered."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l
from flask_security import current_user

from desk.base.words import RoleName
from desk.people.permissions import may_write
from webapp.request import access, clock, languages


@dataclass(frozen=True, slots=True)
class Item:
    endpoint: str
    title: Any
    icon: str
    roles: tuple[RoleName, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        return (request.blueprint or "") in (self.endpoint.split(".")[0], *self.also)


RAIL = (
    Item("queue.index", _l("Queue"), "queue"),
    Item("mentions.index", _l("Mentions"), "mentions"),
    Item("numbers.index", _l("Numbers"), "numbers"),
    Item(
        "sources.index",
        _l("Sources"),
        "sources",
        also=("adding", "accounts", "connect", "account_check", "removal", "push"),
    ),
    Item("team.index", _l("Team"), "team"),
    Item("settings.index", _l("Settings"), "settings", (RoleName.LEAD, RoleName.ADMIN), ("judge",)),
)


def items() -> list[Item]:
    """What this reader may open."""
    return [item for item in RAIL if has(item.endpoint) and (not item.roles or current_user.has(*item.roles))]


def has(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def this_page() -> str:
    """The address to come back to after a form. What answers a form has none."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def install(app: Flask) -> None:
    # Globals and no context processor: components are read without the context of a page.
    app.jinja_env.globals.update(
        rail=items,
        has=has,
        language=languages.language,
        theme=languages.theme,
        may_write=lambda: current_user.is_authenticated and may_write(current_user),
        is_fragment=access.is_fragment,
        now=clock.now,
        this_page=this_page,
        LANGUAGES=languages.NAMES,
    )
