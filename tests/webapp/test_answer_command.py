"""`otklik case answer` goes the way of the page, and is refused where the page refuses; `otklik source kinds` says what can be
connected."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from channels import KINDS
from desk.base import db
from desk.base.errors import DeskError
from desk.base.words import ReplyState
from desk.models import User
from tests.world.desk import World
from webapp.cli import otklik

TEXT = "Анна, нам жаль: новый чайник едет к вам.\nСпасибо!"


@pytest.fixture
def email(world: World) -> str:
    with db.snapshot() as session:
        return session.get_one(User, world.people["agent"]).email


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "answer.txt"
    path.write_text(f"{TEXT}\n", encoding="utf-8")
    return path


def run(*arguments: object, **more: Any) -> Result:
    return CliRunner().invoke(otklik, [str(one) for one in arguments], **more)


def rows(*arguments: str) -> list[dict[str, Any]]:
    return list(json.loads(run(*arguments, "--json").stdout))


def refused(result: Result) -> str:
    assert isinstance(result.exception, DeskError), result.output
    return str(result.exception)


def test_an_answer_is_approved_and_waits_for_whoever_sends(world: World, email: str, written: Path) -> None:
    case_id = world.complain()
    done = run("case", "answer", case_id, "--text-file", written, "--by", email, "--close")
    assert done.exit_code == 0 and "is approved" in done.output
    reply = world.reply()
    assert (reply.state, reply.text, reply.closes_case) == (ReplyState.APPROVED, TEXT, True)
    assert reply.approver_id == reply.user_id == world.people["agent"]
    assert "approved" in world.events()
    (row,) = rows("case", "list")
    assert (row["reply_state"], row["reply_url"], row["proof"]) == ("approved", None, None)
    assert world.begin(reply.id) is not None
    world.published(reply.id)
    (row,) = rows("case", "list")
    assert (row["reply_state"], row["reply_url"]) == ("published", "https://shop.example/a")


def test_an_answer_comes_from_standard_input(world: World, email: str) -> None:
    case_id = world.complain()
    assert run("case", "answer", case_id, "--text-file", "-", "--by", email, input=TEXT).exit_code == 0
    assert world.reply().text == TEXT


def test_without_an_answer_there_is_nothing_to_tell(world: World) -> None:
    world.complain()
    (row,) = rows("case", "list")
    assert (row["reply_state"], row["reply_url"], row["proof"], row["replies"]) == (None, None, None, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no answer"),
        (" \n", "holds no answer"),
        ("я" * 40_000, "at most 65,525 bytes; the answer has 80,000"),
    ],
)
def test_what_is_no_answer_for_that_site_is_not_sent(
    world: World, email: str, tmp_path: Path, text: str, said: str
) -> None:
    case_id, path = world.complain(), tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert said in refused(run("case", "answer", case_id, "--text-file", path, "--by", email))
    assert world.replies() == []


def test_text_in_other_letters_is_said(world: World, email: str, tmp_path: Path) -> None:
    case_id, path = world.complain(), tmp_path / "a.txt"
    path.write_bytes("Здравствуйте".encode("cp1251"))
    assert "not text in UTF-8" in refused(run("case", "answer", case_id, "--text-file", path, "--by", email))


def test_where_nothing_can_be_published_a_person_answers_by_hand(
    world: World, email: str, written: Path
) -> None:
    case_id = world.complain(where="feed")
    assert "by hand" in refused(run("case", "answer", case_id, "--text-file", written, "--by", email))
    assert world.replies() == []


def test_only_people_of_the_desk_who_may_write_answer(world: World, email: str, written: Path) -> None:
    case_id = world.complain()
    answer = ("case", "answer", case_id, "--text-file", written, "--by")
    assert "Nobody at this desk" in refused(run(*answer, "stranger@client.example"))
    with db.transaction() as session:
        session.get_one(User, world.people["agent"]).active = False
        analyst = session.get_one(User, world.people["analyst"]).email
    assert "Nobody at this desk" in refused(run(*answer, email))
    assert refused(run(*answer, analyst))
    assert (
        "no case 999" in refused(run("case", "answer", 999, "--text-file", written, "--by", analyst)).lower()
    )
    assert world.replies() == []


def test_an_unfinished_answer_of_that_person_is_not_lost(world: World, email: str, written: Path) -> None:
    case_id = world.complain()
    world.draft("Начало ответа", "agent", case_id)
    assert "unfinished answer" in refused(
        run("case", "answer", case_id, "--text-file", written, "--by", email)
    )
    assert world.replies() == [("draft", "Начало ответа")]


def test_a_case_that_a_colleague_answers_is_left_to_him(world: World, email: str, written: Path) -> None:
    case_id = world.complain()
    world.send(case_id, "Уже отвечаю", "lead")
    assert refused(run("case", "answer", case_id, "--text-file", written, "--by", email))
    assert [text for _state, text in world.replies()] == ["Уже отвечаю"], "the draft goes with the refusal"


def test_every_kind_says_what_it_can_and_asks_for() -> None:
    found = {one["kind"]: one for one in rows("source", "kinds")}
    assert list(found) == list(KINDS)
    wordpress, mail, table = found["wordpress"], found["mail"], found["file"]
    assert {"collect", "answer", "verify"} <= set(wordpress["abilities"])
    assert (mail["address"], mail["abilities"][0], table["abilities"]) == ("mailbox", "collect", ["import"])
    (password,) = [one for one in mail["fields"] if one["name"] == "password"]
    assert (password["secret"], password["required"], password["for"]) == (True, True, "listening")
    assert all(one["title"] and one["title_ru"] for one in found.values())
    assert "receive" in found["webhook"]["abilities"]
    table_shown = run("source", "kinds").output
    assert all(kind in table_shown for kind in KINDS)
