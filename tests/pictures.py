"""The pictures of the README, taken anew from the running sample: `python -m tests.pictures`. Needs Chromium."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import servers
from tests.conftest import CHROMIUM_FLAGS
from tests.processes import eventually
from tests.stack import Stack, running

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = {"width": 1280, "height": 800}
LANGUAGES = {"en": "en-GB", "ru": "ru-RU"}


def main() -> int:
    path = servers.chromium()
    if path is None:
        sys.stderr.write(servers.CHROMIUM_HINT + "\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "var", "--sample") as stack,
        sync_playwright() as playwright,
    ):
        eventually(lambda: _is_read(stack), seconds=120)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        for language, locale in LANGUAGES.items():
            _take(browser, stack, language, locale)
        browser.close()
    return 0


def _is_read(stack: Stack) -> bool:
    """Everything of the sample is collected, tagged and routed."""
    mentions = stack.json("mention", "list")
    return len(mentions) > 30 and all(mention["intent"] for mention in mentions)


def _take(browser: Browser, stack: Stack, language: str, locale: str) -> None:
    context = browser.new_context(viewport=SIZE, locale=locale, color_scheme="light")
    page = context.new_page()
    _sign_in(page, stack)
    page.locator("[data-test=row]").first.click()
    page.locator("#pane [data-test=composer], #pane .case-readonly").first.wait_for()
    page.screenshot(path=FOLDER / f"queue-{language}.png")
    page.goto(f"{stack.address}/numbers")
    page.locator("[data-test=figures]").wait_for()
    page.screenshot(path=FOLDER / f"numbers-{language}.png")
    context.close()


def _sign_in(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.address}/sign-in")
    page.locator("input[name=email]").fill("anna@zarya.example")
    page.locator("input[type=password]").fill(stack.password)
    page.locator("[data-test=submit]").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


if __name__ == "__main__":
    sys.exit(main())
