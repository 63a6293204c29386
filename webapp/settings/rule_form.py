"""A routing rule as a form, and in words. What a rule may say is decided by desk/routing/conditions.py, not here."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from desk.base.words import Intent, Sentiment, Urgency
from desk.models import Rule, Source
from desk.routing import rulebook
from webapp.request import typed
from webapp.wording import channels as channel_words
from webapp.wording import formats
from webapp.wording.labels import label

WORDS = {"intent": Intent, "sentiment": Sentiment, "urgency": Urgency}


def conditions(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was ticked and chosen; whatever was left alone is no condition."""
    found: dict[str, Any] = {
        name: chosen for name in (*WORDS, "source_kind") if (chosen := form.getlist(name))
    }
    languages = [code.strip().lower() for code in form.get("language", "").split(",") if code.strip()]
    if languages:
        found["language"] = languages
    if places_chosen := [number for one in form.getlist("source_id") if (number := typed.number(one))]:
        found["source_id"] = places_chosen
    if (most := typed.number_or_nothing(form.get("max_rating"), "max_rating")) is not None:
        found["max_rating"] = most
    if (answer := form.get("is_uncertain")) in ("yes", "no"):
        found["is_uncertain"] = answer == "yes"
    return found


def in_words(rule: Rule, sources: Iterable[Source]) -> list[str]:
    """Its conditions, each as one phrase; all of them have to hold."""
    if not rulebook.is_whole(rule):
        return [str(_("The conditions are damaged, so this rule is skipped. Set them again and save."))]
    titles = {source.id: source.title for source in sources}
    return [_phrase(name, wanted, titles) for name, wanted in rule.conditions.items()]


def _phrase(name: str, wanted: Any, titles: Mapping[int, str]) -> str:
    if name in WORDS:
        return _any_of([label(WORDS[name](value)) for value in wanted])
    if name == "max_rating":
        return str(_("%(rating)s stars or fewer", rating=formats.number(wanted)))
    if name == "is_uncertain":
        return str(_("the model is not sure") if wanted else _("the model is sure"))
    if name == "source_kind":
        return _any_of([channel_words.name(kind) for kind in wanted])
    if name == "source_id":
        return _any_of([titles.get(number, f"{number}") for number in wanted])
    return str(_("language %(codes)s", codes=_any_of(wanted)))


def _any_of(words: list[str]) -> str:
    return str(_(" or ").join(words))
