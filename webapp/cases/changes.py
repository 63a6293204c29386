"""What the case page offers to do with an answer that the site has: correct it, or take it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_security import current_user

from desk.base.words import STANDS, ChangeKind, ReplyOrigin
from desk.mentions.conversation import Item
from desk.models import Reply, ReplyChange
from desk.people import permissions
from desk.replies import change_lifecycle
from webapp.wording.channels import Composer


@dataclass(frozen=True, slots=True)
class Offer:
    """`newest_seen` is the correction whose words the page shows, 0 for none. `needs_lead`: what went out with a lead's approval
    changes with one alone. `has_key`: the key opens this one, the newest on the page."""

    may_correct: bool
    may_withdraw: bool
    newest_seen: int
    needs_lead: bool
    has_key: bool = False


def offers(
    thread: Sequence[Item], changes: Mapping[int, Sequence[ReplyChange]], composer: Composer
) -> dict[int, Offer]:
    """By answer; nothing for one that this person cannot change now."""
    found: dict[int, Offer] = {}
    for item in reversed(thread):
        if item.reply is not None and _is_free(item.reply, changes.get(item.reply.id, ())):
            made = _offer(item.reply, changes.get(item.reply.id, ()), composer, has_key=not found)
            if made.may_correct or made.may_withdraw:
                found[item.reply.id] = made
    return found


def _is_free(reply: Reply, changes: Sequence[ReplyChange]) -> bool:
    is_his = reply.user_id == current_user.id or permissions.is_senior(current_user)
    is_there = reply.state in STANDS and reply.origin is ReplyOrigin.OTKLIK
    return is_his and is_there and not any(one.state in change_lifecycle.OPEN for one in changes)


def _offer(reply: Reply, changes: Sequence[ReplyChange], composer: Composer, *, has_key: bool) -> Offer:
    done = [
        one.id for one in changes if one.kind is ChangeKind.CORRECT and one.state in change_lifecycle.DONE
    ]
    return Offer(
        may_correct=composer.may_correct and (composer.edits < 0 or len(done) < composer.edits),
        may_withdraw=composer.may_withdraw,
        newest_seen=max(done, default=0),
        needs_lead=reply.is_review_asked and not permissions.is_senior(current_user),
        has_key=has_key,
    )
