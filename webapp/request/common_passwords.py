"""Passwords that are tried first, because so many people have them. Looked up in a file of ours: no site is asked."""

import gzip
import unicodedata
from pathlib import Path

FILE = Path(__file__).parent / "common_passwords.txt.gz"
"""The 200,000 most used, without those that are too short anyway: lower case, one a line. NOTICE says where from."""
ENGLISH = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
TO_ENGLISH, TO_RUSSIAN = str.maketrans(RUSSIAN, ENGLISH), str.maketrans(ENGLISH, RUSSIAN)
WORDS = (
    "пароль",
    "привет",
    "любовь",
    "солнышко",
    "наташа",
    "максим",
    "марина",
    "кристина",
    "россия",
    "спартак",
)
"""Russian words that are common as passwords; the file holds what people type for them with the other layout."""


def is_common(password: str) -> bool:
    """Also when it is one of them with capitals, typed with the other keyboard layout, or a common word and digits."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    typed_elsewhere = folded.translate(TO_ENGLISH)
    if folded.translate(TO_RUSSIAN).strip("0123456789!.") in _doubled(WORDS):
        return True
    wanted = {folded.encode(), typed_elsewhere.encode()}
    with gzip.open(FILE) as lines:
        return any(line.rstrip(b"\n") in wanted for line in lines)


def _doubled(words: tuple[str, ...]) -> set[str]:
    return {*words, *(word + word for word in words)}
