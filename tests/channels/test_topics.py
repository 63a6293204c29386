"""Every post of a topic leads to the same conversation, in the forms that forum software writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading import topics
from tests.channels.conftest import page_of, parse, saved, sightings

HOST = "https://forum.example"


@pytest.mark.parametrize(
    ("topic", "posts"),
    [
        ("/t/dostavka/42", ["/t/dostavka/42/1", "/t/dostavka/42/27"]),
        ("/t/42", ["/t/42/7"]),
        (
            "/viewtopic.php?f=2&t=15",
            ["/viewtopic.php?f=2&t=15&p=123#p123", "/viewtopic.php?f=2&t=15&start=20"],
        ),
        ("/showthread.php?tid=5", ["/showthread.php?tid=5&pid=10#pid10", "/showthread.php?tid=5&page=2"]),
        ("/thread-5.html", ["/thread-5-post-10.html#pid10", "/thread-5-page-2.html"]),
        ("/showthread.php?5-slug", ["/showthread.php?5-slug&p=10#post10"]),
        (
            "/threads/slug.5/",
            ["/threads/slug.5/post-10", "/threads/slug.5/#post-10", "/threads/slug.5/page-2#post-9"],
        ),
        ("/topic/5-slug/", ["/topic/5-slug/?do=findComment&comment=10", "/topic/5-slug/page/2/#comment-10"]),
        ("/index.php?/topic/5-slug/", ["/index.php?/topic/5-slug/&do=findComment&comment=10"]),
        (
            "/index.php?showtopic=5",
            ["/index.php?showtopic=5&view=findpost&p=10", "/index.php?showtopic=5&st=20"],
        ),
        ("/index.php?topic=5.0", ["/index.php?topic=5.msg10#msg10", "/index.php?topic=5.20"]),
        ("/index.php/topic,5.0.html", ["/index.php/topic,5.msg10.html#msg10"]),
        ("/d/5-slug", ["/d/5-slug/2"]),
        ("/topic/5/slug", ["/topic/5/slug/2"]),
        ("/forums/topic/slug/", ["/forums/topic/slug/#post-10", "/forums/topic/slug/page/2/#post-10"]),
        ("/forum/messages/forum1/topic5/", ["/forum/messages/forum1/topic5/message10/#message10"]),
        ("/r/x/comments/abc12/title/", ["/r/x/comments/abc12/title/def34/"]),
        ("/questions/5/slug", ["/questions/5/slug/10#10"]),
        ("/k2/", ["/k2/#comment-3", "/k2/comment-page-2/#comment-10"]),
        ("/2026/11/post.html", ["/2026/11/post.html?showComment=17#c17"]),
        ("/?p=42", ["/?p=42#comment-3", "/?p=42&cpage=2#comment-3"]),
    ],
)
def test_posts_lead_to_their_topic(topic: str, posts: list[str]) -> None:
    assert topics.topic_of(HOST + topic) == HOST + topic
    assert {topics.topic_of(HOST + post) for post in posts} == {HOST + topic}
    assert not any(topics.is_of_unknown_topic(HOST + post) for post in posts)


@pytest.mark.parametrize(
    "url", ["/r/2", "/news/2026/11/16?id=3&page=2", "/shop/k2?p=3", "/?p=42", "/a/b/c.html?x=1"]
)
def test_other_pages_are_left_as_they_are(url: str) -> None:
    assert topics.topic_of(HOST + url) == HOST + url


@pytest.mark.parametrize(
    "url", ["/viewtopic.php?p=123#p123", "/posts/10/", "/discussion/comment/10", "/comment/10"]
)
def test_a_post_that_names_itself_alone_has_no_topic_in_its_address(url: str) -> None:
    assert topics.is_of_unknown_topic(HOST + url)


@given(st.text(max_size=80))
def test_cutting_is_done_once(text: str) -> None:
    once = topics.topic_of(HOST + "/" + text)
    assert topics.topic_of(once) == once


def test_posts_of_unknown_topics_are_joined_by_their_title() -> None:
    entry = "<item><title>{0}</title><link>https://f.example/viewtopic.php?p={1}#p{1}</link><description>x{1}</description></item>"
    body = "".join(
        entry.format(title, number)
        for number, title in enumerate(
            ["Доставка • Где мой заказ?", "Доставка • Re: Где мой заказ?", "Re: Другое"]
        )
    )
    seen = sightings(
        parse("rss", page_of(f"<rss version='2.0'><channel><title>F</title>{body}</channel></rss>"))
    )
    assert seen[0].thread == seen[1].thread != seen[2].thread


def test_posts_of_a_topic_are_one_conversation() -> None:
    seen = sightings(parse("rss", saved("rss", "discourse-topic.rss")))
    assert {each.thread for each in seen} == {"https://forum.example/t/dostavka/42".replace("https", "http")}
    assert {each.thread_title for each in seen} == {"Где мой заказ?"}
