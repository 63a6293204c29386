"""[pure] Ratings as sites and exports write them, read onto the scale 1..5. One reader for all channels.

Where the scale is not certain the rating is unknown: a wrong star leads a desk astray without a word.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 80
_STEPS: Final = 5.0
_HUNDRED: Final = 100.0
_TOKEN = re.compile(r"(?<!\w)[-+]?\d+(?:[.,]\d+)?|\d+(?:[.,]\d+)?|[^\W\d_]+|\S")
_FULL: Final = frozenset("★⭐🌟⭑✭✯✪")
_HALF: Final = frozenset("⯨⯪⯫⯩")
_EMPTY: Final = frozenset("☆✩⚝✰⭒")
_SEPARATORS: Final = frozenset(("/", "\u2044", "из", "of", "von", "sur", "de", "з", "із"))
_NUMBERS: Final = {
    name: str(number)
    for number, names in enumerate(
        (
            "zero ноль",
            "one один одна одну",
            "two два две",
            "three три",
            "four четыре",
            "five пять",
            "six шесть",
            "seven семь",
            "eight восемь",
            "nine девять",
            "ten десять",
        )
    )
    for name in names.split()
}
# Words that may stand beside the number without giving it another meaning. Any other word makes the text
# doubtful: "3 of 5 people found this helpful" is no rating.
_BESIDE: Final = """
    rated rating ratings rate score scored scores star stars out point points pts user users customer
    reviewer overall average avg review value product my bubble bubbles grade mark is a the width style
    оценка оценки оценку оценил оценила оценено рейтинг звезда звезды звезд звезду звездочка звездочки
    звездочек балл балла баллов баллы поставил поставила на общая моя пользователя покупателя автора товара
    отзыв отзыва зірка зірки зірок оцінка stern sterne étoile étoiles estrella estrellas
    : ; , . ! = - – — ( ) [ ] * | " '
"""
_FILLERS: Final = frozenset(_BESIDE.split())
_NOT_RATED: Final = """
    n/a; na; none; null; nil; -; –; —; not rated; no rating; unrated; unspecified; star rating unspecified;
    нет; нет оценки; без оценки; не указана; не указано; нет данных
"""
_NONE: Final = frozenset(words.strip() for words in _NOT_RATED.split(";"))


@dataclass(frozen=True, slots=True)
class _Score:
    """What was written, before it is put on a scale. `best` is None where the text names no best value."""

    value: float
    best: float | None = None


def from_text(value: object, best: object = None, worst: object = None) -> float | None:
    """The rating on the scale 1..5, with two decimals; None where there is none or its meaning is doubtful.

    `value` is a number or text ("4", "4,5", "4 из 5", "★★★☆☆", "80%", "FIVE"); `best` and `worst` are the ends of
    the scale where the source names them, as numbers or text. A best value inside the text counts before `best`.
    """
    score = _read(_plain(value))
    highest, lowest = _bound(best), _bound(worst)
    if score is None or _is_unclear(best, highest) or _is_unclear(worst, lowest):
        return None
    return _scaled(score.value, score.best if score.best is not None else highest, lowest)


def means_none(value: object) -> bool:
    """Whether nothing was rated, as against a rating that could not be read: empty, a dash, zero stars, "n/a"."""
    text = _plain(value)
    score = _read(text)
    return not text or text in _NONE or (score is not None and score.value == 0)


def _plain(value: object) -> str:
    """In one spelling: small letters, one kind of hyphen and space, no entities, 3½ as 3.5."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = html.unescape(str(value)[: MAX_LENGTH * 4]).replace("\u2212", "-")
    text = re.sub(r"(\d?)\s*½", lambda found: f"{found[1] or 0}.5", text)
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("_", " ")
    return " ".join(text.translate({0xFE0E: None, 0xFE0F: None}).split())


def _read(text: str) -> _Score | None:
    if not text or len(text) > MAX_LENGTH:
        return None
    numbers: list[float] = []
    shape, signs = "", ""
    for token in _TOKEN.findall(text):
        word = _NUMBERS.get(token, token)
        if word[-1].isdecimal():
            numbers.append(float(word.replace(",", ".")))
            shape += "n"
        elif word in _SEPARATORS:
            shape += "/"
        elif word == "%":
            shape += "%"
        elif word in _FULL or word in _HALF or word in _EMPTY:
            signs += word
        elif word not in _FILLERS:
            return None
    return _by_shape(shape, numbers, signs)


def _by_shape(shape: str, numbers: list[float], signs: str) -> _Score | None:
    drawn = _drawn(signs)
    if not shape:
        return drawn
    if len(signs) > 1 and (drawn is None or not numbers or abs(drawn.value - numbers[0]) >= 1):
        return None
    if shape in ("n", "/n"):
        return _Score(numbers[0], drawn.best if drawn else None)
    if shape == "n%":
        return _Score(numbers[0], _HUNDRED)
    return _Score(numbers[0], numbers[1]) if shape == "n/n" else None


def _drawn(signs: str) -> _Score | None:
    """Stars as signs. Empty ones tell how many there could be; empty ones alone may be the site's only kind of star."""
    full = sum(sign in _FULL for sign in signs) + 0.5 * sum(sign in _HALF for sign in signs)
    empty = sum(sign in _EMPTY for sign in signs)
    if empty and (len(signs) < 3 or (not full and len(signs) != _STEPS)):
        return None
    return _Score(full, float(len(signs)) if empty else None) if signs else None


def _bound(value: object) -> float | None:
    score = _read(_plain(value))
    return score.value if score is not None and score.best in (None, _HUNDRED) else None


def _is_unclear(value: object, bound: float | None) -> bool:
    return bound is None and bool(_plain(value))


def _scaled(score: float, best: float | None, worst: float | None) -> float | None:
    """Linear: worst -> 1, best -> 5. Without a worst value it is 1, and zero then means that nothing was rated."""
    best = _likely_best(score) if best is None else best
    low = 1.0 if worst is None else worst
    if best is None or best <= low or score > best:
        return None
    if score == 0 and low > 0:
        return None
    if best == _HUNDRED and score >= 0:
        # A hundred is the width of five drawn stars: 20 is one star, whatever worst value stands beside it.
        return round(max(1.0, score / (_HUNDRED / _STEPS)), 2)
    if score < low:
        # Half a star where the scale says that it begins with a whole one.
        return 1.0 if score > 0 and low == 1 else None
    return round(1 + (_STEPS - 1) * (score - low) / (best - low), 2)


def _likely_best(score: float) -> float | None:
    """Five by schema.org and by custom; ten where the number is too great for that; beyond it nobody knows."""
    return next((best for best in (_STEPS, 10.0) if score <= best), None)
