"""Smileys drawn as pictures are words; other pictures are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading import text as plain_text
from tests.channels.conftest import page_of, parse, sightings


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (
            '<img src="https://s.w.org/images/core/emoji/15/72x72/1f44e.png" alt="👎" class="wp-smiley" />',
            "👎",
        ),
        ('<img class="emoji" src="/emoji/e/f09f918e.png" alt="👎">', "👎"),
        ('<img src="/images/emoji/twitter/-1.png?v=12" title=":-1:" class="emoji" alt=":-1:">', ":-1:"),
        ('<img src="x.gif" class="smilies" alt=":(" title="Sad">', ":("),
        ('<img src="x.png" class="smilie smilie--sprite smilie--sprite1" alt=":mad:">', ":mad:"),
        ('<IMG SRC="x.png" ALT="😡">', "😡"),
        ('<img src="x.png" alt="❤️">', "❤️"),
        ('<img src="x.png" alt="👨‍👩‍👧">', "👨‍👩‍👧"),
        ('<img src="x.png" alt="🇷🇺">', "🇷🇺"),
        ('<img src="x.png" alt="👍🏽">', "👍🏽"),
        ('<img src="x.png" alt="1️⃣">', "1️⃣"),
        ('<img src="x.gif" alt=":-)">', ":-)"),
        ('<img src="x.gif" alt=":\'(">', ":'("),
        ('<img src="x.gif" alt="" title="👎">', "👎"),
        ('<img class="emoji" src="https://cdn.example/72x72/1f44e.png">', "👎"),
        ('<img class="emoji" src="https://cdn.example/svg/1f468-200d-1f469.svg" alt="">', "👨‍👩"),
        ('<img class="emoji" src="/emoji/e/f09f918e.png">', "👎"),
        ('<img class="emoji" src="/emoji/e/f09fff.png">', ""),
        ('<img class="emoji" src="/emoji/e/ffffffff.png">', ""),
        ('<img src="1f44e.png">', ""),
        ('<img src="kettle.jpg" alt="Kettle">', ""),
        ('<img src="kettle.jpg" alt="12">', ""),
        ('<img src="kettle.jpg" alt="Kettle 👎">', ""),
        ('<img src="kettle.jpg" class="photo" alt=":) my kettle">', ""),
        (f'<img class="emoji" alt="{"x" * 100}">', ""),
        ("<img>", ""),
    ],
)
def test_drawn_smiley_is_kept_and_other_pictures_are_not(picture: str, said: str) -> None:
    assert plain_text.from_html(f"<p>Thanks {picture}!</p>") == (f"Thanks {said}!" if said else "Thanks !")


def test_text_of_nothing_but_smileys() -> None:
    assert plain_text.from_html('<p><img alt="😡"><img alt="😡"></p>') == "😡😡"
    assert plain_text.line('Anna <img class="emoji" alt="🌸">') == "Anna 🌸"


def test_smileys_in_microdata() -> None:
    body = (
        '<div itemscope itemtype="https://schema.org/Review"><b itemprop="author">Ira <img class="emoji" alt="🌸"></b>'
        '<p itemprop="reviewBody">Thanks <img class="emoji" alt="👎"><img src="k.jpg" alt="photo"></p></div>'
    )
    (seen,) = sightings(parse("schema_org", page_of(body)))
    assert (seen.text, seen.author and seen.author.name) == ("Thanks 👎", "Ira 🌸")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_no_picture_breaks_a_text(alt: str, src: str, name: str) -> None:
    quoted = [value.replace('"', "").replace("<", "").replace(">", "") for value in (alt, src, name)]
    found = plain_text.from_html(
        '<p>before <img alt="{}" src="/{}.png" class="emoji {}"> after</p>'.format(*quoted)
    )
    assert found.startswith("before")
    assert found.endswith("after")
