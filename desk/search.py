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

from desk import word_forms
from desk.models import Author, Mention

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
    """Makes these mentions findable by text, title and author as they are now; called after every new wording."""
    session.flush()
    for start in range(0, len(mention_ids), BATCH):
        _index(session, mention_ids[start : start + BATCH])


def forget(session: Session, mention_ids: Sequence[int]) -> None:
    """Takes mentions that are deleted out of the index; PostgreSQL does so by itself."""
    if _is_sqlite(session) and mention_ids:
        table = sa.table("mention_search", sa.column("rowid"))
        session.execute(sa.delete(table).where(table.c.rowid.in_(mention_ids)))


def matching(session: Session, query: str) -> sa.Select[Any]:
    """Ids of the mentions that contain every term, for use in `id IN (...)`. No word in the query: no mention."""
    terms = parse(query)
    if not terms:
        return sa.select(Mention.id).where(sa.false())
    return _fts5(terms) if _is_sqlite(session) else _tsquery(terms)


def few(session: Session, query: str) -> Sequence[int] | None:
    """Ids of all mentions that contain every term, or None when there are more than FEW: an explicit list leads a
    database straight to rare finds, while for common ones it does better to walk its own way and look each row up."""
    ids = session.scalars(matching(session, query).limit(FEW + 1)).all()
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
        sa.select(Mention.id, Mention.title, Mention.text, Author.name)
        .outerjoin(Author, Mention.author_id == Author.id)
        .where(Mention.id.in_(mention_ids))
    )
    rows = [{"id": row.id, "stems": _stems(f"{row.name or ''}\n{row.title}\n{row.text}")} for row in texts]
    if rows:
        write = _write_fts5 if _is_sqlite(session) else _write_tsvector
        write(session, rows)


def _stems(text: str) -> str:
    return " ".join(map(stem, fold(text).split()))


def _write_fts5(session: Session, rows: list[dict[str, Any]]) -> None:
    session.execute(
        sa.text("INSERT OR REPLACE INTO mention_search (rowid, stems) VALUES (:id, :stems)"), rows
    )


def _write_tsvector(session: Session, rows: list[dict[str, Any]]) -> None:
    # Not the configuration 'russian': its stop words would lose the «не» of "не работает", and the two databases
    # would find different things.
    session.execute(
        sa.text(
            "INSERT INTO mention_search (mention_id, words) VALUES (:id, to_tsvector('simple', :stems))"
            " ON CONFLICT (mention_id) DO UPDATE SET words = excluded.words"
        ),
        rows,
    )


def _fts5(terms: Sequence[Term]) -> sa.Select[Any]:
    """Folded words have neither quotes nor operators in them, so quoting them is safe."""
    table = sa.table("mention_search", sa.column("rowid"))
    found = " AND ".join(_fts5_term(term) for term in terms)
    return sa.select(table.c.rowid).where(sa.text("mention_search MATCH :found").bindparams(found=found))


def _fts5_term(term: Term) -> str:
    if len(term.words) == 1:
        wanted = [f'"{one}"' for one in stems(term.words[0])]
    else:
        wanted = [f'"{" ".join(map(stem, term.words))}"']
    if term.is_open:
        wanted.append(f'"{" ".join([*map(stem, term.words[:-1]), term.words[-1]])}" *')
    return f"({' OR '.join(wanted)})"


def _tsquery(terms: Sequence[Term]) -> sa.Select[Any]:
    table = sa.table("mention_search", sa.column("mention_id"), sa.column("words"))
    query = reduce(lambda left, right: left.op("&&")(right), map(_tsquery_term, terms))
    return sa.select(table.c.mention_id).where(table.c.words.op("@@")(query))


def _tsquery_term(term: Term) -> sa.ColumnElement[Any]:
    if len(term.words) == 1:
        wanted = [f"'{one}'" for one in stems(term.words[0])]
    else:
        wanted = [" <-> ".join(f"'{stem(word)}'" for word in term.words)]
    if term.is_open:
        head = [f"'{stem(word)}'" for word in term.words[:-1]]
        wanted.append(" <-> ".join([*head, f"'{term.words[-1]}':*"]))
    return sa.func.to_tsquery("simple", " | ".join(f"({one})" for one in wanted))
