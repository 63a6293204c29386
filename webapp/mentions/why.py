"""Why a mention has its tags: the words that moved the judge, on a page of its own or in place beside the tags."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk.base.words import Intent, MentionState, Sentiment, Urgency
from desk.mentions import conversation, mention_list
from desk.models import Mention, Verdict
from desk.people import users
from desk.verdicts import star_ratings, tags
from webapp.mentions import explanations
from webapp.mentions.explanations import NoJudge, Told
from webapp.request import access, transaction
from webapp.wording import formats
from webapp.wording.labels import label

bp = Blueprint("why", __name__, url_prefix="/mentions")

HEADS: dict[str, type[StrEnum]] = {"sentiment": Sentiment, "intent": Intent, "urgency": Urgency}
TITLES = {"sentiment": _l("Sentiment"), "intent": _l("Kind"), "urgency": _l("Urgency")}
# From which probability on a judge is how sure; below all of them it doubts.
CERTAINTY = (
    (0.95, _l("almost certainly")),
    (0.8, _l("most likely")),
    (0.6, _l("probably")),
    (0.0, _l("uncertain")),
)


@bp.get("/<int:mention_id>/why")
def index(mention_id: int) -> ResponseReturnValue:
    """?head= is the tag that is asked about. Reads only; analysts may ask too."""
    session = transaction.session()
    mention = mention_list.load(session, mention_id)
    asked = request.args.get("head", "")
    head = asked if asked in HEADS else "sentiment"
    return render_template(
        "why/found.html" if access.is_fragment() else "why/index.html",
        mention=mention,
        head=head,
        heads=TITLES.items(),
        **_found(mention, head, conversation.verdicts(session, mention_id)),
    )


def _found(mention: Mention, head: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    guess = next((one for one in verdicts if one.by == "model"), None)
    person = next((one for one in verdicts if one.by == "human"), None)
    by_people = list(_of_person(person, guess, head)) if person else []
    if mention.is_own or not verdicts:
        return {"told": None, "notes": [], "problem": _("This mention has not been tagged.")}
    try:
        told = explanations.tell(transaction.session(), tags.words(mention), head)
    except NoJudge as error:
        return {"told": None, "notes": by_people, "problem": _refusal(error)}
    notes = by_people + list(_of_machine(told, mention, guess, head) if guess else [])
    said = label(HEADS[head](told.label))
    return {
        "told": told,
        "notes": notes,
        "problem": "",
        "said": said,
        "certainty": certainty(told.probability),
    }


def certainty(probability: float) -> str:
    """In step with the figure beside it, which is shown in whole percents."""
    return str(next(words for least, words in CERTAINTY if round(probability, 2) >= least))


def _of_person(person: Verdict, guess: Verdict | None, head: str) -> Iterator[str]:
    """Somebody corrected the tags: his word is in force, whatever the words of the text do to the model."""
    names = users.names(transaction.session())
    name = names.get(person.user_id or 0, _("a person"))
    decided = getattr(person, head)
    if guess is None or getattr(guess, head) is not decided:
        yield _(
            "%(name)s set this tag: %(label)s. Below is what the model says.", name=name, label=label(decided)
        )
    else:
        yield _("%(name)s confirmed this tag.", name=name)


def _of_machine(told: Told, mention: Mention, guess: Verdict, head: str) -> Iterator[str]:
    """Where what the words say is not what the mention was tagged with, and why not."""
    now, then = HEADS[head](told.label), getattr(guess, head)
    weighed = _with_stars(now, told.probability, guess, mention.rating, head)
    signed = (told.judge[:80], told.model_revision[:80])
    if weighed is not now:
        yield _(
            "The stars weigh more than the words here: with %(rating)s of 5 the tag becomes %(label)s.",
            rating=formats.number(mention.rating),
            label=label(weighed),
        )
    if mention.state is MentionState.NEW:
        yield _("The text was edited after it was tagged, and waits to be tagged again.")
    elif weighed is not then and told.is_long:
        yield _(
            "The tag is based on the whole text: %(then)s. The beginning and end shown here give: %(now)s.",
            then=label(then),
            now=label(now),
        )
    elif weighed is not then and signed != (guess.backend, guess.model_revision):
        yield _(
            "It was tagged by another version of the model: %(then)s. This is what the current version says.",
            then=label(then),
        )


def _with_stars(
    said: StrEnum, probability: float, guess: Verdict, rating: float | None, head: str
) -> StrEnum:
    values: dict[str, Any] = {name: getattr(guess, name) for name in HEADS} | {head: said}
    sure = probability if head == "intent" else guess.intent_probability
    judgement = star_ratings.Judgement(language=guess.language, intent_probability=sure, **values)
    found: StrEnum = getattr(star_ratings.weigh(judgement, rating), head)
    return found


def _refusal(error: NoJudge) -> str:
    if error.is_heavy:
        sentence = _(
            "The model %(model)s needs more memory than a page may use, so its reasons are not shown "
            "here. The tags are not affected. On the server, run `python -m sentiment why TEXT`.",
            model=str(error),
        )
    else:
        sentence = _(
            "The model cannot be loaded, so its reasons cannot be shown. The tags stay as they are. "
            "Message for the administrator: %(words)s",
            words=str(error),
        )
    return str(sentence)
