"""The sandbox and the saved answers speak as the Market's own OpenAPI description says."""

import json

import pytest

from channels import errors
from tests.channels.conftest import PAGES
from tests.channels.exchanges import faults_of, recorded
from tests.channels.schemas import faults

DOCUMENT = "yandex_market/yandex_market.openapi.json"


def test_all_that_the_sandbox_says_and_is_asked_is_as_described() -> None:
    with recorded("yandex_market") as (source, said):
        source.check()
        read = source.read().sightings
        for kind in ("review", "question"):
            asked = next(one for one in read if one.kind == kind)
            receipt = source.edit(asked, source.send(asked, "Здравствуйте!"), "Добрый день!")
            source.look(asked, "Добрый день!", receipt)
            source.delete(asked, receipt)
            with pytest.raises(errors.Gone):
                source.delete(asked, receipt)
        with pytest.raises(errors.Refused):
            source.send(next(one for one in read if one.kind == "review"), "https://shop.example")
        source.sandbox.revoke()
        with pytest.raises(errors.Unauthorized):
            source.check()
        assert {one.status for one in said} == {200, 400, 401, 404}
        assert [fault for one in said for fault in faults_of([DOCUMENT], one)] == []


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("reviews.json", "GetGoodsFeedbackResponse"),
        ("comments.json", "GetGoodsFeedbackCommentsResponse"),
        ("questions.json", "GetQuestionsResponse"),
        ("answers.json", "GetAnswersResponse"),
    ],
)
def test_the_saved_answers_are_as_described(name: str, schema: str) -> None:
    said = json.loads((PAGES / "yandex_market" / name).read_text())
    assert faults(DOCUMENT, schema, said) == []


def test_a_wrong_answer_would_be_seen() -> None:
    said = json.loads((PAGES / "yandex_market" / "reviews.json").read_text())
    said["result"]["feedbacks"][0]["statistics"]["rating"] = 6
    del said["result"]["feedbacks"][1]["feedbackId"]
    assert len(faults(DOCUMENT, "GetGoodsFeedbackResponse", said)) == 2
