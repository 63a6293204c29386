"""The sandbox speaks as the official description of Discourse's API says, and a client that others wrote understands it."""

import pytest

from tests.channels.exchanges import faults_of, recorded
from tests.channels.sandboxes import connected

DISCOURSE = "discourse/discourse.openapi.json"
WRITTEN_FROM_EXAMPLES = (
    "is not of type 'string', 'null'",
    "('count' was unexpected)",
    "['details']",
    "asked []: None",
)
"""Where the description was made of an answer in which no post answered another and nobody had liked one, and names a body for a GET;
and the rights of the reader in a topic, which nothing reads."""
KNOWN = tuple(
    f"{at}/actions_summary[]/count" for at in ("", "/latest_posts[]", "/post_stream/posts[]", "/post")
)
TEXT = "Здравствуйте! Уже исправляем, спасибо за терпение."


def test_all_that_the_sandbox_says_is_as_described() -> None:
    with recorded("discourse") as (source, said):
        asked = next(one for one in source.read().sightings if not one.is_by_brand and one.thread == "77")
        for number in range(30):
            source.sandbox.say(f"И у меня, номер {number}.")
        receipt = source.send(asked, TEXT)
        source.edit(asked, receipt, f"{TEXT} Точнее!")
        source.look(asked, TEXT)
        source.look(asked, TEXT, receipt)
        described = [one for one in said if one.status < 300]
        assert {(one.method, one.path.split("/")[1]) for one in described} >= {
            ("GET", "posts.json"), ("POST", "posts.json"), ("PUT", "posts"), ("GET", "posts"), ("GET", "t"),
        }  # fmt: skip
        faults = [fault for one in described for fault in faults_of([DISCOURSE], one, known=KNOWN)]
        assert [fault for fault in faults if not any(known in fault for known in WRITTEN_FROM_EXAMPLES)] == []


def test_a_client_of_others_reads_and_answers_there() -> None:
    client = pytest.importorskip(
        "pydiscourse", reason="pydiscourse is not installed (requirements-clients.txt)"
    )
    with connected("discourse") as source:
        forum = client.DiscourseClient(source.sandbox.url, "zarya_care", source.place.secrets["api_key"])
        first = forum.latest_posts()["latest_posts"][-1]
        assert first["topic_title"] == "Чайник «Заря К2» течёт"
        made = forum.create_post(TEXT, topic_id=first["topic_id"])
        assert source.look(source.read().sightings[-1], TEXT).external_id == str(made["id"])
        forum.update_post(made["id"], f"{TEXT} Точнее!")
        assert any(one.text.endswith("Точнее!") for one in source.read().sightings)
