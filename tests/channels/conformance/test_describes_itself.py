"""Every channel says what it is: completely, in both languages, with its secrets marked."""

import re
from pathlib import Path

import pytest

from channels import KINDS, available, channel
from channels.contract import About, Collects, Field, Reads, Receives, Replies
from tests.channels.conformance.rules import CYRILLIC, demand_both
from tests.channels.conformance.subjects import EVERY, load

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("kind", EVERY)
def test_says_what_it_is_in_both_languages(kind: str) -> None:
    about = load(kind).about
    assert isinstance(about, About)
    assert about.kind == kind
    demand_both(about.title)
    for text in (about.terms, about.push_setup):
        if text is not None:
            demand_both(text)


@pytest.mark.parametrize("kind", KINDS)
def test_our_titles_are_russian(kind: str) -> None:
    assert CYRILLIC.search(channel(kind).about.title.ru)


@pytest.mark.parametrize("kind", EVERY)
def test_each_field_can_be_asked_for(kind: str) -> None:
    fields = load(kind).about.fields
    assert len({field.name for field in fields}) == len(fields)
    for field in fields:
        assert isinstance(field, Field)
        assert re.fullmatch(r"[a-z][a-z_]*", field.name)
        demand_both(field.title)
        assert field.hint is None or CYRILLIC.search(field.hint.ru)
        assert bool(field.choices) == (field.kind == "choice")
        for _name, title in field.choices:
            demand_both(title)
        if re.search("password|token|secret|key$", field.name):
            assert field.is_secret, f"{kind}.{field.name} must be secret"
        assert field.most_letters > 0


@pytest.mark.parametrize("kind", EVERY)
def test_what_it_says_and_what_it_can_do_agree(kind: str) -> None:
    found, about = load(kind), load(kind).about
    if isinstance(found, Reads):
        assert about.arrives and len(set(about.arrives)) == len(about.arrives)
        assert isinstance(found, Collects) or "crawl" not in about.arrives
        assert isinstance(found, Receives) or ("push" not in about.arrives and about.push_setup is None)
    assert (about.answering is not None) or not isinstance(found, Replies)
    assert about.pace.least_interval_seconds <= about.pace.interval_seconds
    assert about.pace.per_second > 0 and about.pace.at_once > 0
    if about.answering is not None:
        assert list(about.answering.looks_seconds) == sorted(about.answering.looks_seconds)
    needs = {field.needed_for for field in about.fields}
    assert "answering" not in needs or about.answering is not None


def test_kinds_are_available_in_their_order() -> None:
    assert [found.about.kind for found in available()] == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_has_a_row_and_a_page_in_the_docs(kind: str) -> None:
    row = rf"^\| \[`{kind}`\]\(channels/{kind}\.md\) \|"
    assert re.search(row, (DOCS / "channels.md").read_text(), re.MULTILINE), (
        f"docs/channels.md needs a row for {kind}"
    )
    page = DOCS / "channels" / f"{kind}.md"
    assert page.exists() and re.match(rf"# .*\(`{kind}`\)\n", page.read_text()), f"{kind} needs {page}"
