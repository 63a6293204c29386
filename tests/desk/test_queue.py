"""The queue and the list of mentions: order, tabs, filters, pages, and how many queries they cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import db, pagination
from desk.base.errors import Invalid, NotFound
from desk.base.words import CaseStage, CaseStatus, Intent, ReplyState, Sentiment, Urgency
from desk.cases import notes, queue
from desk.cases.queue import Filters
from desk.mentions import mention_list, search
from desk.models import Case, Journal, Mention, Reply, Role
from desk.replies import approvals, drafts
from tests.world import rows
from tests.world.rows import NOON

HOUR = timedelta(hours=1)


@pytest.fixture
def session(database: None) -> Iterator[Session]:
    with db.transaction() as session:
        yield session


@pytest.fixture
def source(session: Session):
    return rows.source(session, rows.brand(session))


def put(session: Session, source, *, due=NOON, case=None, **mention) -> Case:
    return rows.case(session, rows.mention(session, source, **mention), due_at=due, **(case or {}))


def ids(page) -> list[int]:
    return [row.id for row in page.rows]


def listed(session: Session, user_id: int | None = None, **filters) -> list[int]:
    return ids(queue.page(session, Filters(**filters), user_id, NOON))


@contextmanager
def counted_queries(session: Session) -> Iterator[list[str]]:
    session.flush()
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_unanswered_come_first_and_the_oldest_due_of_them_first(session: Session, source) -> None:
    answered = put(session, source, due=NOON - 9 * HOUR, case={"status": CaseStatus.ANSWERED})
    waiting = put(session, source, due=NOON - 8 * HOUR, case={"status": CaseStatus.ON_HOLD})
    later = put(session, source, due=NOON + HOUR)
    reopened = put(session, source, due=NOON, case={"status": CaseStatus.REOPENED})
    overdue = put(session, source, due=NOON - HOUR, case={"status": CaseStatus.TAKEN})
    put(session, source, case={"status": CaseStatus.CLOSED})
    assert listed(session) == [overdue.id, reopened.id, later.id, waiting.id, answered.id]


def test_what_is_done_is_shown_newest_first(session: Session, source) -> None:
    old = put(session, source, due=NOON - HOUR, case={"status": CaseStatus.CLOSED})
    new = put(session, source, due=NOON, case={"status": CaseStatus.CLOSED})
    assert listed(session, tab="closed") == [new.id, old.id]


def test_a_row_shows_everything_in_one_query(session: Session, source) -> None:
    igor = rows.user(session)
    anna = rows.author(session, "Анна К.")
    case = put(
        session, source, text="Ж" * 900, title="Плохо", rating=1.0, author_id=anna.id,
        case={"assignee_id": igor.id, "author_id": anna.id, "priority": Urgency.HIGH, "message_count": 3},
    )  # fmt: skip
    with counted_queries(session) as statements:
        row = queue.row(session, case.id)
    assert len(statements) == 1
    assert (row.author_name, row.assignee_name, row.team_key, row.team_ru) == (
        "Анна К.",
        igor.name,
        "service",
        "Сервис",
    )
    assert (row.title, row.excerpt, row.rating) == ("Плохо", "Ж" * queue.EXCERPT, 1.0)
    assert (row.brand_name, row.source_title, row.source_kind) == ("Заря", source.title, "schema_org")
    assert (row.priority, row.message_count, row.reply_state) == (Urgency.HIGH, 3, None)
    assert (row.rule_ru, row.policy) == ("Жалобы → Сервис", "Reviews v1")
    assert row.due_at == NOON
    assert row.stage is CaseStage.UNANSWERED


def test_a_page_costs_three_queries_however_many_rows_it_has(session: Session, source) -> None:
    for _ in range(30):
        put(session, source)
    with counted_queries(session) as statements:
        page = queue.page(session, Filters(), 1, NOON)
    assert len(page.rows) == 30
    assert len(statements) == 3


@pytest.mark.parametrize(
    ("due", "status", "is_overdue", "is_soon"),
    [
        (NOON - HOUR, CaseStatus.OPEN, True, False),
        (NOON, CaseStatus.OPEN, True, False),
        (NOON + timedelta(minutes=10), CaseStatus.OPEN, False, True),
        (NOON + 5 * HOUR, CaseStatus.OPEN, False, False),
        (NOON - HOUR, CaseStatus.ON_HOLD, True, False),
        (NOON - HOUR, CaseStatus.ANSWERED, False, False),
    ],
)
def test_a_row_knows_how_late_it_is(session: Session, source, due, status, is_overdue, is_soon) -> None:
    row = queue.row(session, put(session, source, due=due, case={"status": status}).id)
    assert row.is_overdue(NOON) is is_overdue
    assert row.is_soon(NOON) is is_soon
    assert row.time_left(NOON) == due - NOON


def test_each_filter_keeps_its_own(session: Session, source) -> None:
    other_brand = rows.source(session, rows.brand(session, "Rowan"), kind="wordpress")
    put(session, source, intent=Intent.COMPLAINT, sentiment=Sentiment.NEGATIVE, language="ru")
    odd = put(
        session, other_brand, intent=Intent.QUESTION, sentiment=Sentiment.NEUTRAL, language="en",
        case={"team_id": rows.team(session, "marketing").id, "status": CaseStatus.TAKEN, "assignee_id": rows.user(session).id},
    )  # fmt: skip
    wanted = {
        "team": "marketing", "brand_id": other_brand.brand_id, "channel": "wordpress", "sentiment": Sentiment.NEUTRAL,
        "intent": Intent.QUESTION, "language": "en", "status": CaseStatus.TAKEN, "assignee_id": odd.assignee_id,
    }  # fmt: skip
    for name, value in wanted.items():
        assert listed(session, **{name: value}) == [odd.id], name
    assert listed(session, **wanted) == [odd.id]
    assert listed(session, **(wanted | {"language": "ru"})) == []


def test_tabs_and_their_counts_agree(session: Session, source) -> None:
    me, other = rows.user(session), rows.user(session, "Ольга")
    put(session, source)
    put(session, source, case={"assignee_id": me.id, "status": CaseStatus.TAKEN})
    put(session, source, case={"assignee_id": me.id, "status": CaseStatus.ON_HOLD})
    put(
        session,
        source,
        case={
            "assignee_id": other.id,
            "status": CaseStatus.TAKEN,
            "team_id": rows.team(session, "marketing").id,
        },
    )
    put(session, source, case={"assignee_id": me.id, "status": CaseStatus.ANSWERED})
    put(session, source, case={"status": CaseStatus.CLOSED})
    counts = queue.counts(session, me.id)
    assert counts == {
        "open": 5, "unassigned": 1, "mine": 2, "on_hold": 1, "problems": 0, "team:service": 2, "team:marketing": 1,
    }  # fmt: skip
    for tab, count in counts.items():
        assert len(listed(session, me.id, tab=tab)) == count, tab
    assert listed(session, None, tab="mine") == []
    assert len(listed(session, tab="answered")) == len(listed(session, tab="closed")) == 1


def test_counts_keep_to_a_brand(session: Session, source) -> None:
    put(session, source)
    other = rows.source(session, rows.brand(session, "Rowan"))
    assert queue.counts(session, 1, other.brand_id)["open"] == 0
    assert queue.counts(session, 1, source.brand_id)["open"] == 1


def test_counts_stop_where_nobody_counts_any_more(
    session: Session, source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_COUNTED", 2)
    queue._counting.cache_clear()
    for _ in range(4):
        put(session, source)
    assert queue.counts(session, 1)["open"] == 3
    queue._counting.cache_clear()


def reply(session: Session, case: Case, state: ReplyState) -> None:
    session.add(
        Reply(
            case_id=case.id, source_id=case.source_id, mention_id=case.mention_id, state=state, text="Ответ",
            thread_seen=case.mention_id, created_at=NOON, changed_at=NOON,
        )
    )  # fmt: skip
    session.flush()


@pytest.mark.parametrize(
    "state", [ReplyState.FAILED, ReplyState.UNKNOWN, ReplyState.VANISHED, ReplyState.CANNOT_TELL]
)
def test_a_refused_answer_is_a_problem_until_a_later_one_goes_out(
    session: Session, source, state: ReplyState
) -> None:
    case = put(session, source)
    reply(session, case, state)
    reply(session, case, ReplyState.DRAFT)  # somebody has begun to write again
    assert listed(session, tab="problems") == [case.id]
    assert queue.counts(session, 1)["problems"] == 1
    assert queue.row(session, case.id).reply_state is state
    reply(session, case, ReplyState.PUBLISHED)
    assert listed(session, tab="problems") == []
    assert queue.row(session, case.id).reply_state is ReplyState.PUBLISHED


def test_pages_follow_each_other_without_gap_or_repeat(session: Session, source) -> None:
    statuses = [CaseStatus.OPEN, CaseStatus.ON_HOLD, CaseStatus.ANSWERED]
    wanted = [
        put(session, source, due=NOON + HOUR * (n % 4), case={"status": statuses[n % 3]}).id
        for n in range(23)
    ]
    for tab in ("open", "answered"):
        whole = listed(session, tab=tab)
        seen: list[int] = []
        cursor = None
        for _ in range(12):
            page = queue.page(session, Filters(tab=tab), 1, NOON, limit=5, after=cursor)
            seen += ids(page)
            if (cursor := page.next_cursor) is None:
                break
        assert seen == whole
    assert set(listed(session)) == set(wanted)


def test_full_text_finds_any_message_of_a_case(
    session: Session, source, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = put(session, source, text="Заказ не привезли")
    second = rows.mention(session, source, text="И деньги не вернули", case_id=case.id)
    other = put(session, source, text="Курьер нагрубил")
    search.index(session, list(session.scalars(sa.select(Mention.id))))
    for most in (1000, 0):  # few finds are listed, many are looked up: both must find the same
        monkeypatch.setattr(search, "FEW", most)
        assert listed(session, text="вернули деньгами") == [case.id]
        assert listed(session, text="курьеры") == [other.id]
        assert listed(session, text="слон") == []
        found = mention_list.page(session, mention_list.Filters(text="деньги"))
        assert [row.id for row in found.rows] == [second.id]


def test_a_case_is_found_by_notes_answers_and_its_number(
    session: Session, source, monkeypatch: pytest.MonkeyPatch
) -> None:
    igor = rows.user(session, roles=[session.scalars(sa.select(Role).where(Role.name == "agent")).one()])
    noted, answered = put(session, source), put(session, source, case={"status": CaseStatus.CLOSED})
    notes.write(session, noted.id, igor, "Звонил на склад, заказ 4521-А собран", NOON)
    reopened = put(session, source)
    draft = drafts.save_draft(session, reopened.id, igor, "Отправим купон", reopened.mention_id, NOON)
    assert draft is not None
    assert listed(session, tab="all", text="купоны") == []
    approvals.approve(session, draft.id, igor, NOON)
    for most in (1000, 0):
        monkeypatch.setattr(search, "FEW", most)
        assert listed(session, tab="all", text="складом") == [noted.id]
        assert listed(session, tab="all", text="4521-а") == [noted.id]
        assert listed(session, tab="all", text="купоны") == [reopened.id]
        assert listed(session, tab="all", text=f" № {answered.id}") == [answered.id]
        assert listed(session, tab="closed", text="складом") == []
    drafts.edit_again(session, draft.id, igor, NOON)
    assert listed(session, tab="all", text="купоны") == []


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ы",
        "AAAA",
        "W10",
        "W10=",
        "eyJhIjoxfQ",
        pagination.mark("9_odd", NOON, 1),
        pagination.mark(1, 2, 3),
        "A" * 9999,
        pagination.mark("1_unanswered", NOON, 2**40),
        pagination.mark("1_unanswered", "0001-01-01", 1),
        pagination.mark(NOON),
    ],
)
def test_a_damaged_cursor_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(Invalid):
        queue.page(session, Filters(), 1, NOON, after=cursor)
    with pytest.raises(Invalid):
        mention_list.page(session, mention_list.Filters(), after=cursor)


@pytest.mark.parametrize("tab", ["", "everything", "team", "1; DROP TABLE cases"])
def test_an_unknown_tab_is_refused(session: Session, tab: str) -> None:
    with pytest.raises(Invalid):
        queue.page(session, Filters(tab=tab), 1, NOON)


def test_an_unknown_case_or_mention_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        queue.row(session, 404)
    with pytest.raises(NotFound):
        mention_list.row(session, 404)


def test_the_version_grows_with_the_journal(session: Session) -> None:
    assert queue.version(session) == 0
    session.add(Journal(at=NOON, event="opened", facts={}))
    session.flush()
    assert queue.version(session) == 1


def test_mentions_are_listed_newest_first_without_the_brands_own(session: Session, source) -> None:
    old = rows.mention(session, source, published_at=NOON - 3 * HOUR)
    new = rows.answered(session, source, HOUR, published_at=NOON - 2 * HOUR)
    own = rows.mention(session, source, is_own=True)
    assert [row.id for row in mention_list.page(session, mention_list.Filters()).rows] == [new.id, old.id]
    assert [row.id for row in mention_list.page(session, mention_list.Filters(with_own=True)).rows] == [
        own.id,
        new.id,
        old.id,
    ]
    assert [row.is_answered for row in mention_list.page(session, mention_list.Filters()).rows] == [
        True,
        False,
    ]


def test_each_filter_of_the_mentions_keeps_its_own(session: Session, source) -> None:
    other = rows.source(session, rows.brand(session, "Rowan"), kind="rss")
    rows.answered(session, source, HOUR)
    odd = rows.mention(
        session, other, language="en", intent=Intent.PRAISE, sentiment=Sentiment.POSITIVE, is_uncertain=True,
        published_at=NOON - 50 * HOUR, author_id=rows.author(session).id,
    )  # fmt: skip
    rows.case(session, odd, team_id=rows.team(session, "marketing").id, status=CaseStatus.ON_HOLD)
    wanted = {
        "brand_id": other.brand_id, "source_id": other.id, "channel": "rss", "team": "marketing", "language": "en",
        "intent": Intent.PRAISE, "sentiment": Sentiment.POSITIVE, "status": CaseStatus.ON_HOLD, "is_answered": False,
        "is_uncertain": True, "author_id": odd.author_id, "until": NOON - 49 * HOUR,
    }  # fmt: skip
    for name, value in wanted.items():
        found = mention_list.page(session, mention_list.Filters(**{name: value})).rows
        assert [row.id for row in found] == [odd.id], name
    assert mention_list.page(session, mention_list.Filters(**wanted)).rows[0].team_key == "marketing"
    assert len(mention_list.page(session, mention_list.Filters(since=NOON - 50 * HOUR)).rows) == 2


def test_every_mention_is_read_page_by_page(
    session: Session, source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mention_list, "MOST_ROWS", 3)
    moments = [NOON - HOUR * (n % 3) for n in range(10)]
    put_in = {rows.mention(session, source, published_at=moment).id for moment in moments}
    read = [row.id for row in mention_list.every(session, mention_list.Filters())]
    assert len(read) == 10
    assert set(read) == put_in


def test_a_page_of_mentions_costs_one_query(session: Session, source) -> None:
    for _ in range(5):
        rows.mention(session, source, author_id=rows.author(session).id)
    with counted_queries(session) as statements:
        assert len(mention_list.page(session, mention_list.Filters()).rows) == 5
    assert len(statements) == 1


def test_what_else_an_author_said(session: Session, source) -> None:
    anna = rows.author(session)
    first, second = (rows.mention(session, source, author_id=anna.id) for _ in range(2))
    rows.mention(session, source, author_id=rows.author(session, "Пётр").id)
    assert [row.id for row in mention_list.others_of(session, mention_list.row(session, first.id))] == [
        second.id
    ]
    nobody = rows.mention(session, source)
    assert mention_list.others_of(session, mention_list.row(session, nobody.id)) == []


def test_the_languages_there_are(session: Session, source) -> None:
    for language in ("ru", "en", "ru", None):
        rows.mention(session, source, language=language)
    assert mention_list.languages(session) == ["en", "ru"]
    assert mention_list.languages(session, source.brand_id + 1) == []
