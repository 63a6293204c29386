"""The list of mentions finds the same, whichever way it looks: from the few finds, or along the list."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import seed
from desk.base import db
from desk.base.words import CaseStatus, Intent, Sentiment
from desk.mentions import mention_list
from desk.mentions.mention_list import Filters
from desk.models import Case, Mention, Source, Team

Has = Callable[[Mention, Case | None, Source, str | None], bool]
WANTED: dict[str, tuple[Filters, Has]] = {
    "channel": (Filters(channel="vk"), lambda m, c, s, t: s.kind == "vk"),
    "no such channel": (Filters(channel="forum"), lambda m, c, s, t: False),
    "team": (Filters(team="service"), lambda m, c, s, t: t == "service"),
    "no such team": (Filters(team="nobody"), lambda m, c, s, t: False),
    "status": (Filters(status=CaseStatus.TAKEN), lambda m, c, s, t: c is not None and c.status is CaseStatus.TAKEN),
    "status that none has": (Filters(status=CaseStatus.TAKEN, team="nobody"), lambda m, c, s, t: False),
    "team and status": (
        Filters(team="marketing", status=CaseStatus.CLOSED, channel="rss"),
        lambda m, c, s, t: t == "marketing" and c is not None and c.status is CaseStatus.CLOSED and s.kind == "rss",
    ),
    "uncertain": (Filters(is_uncertain=True), lambda m, c, s, t: m.is_uncertain),
    "certain": (Filters(is_uncertain=False), lambda m, c, s, t: not m.is_uncertain),
    "author": (
        Filters(author_id=3, brand_id=1, intent=Intent.COMPLAINT),
        lambda m, c, s, t: m.author_id == 3 and m.brand_id == 1 and m.intent is Intent.COMPLAINT,
    ),
    "author, source, tags": (
        Filters(author_id=5, source_id=2, sentiment=Sentiment.NEGATIVE, language="ru"),
        lambda m, c, s, t: (m.author_id, m.source_id, m.sentiment, m.language) == (5, 2, Sentiment.NEGATIVE, "ru"),
    ),
    "words and channel": (Filters(text="заказ", channel="vk"), lambda m, c, s, t: s.kind == "vk" and "Заказ" in m.text),
}  # fmt: skip


@pytest.fixture
def session(database: None) -> Iterator[Session]:
    with db.transaction() as session:
        seed.fill(session, seed.Plan(240, 100))
        yield session


@pytest.mark.parametrize("few", [0, 30, 1_000])
def test_filters_find_what_they_say(session: Session, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(mention_list, "FEW", few)
    teams = {team.id: team.key for team in session.scalars(sa.select(Team))}
    cases = {case.id: case for case in session.scalars(sa.select(Case))}
    known = session.scalars(sa.select(Mention).order_by(Mention.published_at.desc(), Mention.id.desc())).all()
    for name, (filters, has) in WANTED.items():
        found = [row.id for row in mention_list.every(session, filters)]
        wanted = []
        for mention in known:
            case = cases.get(mention.case_id or 0)
            if has(mention, case, mention.source, teams[case.team_id] if case else None):
                wanted.append(mention.id)
        assert found == wanted, name


def test_pages_of_a_filter_follow_each_other(session: Session) -> None:
    whole = [row.id for row in mention_list.every(session, Filters(channel="vk", team="service"))]
    paged: list[int] = []
    cursor = None
    while True:
        page = mention_list.page(session, Filters(channel="vk", team="service"), limit=7, after=cursor)
        paged += [row.id for row in page.rows]
        if (cursor := page.next_cursor) is None:
            break
    assert paged == whole
    assert len(paged) > 14
