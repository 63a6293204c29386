"""The rules find what they are for: each is shown a channel that breaks it."""

from collections.abc import Callable, Iterable

import pytest

from channels import errors
from channels.contract import Fetch, Page, Place, Remark, Sighting, Text
from tests.channels.conformance import rules
from tests.channels.conformance.subjects import CANARY
from tests.channels.conftest import NOW

PLACE = Place("https://site.example/page", secrets={"key": CANARY})
LEAKS = {
    "in an address": Fetch(f"https://site.example/?key={CANARY}"),
    "in a header": Fetch("https://site.example/", headers={"key": CANARY}),
    "in a body": Fetch("https://site.example/", method="POST", body=CANARY.encode()),
    "in a remark": Remark(Text("Wrong key.", f"Неверный ключ {CANARY}.")),
    "in a text": Sighting("1", None, f"The key is {CANARY}"),
}


class Says:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def parse(self, place: Place, page: Page) -> Iterable[Remark]:
        yield Remark(Text("One.", "Раз."))
        raise self.error


@pytest.mark.parametrize("how", LEAKS)
def test_a_secret_is_found(how: str) -> None:
    with pytest.raises(AssertionError):
        rules.demand_no_secret([LEAKS[how]])
    rules.demand_no_secret([Fetch("https://site.example/"), PLACE])


@pytest.mark.parametrize(
    "error",
    [
        errors.Unauthorized(Text(f"Wrong: {CANARY}.", "Неверно.")),
        errors.Unauthorized(Text("Wrong.", f"Неверно: {CANARY}.")),
        errors.Unauthorized(),
        ValueError("no error of the family"),
    ],
)
def test_a_bad_error_is_found(error: Exception) -> None:
    with pytest.raises((AssertionError, ValueError)):
        rules.read_hostile(Says(error), Page(PLACE.url, 200, {}, b"", fetched_at=NOW), PLACE)


@pytest.mark.parametrize(
    ("broken", "breaks"),
    [
        ("a request to another site", lambda: rules.demand_home([Fetch("https://evil.example/")], PLACE)),
        ("Russian in the English", lambda: rules.demand_both(Text("Да.", "Да."))),
        ("English in the Russian", lambda: rules.demand_both(Text("Yes.", "Yes, sir."))),
        ("nothing said", lambda: rules.demand_both(Text("", ""))),
        ("an id that is too long", lambda: rules.demand_storable(Sighting("x" * 300, None, "a"))),
    ],
)
def test_a_breach_is_found(broken: str, breaks: Callable[[], None]) -> None:
    with pytest.raises(AssertionError):
        breaks()
    rules.demand_home([Fetch("https://api.example/")], PLACE, ["api.example"])
