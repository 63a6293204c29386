"""The product in one test: page -> mention -> verdict -> case -> answer -> published -> verified -> numbers.

Everything is real: the processes that `otklik run` starts, the sample brand's web beside them, forms over HTTP.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from parsel import Selector

from desk.models import Case
from tests.processes import clean, eventually, otklik
from tests.stack import Stack, Visitor, running

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]
ANSWER = "Ольга, нашли платёж: 14 990 ₽ вернутся сегодня до 20:00. Простите, что ждали. Заказ 55102 отменён."
BY_HAND = "Helen, we are sorry: the refund left us today and reaches your card before Friday."


def said(stack: Stack, words: str) -> dict[str, Any]:
    return next(mention for mention in stack.json("mention", "list") if words in mention["text"])


def case_of(stack: Stack, words: str) -> dict[str, Any]:
    case_id = stack.case_of(words)
    return next(case for case in stack.json("case", "list") if case["id"] == case_id)


@pytest.mark.xdist_group("stack")
def test_from_a_public_page_to_a_verified_public_answer(stack: Stack) -> None:
    stack.wait_until_judged()
    mentions = stack.json("mention", "list")
    assert {mention["language"] for mention in mentions} >= {"ru", "en"}
    assert {source["error"] for source in stack.json("source", "list")} == {None}
    before = stack.json("stats")

    _answer_on_the_forum(stack)
    _answer_by_hand_in_the_shop(stack)

    assert said(stack, "сегодня с карты списали")["answered"]
    assert said(stack, "Stopped working after four days")["answered"]
    after = stack.json("stats")
    assert after["response_rate"]["answered"] >= before["response_rate"]["answered"] + 2
    assert after["response_rate"]["value"] > before["response_rate"]["value"]


def _answer_on_the_forum(stack: Stack) -> None:
    case = case_of(stack, "сегодня с карты списали")
    assert case["team"] == "service"
    assert case["status"] == "open"
    assert case["rule"]
    igor = Visitor(stack.address).sign_in("igor@zarya.example", stack.password)
    assert f"/cases/{case['id']}" in (igor.open("/").get() or "")
    igor.open(f"/cases/{case['id']}")
    igor.send("/take")
    igor.open(f"/cases/{case['id']}")
    igor.send(f"/cases/{case['id']}/answer", text=ANSWER, action="publish")
    eventually(lambda: stack.states(case["id"]), lambda found: found == ["verified"])
    # What a stranger sees, without any account.
    topic = said(stack, "сегодня с карты списали")["url"].partition("#")[0]
    public = " ".join(Visitor(stack.demo).open(topic).css("article.ours ::text").getall())
    assert public.count(ANSWER) == 1
    page = igor.open(f"/cases/{case['id']}")
    assert ANSWER in text_of(page)
    # She may have written again by now, as the sample's people do: then it is open again, but was answered.
    assert status_of(stack, case["id"]) in ("answered", "reopened")


def _answer_by_hand_in_the_shop(stack: Stack) -> None:
    """No answering protocol there: copy, open, and the crawl notices by itself."""
    mention = said(stack, "Stopped working after four days")
    case = case_of(stack, "Stopped working after four days")
    igor = Visitor(stack.address).sign_in("igor@zarya.example", stack.password)
    igor.open(f"/cases/{case['id']}")
    igor.send(f"/cases/{case['id']}/answer", text=BY_HAND, action="by_hand")
    assert stack.states(case["id"]) == ["published"]
    shop = Visitor(stack.demo)
    shop.open(mention["url"].partition("#")[0])
    shop.send("/answers", review=mention["external_id"].rpartition(":")[2], text=BY_HAND)
    eventually(lambda: stack.states(case["id"]), lambda found: found == ["verified"], 90)


def status_of(stack: Stack, case_id: int) -> str:
    return str(stack.read(sa.select(Case.status).where(Case.id == case_id))[0])


def text_of(page: Selector) -> str:
    return " ".join(" ".join(page.css("main ::text").getall()).split())


def test_it_survives_the_death_of_every_process_and_stops_without_a_trace(tmp_path: Path) -> None:
    home = tmp_path / "var"
    with running(home, "--sample") as stack:
        stack.wait_until_judged()
        victims = stack.processes()
        assert set(victims) >= {"web", "tag", "crawl", "reply1", "demo"}
        for pid in victims.values():
            with suppress(
                ProcessLookupError
            ):  # one that ends when its starter is killed may be gone by its turn
                os.kill(pid, signal.SIGKILL)
        eventually(
            lambda: stack.processes() != victims and _all_differ(stack.processes(), victims), seconds=60
        )
        stack.wait_until_judged()
        mentions = stack.json("mention", "list")
        assert len({(m["source"], m["external_id"]) for m in mentions}) == len(mentions)
        eventually(lambda: answers(stack.address), seconds=90)
        left = stack.processes()
    assert [pid for pid in left.values() if Path(f"/proc/{pid}").exists()] == []
    assert not (home / "valkey.sock").exists()
    # A second start finds everything again.
    kept = otklik(clean(home), "mention", "list", "--json")
    assert kept.count('"external_id"') >= len(mentions)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/sign-in", timeout=10).status_code == 200
    except httpx.TransportError:
        return False


def _all_differ(now: dict[str, int], before: dict[str, int]) -> bool:
    return all(now[name] != pid for name, pid in before.items())
