"""A source without an address is added by the keyboard alone, and its push address is copied by it."""

from collections.abc import Callable
from typing import Any

import pytest

from channels import KINDS
from desk.base import db
from desk.models import Source
from desk.sources import deliveries
from tests.channels import made_up
from tests.webapp.hands import focus, loaded
from tests.world.desk import World

pytestmark = pytest.mark.browser


def tab_to(page: Any, wanted: str) -> None:
    """Goes on by Tab until that has the focus."""
    loaded(page)
    for _press in range(80):
        if focus(page) == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {wanted}; it is at {focus(page)}")


def test_it_is_added_by_keys_and_its_address_copied(
    browse: Callable[..., Any], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "shop_hook", made_up.KINDS["shop_hook"])
    page = browse("lead", permissions=["clipboard-read", "clipboard-write"])
    page.goto(page.url.rstrip("/") + "/sources/new")
    tab_to(page, "kind-shop_hook")
    page.keyboard.press("Enter")
    page.locator('[data-test="save-form"]').wait_for()
    tab_to(page, "f-title")
    page.keyboard.press("Control+A")
    page.keyboard.type("Shop")
    tab_to(page, "f-field-secret")
    page.keyboard.type("s3cret")
    tab_to(page, "f-own_ids")
    page.keyboard.type("77")
    tab_to(page, "save")
    page.keyboard.press("Enter")
    page.locator('[data-test="push-address"]').wait_for()
    with db.snapshot() as session:
        source = session.query(Source).filter_by(kind="shop_hook").one()
        address = deliveries.address_of(source.id, str(source.push_nonce))
        assert (source.title, source.own_ids) == ("Shop", ["77"])
    tab_to(page, "push-address")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == address
    page.reload()
    assert page.locator('[data-test="push-address"]').count() == 0
    tab_to(page, "push-show")
    page.keyboard.press("Enter")
    page.locator('[data-test="push-address"]').wait_for()
