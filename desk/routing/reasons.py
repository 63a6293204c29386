"""[pure] The words in which routing explains itself, in both languages at once; every text is (English, Russian).

Reasons are stored with the case as they were decided, so they cannot be left to the reader's own language later.
"""

from collections.abc import Sequence
from typing import Any

from desk.base.words import Folder, Intent, Sentiment, Urgency

Both = tuple[str, str]

OWN: Both = ("Written by the brand itself: no case", "Написано самим брендом: обращение не создаётся")
ANSWERED: Both = ("Already answered in public: no case", "Публичный ответ уже есть: обращение не создаётся")
MACHINE: Both = ("Written by a machine: no case", "Написано автоматически: обращение не создаётся")
WITHDRAWN: Both = ("Withdrawn by its author: no case", "Удалено автором: обращение не создаётся")
COMPETITOR: Both = (
    "Said of a brand that is only listened to: no case",
    "Сказано о бренде, который только слушают: обращение не создаётся",
)
FILED: dict[Folder, Both] = {
    Folder.OFF_TOPIC: ("Filed as off-topic: no case", "В папке «Не о нас»: обращение не создаётся"),
    Folder.SPAM: ("Filed as spam: no case", "В папке «Спам»: обращение не создаётся"),
    Folder.ADVERTISEMENT: ("An advertisement: no case", "Реклама: обращение не создаётся"),
    Folder.COMPETITOR: ("Written by a competitor: no case", "Написано конкурентом: обращение не создаётся"),
}
NO_RULE: Both = ("No rule matched: no case", "Ни одно правило не подошло: обращение не создаётся")
NO_CASE: Both = ("no case", "обращение не создаётся")
ANY_MESSAGE: Both = ("any message", "любое сообщение")

VALUES: dict[str, Both] = {
    Intent.COMPLAINT: ("complaint", "жалоба"),
    Intent.QUESTION: ("question", "вопрос"),
    Intent.PRAISE: ("praise", "похвала"),
    Intent.SUGGESTION: ("suggestion", "предложение"),
    Intent.OTHER: ("other", "другое"),
    Sentiment.NEGATIVE: ("negative", "негатив"),
    Sentiment.NEUTRAL: ("neutral", "нейтрально"),
    Sentiment.POSITIVE: ("positive", "позитив"),
    Urgency.CRITICAL: ("critical", "критично"),
    Urgency.HIGH: ("urgent", "срочно"),
    Urgency.NORMAL: ("normal urgency", "обычная срочность"),
    Urgency.LOW: ("not urgent", "не срочно"),
}
PRIORITIES: dict[Urgency, Both] = {
    Urgency.CRITICAL: ("critical priority", "критический приоритет"),
    Urgency.HIGH: ("high priority", "высокий приоритет"),
    Urgency.NORMAL: ("normal priority", "обычный приоритет"),
    Urgency.LOW: ("low priority", "низкий приоритет"),
}
LABELS: dict[str, Both] = {
    "language": ("language", "язык"),
    "source_kind": ("channel", "канал"),
    "source_id": ("source", "источник"),
}
NEEDS_LOOK: dict[bool, Both] = {
    True: ("the model is not sure", "модель не уверена"),
    False: ("the model is sure", "модель уверена"),
}
# A policy has one name, its identity; the ones every brand begins with are shown in the reader's language.
POLICIES_RU = {
    "Minutes": "Минуты",
    "Today": "Сегодня",
    "Working day": "Рабочий день",
    "Next morning": "Следующее утро",
}


def match(condition: str, wanted: Any, fact: Any) -> Both:
    """How one condition that holds is said: `wanted` by the rule, `fact` of the mention."""
    if condition == "max_rating":
        return f"rating {fact:g} ≤ {wanted:g}", f"оценка {_comma(fact)} ≤ {_comma(wanted)}"
    if condition == "is_uncertain":
        return NEEDS_LOOK[bool(fact)]
    if condition in LABELS:
        en, ru = LABELS[condition]
        return f"{en} {fact}", f"{ru} {fact}"
    return VALUES[fact]


def rule(number: int, name_en: str, name_ru: str, because: Sequence[Both]) -> Both:
    en, ru = zip(*because or [ANY_MESSAGE], strict=True)
    return f"Rule {number}, “{name_en}”: {', '.join(en)}", f"Правило {number} «{name_ru}»: {', '.join(ru)}"


def goes_to(team: Both, priority: Urgency, policy: str | None) -> Both:
    en = (team[0], PRIORITIES[priority][0], f"target “{policy}”" if policy else "")
    ru = (team[1], PRIORITIES[priority][1], f"срок «{POLICIES_RU.get(policy, policy)}»" if policy else "")
    return ", ".join(filter(None, en)), ", ".join(filter(None, ru))


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")
