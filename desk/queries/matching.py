"""[pure] Which of many queries match a text, and which of its words decided."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from desk.queries import tokens
from desk.queries.forms import CYRILLIC, Forms, Lexicon, forms_of
from desk.queries.nodes import (
    And,
    Handle,
    Hashtag,
    Language,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Term,
    Word,
    needed,
    walk,
)

FieldName = Literal["thread_title", "title", "text"]
FIELDS: Final[tuple[FieldName, ...]] = ("thread_title", "title", "text")
BETWEEN_FIELDS: Final = 1_000
"""Words that lie between two fields for whoever counts them: no phrase and no distance reaches over."""

Pieces = tuple[int, ...]
Spans = dict[tuple[int, int], Pieces]
"""(first, last) word -> the words in it that are meant, all by their numbers."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, as the desk keeps it. `language` None: not known, and the letters tell."""

    text: str
    title: str = ""
    thread_title: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters of that field, as it was given."""

    field: FieldName
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`passages` are the words that decided: on a match those that were found, else those that exclude it. `missing` are
    the parts of the query, as written, that were not found and had to be."""

    is_match: bool
    passages: tuple[Passage, ...]
    missing: tuple[str, ...]


class Matcher:
    """Queries made ready; a text is read once for all of them. Holds nothing of a text, so threads may share it."""

    def __init__(self, queries: Sequence[tuple[str, Node]], lexicon: Lexicon) -> None:
        """Each query as it was written, and its parts."""
        self.queries = tuple(queries)
        self._needed = tuple(needed(node) for _, node in queries)
        self._lexicon = lexicon
        self._exact: dict[str, list[Word]] = {}
        self._stems: dict[str, list[tuple[Word, Forms]]] = {}
        self._beginnings: dict[Word, str] = {}
        self._marks: dict[type[Hashtag | Handle], set[Hashtag | Handle]] = {Hashtag: set(), Handle: set()}
        for _, node in self.queries:
            for part in walk(node):
                self._keep(part)
        # Whoever sees a word again has seen all that it may be.
        self._meant = lru_cache(maxsize=50_000)(self._words_meant)

    def read(self, said: Said) -> "Reading":
        hits: dict[Term, Spans] = {}
        number = 0
        numbers: dict[int, tuple[FieldName, int, int]] = {}
        for field in FIELDS:
            text = getattr(said, field)
            if not text:
                continue
            here = tokens.tokens(text)
            for offset, token in enumerate(here):
                for word in self._meant(token.word):
                    hits.setdefault(word, {})[number + offset, number + offset] = (number + offset,)
            self._read_marks(text, here, number, hits)
            for offset, token in enumerate(here):
                numbers[number + offset] = (field, token.start, token.end)
            number += len(here) + BETWEEN_FIELDS
        return Reading(self.queries, self._needed, said, hits, numbers)

    def _keep(self, part: Node) -> None:
        match part:
            case Word():
                self._keep_word(part)
            case Phrase():
                for word in part.words:
                    self._keep_word(word)
            case Hashtag() | Handle():
                self._marks[type(part)].add(part)

    def _keep_word(self, word: Word) -> None:
        if word.is_beginning:
            self._beginnings[word] = word.text
            return
        if word.is_exact:
            self._exact.setdefault(word.text, []).append(word)
            return
        forms = forms_of(word.text, self._lexicon)
        for form in forms.forms:
            self._exact.setdefault(form, []).append(word)
        if forms.stem is not None:
            self._stems.setdefault(forms.stem, []).append((word, forms))

    def _words_meant(self, said: str) -> tuple[Word, ...]:
        """The words of all queries of which this is a form."""
        meant = dict.fromkeys(self._exact.get(said, ()))
        if self._stems and (of_stem := self._stems.get(self._lexicon.stem(said))):
            meant |= dict.fromkeys(word for word, forms in of_stem if forms.has(said))
        meant |= dict.fromkeys(word for word, begins in self._beginnings.items() if said.startswith(begins))
        return tuple(meant)

    def _read_marks(
        self, text: str, here: Sequence[tokens.Token], number: int, hits: dict[Term, Spans]
    ) -> None:
        if self._marks[Hashtag] and ("#" in text or "\uff03" in text):
            for seen in tokens.hashtags(text):
                _note(
                    seen, here, number, (one for one in self._marks[Hashtag] if one.text == seen.word), hits
                )
        if self._marks[Handle] and "@" in text:
            for seen in tokens.handles(text):
                is_meant = _is_handle(seen.word)
                _note(seen, here, number, (one for one in self._marks[Handle] if is_meant(one.text)), hits)


