"""A person's hands on a page, which count what they do: a press of a key or of a chord, a click, a text typed."""

from typing import Any


class Hands:
    """`acts` counts since it was last set to 0. A chord (Ctrl+Enter) is one press, a text of any length is one act."""

    def __init__(self, page: Any) -> None:
        self.page, self.acts = page, 0

    def press(self, *keys: str) -> None:
        loaded(self.page)
        for key in keys:
            self.page.keyboard.press(key)
            self.acts += 1

    def click(self, selector: str, **more: Any) -> None:
        self.page.locator(selector).click(**more)
        self.acts += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.acts += 1


def loaded(page: Any) -> None:
    """Waits for the scripts of a page that came by a key or a click: what is seen first hears no key yet, and what a script
    shows is no stop of Tab before the script has run."""
    page.wait_for_load_state("load")


def case_in_pane(page: Any, case_id: int) -> None:
    """Waits until that case is open beside the list and its row is the marked one."""
    page.locator(f'#pane [data-test="case"][data-case="{case_id}"]').wait_for()
    page.locator(f"#case-{case_id}.is-here").wait_for()


def focus(page: Any) -> str:
    """What has the focus: its data-test, its id, or its tag."""
    said = page.evaluate(
        """() => { const a = document.activeElement;
        const row = a.closest('.row');
        return row ? row.id : a.dataset.test || a.id || a.tagName; }"""
    )
    return str(said)
