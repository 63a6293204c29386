"""The sandbox and the saved answers speak as Wildberries' own description says."""

import json

import pytest

from channels import errors
from demo.sandboxes.base import Trouble
from tests.channels.conftest import PAGES
from tests.channels.exchanges import faults_of, recorded
from tests.channels.schemas import faults

DOCUMENTS = ("wildberries/communications.openapi.json", "wildberries/general.openapi.json")
NEWER = ("/data/feedbacks[]/orderStatus", "/data/orderStatus")
"""Known from a client of 2026; the description is of 2025."""


def test_all_that_the_sandbox_says_is_as_described() -> None:
    with recorded("wildberries") as (source, said):
        source.check()
        open_ones = [one for one in source.read().sightings if one.kind == "review"]
        receipt = source.send(open_ones[0], "Здравствуйте! Заменим.")
        source.edit(open_ones[0], receipt, "Здравствуйте! Заменим чайник.")
        source.look(open_ones[0], "Здравствуйте! Заменим чайник.", receipt)
        (question,) = [one for one in source.read().sightings if one.kind == "question"]
        source.send(question, "Два литра.")
        with pytest.raises(errors.Refused):
            source.send(open_ones[1], "x")
        source.sandbox.revoke()
        with pytest.raises(errors.Unauthorized):
            source.check()
        assert {one.status for one in said} == {200, 204, 400, 401}
        assert [fault for one in said for fault in faults_of(DOCUMENTS, one, known=NEWER)] == []


def test_a_misspelt_field_would_be_seen() -> None:
    with recorded("wildberries") as (source, said):
        source.sandbox.troubles = [Trouble(path="nowhere")]
        source.read()
        said[0].said["data"]["feedbacks"][0]["usernames"] = "x"
        said[1].said["data"]["feedbacks"][0]["id"] = 5
        assert faults_of(DOCUMENTS, said[0], known=NEWER) == ["no such field: /data/feedbacks[]/usernames"]
        assert len(faults_of(DOCUMENTS, said[1], known=NEWER)) == 1


@pytest.mark.parametrize("name", ["feedbacks.json", "feedbacks-answered.json", "questions.json"])
def test_the_saved_answers_are_as_described(name: str) -> None:
    what = name.removesuffix(".json").removesuffix("-answered")
    schema = f"#/paths/~1api~1v1~1{what}/get/responses/200/content/application~1json/schema"
    assert faults(DOCUMENTS[0], schema, json.loads((PAGES / "wildberries" / name).read_text())) == []
