"""The query of a brand: written in one line or put together from fields, and tried out before it is saved. Leads try, administrators
save."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from desk.base.words import RoleName
from desk.brands import brands
from desk.mentions import tryouts
from desk.mentions.tryouts import Tried, Tryout
from desk.queries import builder
from desk.queries.builder import Fields
from desk.queries.faults import QueryFault
from desk.queries.grammar import LONGEST
from webapp.request import access, transaction
from webapp.wording import passages

bp = Blueprint("query", __name__, url_prefix="/settings/brands")

SHOWN = 30
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Group:
    """Mentions of one kind, the newest ones of which are shown."""

    name: str
    title: str
    all: Sequence[Tried]

    @property
    def shown(self) -> Sequence[Tried]:
        return self.all[:SHOWN]


@bp.get("/<int:brand_id>/query")
def page(brand_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    return _page(brand_id, brands.query_of(brands.load(transaction.session(), brand_id)))


@bp.post("/<int:brand_id>/query/try")
def try_out(brand_id: int) -> ResponseReturnValue:
    """What is typed is tried out and not saved."""
    access.require_role(RoleName.LEAD)
    query = builder.compose(_fields()) if "build" in request.form else _typed()
    try:
        found = tryouts.try_out(transaction.session(), query, brand_id)
    except QueryFault as fault:
        return _page(brand_id, query, fault=fault), 422
    return _page(brand_id, query, found=found)


@bp.post("/<int:brand_id>/query")
def save(brand_id: int) -> ResponseReturnValue:
    access.require_role()
    query = _typed()
    try:
        brands.change_query(transaction.session(), brand_id, query)
    except QueryFault as fault:
        transaction.begin_again(fault)
        return _page(brand_id, query, fault=fault), 422
    flash(_("Saved. The query applies from now on; what was filed before stays where it is."), "success")
    return redirect(url_for("query.page", brand_id=brand_id))


def _typed() -> str:
    # One more than is allowed, so that what is too long is refused and not cut.
    return " ".join(request.form.get("query", "").split())[: LONGEST + 1]


def _fields() -> Fields:
    some, also, none = (tuple(request.form.get(name, "").splitlines()) for name in ("some", "also", "none"))
    language = request.form.get("language", "")
    return Fields(some, also, none, language if language in LANGUAGES else "")


def _page(brand_id: int, query: str, fault: QueryFault | None = None, found: Tryout | None = None) -> str:
    titles = get_locale().languages
    is_built = "build" in request.form
    fields = _fields() if is_built else builder.decompose(query)
    return render_template(
        "settings/query.html",
        brand=brands.load(transaction.session(), brand_id),
        query=query,
        fault=fault,
        faulty=passages.pieces(query, [(fault.start, max(fault.end, fault.start))]) if fault else [],
        found=found,
        groups=_groups(found) if found else [],
        fields=fields or Fields(),
        fits=fields is not None or fault is not None,
        is_built=is_built,
        languages=[(code, titles.get(code, code)) for code in LANGUAGES],
        told=_told,
    )


def _groups(found: Tryout) -> list[Group]:
    kept = [one for one in found.matching if not one.is_gained]
    return [
        Group("lost", _("Would be lost"), found.lost),
        Group("gained", _("Would be found as well"), found.gained),
        Group("kept", _("Match"), kept),
    ]


def _told(one: Tried) -> dict[str, Any]:
    """Title and text with the deciding words marked; of other fields the words alone."""
    marks = {
        field: [(each.start, each.end) for each in one.outcome.passages if each.field == field]
        for field in ("thread_title", "title", "text")
    }
    return {
        field: passages.excerpt(getattr(one.mention, field), marks[field])
        if getattr(one.mention, field)
        else []
        for field in marks
        if field != "thread_title" or marks[field]
    }
