"""Feeds with all the traps that were seen in real ones."""

from datetime import UTC, datetime

import pytest

from channels import channel, errors
from channels.contract import Fetch, Place
from tests.channels.conftest import page_of, parse, remarks, saved, sightings

HEAD = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title>'


def rss(items: str, head: str = HEAD) -> str:
    return f"{head}{items}</channel></rss>"


def test_asks_for_the_feed_and_for_no_more_than_news() -> None:
    assert list(channel("rss").start(Place("https://a.example/feed"))) == [
        Fetch("https://a.example/feed", is_conditional=True)
    ]


def test_reads_an_entry_as_a_person_would_see_it() -> None:
    first = sightings(parse("rss", saved("rss", "news.xml")))[0]
    assert first.external_id == "https://kettles.example/?p=42"
    assert first.url == "https://kettles.example/k2-lid"
    assert first.title == "Acme K2 & the lid that never closes"
    assert first.text == 'The lid pops open.\n\nSupport said "wait".\nWe waited.'
    assert first.author and first.author.name == "P. Marsh"
    assert first.published_at == datetime(2026, 11, 19, 7, tzinfo=UTC)
    assert (first.language, first.kind, first.parent) == ("en", "post", None)


def test_entry_without_guid_and_date() -> None:
    parts = parse("rss", saved("rss", "news.xml"))
    quiet = sightings(parts)[1]
    assert quiet.published_at is None
    assert quiet.url == "https://kettles.example/quiet"
    assert quiet.external_id == "https://kettles.example/quiet"
    assert quiet.text == "Quiet kettle, 1 < 2."


def test_entry_without_anything_to_name_it_keeps_its_made_id() -> None:
    body = rss("<item><title>Only a title</title></item>")
    one, other = (sightings(parse("rss", page_of(body)))[0] for _ in range(2))
    assert one.external_id == other.external_id
    assert len(one.external_id) == 32
    assert one.url == "https://site.example/page"


def test_dates_that_cannot_be_true_are_left_out_and_told() -> None:
    parts = parse("rss", saved("rss", "news.xml"))
    by_id = {seen.external_id: seen for seen in sightings(parts)}
    assert by_id["kw-1"].published_at is None
    assert by_id["kw-2"].published_at is None
    assert len([text for text in remarks(parts) if "cannot be true" in text]) == 2


def test_link_that_is_no_web_address_is_no_permalink() -> None:
    by_id = {seen.external_id: seen for seen in sightings(parse("rss", saved("rss", "news.xml")))}
    assert by_id["kw-1"].url == "https://kettles.example/feed/"


def test_windows_1251_by_its_own_declaration_and_by_the_header() -> None:
    own = sightings(parse("rss", saved("rss", "blog-cp1251.xml")))
    assert own[0].text == "Чайник потёк через неделю, поддержка молчит.\n\nЁлки-палки!"
    undeclared = saved("rss", "blog-cp1251.xml").body.replace(b' encoding="windows-1251"', b"")
    by_header = page_of(undeclared, content_type="text/xml; charset=windows-1251")
    assert sightings(parse("rss", by_header))[0].text == own[0].text


def test_russian_date_in_words() -> None:
    seen = sightings(parse("rss", saved("rss", "blog-cp1251.xml")))
    assert seen[1].published_at == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_comments_of_a_page_are_one_thread() -> None:
    one, other = sightings(parse("rss", saved("rss", "blog-cp1251.xml")))
    assert one.kind == other.kind == "comment"
    assert one.thread == other.thread == "https://blog.example/k2/"


def test_atom_answers_know_their_parent_and_share_a_thread() -> None:
    topic, answer, answer_to_answer = sightings(parse("rss", saved("rss", "forum.atom")))
    assert (topic.parent, topic.kind) == (None, "post")
    assert (answer.parent, answer.kind) == (topic.external_id, "comment")
    assert answer_to_answer.parent == answer.external_id
    assert {topic.thread, answer.thread, answer_to_answer.thread} == {"https://forum.example/t/1"}
    assert answer.thread_title == "Does the <K2> fit?"


def test_atom_text_is_taken_by_its_type() -> None:
    texts = [seen.text for seen in sightings(parse("rss", saved("rss", "forum.atom")))]
    assert texts == ["Will it fit <any narrow> shelf?", "Нет, не встанет.\n\nПроверено.", "Thanks & bye"]


def test_atom_tells_edited_from_published_and_language_by_entry() -> None:
    topic, answer, _ = sightings(parse("rss", saved("rss", "forum.atom")))
    assert topic.edited_at == datetime(2026, 11, 19, 11, 30, tzinfo=UTC)
    assert answer.published_at == datetime(2026, 11, 19, 11, tzinfo=UTC)
    assert answer.edited_at is None
    assert (topic.language, answer.language) == ("en", "ru")


def test_same_guid_with_new_text_keeps_its_id() -> None:
    first, second = (
        sightings(
            parse(
                "rss",
                page_of(
                    rss(f"<item><guid isPermaLink='false'>g</guid><description>{text}</description></item>")
                ),
            )
        )[0]
        for text in ("before", "after")
    )
    assert first.external_id == second.external_id == "g"
    assert first.text != second.text


