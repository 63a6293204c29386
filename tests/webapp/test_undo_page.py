"""The way back as the pages offer it: with a script, without one, and where it has gone."""

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from desk.base.words import CaseStatus
from tests.world.desk import World

HTMX = {"HX-Request": "true"}


def token_of(page: str) -> str:
    found = re.search(r'action="/undo/([0-9a-f]+)"', page)
    assert found is not None, "there is nothing to undo"
    return found[1]


@pytest.mark.parametrize(
    ("step", "form"),
    [
        ("take", {}),
        ("close", {"reason": "abuse"}),
        ("snooze", {"until": "hour"}),
        ("assign", {"to": "team:marketing", "note": "look"}),
        ("correct", {"intent": "question"}),
        ("correct", {"intent": "praise"}),
    ],
)
def test_every_decision_offers_its_undo(
    client: FlaskClient, world: World, step: str, form: dict[str, str]
) -> None:
    case_id = world.complain()
    before = world.case(case_id)
    page = client.post(f"/cases/{case_id}/{step}", data=form, headers=HTMX).text
    answer = client.post(f"/undo/{token_of(page)}", headers=HTMX)
    assert "Undone: 1 case." in answer.text
    assert json.loads(answer.headers["HX-Trigger"]) == {"otklik:undone": {"cases": [case_id]}}
    now = world.case(case_id)
    kept = (
        "status",
        "assignee_id",
        "team_id",
        "intent",
        "due_at",
        "rule_id",
        "close_reason",
        "snoozed_until",
    )
    assert {name: getattr(now, name) for name in kept} == {name: getattr(before, name) for name in kept}
    assert "undone: " in client.get(f"/cases/{case_id}").text


def test_without_a_script_one_comes_back_to_the_page(client: FlaskClient, world: World) -> None:
    case_id = world.complain()
    page = client.post(f"/cases/{case_id}/take", follow_redirects=True).text
    answer = client.post(f"/undo/{token_of(page)}", data={"next": f"/cases/{case_id}"})
    assert answer.location == f"/cases/{case_id}"
    assert "Undone: 1 case." in client.get(answer.location).text


def test_a_bulk_is_undone_as_one(client: FlaskClient, world: World) -> None:
    ids = [world.complain(name) for name in "ab"]
    page = client.post("/bulk", data={"action": "close:abuse", "case": ids}, headers=HTMX)
    assert json.loads(page.headers["HX-Trigger"]) == {"otklik:bulk": {"done": ids}}
    assert "Undone: 2 cases." in client.post(f"/undo/{token_of(page.text)}", headers=HTMX).text
    assert {world.case(one).status for one in ids} == {CaseStatus.OPEN}


def test_somebody_elses_token_and_a_made_up_one_change_nothing(
    client: FlaskClient, world: World, sign_in: Callable[..., FlaskClient]
) -> None:
    case_id = world.complain()
    token = token_of(client.post(f"/cases/{case_id}/take", headers=HTMX).text)
    for who, asked in ((sign_in("other"), token), (client, "0" * 32), (client, "%00")):
        assert who.post(f"/undo/{asked}", headers=HTMX).status_code == 409
    assert sign_in("analyst").post(f"/undo/{token}").status_code == 403
    assert world.case(case_id).status is CaseStatus.TAKEN


def test_the_next_case_comes_along_where_it_is_named(client: FlaskClient, world: World) -> None:
    first, second = world.complain("a"), world.complain("b")
    answer = client.post(f"/cases/{first}/take", data={"next_case": second}, headers=HTMX)
    assert f'data-case="{second}"' in answer.text
    assert json.loads(answer.headers["HX-Trigger"]) == {"otklik:went": {"shown": second, "from": first}}
    for nowhere in ("999", "x", "99999999999999999999"):
        answer = client.post(f"/cases/{second}/correct", data={"intent": "question", "next_case": nowhere}, headers=HTMX)  # fmt: skip
        assert f'data-case="{second}"' in answer.text
    answer = client.post(f"/cases/{second}/close", data={"reason": "abuse", "next_case": "999"}, headers=HTMX)
    assert f'data-case="{second}"' in answer.text
    assert world.case(second).status is CaseStatus.CLOSED


def test_the_height_of_rows_is_a_persons_own(
    client: FlaskClient, world: World, sign_in: Callable[..., FlaskClient]
) -> None:
    client.post("/account/rows", data={"rows": "compact"})
    assert "is-compact" in client.get("/").text
    assert "is-compact" not in sign_in("other").get("/").text
    assert sign_in("analyst").post("/account/rows", data={"rows": "compact"}, headers=HTMX).status_code == 204
