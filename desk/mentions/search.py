"""Full text in Russian and English, the same finds on both databases. What a person types is never an error."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from threading import Lock
from typing import Any
from unicodedata import normalize

import snowballstemmer
import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import ReplyState
from desk.mentions import word_forms
from desk.models import Author, Mention, Note, Reply

# A review of a million characters is found by its beginning; PostgreSQL refuses more than a megabyte of words.
INDEXED_CHARACTERS = 100_000
LONGEST_QUERY = 1_000
LONGEST_WORD = 64
MOST_TERMS = 16
SHORTEST_BEGINNING = 2
MOST_STEMS = 24
BATCH = 500
FEW = 1_000

WORDS = re.compile(r"[^\W_]+")
TERMS = re.compile(r'"([^"]*)"?|([^\s"]+)')
CYRILLIC = re.compile(r"[а-я]")
# A Snowball stemmer keeps the word it works on in itself, and web threads share it.
STEMMING = Lock()


@dataclass(frozen=True, slots=True)
class Index:
    """A table of stems; `key` is its column on PostgreSQL, on SQLite the rowid is the same number."""

    table: str
    key: str


MENTIONS = Index("mention_search", "mention_id")
"""Text, title, title of the thread and author of each mention."""
CASES = Index("case_search", "case_id")
"""What is said about a case at the desk: its notes, and the answers that left the draft."""
UNSENT = (ReplyState.DRAFT, ReplyState.DISCARDED)


@dataclass(frozen=True)
class Term:
    """Words that stand beside each other, found by their stems; a word alone is found in all its forms. `is_open` when
    the last one is still being typed."""

    words: tuple[str, ...]
    is_open: bool = False


def fold(text: str) -> str:
    """Lower case, ё as е, and nothing between the words but one space."""
    plain = normalize("NFKC", text[:INDEXED_CHARACTERS]).casefold().replace("ё", "е").replace("\u0301", "")
    return " ".join([word[:LONGEST_WORD] for word in WORDS.findall(plain)])


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The word without its ending, by the alphabet it is written in. Expects a folded word."""
    with STEMMING:
        return str(_stemmer("russian" if CYRILLIC.search(word) else "english").stemWord(word))


def stems(word: str) -> list[str]:
    """Its own stem first, then those of its other forms. Only Russian has stems that differ within one word often
    enough to ask a dictionary."""
    forms = sorted(word_forms.forms(word)) if CYRILLIC.search(word) else []
    return list(dict.fromkeys(map(stem, [word, *forms])))[:MOST_STEMS]


def parse(query: str) -> list[Term]:
    """Splits a query: words in quotes stay together, others may stand anywhere; an open last word may go on."""
    query = query[:LONGEST_QUERY]
    terms = [_term(match, query) for match in TERMS.finditer(query)]
    return [term for term in terms if term.words][:MOST_TERMS]


def index(session: Session, mention_ids: Sequence[int]) -> None:
    """Makes these mentions findable by text, titles and author as they are now; called after every new wording."""
    session.flush()
    for start in range(0, len(mention_ids), BATCH):
        _index(session, mention_ids[start : start + BATCH])


def index_case(session: Session, case_id: int) -> None:
    """Makes a case findable by its notes and answers as they are now; called after every new one."""
    session.flush()
    noted = session.scalars(sa.select(Note.text).where(Note.case_id == case_id))
    said = session.scalars(sa.select(Reply.text).where(Reply.case_id == case_id, Reply.state.not_in(UNSENT)))
    _write(session, CASES, [{"id": case_id, "stems": _stems("\n".join([*noted, *said]))}])


def forget(session: Session, ids: Sequence[int], where: Index = MENTIONS) -> None:
    """Takes what is deleted out of the index; PostgreSQL does so by itself."""
    if _is_sqlite(session) and ids:
        table = sa.table(where.table, sa.column("rowid"))
        session.execute(sa.delete(table).where(table.c.rowid.in_(ids)))


def matching(session: Session, query: str, where: Index = MENTIONS) -> sa.Select[Any]:
    """Ids of the mentions (or cases) that contain every term, for use in `id IN (...)`. No word in the query: none."""
    terms = parse(query)
    if not terms:
        return sa.select(Mention.id).where(sa.false())
    return _fts5(terms, where) if _is_sqlite(session) else _tsquery(terms, where)