def test_one_guid_for_all_entries_is_not_an_id() -> None:
    items = "".join(
        f"<item><guid isPermaLink='false'>same</guid><link>https://a.example/{n}</link><title>t{n}</title></item>"
        for n in (1, 2)
    )
    one, two = sightings(parse("rss", page_of(rss(items))))
    assert one.external_id != two.external_id
    # The ids that earlier versions gave them.
    assert "https://a.example/1" in one.former_ids
    assert "https://a.example/2" in two.former_ids


@pytest.mark.parametrize(
    ("body", "said"),
    [("<html><body>Hi</body></html>", "web page"), ("hello", "text/html"), ('{"version": "x"}', "text/html")],
)
def test_what_is_not_a_feed(body: str, said: str) -> None:
    with pytest.raises(errors.Unreadable, match=said):
        parse("rss", page_of(body))


def test_robot_check_instead_of_a_feed() -> None:
    with pytest.raises(errors.Blocked, match="robots"):
        parse(
            "rss", page_of("<html><title>Just a moment...</title><body>Checking your browser</body></html>")
        )


def test_feed_cut_in_the_middle_gives_whole_entries_only() -> None:
    whole = rss(
        "".join(
            f"<item><guid>https://a.example/{n}</guid><description>Number {n} is long.</description></item>"
            for n in range(5)
        )
    )
    parts = parse("rss", page_of(whole[: whole.index("Number 3") + 6], content_type="application/rss+xml"))
    assert [seen.text for seen in sightings(parts)] == [
        "Number 0 is long.",
        "Number 1 is long.",
        "Number 2 is long.",
    ]
    assert remarks(parts) == ["The feed breaks off in the middle; 3 whole entries were read."]


def test_feed_that_is_not_well_formed_is_read_with_a_remark() -> None:
    parts = parse(
        "rss", page_of(rss("<item><title>Fish <chips</title><guid>https://a.example/1</guid></item>"))
    )
    assert sightings(parts)[0].text.startswith("Fish")
    assert "not well-formed" in remarks(parts)[0]


def test_a_million_characters_are_cut_with_a_remark() -> None:
    parts = parse(
        "rss",
        page_of(
            rss(f"<item><guid>https://a.example/1</guid><description>{'а б ' * 250_000}</description></item>")
        ),
    )
    assert len(sightings(parts)[0].text) <= 20_000
    assert "20000 characters" in remarks(parts)[0]


def test_endless_feed_is_read_in_part() -> None:
    items = "".join(f"<item><guid>https://a.example/{n}</guid><title>t</title></item>" for n in range(2_500))
    parts = parse("rss", page_of(rss(items)))
    assert len(sightings(parts)) == 2_000
    assert "2500 entries" in remarks(parts)[0]


def test_empty_feed_is_a_feed() -> None:
    assert parse("rss", page_of(rss(""))) == []


def test_source_language_fills_in_for_a_silent_feed() -> None:
    page = page_of(rss("<item><title>Привет</title></item>"))
    assert sightings(parse("rss", page, Place(page.url, language="ru")))[0].language == "ru"


def test_recognises_a_feed_and_names_it() -> None:
    finding = channel("rss").recognise(saved("rss", "news.xml"))
    assert finding.title == "Kettle Watch"
    assert (finding.url, finding.language) == ("https://kettles.example/feed/", "en")
    assert "RSS" in finding.evidence.en
    assert channel("rss").recognise(saved("schema_org", "kafe-microdata.html")) is None


def test_reviews_of_a_store_have_stars_and_their_own_words() -> None:
    seen = sightings(parse("rss", saved("rss", "app-store.atom")))
    assert [(each.external_id, each.kind, each.rating, each.text) for each in seen] == [
        ("3001", "review", 1.0, "После обновления не открывается."),
        ("3002", "review", 5.0, "Всё быстро."),
    ]
    assert seen[0].title == "Вылетает"
    assert seen[0].url == "https://itunes.apple.com/ru/review?id=99&type=Purple%20Software"
    assert seen[0].published_at == datetime(2026, 11, 11, 10, tzinfo=UTC)
    # Stores keep to their ids: an edit changes date, stars and words at once.
    assert not seen[0].twin_id


def test_the_app_itself_is_no_review() -> None:
    app = b"<entry><id>99</id><title>App</title><im:name>App</im:name><im:artist>Firm</im:artist></entry><entry>"
    page = saved("rss", "app-store.atom")
    body = page.body.replace(b"<entry>", app, 1)
    assert len(sightings(parse("rss", saved("rss", "app-store.atom", body=body)))) == 2


def test_rss_of_the_first_kind_and_a_feed_behind_a_warning() -> None:
    (old,) = sightings(parse("rss", saved("rss", "rdf-cp1251.xml")))
    assert (old.author and old.author.name, old.published_at) == (
        "Пётр",
        datetime(2026, 11, 16, 7, tzinfo=UTC),
    )
    (warned,) = sightings(parse("rss", saved("rss", "php-warning.xml")))
    assert warned.text == "Не работает оплата картой."
