"""Removing a source or a brand: first what would go, counted, then the removal itself."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from desk.base.words import RoleName
from desk.brands import brands
from desk.operations import removal
from desk.sources import source_list, sources
from webapp.request import access, clock, transaction

bp = Blueprint("removal", __name__)


@dataclass(frozen=True, slots=True)
class Page:
    """What the page that asks once more says: what goes, where the form leads and where one turns back."""

    title: str
    extent: removal.Extent
    back: str
    is_brand: bool
    is_removing: bool


@bp.get("/sources/<int:source_id>/remove")
def source(source_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    found = sources.load(transaction.session(), source_id)
    back = url_for("sources.page", source_id=source_id)
    extent = removal.extent(transaction.session(), [source_id])
    return _ask(Page(found.title, extent, back, is_brand=False, is_removing=found.removing_at is not None))


@bp.post("/sources/<int:source_id>/remove")
def remove_source(source_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    removed = removal.ask_source(transaction.session(), source_id, current_user, clock.now())
    flash(_("“%(title)s” is being removed with everything collected there.", title=removed.title), "success")
    return redirect(url_for("sources.index"))


@bp.get("/settings/brands/<int:brand_id>/remove")
def brand(brand_id: int) -> ResponseReturnValue:
    access.require_role()
    session = transaction.session()
    found = brands.load(session, brand_id)
    listening = [one.id for one in source_list.all_sources(session) if one.brand_id == brand_id]
    back = url_for("settings.brand", brand_id=brand_id)
    extent = removal.extent(session, listening)
    return _ask(Page(found.name, extent, back, is_brand=True, is_removing=found.removing_at is not None))


@bp.post("/settings/brands/<int:brand_id>/remove")
def remove_brand(brand_id: int) -> ResponseReturnValue:
    access.require_role()
    removed = removal.ask_brand(transaction.session(), brand_id, current_user, clock.now())
    flash(_("“%(title)s” is being removed with everything collected for it.", title=removed.name), "success")
    return redirect(url_for("settings.index"))


def _ask(page: Page) -> str:
    return render_template("removal/index.html", page=page)
