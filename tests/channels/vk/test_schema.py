"""The sandbox speaks as VK's own schema says, and a client that others wrote understands it."""

from urllib.parse import urlsplit

import pytest

from tests.channels.exchanges import recorded
from tests.channels.sandboxes import connected
from tests.channels.schemas import faults

VK = "vk/vk.schema.json"
SCHEMAS = {
    "wall.get": "wall_get_extended_response",
    "newsfeed.search": "newsfeed_search_extended_response",
    "wall.getComments": "wall_getComments_extended_response",
    "wall.createComment": "wall_createComment_response",
    "groups.getById": "groups_getById_object_response",
}
MARK = "inner_type"
"""By which the schema tells its variants apart; no answer of VK holds it."""
TEXT = "Здравствуйте! Уже исправляем, спасибо за терпение."


def test_all_that_the_sandbox_says_is_as_described() -> None:
    with recorded("vk") as (source, said):
        asked = next(one for one in source.read().sightings if not one.is_by_brand and one.kind == "comment")
        receipt = source.send(asked, TEXT)
        source.look(asked, TEXT, receipt)
        source.check()
        methods = {one.path.rpartition("/")[2] for one in said}
        assert methods == {"wall.get", "wall.getComments", "wall.createComment", "groups.getById"}
        found = [
            fault for one in said for fault in faults(VK, SCHEMAS[one.path.rpartition("/")[2]], one.said)
        ]
        assert [fault for fault in found if MARK not in fault] == []


def test_a_client_of_others_reads_and_answers_there(monkeypatch: pytest.MonkeyPatch) -> None:
    client = pytest.importorskip("vk_api", reason="vk_api is not installed (requirements-clients.txt)")
    with connected("vk") as source:
        session = client.VkApi(token=source.place.secrets["group_token"], api_version="5.199")

        def ours(url: str, values: object, **more: object) -> object:
            proof = {"Authorization": f"Bearer {source.place.secrets['group_token']}"}
            return session.http.request(
                "POST", f"{source.sandbox.url}{urlsplit(url).path}", data=values, headers=proof
            )

        monkeypatch.setattr(session.http, "post", ours)
        found = session.method(
            "wall.getComments", {"owner_id": -555, "post_id": 72, "count": 10, "extended": 1}
        )
        assert found["items"][0]["text"] == "Same here, nobody answers."
        made = session.method(
            "wall.createComment",
            {"owner_id": -555, "post_id": 72, "message": TEXT, "from_group": 555, "guid": "g1"},
        )
        ids = {one.external_id for one in source.read().sightings if one.is_by_brand}
        assert f"-555_72_{made['comment_id']}" in ids
        with pytest.raises(client.exceptions.ApiError) as caught:
            session.method("wall.get", {"owner_id": -555})
        assert caught.value.code == 27
        assert {fault for fault in faults(VK, "base_error", caught.value.error) if MARK not in fault} == set()
