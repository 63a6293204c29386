"""The rules every brand begins with, and what people may make of them."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import db
from desk.base.errors import Conflict, Invalid, NotFound
from desk.base.words import Intent, Sentiment, Urgency
from desk.brands import brands, defaults, policies, targets
from desk.models import Rule, Team
from desk.pipeline import brand_setup
from desk.routing import rulebook
from desk.routing.routing import Decision, Facts, route

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def brand_id(now: datetime) -> int:
    with db.transaction() as session:
        return brand_setup.create(session, "Полис", time_zone="Europe/Moscow", now=now).id


def team(session: Session, key: str) -> Team:
    return session.scalars(sa.select(Team).where(Team.key == key)).one()


def decide(brand_id: int, **changes) -> Decision:
    usual = {
        "intent": Intent.OTHER,
        "sentiment": Sentiment.NEUTRAL,
        "urgency": Urgency.NORMAL,
        "language": "ru",
        "source_kind": "rss",
        "source_id": 1,
    }
    with db.snapshot() as session:
        return route(Facts(**(usual | changes)), rulebook.rules(session, brand_id))


# the default rules


@pytest.mark.parametrize(
    ("facts", "team_key", "priority", "policy"),
    [
        (
            {"intent": Intent.COMPLAINT, "urgency": Urgency.CRITICAL, "rating": 1.0},
            "service",
            "critical",
            "Minutes",
        ),
        ({"intent": Intent.COMPLAINT, "rating": 2.0}, "service", "high", "Today"),
        ({"intent": Intent.COMPLAINT, "urgency": Urgency.HIGH}, "service", "high", "Today"),
        ({"intent": Intent.COMPLAINT, "rating": 3.0}, "service", "normal", "Working day"),
        ({"intent": Intent.QUESTION, "urgency": Urgency.CRITICAL}, "marketing", "critical", "Today"),
        ({"intent": Intent.QUESTION, "urgency": Urgency.LOW}, "marketing", "low", "Next morning"),
        ({"intent": Intent.SUGGESTION, "is_uncertain": True}, "service", "normal", "Working day"),
        ({"intent": Intent.COMPLAINT, "is_uncertain": True}, "service", "normal", "Working day"),
    ],
)
def test_what_waits_for_an_answer_opens_a_case(brand_id, facts, team_key, priority, policy):
    decision = decide(brand_id, **facts)
    with db.snapshot() as session:
        assert (decision.opens, decision.team_id) == (True, team(session, team_key).id)
        assert policies.in_force(session, brand_id, decision.policy_name).version == 1
    assert (decision.priority, decision.policy_name) == (priority, policy)


@pytest.mark.parametrize(
    "facts",
    [
        {"intent": Intent.PRAISE, "sentiment": Sentiment.POSITIVE},
        {"intent": Intent.PRAISE, "sentiment": Sentiment.POSITIVE, "is_uncertain": True},
        {"intent": Intent.SUGGESTION},
        {"intent": Intent.OTHER},
    ],
)
def test_what_waits_for_no_answer_opens_no_case_by_a_rule(brand_id, facts):
    decision = decide(brand_id, **facts)
    assert not decision.opens
    assert "No answer needed" in decision.reason_en
    assert "Ответ не нужен" in decision.reason_ru


@pytest.mark.parametrize("facts", [{"is_answered": True}, {"is_own": True}])
def test_nobody_is_asked_to_answer_twice_or_to_answer_himself(brand_id, facts):
    decision = decide(brand_id, intent=Intent.COMPLAINT, **facts)
    assert (decision.opens, decision.rule_id) == (False, None)


def test_every_kind_of_message_is_decided_by_a_rule(brand_id):
    assert all(
        decide(brand_id, intent=intent, urgency=urgency).rule_id for intent in Intent for urgency in Urgency
    )


def test_the_reason_names_the_team(brand_id):
    with db.snapshot() as session:
        service = team(session, "service")
        en, ru = service.name_en, service.name_ru
    decision = decide(brand_id, intent=Intent.COMPLAINT, rating=1.0)
    assert decision.reason_en == f"Rule 2, “Low rating”: rating 1 ≤ 2 → {en}, high priority, target “Today”"
    assert (
        decision.reason_ru
        == f"Правило 2 «Низкая оценка»: оценка 1 ≤ 2 → {ru}, высокий приоритет, срок «Сегодня»"
    )


# changing them


def added(brand_id: int, **changes) -> int:
    with db.transaction() as session:
        usual = {
            "name_en": "Shops",
            "name_ru": "Магазины",
            "conditions": {"source_kind": ["schema_org"]},
            "team_id": team(session, "marketing").id,
            "priority": Urgency.LOW,
            "policy_name": "Today",
        }
        return rulebook.add(session, brand_id, **(usual | changes)).id


def numbered(brand_id: int) -> list[tuple[int, str]]:
    with db.snapshot() as session:
        return [(row.position, row.name_en) for row in rulebook.rows(session, brand_id)]


def test_a_new_rule_goes_on_top_and_decides(brand_id):
    rule_id = added(brand_id)
    decision = decide(brand_id, intent=Intent.COMPLAINT, source_kind="schema_org")
    assert (decision.rule_id, decision.priority) == (rule_id, Urgency.LOW)
    assert decision.reason_ru.startswith("Правило 1 «Магазины»: канал schema_org → ")
    assert [position for position, _ in numbered(brand_id)] == list(range(1, len(defaults.RULES) + 2))


def test_a_rule_can_be_put_in_its_place(brand_id):
    added(brand_id, position=3)
    added(brand_id, position=99, name_en="Last")
    names = numbered(brand_id)
    assert names[2] == (3, "Shops")
    assert names[-1] == (len(names), "Last")


def test_a_rule_that_is_switched_off_keeps_its_number_but_decides_nothing(brand_id):
    with db.transaction() as session:
        first = rulebook.rows(session, brand_id)[0]
        rulebook.switch(session, first.id, is_active=False)
    decision = decide(brand_id, intent=Intent.COMPLAINT, urgency=Urgency.CRITICAL, rating=1.0)
    assert decision.reason_en.startswith("Rule 2, “Low rating”")
    assert numbered(brand_id)[0] == (1, "Critical complaint")


def test_a_changed_rule_shows_its_new_team_at_once(brand_id):
    with db.transaction() as session:
        rule = rulebook.rows(session, brand_id)[0]
        marketing = team(session, "marketing")
        assert rule.team.key == "service"
        rulebook.change(
            session,
            rule.id,
            name_en="Fire",
            name_ru="Пожар",
            conditions={"urgency": ["critical"]},
            team_id=marketing.id,
            policy_name="Minutes",
        )
        spec = rulebook.rules(session, brand_id)[0]
        assert (spec.team_id, spec.team_ru, spec.priority) == (marketing.id, marketing.name_ru, None)


def test_a_rule_can_ask_for_sources_and_for_a_sure_verdict(brand_id):
    rule_id = added(brand_id, conditions={"source_id": [7], "is_uncertain": False, "max_rating": 4.5})
    assert decide(brand_id, source_id=7, rating=4.0).rule_id == rule_id
    assert decide(brand_id, source_id=7, rating=4.0, is_uncertain=True).rule_id != rule_id


def test_a_rule_that_opens_no_case_needs_no_policy(brand_id):
    added(brand_id, team_id=None)
    decision = decide(brand_id, intent=Intent.COMPLAINT, source_kind="schema_org")
    assert (decision.opens, decision.policy_name, decision.priority) == (False, None, Urgency.NORMAL)


def test_rules_are_reordered_as_a_whole(brand_id):
    with db.transaction() as session:
        ids = [row.id for row in rulebook.rows(session, brand_id)]
        rulebook.reorder(session, brand_id, ids[::-1])
    with db.snapshot() as session:
        assert [spec.id for spec in rulebook.rules(session, brand_id)] == ids[::-1]
    for wrong in (ids[1:], [*ids, ids[0]], [*ids[1:], 404]):
        with pytest.raises(Conflict), db.transaction() as session:
            rulebook.reorder(session, brand_id, wrong)


def test_a_removed_rule_leaves_no_hole(brand_id):
    with db.transaction() as session:
        rulebook.remove(session, rulebook.rows(session, brand_id)[1].id)
        assert session.scalar(sa.select(sa.func.count()).select_from(Rule)) == len(defaults.RULES) - 1
    assert [position for position, _ in numbered(brand_id)] == list(range(1, len(defaults.RULES)))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name_en": " "}, "name_en"),
        ({"name_ru": "я" * 201}, "name_ru"),
        ({"team_id": 404}, "team_id"),
        ({"policy_name": None}, "policy_name"),
        ({"policy_name": "Gold"}, "policy_name"),
        ({"conditions": {"moon": ["full"]}}, "moon"),
        ({"conditions": {"intent": "complaint"}}, "intent"),
        ({"conditions": {"intent": []}}, "intent"),
        ({"conditions": {"intent": ["complain"]}}, "intent"),
        ({"conditions": {"sentiment": [None]}}, "sentiment"),
        ({"conditions": {"language": [""]}}, "language"),
        ({"conditions": {"source_kind": [5]}}, "source_kind"),
        ({"conditions": {"source_id": ["7"]}}, "source_id"),
        ({"conditions": {"source_id": [True]}}, "source_id"),
        ({"conditions": {"max_rating": 0}}, "max_rating"),
        ({"conditions": {"max_rating": float("nan")}}, "max_rating"),
        ({"conditions": {"max_rating": "2"}}, "max_rating"),
        ({"conditions": {"is_uncertain": 1}}, "is_uncertain"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(brand_id, values, field):
    with pytest.raises(Invalid) as refusal:
        added(brand_id, **values)
    assert refusal.value.field == field
    assert len(numbered(brand_id)) == len(defaults.RULES)


def test_a_brand_needs_the_teams_of_its_rules(brand_id):
    with db.transaction() as session, pytest.raises(NotFound, match="kitchen"):
        rulebook.propose(session, brand_id, [defaults.Proposal("Soup", "Суп", {}, "kitchen")])


def test_rules_of_a_brand_that_is_not_there():
    with pytest.raises(NotFound):
        added(404)
    with pytest.raises(NotFound), db.transaction() as session:
        rulebook.remove(session, 404)


def test_a_critical_complaint_on_friday_night_is_due_on_saturday_morning(brand_id):
    said_at = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)  # 22:00 in Moscow
    decision = decide(brand_id, intent=Intent.COMPLAINT, urgency=Urgency.CRITICAL)
    with db.snapshot() as session:
        calendar = targets.from_row(brands.named(session, "Полис").calendar)
        due_at = targets.due(calendar, policies.in_force(session, brand_id, decision.policy_name), said_at)
    assert due_at == datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
    assert due_at - said_at > timedelta(hours=12)
