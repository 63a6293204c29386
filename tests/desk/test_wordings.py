"""What is news in an edit and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.base.wordings import HALF_A_STAR, Wording, plain, says_something_new

TEXTS = st.text(st.characters(categories=("L", "N", "P", "Z", "S")), max_size=60)
STARS = st.none() | st.sampled_from([1.0, 2.0, 3.5, 4.0, 5.0])


def w(text: str, rating: float | None = None, title: str = "") -> Wording:
    return Wording(title, text, rating)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (w("Не работает."), w("  Не   РАБОТАЕТ!!! ")),
        (w("Ждал 4x4 недели :)"), w("Ждал 4×4 недели")),
        (w("Tom &amp;amp; Jerry &quot;fun&quot;"), w("Tom & Jerry «fun»")),
        (w("Долго везли.", 3.0), w("Долго везли.", 5.0)),
        (w("Долго везли."), w("Долго везли.", 1.0)),
        (w("Долго везли.", 2.0), w("Долго везли.")),
        (w("Долго везли.", 2.0), w("", 2.0)),
        # A scale that is reckoned otherwise, by the site or by a newer reader of ours.
        (w("Долго везли.", 4.2), w("Долго везли.", 4.0)),
        (w("Было: &amp;quot;да&amp;quot;"), w('Было: "да"')),
        (w("everything", title="Bad"), w("Bad everything")),
    ],
)
def test_the_same_letters_more_stars_and_an_emptied_text_are_no_news(before: Wording, after: Wording) -> None:
    assert not says_something_new(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (w("Не работает."), w("Не работает. UPD: загорелся.")),
        (w("Не работает."), w("Работает.")),
        (w("Долго везли.", 3.0), w("Долго везли.", 1.0)),
        (w("Долго везли.", 4.5), w("Долго везли.", 4.0)),
        (w("Долго везли.", 3.0), w("", 1.0)),
        (w("👍"), w("👎")),
        (w("Плохо.", 1.0), w("Уже хорошо.", 5.0)),
        (w("same", title="Good"), w("same", title="Awful")),
    ],
)
def test_other_words_and_fewer_stars_are_news(before: Wording, after: Wording) -> None:
    assert says_something_new(before, after)


@given(TEXTS, TEXTS, STARS, STARS)
def test_only_words_or_fewer_stars_can_be_news(
    one: str, other: str, had: float | None, has: float | None
) -> None:
    is_news = says_something_new(w(one, had), w(other, has))
    fell = had is not None and has is not None and had - has >= HALF_A_STAR
    assert not says_something_new(w(one, had), w(one, had))
    assert is_news <= (fell or plain(one) != plain(other))
    assert is_news >= fell
