"""What a channel remarked on outside of crawls stands on the source's page, in the reader's language."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.base.sentences import Sentence
from desk.base.words import RemarkOrigin
from desk.sources import remarks
from tests.world.desk import World

HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Warnings outside of crawls",
                "An event had no text.",
                "when reading what the site sent",
                "2 times",
            ),
        ),
        (
            "ru",
            (
                "Предупреждения вне обходов",
                "Событие без текста.",
                "при чтении присланного площадкой",
                "2 раза",
            ),
        ),
    ],
)
def test_remarks_stand_on_the_page(
    sign_in: Callable[..., FlaskClient], world: World, language: str, words: tuple[str, ...]
) -> None:
    said = Sentence("An event had no text.", "Событие без текста.")
    source_id = world.sources["blog"]
    client = sign_in("lead", language=language)
    assert 'data-test="remarks"' not in client.get(f"/sources/{source_id}").text
    with db.transaction() as session:
        for _ in range(2):
            remarks.note(session, source_id, RemarkOrigin.DELIVERY, [said], world.now)
        remarks.note(session, source_id, RemarkOrigin.ANSWER, [HOSTILE], world.now)
    page = client.get(f"/sources/{source_id}").text
    for one in words:
        assert one in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
