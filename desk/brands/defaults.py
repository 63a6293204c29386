"""What every new brand begins with: hours, policies and rules. All of it can be changed on the settings page.

Who gets what, and why. Complaints go to customer service, which can set things right. Questions go to marketing:
most who ask in public have not bought yet, and whoever gets one that is about an order hands it over. Praise,
suggestions and other talk are collected and counted, but nobody waits for an answer to them; where the model is
not sure that it is such talk, service takes a look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from babel.core import get_global

from desk.base.errors import Invalid
from desk.base.words import Intent, Sentiment, TargetKind, Urgency
from desk.brands.calendars import public_holidays
from desk.brands.targets import Target

HOURS: dict[str, list[list[str]]] = {
    **{str(weekday): [["09:00", "21:00"]] for weekday in range(5)},
    **{str(weekday): [["10:00", "18:00"]] for weekday in (5, 6)},
}

POLICIES = (
    Target("Minutes", 1, TargetKind.DURATION, seconds=30 * 60),
    Target("Today", 1, TargetKind.DURATION, seconds=4 * 3600),
    Target("Working day", 1, TargetKind.DURATION, seconds=8 * 3600),
    Target("Next morning", 1, TargetKind.BY_CLOCK, clock=time(11)),
)
FALLBACK_POLICY = "Working day"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule before it has a row; `team` is the key of one, None opens no case."""

    name_en: str
    name_ru: str
    conditions: Mapping[str, Any]
    team: str | None = None
    priority: Urgency | None = None
    policy_name: str | None = None


RULES = (
    Proposal(
        "Critical complaint",
        "Критическая жалоба",
        {"intent": [Intent.COMPLAINT], "urgency": [Urgency.CRITICAL]},
        "service",
        Urgency.CRITICAL,
        "Minutes",
    ),
    Proposal("Low rating", "Низкая оценка", {"max_rating": 2}, "service", Urgency.HIGH, "Today"),
    Proposal(
        "Urgent complaint",
        "Срочная жалоба",
        {"intent": [Intent.COMPLAINT], "urgency": [Urgency.HIGH]},
        "service",
        None,
        "Today",
    ),
    Proposal("Complaint", "Жалоба", {"intent": [Intent.COMPLAINT]}, "service", None, "Working day"),
    Proposal(
        "Urgent question",
        "Срочный вопрос",
        {"intent": [Intent.QUESTION], "urgency": [Urgency.CRITICAL, Urgency.HIGH]},
        "marketing",
        None,
        "Today",
    ),
    Proposal("Question", "Вопрос", {"intent": [Intent.QUESTION]}, "marketing", None, "Next morning"),
    Proposal(
        "Needs review",
        "Нужна проверка",
        {"is_uncertain": True, "sentiment": [Sentiment.NEGATIVE, Sentiment.NEUTRAL]},
        "service",
        None,
        "Working day",
    ),
    Proposal(
        "No answer needed",
        "Ответ не нужен",
        {"intent": [Intent.PRAISE, Intent.SUGGESTION, Intent.OTHER]},
    ),
)


def holidays_in(time_zone: str) -> str | None:
    """The country whose zone that is, provided its public holidays are known; None for UTC and the like."""
    name = get_global("zone_aliases").get(time_zone, time_zone)
    country = get_global("zone_territories").get(name)
    try:
        return country if country and public_holidays(country, 2026) else None
    except Invalid:
        return None
