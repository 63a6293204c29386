"""Texts of answers as sites give them back: the same words, otherwise drawn."""

import pytest

from desk.base.wordings import plain


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("R&D and AT&amp;T", "R&D and AT&T"),
        ("Sorry :) 4x4 &lt;b&gt;", "Sorry 🙂 4×4 <b>"),
        ('"Quoted" -- so...', "“Quoted” — so…"),
    ],
)
def test_an_answer_is_known_again_as_the_site_shows_it(typed: str, shown: str) -> None:
    assert plain(typed) == plain(shown)
    assert plain(f"{typed} more") != plain(shown)