class Reading:
    """One text as all the queries see it."""

    def __init__(
        self,
        queries: Sequence[tuple[str, Node]],
        needed: Sequence[frozenset[Term]],
        said: Said,
        hits: Mapping[Term, Spans],
        numbers: Mapping[int, tuple[FieldName, int, int]],
    ) -> None:
        self.queries, self.said, self.hits, self.numbers = queries, said, hits, numbers
        self._needed, self._found = needed, frozenset(hits)

    def matching(self) -> list[int]:
        """The numbers of all queries that match."""
        return [number for number in range(len(self.queries)) if self.matches(number)]

    def matches(self, number: int) -> bool:
        """Whether the query of that number matches."""
        return not self._needed[number].isdisjoint(self._found) and self._holds(self.queries[number][1])

    def outcome(self, number: int) -> Outcome:
        query, node = self.queries[number]
        is_match, pieces, missing = self._explain(node)
        passages = tuple(Passage(*self.numbers[piece]) for piece in sorted(set(pieces)))
        said = dict.fromkeys(query[part.start : part.end] for part in missing)
        return Outcome(is_match, passages, () if is_match else tuple(said))

    def _holds(self, node: Node) -> bool:
        match node:
            case Word():
                return node in self.hits
            case And():
                return all(map(self._holds, node.parts))
            case Or():
                return any(map(self._holds, node.parts))
            case Not():
                return not self._holds(node.part)
            case Language():
                return self._is_in(node.code)
            case _:
                return bool(self._spans(node))

    def _explain(self, node: Node) -> tuple[bool, Pieces, tuple[Node, ...]]:
        """Whether it holds; the words that decided; what was not found."""
        match node:
            case And() | Or():
                return self._explain_parts(node.parts, is_for_all=isinstance(node, And))
            case Not():
                holds, pieces, missing = self._explain(node.part)
                return not holds, pieces, missing
            case Language():
                holds = self._is_in(node.code)
                return holds, (), () if holds else (node,)
            case _:
                spans = self._spans(node)
                pieces = tuple(piece for one in spans.values() for piece in one)
                return bool(spans), pieces, () if spans else (node,)

    def _explain_parts(
        self, parts: Sequence[Node], *, is_for_all: bool
    ) -> tuple[bool, Pieces, tuple[Node, ...]]:
        """What decides for all of them is whatever fails, or each where none does; for any of them the other way round."""
        told = [self._explain(part) for part in parts]
        holds = (all if is_for_all else any)(one[0] for one in told)
        deciding = [one for one in told if one[0] is holds]
        if len(deciding) == 1:
            return deciding[0]
        return (
            holds,
            tuple(piece for one in deciding for piece in one[1]),
            tuple(part for one in deciding for part in one[2]),
        )

    def _is_in(self, code: str) -> bool:
        said = self.said
        if said.language and said.language != "und":
            return said.language.casefold().partition("-")[0] == code
        return code == ("ru" if CYRILLIC.search(f"{said.title} {said.text}".casefold()) else "en")

    def _spans(self, node: Node) -> Spans:
        match node:
            case Word() | Hashtag() | Handle():
                return self.hits.get(node, {})
            case Phrase():
                return self._of_phrase(node)
            case Or():
                return {span: pieces for part in node.parts for span, pieces in self._spans(part).items()}
            case Near():
                return _near(self._spans(node.left), self._spans(node.right), node.distance)
            case _:
                raise AssertionError(f"{type(node).__name__} cannot be found in a text")

    def _of_phrase(self, phrase: Phrase) -> Spans:
        found = [self.hits.get(word, {}) for word in phrase.words]
        if not all(found):
            return {}
        length = len(found)
        return {
            (first, first + length - 1): tuple(range(first, first + length))
            for first, _ in found[0]
            if all((first + offset, first + offset) in found[offset] for offset in range(1, length))
        }


def _near(left: Spans, right: Spans, distance: int) -> Spans:
    """Every pair that is near enough, as one span from the first word of both to the last."""
    if not left or not right:
        return {}
    starting: dict[int, list[tuple[int, int]]] = {}
    ending: dict[int, list[tuple[int, int]]] = {}
    for span in right:
        starting.setdefault(span[0], []).append(span)
        ending.setdefault(span[1], []).append(span)
    found: Spans = {}
    for (first, last), pieces in left.items():
        for gap in range(1, distance + 1):
            for span in starting.get(last + gap, ()):
                found[first, span[1]] = (*pieces, *right[span])
            for span in ending.get(first - gap, ()):
                found[span[0], last] = (*right[span], *pieces)
    return found


def _is_handle(said: str) -> Callable[[str], bool]:
    """A name without a server is meant at any server."""
    name = said.partition("@")[0]
    return lambda wanted: wanted in (said, name)


def _note(
    seen: tokens.Token,
    here: Sequence[tokens.Token],
    number: int,
    meant: Iterable[Term],
    hits: dict[Term, Spans],
) -> None:
    """A hashtag or handle covers the words that are written in it."""
    pieces = tuple(
        number + offset
        for offset, token in enumerate(here)
        if seen.start <= token.start and token.end <= seen.end
    )
    if pieces:
        for term in meant:
            hits.setdefault(term, {})[pieces[0], pieces[-1]] = pieces
