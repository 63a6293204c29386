"""Debian's Chromium, driven by Playwright; a page that complains in its console fails the test."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.stack import Stack

SignIn = Callable[..., Page]


@pytest.fixture(autouse=True)
def judged(stack: Stack) -> None:
    stack.wait_until_judged()


@pytest.fixture
def sign_in(chromium: Browser, stack: Stack) -> Iterator[SignIn]:
    """`sign_in("igor", width=1280, theme="light", language="ru-RU", has_scripts=True)` -> the queue page."""
    complaints: list[str] = []
    contexts = []

    def open_for(
        name: str,
        *,
        width: int = 1280,
        theme: str = "light",
        language: str = "en-GB",
        has_scripts: bool = True,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            locale=language,
            color_scheme=theme,
            java_script_enabled=has_scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{stack.address}/sign-in")
        page.locator("input[name=email]").fill(f"{name}@zarya.example")
        page.locator("input[type=password]").fill(stack.password)
        page.locator("[data-test=submit]").click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
        return page

    yield open_for
    for context in contexts:
        context.close()
    # A refusal because a colleague was faster is an answer, and the browser calls it an error.
    assert [said for said in complaints if "409" not in said] == []
