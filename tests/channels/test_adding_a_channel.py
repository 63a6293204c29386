"""docs/channels.md says how a channel is added: here somebody follows the page, and what it shows works."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug import Request, Response

import channels
from channels import detect
from channels.contract import Call, Collects, Page, Place
from tests.channels.conformance import rules
from tests.channels.conformance.test_reads import HOSTILE
from tests.channels.conftest import NOW, page_of
from tests.channels.speaking import wire_for
from tests.servers import serving

ROOT = Path(__file__).parents[2]
PART = (ROOT / "docs" / "channels.md").read_text().partition("\n## Adding a channel\n")[2]


def shown(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PART, re.MULTILINE | re.DOTALL)
    assert found, f"the page shows no {language}"
    return found[1]


@pytest.fixture
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The file and the line of the page, put where it says; the folder is that of our channels, and one more."""
    name, path = json.loads(f"{{{shown('text').strip().removesuffix(',')}}}").popitem()
    module, _, _ = path.partition(":")
    (tmp_path / f"{module.rpartition('.')[2]}.py").write_text(shown("python"))
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
    monkeypatch.setitem(channels.KINDS, name, path)
    yield name
    sys.modules.pop(module, None)
    channels.channel.cache_clear()


def test_the_page_that_is_shown_is_read(kind: str) -> None:
    found = channels.channel(kind)
    assert isinstance(found, Collects)
    page = Page(
        "https://site.example/book.json", 200, {"content-type": "application/json"}, shown("json").encode()
    )
    said = rules.seen(rules.read(found, Page(**{**_fields(page), "fetched_at": NOW})))
    assert [(one.external_id, one.author and one.author.name, one.text) for one in said] == [
        ("7", "Anna", "The kettle leaks & hisses"),
        ("8", "Борис", "Чайник отличный"),
    ]
    assert (
        said[0].published_at is not None and said[0].published_at.isoformat() == "2026-11-16T10:00:00+00:00"
    )
    for one in said:
        rules.demand_clean(one)


def _fields(page: Page) -> dict[str, object]:
    return {name: getattr(page, name) for name in page.__dataclass_fields__}


def test_it_keeps_to_the_rules(kind: str) -> None:
    found, place = channels.channel(kind), Place("https://site.example/book.json")
    rules.demand_both(found.about.title)
    rules.demand_home(list(found.start(place)), place)  # type: ignore[attr-defined]
    for body in HOSTILE.values():
        rules.read_hostile(found, page_of(body, content_type="application/json"), place)
    assert kind in [one.about.kind for one in channels.available()]


def test_it_is_read_from_a_site_and_detection_passes_it_by(kind: str) -> None:
    def answer(request: Request) -> Response:
        is_book = request.path == "/book.json"
        return Response(
            shown("json") if is_book else "", 200 if is_book else 404, mimetype="application/json"
        )

    with serving(Request.application(answer)) as address:
        finding = detect.named(kind, f"{address}/book.json")
        found, place = channels.channel(kind), Place(finding.url)
        assert isinstance(found, Collects)
        with wire_for(place) as wire:
            (fetch,) = found.start(place)
            got = wire.ask(Call(fetch.url))
            assert detect.detect(finding.url, wire).findings == []
    said = rules.seen(rules.read(found, Page(got.url, got.status, got.headers, got.body, fetched_at=NOW)))
    assert [one.text for one in said] == ["The kettle leaks & hisses", "Чайник отличный"]


def test_what_is_shown_passes_the_checks_of_the_house(tmp_path: Path) -> None:
    path = tmp_path / "guest_book.py"
    path.write_text(shown("python"))
    ruff = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), str(path)]
    done = subprocess.run(ruff, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout
