"""The rows. One file per aggregate; everything is importable from here."""

from desk.models.base import Base
from desk.models.brand import Brand, Calendar, Policy, Rule
from desk.models.case import Case, Journal, Note
from desk.models.mention import Author, Mention, Revision, Verdict
from desk.models.people import Role, Team, User
from desk.models.reply import Reply
from desk.models.source import Crawl, PageSeen, Source

__all__ = [
    "Author",
    "Base",
    "Brand",
    "Calendar",
    "Case",
    "Crawl",
    "Journal",
    "Mention",
    "Note",
    "PageSeen",
    "Policy",
    "Reply",
    "Revision",
    "Role",
    "Rule",
    "Source",
    "Team",
    "User",
    "Verdict",
]
