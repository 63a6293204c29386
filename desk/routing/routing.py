"""[pure] (mention facts, rules) -> team, priority and policy, or no case; always with a reason that people can read.

Rules are tried in order and the first whose conditions all hold decides. Before any rule: what the brand wrote
itself, what a machine wrote, what is in a folder or of a competitor, what its author took back, and what already has a public answer, opens no case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desk.base.words import Folder, Intent, Sentiment, Urgency
from desk.routing import reasons

LISTS = ("intent", "sentiment", "urgency", "language", "source_kind", "source_id")


@dataclass(frozen=True, slots=True)
class Facts:
    """What routing may know of a mention. `rating` is on the scale 1..5."""

    intent: Intent
    sentiment: Sentiment
    urgency: Urgency
    language: str | None
    source_kind: str
    source_id: int
    rating: float | None = None
    is_uncertain: bool = False
    is_answered: bool = False
    is_own: bool = False
    is_machine: bool = False
    is_withdrawn: bool = False
    folder: Folder | None = None
    is_competitor: bool = False


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """`conditions`: any of LISTS with a list of allowed values, `max_rating` and `is_uncertain`; all must hold.

    `team_id` None opens no case, `priority` None keeps the verdict's urgency. `number` is the rule's position on
    the settings page, and 0 takes its position in the sequence instead.
    """

    id: int
    name_en: str
    name_ru: str
    conditions: Mapping[str, Any] = field(default_factory=dict)
    team_id: int | None = None
    priority: Urgency | None = None
    policy_name: str | None = None
    team_en: str = ""
    team_ru: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that opens has a team and a policy; one that does not has neither."""

    opens: bool
    team_id: int | None
    priority: Urgency
    policy_name: str | None
    rule_id: int | None
    reason_en: str
    reason_ru: str


def route(facts: Facts, rules: Sequence[RuleSpec]) -> Decision:
    if facts.is_own:
        return _no_case(facts, reasons.OWN)
    if facts.is_machine:
        return _no_case(facts, reasons.MACHINE)
    if facts.is_competitor:
        return _no_case(facts, reasons.COMPETITOR)
    if facts.folder is not None:
        return _no_case(facts, reasons.FILED[facts.folder])
    if facts.is_withdrawn:
        return _no_case(facts, reasons.WITHDRAWN)
    if facts.is_answered:
        return _no_case(facts, reasons.ANSWERED)
    for position, rule in enumerate(rules, start=1):
        if all(_holds(name, wanted, facts) for name, wanted in rule.conditions.items()):
            return _decide(facts, rule, rule.number or position)
    return _no_case(facts, reasons.NO_RULE)


def _holds(condition: str, wanted: Any, facts: Facts) -> bool:
    """A condition that this version does not know never holds, so that its rule decides nothing by accident."""
    match condition:
        case "max_rating":
            return facts.rating is not None and facts.rating <= wanted
        case "is_uncertain":
            return facts.is_uncertain is wanted
        case _:
            return condition in LISTS and getattr(facts, condition) in wanted


def _decide(facts: Facts, rule: RuleSpec, number: int) -> Decision:
    priority = rule.priority or facts.urgency
    because = [reasons.match(name, wanted, _fact(name, facts)) for name, wanted in rule.conditions.items()]
    head = reasons.rule(number, rule.name_en, rule.name_ru, because)
    if rule.team_id is None:
        tail = reasons.NO_CASE
    else:
        tail = reasons.goes_to((rule.team_en, rule.team_ru), priority, rule.policy_name)
    en, ru = (f"{left} → {right}" for left, right in zip(head, tail, strict=True))
    policy_name = rule.policy_name if rule.team_id is not None else None
    return Decision(rule.team_id is not None, rule.team_id, priority, policy_name, rule.id, en, ru)


def _fact(condition: str, facts: Facts) -> Any:
    return facts.rating if condition == "max_rating" else getattr(facts, condition)


def _no_case(facts: Facts, reason: reasons.Both) -> Decision:
    return Decision(False, None, facts.urgency, None, None, *reason)
