"""How long an answer is, as its site counts, and what is said of one that does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import channel, lengths
from channels.contract import About, Answering, Limits, Page, Place, Remember, Text

FAMILY = "👨‍👩‍👧"


@pytest.mark.parametrize(
    ("unit", "text", "measure"),
    [
        ("characters", f"é{FAMILY}", 6),
        ("graphemes", f"é{FAMILY}", 2),
        ("graphemes", "e\u0301🇷🇺\r\n", 3),
        ("bytes", "Ответ", 10),
        ("utf16", "да 🙂", 5),
        ("utf16", "\ud800", 1),
        ("bytes", "\ud800", 1),
    ],
)
def test_each_unit_counts_as_its_sites_do(unit, text, measure):
    assert Limits(100, unit).measure(text) == measure


def test_links_count_as_the_site_counts_them():
    limits = Limits(30, link_length=23)
    assert limits.measure("See https://shop.example/" + "a" * 200) == len("See ") + 23
    assert lengths.complaint(limits, "See https://shop.example/" + "a" * 200) is None


def test_what_does_not_fit_is_said_in_both_languages():
    said = lengths.complaint(Limits(5000, "utf16"), "я" * 5001)
    assert said.en == "The site accepts at most 5,000 characters; the answer has 5,001."
    assert said.ru == "Площадка принимает не больше 5\u00a0000 знаков, а в ответе 5\u00a0001."
    assert lengths.complaint(Limits(5000, "utf16"), "я" * 5000) is None
    assert lengths.complaint(None, "я" * 70_000) is None
    assert "at least 10 characters" in lengths.complaint(Limits(100, least=10), "Thanks!").en


def test_all_that_hold_must_fit():
    limits = Limits(300, "graphemes", also=(Limits(3000, "bytes"),))
    assert lengths.complaint(limits, FAMILY * 100) is None
    assert "bytes" in lengths.complaint(limits, FAMILY * 200).en
    assert limits.tightest(FAMILY * 200).unit == "bytes"
    assert limits.tightest("a" * 299).unit == "graphemes"


@pytest.mark.parametrize(
    ("forbidden", "text", "word"),
    [
        ("links", "See https://shop.example", "link"),
        ("links", "See WWW.shop.example", "link"),
        ("html", "It is <b>bold</b>", "HTML"),
        ("html", "Tom &amp; Jerry", "HTML"),
        ("line_breaks", "One\ntwo", "one line"),
    ],
)
def test_what_the_site_forbids_is_said_before_it_is_sent(forbidden, text, word):
    limits = Limits(100, also=(Limits(100, "bytes", forbids=(forbidden,)),))
    assert word in lengths.complaint(limits, text).en
    assert lengths.complaint(limits, text).ru.startswith("Площадка не принимает")
    assert lengths.complaint(Limits(100), text) is None


@pytest.mark.parametrize("text", ["2 < 3 & 4 > 1", "https: no", "a<3", "R&D; rest", "www is three letters"])
def test_what_only_looks_forbidden_is_let_through(text):
    assert lengths.complaint(Limits(100, forbids=("links", "html", "line_breaks")), text) is None


def test_a_learned_length_keeps_what_the_channel_forbids():
    class Shop:
        about = About("shop", Text("Shop", "Магазин"), answering=Answering(Limits(350, forbids=("html",))))

    assert lengths.limits_of(Shop(), lengths.remembered(Limits(140))) == Limits(140, forbids=("html",))


@given(st.text(), st.sampled_from(["characters", "bytes", "graphemes", "utf16"]), st.integers(1, 50))
def test_a_complaint_is_made_of_just_what_is_over(text, unit, most):
    limits = Limits(most, unit, least=0)
    assert (lengths.complaint(limits, text) is not None) == (limits.left(text) < 0)
    assert Limits(1, "graphemes").measure(text) <= len(text) <= Limits(1, "utf16").measure(text)


@pytest.mark.parametrize(
    ("said", "length"),
    [
        ("The message is too long: at most 5,000 characters.", 5000),
        ("Не более 5 000 символов, пожалуйста", 5000),
        ("Максимум 500 знаков", 500),
        ("Error 422 at line 17", None),
        ("Try again in 60 seconds. Message 100000 characters", None),
        ("Write at least 10 characters", None),
        ("Сообщение должно быть не меньше 10 символов", None),
        ("0 characters", None),
    ],
)
def test_a_refusal_is_believed_about_the_limit_that_this_text_broke(said, length):
    found = lengths.named_in(said, "я" * 6000)
    assert (found.length if found else None) == length


@pytest.mark.parametrize(
    "damaged",
    [None, 5000, {}, {"length": 0}, {"length": "5000"}, {"length": 9, "unit": "ells"}, {"length": True}],
)
def test_a_damaged_memory_is_no_limit(damaged):
    assert (
        lengths.limits_of(channel("wordpress"), {lengths.LEARNED: damaged})
        == channel("wordpress").about.answering.limits
    )


def test_what_was_learned_comes_before_what_the_channel_says():
    cursor = lengths.remembered(Limits(140, "graphemes"))
    assert lengths.limits_of(channel("wordpress"), cursor) == Limits(140, "graphemes")


FEED = b"""<rss version="2.0"><channel><title>F</title><item><title>T</title><guid>1</guid>
<link>https://f.example/t/1#p1</link><description>Hi</description></item></channel></rss>"""


def test_a_forum_is_asked_once_how_much_its_form_takes():
    place = Place("https://f.example/feed", {"name": "Zarya"})
    asked = list(channel("forum").parse(place, Page(place.url, 200, {}, FEED)))[-1]
    assert (asked.url, asked.role) == ("https://f.example/t/1", "form")
    form = b"<form method=post><textarea name=text maxlength=5000></textarea></form>"
    assert _learned(place, form) == {"length": 5000, "unit": "utf16"}
    knows = Place(place.url, place.settings, cursor={lengths.LEARNED: None})
    for told in (knows, Place(place.url)):
        parts = list(channel("forum").parse(told, Page(place.url, 200, {}, FEED)))
        assert not [part for part in parts if getattr(part, "role", "") == "form"]


@pytest.mark.parametrize(
    "body", [b"", b"<p>Closed", b"<form method=post><textarea name=t></textarea></form>", b"\0\xff"]
)
def test_a_forum_that_names_no_limit_is_not_asked_again(body):
    assert _learned(Place("https://f.example/feed", {"name": "Zarya"}), body) is None


def _learned(place, body):
    page = Page("https://f.example/t/1", 200, {"content-type": "text/html"}, body, role="form")
    (part,) = channel("forum").parse(place, page)
    assert isinstance(part, Remember)
    return part.values[lengths.LEARNED]
