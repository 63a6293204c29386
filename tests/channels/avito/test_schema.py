"""The sandbox and the saved answers speak as Avito's own OpenAPI description says."""

import json

import pytest

from channels import errors
from tests.channels.conftest import PAGES
from tests.channels.exchanges import faults_of, recorded
from tests.channels.schemas import faults

DOCUMENTS = ("avito/ratings.openapi.json", "avito/auth.openapi.json", "avito/user.openapi.json")


def test_all_that_the_sandbox_says_and_is_asked_is_as_described() -> None:
    with recorded("avito") as (source, said):
        source.check()
        review = source.read().sightings[-1]
        source.sandbox.state_of_new = "held"
        receipt = source.send(review, "Здравствуйте! Разберёмся.")
        source.read()
        source.sandbox.decide(str(receipt.external_id), "rejected")
        source.look(review, "Здравствуйте! Разберёмся.", receipt)
        with pytest.raises(errors.Refused):
            source.send(review, "Ещё раз.")
        source.delete(review, receipt)
        with pytest.raises(errors.Gone):
            source.delete(review, receipt)
        assert {one.status for one in said} == {200, 400, 404}
        described = [one for one in said if one.path != "/token"]
        assert [fault for one in described for fault in faults_of(DOCUMENTS, one)] == []
        tokens = [one.said for one in said if one.path == "/token"]
        schema = "#/paths/~1token/post/responses/200/content/application~1json/schema"
        assert len(tokens) == 1 and faults(DOCUMENTS[1], schema, tokens[0]) == []


def test_the_saved_answers_are_as_described() -> None:
    said = json.loads((PAGES / "avito" / "reviews.json").read_text())
    assert faults(DOCUMENTS[0], "GetReviewsResponse", said) == []
    said["reviews"][0]["score"] = "1"
    del said["reviews"][1]["canAnswer"]
    assert len(faults(DOCUMENTS[0], "GetReviewsResponse", said)) == 2
