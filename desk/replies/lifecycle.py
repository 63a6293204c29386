"""[pure] The state table of replies, and the one check for a legal step. No row is touched here."""

from desk.base.errors import IllegalStep
from desk.base.words import ReplyState as R

REPLY_STEPS: dict[R, frozenset[R]] = {
    R.DRAFT: frozenset({R.APPROVED, R.PUBLISHED, R.DISCARDED}),
    R.APPROVED: frozenset({R.SENDING, R.DRAFT, R.DISCARDED}),
    # A draft again where the site's own form says that it is too long: nothing was sent.
    R.SENDING: frozenset(
        {R.PUBLISHED, R.PENDING, R.ACCEPTED, R.REJECTED, R.BOUNCED, R.FAILED, R.UNKNOWN, R.DRAFT}
    ),
    # What never stood there cannot vanish.
    R.PENDING: frozenset({R.PUBLISHED, R.VERIFIED, R.REJECTED, R.BOUNCED, R.CANNOT_TELL, R.REPLACED}),
    # A draft again only where a person took back that he had posted it (drafts.edit_again).
    R.PUBLISHED: frozenset(
        {R.VERIFIED, R.REJECTED, R.BOUNCED, R.VANISHED, R.CANNOT_TELL, R.DRAFT, R.REPLACED}
    ),
    R.ACCEPTED: frozenset({R.VERIFIED, R.REJECTED, R.BOUNCED, R.VANISHED, R.REPLACED}),
    R.CANNOT_TELL: frozenset(
        {R.PUBLISHED, R.VERIFIED, R.VANISHED, R.REJECTED, R.BOUNCED, R.DRAFT, R.REPLACED}
    ),
    R.VERIFIED: frozenset({R.VANISHED, R.REJECTED, R.REPLACED}),
    # Moderators change their minds. The same words are not sent to them twice.
    R.REJECTED: frozenset({R.VERIFIED, R.DRAFT, R.DISCARDED}),
    R.BOUNCED: frozenset({R.VERIFIED, R.DRAFT, R.DISCARDED}),
    # Sites hide answers for days and show them again, so a vanished one may come back.
    R.VANISHED: frozenset({R.VERIFIED, R.DRAFT, R.DISCARDED}),
    R.FAILED: frozenset({R.APPROVED, R.DRAFT, R.DISCARDED, R.VERIFIED}),
    # A look at the site tells what became of it; another send only where the site drops a second one with our reference. A
    # person decides where neither can.
    R.UNKNOWN: frozenset(
        {R.VERIFIED, R.PENDING, R.ACCEPTED, R.REJECTED, R.BOUNCED, R.FAILED, R.SENDING, R.DRAFT}
    ),
    R.REPLACED: frozenset(),
    R.DISCARDED: frozenset(),
}

# On its way or standing (words.STANDS), an answer counts as given: nobody else should write a second one meanwhile.
ON_ITS_WAY = frozenset({R.APPROVED, R.SENDING, R.UNKNOWN})
TO_LOOK_FOR = frozenset({R.PENDING, R.PUBLISHED, R.UNKNOWN, R.CANNOT_TELL, R.VERIFIED})
PROBLEMS = frozenset({R.FAILED, R.UNKNOWN, R.REJECTED, R.BOUNCED, R.VANISHED, R.CANNOT_TELL})


def check_reply(now: R, then: R) -> None:
    """Raises IllegalStep unless a reply may go from `now` to `then`."""
    if then not in REPLY_STEPS[now]:
        raise IllegalStep(f"An answer that is {now} cannot become {then}.")
