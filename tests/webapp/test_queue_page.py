"""The landing page: what stands on it, how it is narrowed, and what is done with several cases at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from desk.base.words import CaseStatus, CloseReason, Intent, Sentiment, Urgency
from tests.world.desk import HOSTILE, World
from webapp.queue.views import ROWS


def test_a_row_says_what_is_needed_to_choose(client: FlaskClient, world: World) -> None:
    world.complain("r1", "Заказ везли три недели", where="feed", rating=1.0)
    page = client.get("/").text
    for words in (
        "Заказ везли три недели",
        "Анна К.",
        "complaint",
        "1 of 5",
        ">Feed</span>",
        'lang="ru"',
        "policy",
    ):
        assert words in page


def test_hostile_texts_stay_texts(client: FlaskClient, world: World) -> None:
    case_id = world.complain("r1", HOSTILE, thread_title=HOSTILE, title=HOSTILE)
    for address in ("/", f"/cases/{case_id}", f"/?q={HOSTILE}"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img" not in page
    assert "&lt;script&gt;" in client.get("/").text


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("unassigned", "No cases here."),
        ("mine", "You have no cases."),
        ("on_hold", "Nothing is snoozed."),
        ("problems", "All answers were delivered."),
        ("team:service", "No cases for this team."),
        ("answered", "No answered cases"),
        ("closed", "No closed cases yet."),
    ],
)
def test_an_empty_list_says_what_to_do_next(client: FlaskClient, world: World, tab: str, words: str) -> None:
    assert words in client.get(f"/?tab={tab}").text


def test_filters_narrow_and_an_empty_result_offers_the_way_back(client: FlaskClient, world: World) -> None:
    world.complain("r1", "Чайник течёт")
    world.say("r2", "Где купить фильтр?", thread="other", where="feed")
    world.judge(intent=Intent.QUESTION, sentiment=Sentiment.NEUTRAL)
    assert "Чайник" in client.get("/?tab=open&intent=complaint").text
    assert "фильтр" not in client.get("/?tab=open&intent=complaint").text
    assert (
        "фильтр"
        in client.get("/?tab=open&channel=rss&sentiment=neutral&language=ru&status=open&team=marketing").text
    )
    assert "Clear the filters" in client.get("/?tab=open&channel=forum").text
    assert "Чайник" in client.get("/?tab=open&q=чайники").text


@pytest.mark.parametrize(
    "query",
    [
        "tab=nonsense",
        "after=%00",
        "after=abc",
        "tab=team:nowhere",
        "brand=x",
        "intent=<b>",
        "brand=99999999999999999999",
    ],
)
def test_a_damaged_address_is_no_server_error(client: FlaskClient, world: World, query: str) -> None:
    assert client.get(f"/?{query}").status_code < 500


def test_the_list_goes_on_on_the_next_page(client: FlaskClient, world: World) -> None:
    for number in range(ROWS + 2):
        world.say(f"m{number}", f"Жалоба {number}", thread=f"t{number}")
    world.judge()
    first = client.get("/").text
    assert first.count('data-test="row"') == ROWS
    further = (
        first.split('data-test="next-page"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    )
    assert client.get(further).text.count('data-test="row"') == 2


def test_a_live_page_gets_the_list_alone(client: FlaskClient, world: World) -> None:
    world.complain()
    part = client.get("/", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<nav")
    assert 'id="queue"' in part
    assert 'id="queue"' in part
    assert "Течёт" in part


def test_several_are_taken_at_once_and_a_refusal_names_who_has_it(
    client: FlaskClient, world: World, sign_in: Callable[..., FlaskClient]
) -> None:
    mine, theirs = world.complain("a"), world.complain("b")
    sign_in("other").post(f"/cases/{theirs}/take")
    answer = client.post("/bulk", data={"action": "take", "case": [mine, theirs], "next": "/?tab=mine"})
    page = client.get(answer.location).text
    assert world.case(mine).assignee_id == world.people["agent"]
    assert "Done: 1 case." in page
    assert f"Case {theirs}: Ольга Смирнова has taken this case." in page


def test_several_are_handed_over_snoozed_and_closed(client: FlaskClient, world: World) -> None:
    ids = [world.complain(name) for name in "abc"]
    client.post(
        "/bulk", data={"action": "hand_over", "team": "marketing", "note": "Про рекламу", "case": ids[0]}
    )
    client.post("/bulk", data={"action": "snooze", "until": "hour", "case": ids[1]})
    client.post("/bulk", data={"action": "close", "reason": "abuse", "case": ids[2]})
    assert "Про рекламу" in client.get(f"/cases/{ids[0]}").text
    assert world.case(ids[1]).snoozed_until == world.now + timedelta(hours=1)
    assert world.case(ids[2]).close_reason is CloseReason.ABUSE


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "take"},
        {"action": "explode", "case": "1"},
        {"case": "x"},
        {"action": "close", "case": "1"},
    ],
)
def test_a_bulk_form_with_nothing_useful_changes_nothing(
    client: FlaskClient, world: World, form: dict[str, str]
) -> None:
    case_id = world.complain()
    assert client.post("/bulk", data=form).status_code == 302
    assert world.case(case_id).status is CaseStatus.OPEN


def test_uncertain_tags_say_so(client: FlaskClient, world: World) -> None:
    world.say("u", "Ну такое")
    world.judge(is_uncertain=True, intent=Intent.COMPLAINT, urgency=Urgency.LOW)
    assert "needs review" in client.get("/?tab=open").text


def test_a_lead_sees_what_waits_for_his_approval(
    client: FlaskClient, world: World, sign_in: Callable[..., FlaskClient]
) -> None:
    case_id = world.complain()
    client.post(
        f"/cases/{case_id}/answer",
        data={"text": "Так?", "thread_seen": world.newest(case_id), "action": "review"},
    )
    assert "1 answer waits for your approval" in sign_in("lead").get("/").text
    assert "waits for your approval" not in client.get("/").text
