"""Matching on one core: mentions a second against the queries of 50 brands, and how that compares with reading the words of
a text alone, which any matcher must do."""

import time
from random import Random
from typing import Any

from bench import texts
from desk.mentions.lexicon import LEXICON
from desk.queries import grammar, tokens
from desk.queries.matching import Matcher, Said

MENTIONS, BRANDS, SEED = 3_000, 50, 11
THINGS = [(ru, en) for ru in texts.FILLERS["ru"]["thing"] for en in texts.FILLERS["en"]["thing"]]


def measure() -> dict[str, Any]:
    random = Random(SEED)
    said = [
        Said(texts.text(random, random.choice(("ru", "en")), random.choice(list(texts.RUSSIAN))))
        for _ in range(MENTIONS)
    ]
    queries = [_query(number) for number in range(BRANDS)]
    matcher = Matcher([(one, grammar.parse(one)) for one in queries], LEXICON)
    for one in said[:100]:
        matcher.read(one).matching()
    reading = _seconds(lambda: [tokens.tokens(one.text) for one in said])
    found: list[int] = []
    matching = _seconds(lambda: found.extend(len(matcher.read(one).matching()) for one in said))
    telling = _seconds(lambda: [_told(matcher, one) for one in said])
    return {
        "name": "matching, one core",
        "mentions": MENTIONS,
        "queries": BRANDS,
        "matches_per_mention": round(sum(found) / MENTIONS, 2),
        "mentions_per_second": round(MENTIONS / matching),
        "target_per_second": 1_000,
        "with_the_deciding_words_per_second": round(MENTIONS / telling),
        "ratio_to_reading_the_words": round(matching / reading, 1),
    }


def _query(number: int) -> str:
    """What a brand of one thing asks for: some match often, most seldom, as brands on one desk do."""
    ru, en = THINGS[number % len(THINGS)]
    return (
        f'((заря{number} OR zarya{number} OR @zarya{number}) AND ({ru} OR {en})) OR ({ru} /10 (сломалась OR "не привезли"))'
        f' OR (lang:en {en} (support OR refund* OR courier)) -розыгрыш -"buy now"'
    )


def _told(matcher: Matcher, said: Said) -> int:
    reading = matcher.read(said)
    return sum(len(reading.outcome(number).passages) for number in reading.matching())


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
