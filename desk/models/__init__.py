"""The rows. One file per aggregate; everything is importable from here."""

from desk.models.account import Account
from desk.models.base import Base
from desk.models.brand import Brand, Calendar, Policy, Rule
from desk.models.case import Case, Journal, Note
from desk.models.delivery import Delivery
from desk.models.judge import JudgeRevision
from desk.models.mention import Author, EarlierWording, Mention, Verdict
from desk.models.people import Role, SignIn, Team, User
from desk.models.rejudging import Rejudging, RejudgingRange
from desk.models.reply import Reply
from desk.models.reply_change import ReplyChange
from desk.models.source import Crawl, Pace, PageSeen, QuotaSpent, Source, SourceRemark
from desk.models.tally import ArrivalTally, SourceTally
from desk.models.undo import UndoStep

__all__ = [
    "Account",
    "ArrivalTally",
    "Author",
    "Base",
    "Brand",
    "Calendar",
    "Case",
    "Crawl",
    "Delivery",
    "EarlierWording",
    "Journal",
    "JudgeRevision",
    "Mention",
    "Note",
    "Pace",
    "PageSeen",
    "Policy",
    "QuotaSpent",
    "Rejudging",
    "RejudgingRange",
    "Reply",
    "ReplyChange",
    "Role",
    "Rule",
    "SignIn",
    "Source",
    "SourceRemark",
    "SourceTally",
    "Team",
    "UndoStep",
    "User",
    "Verdict",
]
