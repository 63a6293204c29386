"""Values that no form of ours sends, in every address and every field of every form: never a broken page."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector
from werkzeug.routing import Rule
from werkzeug.routing.converters import NumberConverter

import webapp
from desk.base.errors import Invalid
from tests.webapp.test_access import example
from tests.world.desk import World
from webapp.request import typed

# In every field at once. A lone surrogate goes out as the bytes that a careless program would send.
VALUES = (
    "", "-1", "NaN", "²", str(2**31), str(10**30), "9" * 5000, "0001-01-01", "9999-12-31T23:59",
    "2026-11-20T10:00+99:99", "a\x00\ud800", "a" * 100_000, "user:" + "9" * 30, "https://[::1",
)  # fmt: skip
# In one field of a form that is filled in well otherwise.
WRONG = ("²", str(2**63), "0001-01-01T00:00", "a\x00\ud800")
NUMBERS = (
    "0",
    "-1",
    "٣",
    "1.5",
    str(2**31 - 1),
    str(2**31),
    str(10**30),
    "9" * 5000,
    "%00",
    "%ED%A0%80",
    "1%0A",
)
BODIES = (
    ("application/json", b"[[[[["),
    ("application/json", b'{"case": [1, {"a": NaN}]}'),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=case\r\n\r\n1"),
    ("multipart/form-data", b"--x--"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"%FF%FE=%&&&=&a"),
    ("application/x-www-form-urlencoded", b"case=1&" * 3000),
    ("\x7f/\x7f;;;", b"\xff" * 100),
)  # fmt: skip
# What is typed there is sent out, which is a test of its own; and who signs out cannot go on.
# Hundreds of pages a test, which a busy machine takes its time for.
pytestmark = pytest.mark.timeout(600)
LEFT_ALONE = {"security.logout", "static"}
ROLES = ("admin", "analyst")


def sent(client: FlaskClient, method: str, address: str, values: dict[str, str]) -> int:
    body = "&".join(
        f"{name}={quote_plus(value.encode('utf-8', 'surrogatepass'))}" for name, value in values.items()
    )
    if method == "GET":
        return client.get(f"{address}?{body}").status_code
    return client.post(address, data=body, content_type="application/x-www-form-urlencoded").status_code


def names() -> list[str]:
    """Whatever a view ever asks a form or an address for."""
    texts = [path.read_text() for path in Path(webapp.__file__).parent.rglob("*.py")]
    asked = re.compile(r'(?:args|form)\.(?:get|getlist|pop)\(\s*"([\w-]+)"')
    return sorted({name for text in texts for name in asked.findall(text)} | {"since", "until", "q", "tab"})


def rules(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or set()) and rule.endpoint not in LEFT_ALONE:
            built = rule.build({name: example(converter) for name, converter in rule._converters.items()})
            assert built is not None
            yield rule, built[1]


@pytest.fixture
def desk(world: World) -> World:
    """A desk with something at number 1 of everything that has a number."""
    assert world.complain() == 1
    world.complain("c2", "Опять течёт!", "feed")
    world.send(1)
    return world


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_value_breaks_an_address(
    app: Flask, desk: World, sign_in: Callable[..., FlaskClient], method: str
) -> None:
    client, asked = sign_in("admin"), names()
    assert len(asked) > 40
    broken = [
        (address, value[:20])
        for _rule, address in rules(app, method)
        for value in VALUES
        if sent(client, method, address, dict.fromkeys(asked, value)) == 500
    ]
    assert broken == []


def test_no_number_in_an_address_breaks_it(
    app: Flask, desk: World, sign_in: Callable[..., FlaskClient]
) -> None:
    for client in (sign_in("admin"), app.test_client()):
        for method in ("GET", "POST"):
            for rule, address in rules(app, method):
                if any(isinstance(one, NumberConverter) for one in rule._converters.values()):
                    for number in NUMBERS:
                        asked = address.replace("/1", f"/{number}")
                        assert client.open(asked, method=method).status_code != 500, (method, asked[:80])


def forms(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Address and values of every form on a page, as a browser would send it; a choice takes its last option."""
    for form in Selector(page).css("form[method=post]"):
        values = {
            one.attrib["name"]: one.attrib.get("value", "") for one in form.css("input[name], button[name]")
        }
        values |= {one.attrib["name"]: one.xpath("string()").get("") for one in form.css("textarea[name]")}
        for one in form.css("select[name]"):
            values[one.attrib["name"]] = (one.css("option::attr(value)").getall() or [""])[-1]
        yield form.attrib.get("action", ""), values


