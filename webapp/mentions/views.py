"""Everything that was said, newest first: found by words and filters, and put right by one click where the tags are wrong."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_security import current_user

from desk import metrics
from desk.base.errors import Invalid
from desk.base.words import CaseStatus, FiledBy, Folder, Intent, Sentiment, Urgency
from desk.brands import brands, calendars
from desk.mentions import conversation, filing, mention_list
from desk.models import EarlierWording
from desk.people import users
from desk.pipeline import triage
from desk.sources import sources
from webapp.queue import filters_in_force
from webapp.request import access, clock, languages, row_ids, transaction, typed
from webapp.wording import channels as channel_words
from webapp.wording import differences
from webapp.wording.labels import word

bp = Blueprint("mentions", __name__, url_prefix="/mentions")

YES_NO = {"yes": True, "no": False}


@bp.get("")
def index() -> ResponseReturnValue:
    filters, session = _filters(request.args), transaction.session()
    found = mention_list.page(session, filters, after=request.args.get("after") or None)
    choices = _choices(filters)
    return render_template(
        "mentions/index.html",
        found=found,
        filters=filters,
        link=_link,
        in_force=filters_in_force.of_mentions(filters, request.args, _titles(filters, choices, found), _link),
        **choices,
    )


@bp.get("/<int:mention_id>")
def page(mention_id: int) -> ResponseReturnValue:
    """One mention with its earlier wordings, its verdicts, and what else its author said."""
    session = transaction.session()
    row, m = mention_list.row(session, mention_id), mention_list.load(session, mention_id)
    why = filing.outcome(m) if row.folder and row.filed_by is FiledBy.QUERY else None
    return render_template(
        "mentions/page.html",
        row=row,
        m=m,
        why=why,
        excluding=[getattr(m, one.field)[one.start : one.end] for one in why.passages] if why else [],
        verdicts=conversation.verdicts(session, mention_id),
        versions=_versions(row, conversation.earlier_wordings(session, mention_id) if row.edit_count else []),
        others=mention_list.others_of(session, row),
        names=users.names(session),
    )


@bp.post("/<int:mention_id>/correct")
def correct(mention_id: int) -> ResponseReturnValue:
    """One button is one corrected tag; whoever cannot write is refused by the desk itself."""
    chosen: dict[str, Any] = {
        "sentiment": word(Sentiment, request.form.get("sentiment")),
        "intent": word(Intent, request.form.get("intent")),
        "urgency": word(Urgency, request.form.get("urgency")),
    }
    language = request.form.get("language")
    if not any(chosen.values()) and language not in users.LOCALES and "right" not in request.form:
        raise Invalid(_("Choose the right tag."), "intent")
    triage.correct(
        transaction.session(),
        mention_id,
        current_user,
        clock.now(),
        language=language if language in users.LOCALES else None,
        **chosen,
    )
    flash(_("Corrected. Your tags override the model's."), "success")
    here = url_for("mentions.page", mention_id=mention_id)
    return redirect(access.local_target(request.form.get("next"), here))


@bp.post("/<int:mention_id>/file")
def file(mention_id: int) -> ResponseReturnValue:
    """Into a folder, or out of it; whoever cannot write is refused by the desk itself."""
    chosen = request.form.get("folder", "")
    folder = word(Folder, chosen)
    if chosen and folder is None:
        raise Invalid(_("Choose the folder."), "folder")
    triage.file(transaction.session(), mention_id, current_user, folder, clock.now())
    flash(
        _("Put into the folder. The case, if it had one of its own, is closed.")
        if folder
        else _("Back among the mentions. If a rule asks for an answer, a case is open now."),
        "success",
    )
    here = url_for("mentions.page", mention_id=mention_id)
    return redirect(access.local_target(request.form.get("next"), here))


def _filters(args: Mapping[str, str]) -> mention_list.Filters:
    return mention_list.Filters(
        brand_id=row_ids.read(args.get("brand")),
        source_id=row_ids.read(args.get("source")),
        channel=args.get("channel") or None,
        team=args.get("team") or None,
        sentiment=word(Sentiment, args.get("sentiment")),
        intent=word(Intent, args.get("intent")),
        language=args.get("language") or None,
        status=word(CaseStatus, args.get("status")),
        author_id=row_ids.read(args.get("author")),
        is_answered=YES_NO.get(args.get("answered", "")),
        is_seen=YES_NO.get(args.get("seen", "")),
        is_counted=YES_NO.get(args.get("counted", "")),
        is_uncertain=YES_NO.get(args.get("uncertain", "")),
        is_abusive=YES_NO.get(args.get("abusive", "")),
        since=_midnight(args.get("since"), 0, _zone(args.get("zone"))),
        until=_until(args),
        text=args.get("q", "")[:1000],
        with_own=args.get("own") == "yes",
        is_filed=args.get("filed") == "yes",
    )


def _titles(
    filters: mention_list.Filters, choices: dict[str, Any], found: mention_list.MentionPage
) -> dict[str, str]:
    """What the filters that are ids are called; one that nobody knows shows what was asked for."""
    titled = (
        ("brand", filters.brand_id, choices["brands"]),
        ("team", filters.team, choices["teams"]),
        ("language", filters.language, choices["spoken"]),
    )
    titles = {
        name: filters_in_force.title_of(value, options) or str(value)
        for name, value, options in titled
        if value is not None
    }
    if choices["source"] is not None:
        titles["source"] = choices["source"].title
    if filters.author_id is not None:
        known = found.rows[0].author_name if found.rows else None
        titles["author"] = known or _("no name")
    return titles


def _until(args: Mapping[str, str]) -> datetime | None:
    """The end of the day that was asked for; with `old` no later than 30 days ago, as the numbers count it."""
    until = _midnight(args.get("until"), 1, _zone(args.get("zone")))
    if args.get("old") != "yes":
        return until
    old = clock.now() - metrics.NEVER_AFTER
    return min(until, old) if until else old


def _zone(name: str | None) -> ZoneInfo:
    """The brand's, where the figures count its days; else the reader's own."""
    try:
        return calendars.read_zone(name) if name else languages.zone()
    except Invalid:
        return languages.zone()


def _midnight(text: str | None, days_later: int, zone: ZoneInfo) -> datetime | None:
    """A day as it begins; what is no date bounds nothing."""
    if (day := typed.day(text)) is None:
        return None
    return datetime.combine(day + timedelta(days=days_later), time.min, zone)


def _choices(filters: mention_list.Filters) -> dict[str, Any]:
    session = transaction.session()
    is_russian, titles = languages.language() == "ru", get_locale().languages
    return {
        "brands": [(brand.id, brand.name) for brand in brands.all_brands(session)],
        "teams": [(team.key, team.name_ru if is_russian else team.name_en) for team in users.teams(session)],
        "channels": channel_words.names(),
        "spoken": [(code, titles.get(code, code)) for code in mention_list.languages(session)],
        "source": sources.load(session, filters.source_id) if filters.source_id is not None else None,
    }


def _versions(row: mention_list.MentionRow, earlier: list[EarlierWording]) -> list[dict[str, Any]]:
    """Each change as the difference between a wording and the next one, newest change first."""
    wordings = [(one.title, one.text, one.rating) for one in earlier] + [(row.title, row.text, row.rating)]
    changes = []
    for number, one in enumerate(earlier):
        old, new = wordings[number], wordings[number + 1]
        changes.append(
            {
                "at": one.replaced_at,
                "pieces": differences.words(f"{old[0]}\n{old[1]}".strip(), f"{new[0]}\n{new[1]}".strip()),
                "ratings": (old[2], new[2]) if old[2] != new[2] else None,
            }
        )
    return changes[::-1]


def _link(**changes: Any) -> str:
    """This page with other filters; an empty value drops one. Changing any begins at the first page again."""
    kept = {name: value for name, value in request.args.items() if name != "after"}
    return url_for("mentions.index", **{k: v for k, v in {**kept, **changes}.items() if v not in (None, "")})
