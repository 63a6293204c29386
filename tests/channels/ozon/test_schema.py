"""The sandbox and the saved answers speak as Ozon's description says: version 1 and the questions by Ozon's own, version 2 of the
reviews, which it does not have, by that of a client's author."""

import json
from typing import Any

import pytest

from channels import errors
from demo.sandboxes.ozon import Site
from tests.channels.conftest import PAGES
from tests.channels.exchanges import Exchange, faults_of, recorded
from tests.channels.schemas import faults

OZON, CLIENT = "ozon/ozon_seller.openapi.json", "ozon/review_v2.schema.json"
NEWER = (
    "/comments[]/likes_amount", "/comments[]/dislikes_amount", "/comments[]/is_published", "/comments[]/is_rejected",
    "/comments[]/deviation_reason",
)  # fmt: skip
"""Known from that client of 2026; Ozon's description is of 2025."""
VERSION_2 = {
    "/v2/review/list": ("ReviewListRequest", "ReviewListResponse"),
    "/v2/review/info": ("ReviewInfoRequest", "ReviewInfoResponse"),
    "/v2/review/count": (None, "ReviewCountResponse"),
    "/v2/review/comment/delete": ("ReviewCommentDeleteRequest", "ReviewCommentDeleteResponse"),
}


def faults_in(exchange: Exchange) -> list[str]:
    if exchange.path not in VERSION_2:
        return faults_of([OZON], exchange, known=NEWER)
    asked, said = VERSION_2[exchange.path]
    if exchange.status >= 300:
        return faults(OZON, "rpcStatus", exchange.said)
    return (faults(CLIENT, asked, exchange.asked) if asked else []) + faults(CLIENT, said, exchange.said)


@pytest.mark.parametrize("is_old", [False, True])
def test_all_that_the_sandbox_says_is_as_described(is_old: bool) -> None:
    with recorded("ozon") as (source, said):
        served: Any = source.sandbox
        assert isinstance(served, Site)
        served.is_old = is_old
        source.check()
        read = source.read().sightings
        review = next(one for one in read if one.kind == "review")
        source.delete(review, source.send(review, "Здравствуйте! Заменим."))
        question = next(one for one in read if one.kind == "question")
        source.delete(question, source.send(question, "Один метр."))
        with pytest.raises(errors.Refused):
            source.send(question, "x")
        served.has_subscription = False
        with pytest.raises(errors.Unauthorized):
            source.check()
        assert {one.path for one in said} >= {
            "/v1/review/comment/list",
            "/v2/review/info",
            "/v1/question/answer/list",
        }
        assert [fault for one in said for fault in faults_in(one)] == []


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("reviews.json", "ReviewListResponse"),
        ("comments.json", "ReviewCommentListResponse"),
        ("info.json", "ReviewInfoResponse"),
    ],
)
def test_the_saved_answers_are_as_described(name: str, schema: str) -> None:
    assert faults(CLIENT, schema, json.loads((PAGES / "ozon" / name).read_text())) == []


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("questions.json", "v1QuestionListResponse"),
        ("answers.json", "v1QuestionAnswerListResponse"),
        ("reviews-v1.json", "v1ReviewListResponse"),
    ],
)
def test_the_saved_answers_of_version_1_are_as_described(name: str, schema: str) -> None:
    assert faults(OZON, schema, json.loads((PAGES / "ozon" / name).read_text())) == []