def few(session: Session, query: str, where: Index = MENTIONS) -> Sequence[int] | None:
    """Ids of all that contain every term, or None when there are more than FEW: an explicit list leads a
    database straight to rare finds, while for common ones it does better to walk its own way and look each row up."""
    ids = session.scalars(matching(session, query, where).limit(FEW + 1)).all()
    return ids if len(ids) <= FEW else None


def condition(session: Session, query: str, mention_id: Any) -> sa.ColumnElement[bool]:
    """Whether the mention of that column contains every term."""
    found: Any = few(session, query)
    # Adding nothing keeps the database from starting at the finds, of which there are too many.
    is_found: sa.ColumnElement[bool] = (
        mention_id.in_(found) if found is not None else (mention_id + 0).in_(matching(session, query))
    )
    return is_found


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(language)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _term(match: re.Match[str], query: str) -> Term:
    phrase, word = match.groups()
    folded = fold(phrase if word is None else word)
    is_last = word is not None and match.end() == len(query)
    return Term(tuple(folded.split()), is_open=is_last and len(folded) >= SHORTEST_BEGINNING)


def _index(session: Session, mention_ids: Sequence[int]) -> None:
    texts = session.execute(
        sa.select(Mention.id, Mention.title, Mention.thread_title, Mention.text, Author.name)
        .outerjoin(Author, Mention.author_id == Author.id)
        .where(Mention.id.in_(mention_ids))
    )
    rows = [{"id": row.id, "stems": _stems(_said(row))} for row in texts]
    _write(session, MENTIONS, rows)


def _said(row: Any) -> str:
    """What stands on its row in the lists: who, about what, and the words."""
    about = row.title if row.title == row.thread_title else f"{row.thread_title}\n{row.title}"
    return f"{row.name or ''}\n{about}\n{row.text}"


def _stems(text: str) -> str:
    return " ".join(map(stem, fold(text).split()))


def _write(session: Session, where: Index, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if _is_sqlite(session):
        into = f"INSERT OR REPLACE INTO {where.table} (rowid, stems) VALUES (:id, :stems)"  # noqa: S608
    else:
        # Not the configuration 'russian': its stop words would lose the «не» of "не работает", and the two databases
        # would find different things.
        into = (
            f"INSERT INTO {where.table} ({where.key}, words) VALUES (:id, to_tsvector('simple', :stems))"  # noqa: S608
            f" ON CONFLICT ({where.key}) DO UPDATE SET words = excluded.words"
        )
    session.execute(sa.text(into), rows)


def _fts5(terms: Sequence[Term], where: Index) -> sa.Select[Any]:
    """Folded words have neither quotes nor operators in them, so quoting them is safe."""
    table = sa.table(where.table, sa.column("rowid"))
    found = " AND ".join(_fts5_term(term) for term in terms)
    # Both indexes may be asked in one statement, so the name of the parameter is the table's.
    match = sa.text(f"{where.table} MATCH :{where.key}_found").bindparams(**{f"{where.key}_found": found})
    return sa.select(table.c.rowid).where(match)


def _fts5_term(term: Term) -> str:
    if len(term.words) == 1:
        wanted = [f'"{one}"' for one in stems(term.words[0])]
    else:
        wanted = [f'"{" ".join(map(stem, term.words))}"']
    if term.is_open:
        wanted.append(f'"{" ".join([*map(stem, term.words[:-1]), term.words[-1]])}" *')
    return f"({' OR '.join(wanted)})"


def _tsquery(terms: Sequence[Term], where: Index) -> sa.Select[Any]:
    table = sa.table(where.table, sa.column(where.key), sa.column("words"))
    query = reduce(lambda left, right: left.op("&&")(right), map(_tsquery_term, terms))
    return sa.select(table.c[where.key]).where(table.c.words.op("@@")(query))


def _tsquery_term(term: Term) -> sa.ColumnElement[Any]:
    if len(term.words) == 1:
        wanted = [f"'{one}'" for one in stems(term.words[0])]
    else:
        wanted = [" <-> ".join(f"'{stem(word)}'" for word in term.words)]
    if term.is_open:
        head = [f"'{stem(word)}'" for word in term.words[:-1]]
        wanted.append(" <-> ".join([*head, f"'{term.words[-1]}':*"]))
    return sa.func.to_tsquery("simple", " | ".join(f"({one})" for one in wanted))
