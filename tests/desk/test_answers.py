"""Texts of answers as sites give them back: the same words, otherwise drawn."""

import pytest

from desk.replies import public_answers


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("R&D and AT&amp;T", "R&D and AT&T"),
        ("Sorry :) 4x4 &lt;b&gt;", "Sorry 🙂 4×4 <b>"),
        ('"Quoted" -- so...', "“Quoted” — so…"),
    ],
)
def test_an_answer_is_known_again_as_the_site_shows_it(typed: str, shown: str) -> None:
    assert public_answers.plain(typed) == public_answers.plain(shown)
    assert public_answers.plain(f"{typed} more") != public_answers.plain(shown)
