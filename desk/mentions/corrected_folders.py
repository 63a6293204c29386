"""What the people of a brand have put into folders and taken out, as examples to learn from. Reads only.

What they left where it was belongs to the brand as far as anybody knows: the newest of it is what filed things are compared with.
"""

from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import MentionState
from desk.mentions.learned_folders import LEAST_CORRECTIONS, Example, Learned, signs_of
from desk.models import Author, Mention
from desk.models.mention import FILED_BY_PERSON

MOST_CORRECTIONS: Final = 1_000
MOST_KEPT: Final = 500

# What was learned is the same until somebody corrects something: by database and brand, with what it was learned from.
_LEARNED: WeakKeyDictionary[Any, dict[int, tuple[Any, Learned]]] = WeakKeyDictionary()
_LEARNING: Final = Lock()


def learned(session: Session, brand_id: int) -> Learned | None:
    """What follows from the corrections of that brand; None while there are too few of them."""
    stand = _stand(session, brand_id)
    if sum(count for folder, count, _ in stand if folder is not None) < LEAST_CORRECTIONS:
        return None
    with _LEARNING:
        known = _LEARNED.setdefault(session.get_bind(), {})
        if brand_id not in known or known[brand_id][0] != stand:
            known[brand_id] = stand, Learned(_examples(session, brand_id))
        return known[brand_id][1]


def _stand(session: Session, brand_id: int) -> tuple[tuple[Any, int, int], ...]:
    """Folder, how many, and the newest of them: one look into an index of the corrected ones."""
    query = (
        sa.select(Mention.folder, sa.func.count(), sa.func.max(Mention.id))
        .where(Mention.brand_id == brand_id, sa.text(f"mentions.{FILED_BY_PERSON}"))
        .group_by(Mention.folder)
        .order_by(Mention.folder)
    )
    return tuple((folder, count, newest) for folder, count, newest in session.execute(query))


def _examples(session: Session, brand_id: int) -> list[Example]:
    said = (
        sa.select(Mention.title, Mention.text, Author.name, Mention.folder)
        .outerjoin(Author, Author.id == Mention.author_id)
        .where(Mention.brand_id == brand_id)
    )
    corrected = said.where(sa.text(f"mentions.{FILED_BY_PERSON}")).order_by(Mention.id.desc())
    is_left = (
        Mention.folder.is_(None) & Mention.filed_by.is_(None) & ~Mention.is_own,
        Mention.state == MentionState.JUDGED,
    )
    left = said.where(*is_left).order_by(Mention.published_at.desc(), Mention.id.desc())
    rows = [
        *session.execute(corrected.limit(MOST_CORRECTIONS)),
        *session.execute(left.limit(MOST_KEPT)),
    ]
    return [Example(signs_of(title, text, author), folder) for title, text, author, folder in rows]
