"""[pure] The closed sets of words: statuses, labels, roles. Each is written here once."""

from enum import StrEnum


class RoleName(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    ANALYST = "analyst"
    ADMIN = "admin"


class SourceState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"


class Arrival(StrEnum):
    """How what is said at a source comes here: it is crawled, the site pushes it, or a person imports it."""

    CRAWL = "crawl"
    PUSH = "push"
    IMPORT = "import"


class MentionState(StrEnum):
    NEW = "new"
    JUDGED = "judged"


class Folder(StrEnum):
    """Where a mention is kept that does not belong to its brand: it opens no case, and the lists leave it out."""

    OFF_TOPIC = "off_topic"
    SPAM = "spam"
    ADVERTISEMENT = "advertisement"  # of the brand: it says of itself that it is one
    COMPETITOR = "competitor"  # written by a brand that is only listened to


class FiledBy(StrEnum):
    QUERY = "query"  # the brand's, at a source that is filtered by it
    RULE = "rule"
    LEARNED = "learned"  # by what people have corrected
    PERSON = "person"


class Sentiment(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Intent(StrEnum):
    COMPLAINT = "complaint"
    QUESTION = "question"
    PRAISE = "praise"
    SUGGESTION = "suggestion"
    OTHER = "other"


class Urgency(StrEnum):
    """Also a case's priority."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class CaseStatus(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    ON_HOLD = "on_hold"
    ANSWERED = "answered"
    REOPENED = "reopened"
    CLOSED = "closed"


class CaseStage(StrEnum):
    """Statuses in groups, kept beside the status because the queue is sorted by it."""

    UNANSWERED = "1_unanswered"
    ON_HOLD = "2_on_hold"
    ANSWERED = "3_answered"
    CLOSED = "4_closed"


STAGE_OF = {
    CaseStatus.OPEN: CaseStage.UNANSWERED,
    CaseStatus.TAKEN: CaseStage.UNANSWERED,
    CaseStatus.REOPENED: CaseStage.UNANSWERED,
    CaseStatus.ON_HOLD: CaseStage.ON_HOLD,
    CaseStatus.ANSWERED: CaseStage.ANSWERED,
    CaseStatus.CLOSED: CaseStage.CLOSED,
}


class ReplyState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    PENDING = "pending"  # accepted by the site and held there for moderation
    PUBLISHED = "published"
    ACCEPTED = (
        "accepted"  # taken by the site or the mail server, and nobody can look: its receipt is all there is
    )
    VERIFIED = "verified"  # by the best evidence that its channel has; Reply.proof says which
    REJECTED = "rejected"  # held for moderation, and the moderator said no
    BOUNCED = "bounced"  # accepted, and came back: nobody was reached
    WITHDRAWN = "withdrawn"  # it stood there, and we have taken it back
    VANISHED = "vanished"  # it stood in public, by the site's word or a look, and does no more
    CANNOT_TELL = "cannot_tell"  # the looks are used up, and nobody knows that a stranger can read it
    FAILED = "failed"
    UNKNOWN = "unknown"  # the send was cut off: it is looked up on the site, never sent again blindly
    REPLACED = "replaced"  # the site keeps one answer, and a later one of ours took its place
    DISCARDED = "discarded"


# An answer that the site has: it counts as given, and nobody else should write a second one.
STANDS = frozenset(
    ReplyState(state) for state in ("pending", "published", "accepted", "verified", "cannot_tell")
)


class ChangeKind(StrEnum):
    """What is done to an answer that the site has already."""

    CORRECT = "correct"
    WITHDRAW = "withdraw"


class ChangeState(StrEnum):
    ASKED = "asked"  # it waits for the approval of a lead
    APPROVED = "approved"
    SENDING = "sending"
    TAKEN = "taken"  # by the word of the site; nobody has seen there that it was done
    SEEN = "seen"  # ... and now somebody has
    NOT_SEEN = (
        "not_seen"  # the site said so, and the looks are used up: there it is as before, or nobody can tell
    )
    FAILED = "failed"  # surely not done: the answer stands as before
    UNKNOWN = "unknown"  # the sending was cut off: it is looked up on the site, never sent again blindly
    DISCARDED = "discarded"  # taken back before it was sent


class AnswerProof(StrEnum):
    """The best evidence that there is of an answer."""

    STRANGER = "stranger"  # anybody sees it
    ACCOUNT = "account"  # the site says so to our account
    RECEIPT = "receipt"  # it was taken, and nobody can look


class ReplyOrigin(StrEnum):
    """How the answer reached the site."""

    OTKLIK = "otklik"
    BY_HAND = "by_hand"
    SITE = "site"


class AccountState(StrEnum):
    READY = "ready"
    NEEDS_PERSON = "needs_person"  # the site takes its credentials no more, and only a person can give others


class DeliveryState(StrEnum):
    NEW = "new"
    READ = "read"
    FAILED = "failed"  # it could not be read, and is kept until somebody tries it again or it is too old


class RemarkOrigin(StrEnum):
    """At what a channel remarked on a source, outside of its crawls."""

    DELIVERY = "delivery"  # it read what the site had sent
    ANSWER = "answer"  # it sent an answer, or changed one


class CrawlOutcome(StrEnum):
    RUNNING = "running"
    OK = "ok"
    UNCHANGED = "unchanged"
    PARTIAL = "partial"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class CloseReason(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER_NEEDED = "no_answer_needed"
    NOT_FOR_US = "not_for_us"
    ABUSE = "abuse"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"  # its author took back what he had said, before anybody answered


class TargetKind(StrEnum):
    DURATION = "duration"
    BY_CLOCK = "by_clock"


class LearningState(StrEnum):
    """Of a revision of the judge: it came with the program, or it was asked for and then kept or not."""

    SHIPPED = "shipped"
    ASKED = "asked"
    ADOPTED = "adopted"
    REFUSED = "refused"