def test_one_wrong_field_breaks_no_form(app: Flask, desk: World, sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in("admin")
    known: dict[tuple[str, ...], tuple[str, dict[str, str]]] = {}
    for rule, address in rules(app, "GET"):
        if rule.endpoint.split(".")[0] not in ("events", "health"):
            for action, values in forms(client.get(address).text):
                action = action or address
                known[re.sub(r"\d+", "1", action), *sorted(values)] = action, values
    assert len(known) > 15
    broken = [
        (action, name, value)
        for action, values in known.values()
        if "/sign-out" not in action and "/account" not in action
        for name in values
        for value in WRONG
        if sent(client, "POST", action, {**values, name: value}) == 500
    ]
    assert broken == []


@pytest.mark.parametrize("who", [*ROLES, None])
def test_no_body_and_no_method_breaks_an_address(
    app: Flask, desk: World, sign_in: Callable[..., FlaskClient], who: str | None
) -> None:
    client = sign_in(who) if who else app.test_client()
    for _rule, address in rules(app, "POST"):
        for kind, body in BODIES:
            assert client.post(address, data=body, content_type=kind).status_code != 500, (address, kind)
    for rule, address in rules(app, "GET"):
        if rule.endpoint not in ("health.live", "why.page"):
            assert client.head(address).status_code != 500, address
        for method in ("OPTIONS", "PUT", "DELETE", "TRACE", "PROPFIND", "X"):
            assert client.open(address, method=method).status_code in (200, 302, 401, 403, 404, 405), (
                method,
                address,
            )


@given(st.text(max_size=30) | st.integers().map(str) | st.datetimes().map(lambda one: one.isoformat()))
def test_what_is_read_fits_into_every_database(text: str) -> None:
    zone = ZoneInfo("Pacific/Kiritimati")
    if (number := typed.number(text)) is not None:
        assert str(number) == (text.lstrip("0") or "0")
        assert number < 2**31
    if (moment := typed.moment(text, zone)) is not None:
        assert datetime(1970, 1, 1, tzinfo=UTC) < moment < datetime(2201, 1, 1, tzinfo=UTC)
    typed.day(text), typed.time_of_day(text)


@pytest.mark.parametrize(("text", "found"), [("", None), (" ", None), (None, None), ("7", 7), ("007", 7)])
def test_an_empty_field_is_no_number(text: str | None, found: int | None) -> None:
    assert typed.number_or_nothing(text, "n") == found


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "²", str(2**31), "9" * 5000, "1 000"])
def test_a_field_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        typed.number_or_nothing(text, "n")


def test_numbers_and_dates_are_read_in_one_place() -> None:
    """A view that reads them itself forgets the one that is too large."""
    reads = re.compile(r"type=int|\bint\(|\.isdigit\(|fromisoformat|strptime|float\(")
    folder = Path(webapp.__file__).parent
    of_views = [path for name in ("*/views.py", "*/*_form.py") for path in folder.glob(name)]
    of_forms = [folder / "wording/hours.py", folder / "wording/labels.py", folder / "request/row_ids.py"]
    assert len(of_views) > 9
    found = [
        f"{path.name}: {line.strip()}"
        for path in (*of_views, *of_forms)
        for line in path.read_text().splitlines()
        if reads.search(line) and "is_fine" not in line  # a figure of the health page, read from nowhere
    ]
    assert found == []
