"""One answer on its way to the site, and one look for it there. No transaction is open during either; sending is never
repeated: whatever is not surely refused is looked up on the site first."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx

import channels
from channels import errors, lengths
from channels.contract import Look, Place, Receipt, Replies, Target, TellsOfModeration, Verifies
from channels.wire import exchange
from channels.wire.guard import guarded_client
from desk.base import db, logs, settings
from desk.base.sentences import Sentence
from desk.people.users import Session
from desk.replies import sending, verification
from desk.replies.outgoing import Outgoing, gather_with_secrets
from desk.sources import sources

TIMEOUT_SECONDS = 20.0
LONGEST_SECONDS = 40.0
"""No request is begun later than that after the first. One may take a minute (channels.wire.guard), so a send is over before
desk.replies.sending gives it up, and a look before its lease ends."""
SURELY_NOT_TAKEN = (
    errors.Refused,
    errors.Unauthorized,
    errors.RateLimited,
    errors.Blocked,
    errors.NotFound,
    errors.Gone,
    errors.Forbidden,
    errors.Unreachable,
)
NO_ANSWERS = Sentence(
    "This channel takes no answers: post it by hand.",
    "Через этот канал отвечать нельзя: опубликуйте ответ вручную.",
)
NOT_SENT = Sentence("Nothing was sent.", "Ничего не отправлено.")
Recording = Callable[..., None]

log = logs.logger()


def publish(reply_id: int) -> bool:
    """Whether it was ours to send. `sending` is committed before the call, what came of it after."""
    with db.transaction() as session:
        outgoing = sending.begin(session, reply_id, datetime.now(UTC), _complaint)
    if outgoing is None:
        return False
    record = send(outgoing)
    with db.transaction() as session:
        record(session, reply_id, now=datetime.now(UTC))
    return True


def _complaint(kind: str, cursor: Mapping[str, Any], text: str) -> str | None:
    channel = channels.channel(kind) if kind in channels.KINDS else None
    said = lengths.complaint(lengths.limits_of(channel, cursor), text)
    return Sentence.of(said) if said is not None else None


def send(outgoing: Outgoing) -> Recording:
    """Speaks to the site, once; returns what is to be written down about it."""
    channel = _channel(outgoing)
    if not isinstance(channel, Replies):
        return partial(sending.failed, kind="refused", error=NO_ANSWERS)
    posts = exchange.RequestWatch(LONGEST_SECONDS)
    try:
        with _client(posts) as http:
            receipt = channel.send(Place.of(outgoing.place), target(outgoing), outgoing.text, http)
    except errors.TooLong as error:
        return partial(
            sending.too_long, error=Sentence.of(error.text), limits=lengths.remembered(error.limits)
        )
    except SURELY_NOT_TAKEN as error:
        return partial(sending.failed, kind=error.kind, error=Sentence.of(error.text))
    except Exception as error:  # noqa: BLE001 - the job border: who knows whether the site took it
        return _unsure(error, posts, outgoing)
    return partial(
        sending.published,
        external_id=receipt.external_id,
        url=receipt.url,
        is_pending=receipt.state == "pending",
        published_at=receipt.published_at,
    )


def _unsure(error: Exception, posts: exchange.RequestWatch, outgoing: Outgoing) -> Recording:
    if not isinstance(error, errors.ChannelError):
        log.error("send_failed", reply=outgoing.reply_id, kind=outgoing.kind, exc_info=error)
    words = Sentence.of(error.text) if isinstance(error, errors.ChannelError) else _plain(error)
    if posts.have_left or isinstance(error, errors.Unknown):
        return partial(sending.lost_track, error=words)
    kind = error.kind if isinstance(error, errors.ChannelError) else "error"
    return partial(sending.failed, kind=kind, error=words.with_more(NOT_SENT))


def _plain(error: Exception) -> Sentence:
    words = str(error) or type(error).__name__
    return Sentence(words, words)


def verify(outgoing: Outgoing) -> bool:
    """Looks for one answer as a stranger would; False when somebody else is looking."""
    with db.transaction() as session:
        if not verification.claim(session, outgoing.reply_id, datetime.now(UTC)):
            return False
    look = _look(outgoing)
    told = _ask(outgoing) if outgoing.is_held and (look is None or look.outcome != "visible") else None
    now = datetime.now(UTC)
    with db.transaction() as session:
        if told is not None and told.outcome in ("visible", "rejected"):
            _believe(session, outgoing.reply_id, told, now)
            return True
        if look is None:
            # Nobody can look at this channel alone; the crawl recognises the answer by its text.
            sources.crawl_soon(session, sources.load(session, outgoing.source_id), now)
            verification.could_not_tell(session, outgoing.reply_id, "", now)
        elif look.outcome == "visible":
            verification.seen(
                session,
                outgoing.reply_id,
                external_id=look.external_id,
                url=look.url,
                now=now,
                shown_at=look.seen_at,
            )
        elif look.outcome == "rejected" and outgoing.is_held:
            verification.rejected(session, outgoing.reply_id, look.reason, now)
        else:
            record = verification.could_not_tell if look.outcome == "cannot_tell" else verification.not_seen
            record(session, outgoing.reply_id, look.reason, now)
    return True


def _look(outgoing: Outgoing) -> Look | None:
    channel = _channel(outgoing)
    if not isinstance(channel, Verifies):
        return None
    if outgoing.damage is not None:
        return Look("cannot_tell", reason=outgoing.damage)
    receipt = (
        Receipt(outgoing.external_id, outgoing.public_url)
        if outgoing.external_id or outgoing.public_url
        else None
    )
    try:
        with _client(exchange.RequestWatch(LONGEST_SECONDS)) as http:
            return channel.look(Place.of(outgoing.place), target(outgoing), outgoing.text, receipt, http)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=str(error))
    except Exception as error:  # the job border: a failed look proves nothing, and others wait
        log.exception("look_failed", reply=outgoing.reply_id, kind=outgoing.kind)
        return Look("cannot_tell", reason=f"The look failed ({type(error).__name__}).")


def _ask(outgoing: Outgoing) -> Look | None:
    """What the site tells our account of an answer that it held; None where it tells nothing."""
    channel = _channel(outgoing)
    if not isinstance(channel, TellsOfModeration):
        return None
    with db.snapshot() as session:
        ours = gather_with_secrets(session, outgoing.reply_id)
    if ours is None or ours.damage is not None:
        return None
    try:
        with _client(exchange.RequestWatch(LONGEST_SECONDS)) as http:
            receipt = Receipt(ours.external_id, ours.public_url)
            return channel.ask(Place.of(ours.place), target(ours), ours.text, receipt, http)
    except errors.ChannelError:
        return None
    except Exception:  # the job border: a failed question proves nothing, and others wait
        log.exception("ask_failed", reply=outgoing.reply_id, kind=outgoing.kind)
        return None


def _believe(session: Session, reply_id: int, told: Look, now: datetime) -> None:
    if told.outcome == "rejected":
        verification.rejected(session, reply_id, told.reason, now)
    else:
        verification.released(session, reply_id, now)


def target(outgoing: Outgoing) -> Target:
    return Target(outgoing.target_external_id, outgoing.target_url, outgoing.target_thread)


def _channel(outgoing: Outgoing) -> Any:
    return channels.channel(outgoing.kind) if outgoing.kind in channels.KINDS else None


def _client(posts: exchange.RequestWatch) -> httpx.Client:
    chosen = settings.current()
    client = guarded_client(chosen.allow_private_addresses, chosen.user_agent, TIMEOUT_SECONDS)
    client.event_hooks = {"request": [posts], "response": []}
    return client
