"""Which rule decides, and how it says so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.base.words import Intent, Sentiment, Urgency
from desk.routing.routing import Facts, RuleSpec, route

SERVICE, MARKETING = 1, 2


def facts(**changes) -> Facts:
    usual = {
        "intent": Intent.COMPLAINT,
        "sentiment": Sentiment.NEGATIVE,
        "urgency": Urgency.NORMAL,
        "language": "ru",
        "source_kind": "wordpress",
        "source_id": 7,
    }
    return Facts(**(usual | changes))


def rule(conditions=None, **changes) -> RuleSpec:
    usual = {
        "id": 1,
        "name_en": "Low rating",
        "name_ru": "Низкая оценка",
        "team_id": SERVICE,
        "team_en": "Service",
        "team_ru": "Сервис",
        "priority": Urgency.HIGH,
        "policy_name": "Today",
    }
    return RuleSpec(conditions=conditions or {}, **(usual | changes))


def test_the_first_rule_that_holds_decides():
    rules = [
        rule({"intent": ["praise"]}, id=11),
        rule({"intent": ["complaint", "question"]}, id=12, team_id=MARKETING, policy_name="Minutes"),
        rule(id=13),
    ]
    decision = route(facts(), rules)
    assert (decision.opens, decision.rule_id, decision.team_id) == (True, 12, MARKETING)
    assert (decision.priority, decision.policy_name) == (Urgency.HIGH, "Minutes")


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        ({"intent": ["question"]}, {"intent": Intent.QUESTION}, {"intent": Intent.OTHER}),
        (
            {"sentiment": ["negative", "neutral"]},
            {"sentiment": Sentiment.NEUTRAL},
            {"sentiment": Sentiment.POSITIVE},
        ),
        ({"urgency": ["critical"]}, {"urgency": Urgency.CRITICAL}, {"urgency": Urgency.HIGH}),
        ({"language": ["ru", "en"]}, {"language": "en"}, {"language": "de"}),
        ({"language": ["ru"]}, {"language": "ru"}, {"language": None}),
        ({"source_kind": ["rss"]}, {"source_kind": "rss"}, {"source_kind": "wordpress"}),
        ({"source_id": [7, 8]}, {"source_id": 8}, {"source_id": 9}),
        ({"max_rating": 2}, {"rating": 2.0}, {"rating": 2.5}),
        ({"max_rating": 2}, {"rating": 1.0}, {"rating": None}),
        ({"is_uncertain": True}, {"is_uncertain": True}, {"is_uncertain": False}),
        ({"is_uncertain": False}, {"is_uncertain": False}, {"is_uncertain": True}),
        ({"intent": ["complaint"], "max_rating": 3}, {"rating": 3.0}, {"rating": 4.0}),
    ],
)
def test_every_condition_must_hold(condition, holds, fails):
    assert route(facts(**holds), [rule(condition)]).opens
    assert not route(facts(**fails), [rule(condition)]).opens


def test_a_condition_from_another_version_never_holds():
    assert route(facts(), [rule({"moon": ["full"]}, id=1), rule(id=2)]).rule_id == 2


def test_a_rule_without_priority_keeps_the_urgency_of_the_verdict():
    assert route(facts(urgency=Urgency.LOW), [rule(priority=None)]).priority is Urgency.LOW


def test_a_rule_without_team_opens_no_case():
    praise = rule({"intent": ["praise"]}, team_id=None, name_en="No answer needed", name_ru="Ответ не нужен")
    decision = route(facts(intent=Intent.PRAISE), [praise])
    assert (decision.opens, decision.team_id, decision.policy_name, decision.rule_id) == (
        False,
        None,
        None,
        1,
    )
    assert decision.reason_en == "Rule 1, “No answer needed”: praise → no case"
    assert decision.reason_ru == "Правило 1 «Ответ не нужен»: похвала → обращение не создаётся"


@pytest.mark.parametrize(
    ("change", "said"),
    [({"is_own": True}, "brand itself"), ({"is_answered": True}, "Already answered"), ({}, "No rule")],
)
def test_no_case_without_a_rule_says_why(change, said):
    rules = [rule()] if change else []
    decision = route(facts(**change), rules)
    assert (decision.opens, decision.rule_id) == (False, None)
    assert said in decision.reason_en


def test_the_reason_names_the_rule_and_what_matched():
    decision = route(facts(rating=1.0), [rule({"intent": ["praise"]}), rule({"max_rating": 2}, id=2)])
    assert decision.reason_en == "Rule 2, “Low rating”: rating 1 ≤ 2 → Service, high priority, target “Today”"
    assert decision.reason_ru == (
        "Правило 2 «Низкая оценка»: оценка 1 ≤ 2 → Сервис, высокий приоритет, срок «Сегодня»"
    )


def test_the_reason_names_every_condition():
    everything = rule(
        {
            "intent": ["complaint"],
            "sentiment": ["negative"],
            "urgency": ["normal"],
            "language": ["ru"],
            "source_kind": ["wordpress"],
            "source_id": [7],
            "max_rating": 2.5,
            "is_uncertain": True,
        }
    )
    decision = route(facts(rating=1.5, is_uncertain=True), [everything])
    en, ru = (
        reason.split(": ")[1].split(" → ")[0].split(", ")
        for reason in (decision.reason_en, decision.reason_ru)
    )
    assert en == [
        "complaint",
        "negative",
        "normal urgency",
        "language ru",
        "channel wordpress",
        "source 7",
        "rating 1.5 ≤ 2.5",
        "the model is not sure",
    ]
    assert ru == [
        "жалоба",
        "негатив",
        "обычная срочность",
        "язык ru",
        "канал wordpress",
        "источник 7",
        "оценка 1,5 ≤ 2,5",
        "модель не уверена",
    ]


def test_a_rule_for_everything_says_so():
    decision = route(facts(), [rule(name_en="All", name_ru="Всё")])
    assert decision.reason_en.startswith("Rule 1, “All”: any message → ")
    assert decision.reason_ru.startswith("Правило 1 «Всё»: любое сообщение → ")


def test_the_reason_gives_the_number_people_see_on_the_settings_page():
    assert route(facts(), [rule(number=5)]).reason_en.startswith("Rule 5, ")


def test_a_policy_that_the_brand_named_itself_keeps_its_name_in_both_languages():
    decision = route(facts(), [rule(policy_name="Gold")])
    assert "“Gold”" in decision.reason_en
    assert "«Gold»" in decision.reason_ru


def test_a_team_without_a_name_leaves_no_hole_in_the_sentence():
    assert "→ high priority" in route(facts(), [rule(team_en="", team_ru="")]).reason_en


any_facts = st.builds(
    facts,
    intent=st.sampled_from(Intent),
    sentiment=st.sampled_from(Sentiment),
    urgency=st.sampled_from(Urgency),
    rating=st.none() | st.floats(1, 5),
    is_uncertain=st.booleans(),
    is_answered=st.booleans(),
    is_own=st.booleans(),
)
any_rules = st.lists(
    st.builds(
        rule,
        st.fixed_dictionaries(
            {},
            optional={
                "intent": st.lists(st.sampled_from([k.value for k in Intent]), min_size=1),
                "urgency": st.lists(st.sampled_from([u.value for u in Urgency]), min_size=1),
                "max_rating": st.integers(1, 5),
                "is_uncertain": st.booleans(),
            },
        ),
        id=st.integers(1, 99),
        team_id=st.sampled_from([None, SERVICE]),
        priority=st.none() | st.sampled_from(Urgency),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(any_facts, any_rules)
def test_every_decision_is_whole_and_explained(seen, rules):
    decision = route(seen, rules)
    assert decision.opens is (decision.team_id is not None) is (decision.policy_name is not None)
    assert decision.reason_en and decision.reason_ru
    assert not (decision.opens and (seen.is_own or seen.is_answered))
