"""The rules of a brand, in order: read for routing, changed by the settings page. No rule is kept that cannot work.

Positions are 1, 2, 3 ... without holes, switched-off rules included: they are the numbers that reasons name.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import damage
from desk.base.errors import Conflict, Invalid, NotFound
from desk.base.words import Urgency
from desk.brands import brands
from desk.brands.defaults import Proposal
from desk.models import Policy, Rule, Team
from desk.routing.conditions import read_conditions
from desk.routing.routing import RuleSpec


def rules(session: Session, brand_id: int) -> list[RuleSpec]:
    """What routing goes by: the rules that are switched on."""
    return [_spec(row) for row in rows(session, brand_id) if row.is_active]


def rows(session: Session, brand_id: int) -> list[Rule]:
    """What the settings page shows: all of them."""
    query = sa.select(Rule).where(Rule.brand_id == brand_id).order_by(Rule.position, Rule.id)
    return list(session.scalars(query))


def is_whole(row: Rule) -> bool:
    """Whether its conditions can be read as people type them."""
    if damage.is_damaged(row.conditions):
        return False
    try:
        read_conditions(row.conditions)
    except Invalid:
        return False
    return True


def add(
    session: Session,
    brand_id: int,
    *,
    name_en: str,
    name_ru: str,
    conditions: Mapping[str, Any],
    team_id: int | None,
    priority: Urgency | None = None,
    policy_name: str | None = None,
    position: int = 1,
) -> Rule:
    """On top unless told otherwise: the first rule that holds decides. Raises Invalid, NotFound."""
    brands.lock(session, brand_id)
    rule = Rule(brand_id=brand_id, position=0, is_active=True)
    _fill(session, rule, name_en, name_ru, conditions, team_id, priority, policy_name)
    others = rows(session, brand_id)
    others.insert(max(position, 1) - 1, rule)
    session.add(rule)
    _number(session, others)
    return rule


def change(
    session: Session,
    rule_id: int,
    *,
    name_en: str,
    name_ru: str,
    conditions: Mapping[str, Any],
    team_id: int | None,
    priority: Urgency | None = None,
    policy_name: str | None = None,
) -> Rule:
    """Decided cases keep the reason they were given. Raises Invalid, NotFound."""
    rule = _load(session, rule_id)
    _fill(session, rule, name_en, name_ru, conditions, team_id, priority, policy_name)
    session.flush()
    return rule


def switch(session: Session, rule_id: int, *, is_active: bool) -> Rule:
    rule = _load(session, rule_id)
    rule.is_active = is_active
    session.flush()
    return rule


def remove(session: Session, rule_id: int) -> None:
    rule = _load(session, rule_id)
    brands.lock(session, rule.brand_id)
    session.delete(rule)
    _number(session, [row for row in rows(session, rule.brand_id) if row.id != rule_id])


def reorder(session: Session, brand_id: int, rule_ids: Sequence[int]) -> None:
    """Raises Conflict (code "version") when the list is not of exactly the rules there are by now."""
    brands.lock(session, brand_id)
    found = {row.id: row for row in rows(session, brand_id)}
    if sorted(rule_ids) != sorted(found):
        raise Conflict("The rules have changed meanwhile.", code="version")
    _number(session, [found[rule_id] for rule_id in rule_ids])


def propose(session: Session, brand_id: int, proposals: Iterable[Proposal]) -> None:
    """Writes the rules a new brand begins with. Raises NotFound where their teams are missing."""
    team_ids: dict[str | None, int | None] = {team.key: team.id for team in session.scalars(sa.select(Team))}
    team_ids[None] = None
    for position, proposal in enumerate(proposals, start=1):
        if proposal.team not in team_ids:
            raise NotFound(f"There is no team {proposal.team!r}.")
        rule = Rule(brand_id=brand_id, position=position, is_active=True)
        _fill(
            session,
            rule,
            proposal.name_en,
            proposal.name_ru,
            proposal.conditions,
            team_ids[proposal.team],
            proposal.priority,
            proposal.policy_name,
        )
        session.add(rule)
    session.flush()


def _load(session: Session, rule_id: int) -> Rule:
    rule = session.get(Rule, rule_id)
    if rule is None:
        raise NotFound(f"There is no rule {rule_id}.")
    return rule


def _fill(
    session: Session,
    rule: Rule,
    name_en: str,
    name_ru: str,
    conditions: Mapping[str, Any],
    team_id: int | None,
    priority: Urgency | None,
    policy_name: str | None,
) -> None:
    rule.name_en, rule.name_ru = brands.read_name(name_en, "name_en"), brands.read_name(name_ru, "name_ru")
    rule.conditions = read_conditions(conditions)
    if team_id is None:
        rule.team, rule.priority, rule.policy_name = None, None, None
        return
    # The row itself, not its id: a rule that is read again in this session must show the new team.
    rule.team = session.get(Team, team_id)
    if rule.team is None:
        raise Invalid("There is no team %(team_id)s.", field="team_id", team_id=team_id)
    if policy_name is None or not _has_policy(session, rule.brand_id, policy_name):
        raise Invalid(
            "There is no policy called %(policy_name)s.", field="policy_name", policy_name=repr(policy_name)
        )
    rule.priority, rule.policy_name = priority, policy_name


def _has_policy(session: Session, brand_id: int, name: str) -> bool:
    query = sa.select(Policy.id).where(Policy.brand_id == brand_id, Policy.name == name, Policy.is_current)
    return session.scalar(query) is not None


def _number(session: Session, ordered: Sequence[Rule]) -> None:
    for position, row in enumerate(ordered, start=1):
        row.position = position
    session.flush()


def _spec(row: Rule) -> RuleSpec:
    team = row.team
    return RuleSpec(
        id=row.id,
        name_en=row.name_en,
        name_ru=row.name_ru,
        # No mention ever meets a condition that nobody knows, so a damaged rule decides nothing; an empty one would
        # decide everything.
        conditions=row.conditions if is_whole(row) else {"damaged": True},
        team_id=row.team_id,
        priority=row.priority,
        policy_name=row.policy_name,
        number=row.position,
        team_en=team.name_en if team else "",
        team_ru=team.name_ru if team else "",
    )
