"""Which words moved a tag: the right places, nothing hostile gets through, and a calm sentence where nothing can be told."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from desk.base import db, settings
from desk.base.words import Intent, Sentiment
from desk.models import Mention, User
from desk.pipeline import adoptions, triage
from desk.verdicts import judge_revisions, tags
from sentiment import Backend, Label, Verdict
from sentiment.contract import HEADS
from tests.world.desk import HOSTILE, World
from webapp.mentions.explanations import JudgeProvider, NoJudge

ROOT = Path(__file__).parents[2]
HTMX = {"HX-Request": "true"}


class FakeJudge:
    """Negative where it reads `плохо`, less so where it reads `спасибо`; the other heads never move."""

    name = "test"

    def __init__(self, revision: str = "1") -> None:
        self.revision = revision

    def chosen(self, head: str, text: str, chances: dict[str, float]) -> str:
        return max(chances, key=chances.__getitem__)

    def chances(self, head: str, texts: Sequence[str]) -> list[dict[str, float]]:
        return [self._chances(head, text) for text in texts]

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        best = Label("negative", 0.9), Label("complaint", 0.9), Label("normal", 0.9), Label("ok", 0.9)
        return [Verdict(Label("ru", 1.0), *best, False, self.name, self.revision) for _text in texts]

    def _chances(self, head: str, text: str) -> dict[str, float]:
        labels = HEADS[head]
        first = 0.7
        if head == "sentiment":
            first = 0.55 + 0.4 * ("плохо" in text) - 0.1 * ("спасибо" in text)
        return {label: first if label == labels[0] else (1 - first) / (len(labels) - 1) for label in labels}


@pytest.fixture
def judge(app: Flask) -> FakeJudge:
    fake = FakeJudge()
    app.extensions["otklik_judge_provider"] = JudgeProvider(lambda: fake)
    return fake


@pytest.fixture
def shipped(app: Flask) -> JudgeProvider:
    provider: JudgeProvider = app.extensions["otklik_judge_provider"]
    return provider


def mention_of(world: World, case_id: int) -> int:
    return world.case(case_id).mention_id


def address(world: World, text: str, head: str = "sentiment", **more: Any) -> str:
    return f"/mentions/{mention_of(world, world.complain('c1', text, **more))}/why?head={head}"


class Marks(HTMLParser):
    """The text of the explanation as a browser shows it, and which stretches of it are marked how."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.depth, self.side = "", 0, ""
        self.marked: list[tuple[int, str, str]] = []
        self.tags: set[str] = set()
        self.feed(page.split('data-test="why-text">', 1)[1].split("</div>", 1)[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        classes = (dict(attrs).get("class") or "").split()
        self.side = next((side for side in ("for", "against", "unread") if f"why-{side}" in classes), "")

    def handle_endtag(self, tag: str) -> None:
        self.side = ""

    def handle_data(self, data: str) -> None:
        if self.side == "unread":
            return
        if self.side:
            self.marked.append((len(self.text), data, self.side))
        self.text += data


def test_words_for_and_against_are_told_apart(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    page = client.get(address(world, "Всё плохо, спасибо курьеру")).text
    assert [(word, side) for _place, word, side in Marks(page).marked] == [
        ("плохо", "for"),
        ("спасибо", "against"),
    ]
    assert "<b>negative</b>: most likely (85%)" in page
    for words in ("solid line", "dashed line", "for this tag", "against this tag", ": плохо", ": спасибо"):
        assert words in page


def test_a_script_gets_the_fragment_and_a_browser_the_page(
    client: FlaskClient, world: World, judge: FakeJudge
) -> None:
    where = address(world, "Всё плохо")
    part, page = client.get(where, headers=HTMX).text, client.get(where).text
    assert "<html" not in part
    assert 'hx-target="closest .why-body"' in part
    assert "<html" in page
    assert f'href="/cases/{world.case_of("c1")}"' in page


def test_the_case_and_the_mention_offer_it_without_a_script(client: FlaskClient, world: World) -> None:
    case_id = world.complain("c1", "Всё плохо")
    link = f'<a href="/mentions/{mention_of(world, case_id)}/why">Show which words influenced the tags</a>'
    assert link in client.get(f"/cases/{case_id}").text
    assert link in client.get(f"/mentions/{mention_of(world, case_id)}").text


@pytest.mark.parametrize("text", [
    "Плохо 👨‍👩‍👧‍👦👍🏽 и плохо, ёлки",  # families, skin tones
    "пло\u0301хо и плохо е\u0308лки\u200b й",  # accents of their own, an invisible space
    "a\u0300\u0323 плохо\n\n  два   пробела\tи \U0001f1f7\U0001f1fa",
    "\u202eплохо\u202c &amp; <b>хорошо</b> ]]>",
])  # fmt: skip
def test_places_are_exact(client: FlaskClient, world: World, judge: FakeJudge, text: str) -> None:
    shown = Marks(client.get(address(world, text)).text)
    with db.snapshot() as session:
        kept = tags.words(session.query(Mention).one())
    assert shown.text == kept
    assert shown.marked
    for place, word, _side in shown.marked:
        assert kept[place : place + len(word)] == word


def test_a_hostile_text_stays_text(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    where = address(world, f"плохо {HOSTILE} </mark></div><svg onload=alert(2)>", thread_title=HOSTILE)
    for page in (client.get(where).text, client.get(where, headers=HTMX).text):
        assert Marks(page).tags <= {"mark"}
        for markup in ("<script>alert", "<img", "<svg onload"):
            assert markup not in page


def test_an_analyst_reads_it_and_a_stranger_does_not(
    app: Flask, sign_in: Callable[..., FlaskClient], world: World, judge: FakeJudge
) -> None:
    where = address(world, "Всё плохо")
    assert sign_in("analyst").get(where).status_code == 200
    assert app.test_client().get(where).status_code == 302
    assert app.test_client().get(where, headers=HTMX).status_code == 401
    assert sign_in("agent").post(where).status_code == 405


@pytest.mark.parametrize("where", ["/mentions/12345/why", "/mentions/99999999999999999999999/why"])
def test_a_mention_that_is_not_there(client: FlaskClient, judge: FakeJudge, where: str) -> None:
    assert client.get(where).status_code == 404


def test_each_tag_has_its_own_words(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    where = address(world, "Всё плохо", "intent")
    page = client.get(where).text
    assert "<b>complaint</b>: probably (70%)" in page
    assert "No single word decides here" in page
    assert "<b>critical</b>" in client.get(where.replace("intent", "urgency")).text
    assert "<b>negative</b>" in client.get(where.replace("intent", "nonsense")).text


def test_a_person_who_decided_comes_first(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    where = address(world, "Всё плохо")
    with db.transaction() as session:
        agent = session.get_one(User, world.people["agent"])
        mention = session.query(Mention).one()
        triage.correct(session, mention.id, agent, world.now, sentiment=Sentiment.NEUTRAL)
    page = client.get(where).text
    assert "Иван Петров set this tag: neutral. Below is what the model says." in page
    assert "<b>negative</b>" in page
    page = client.get(where.replace("sentiment", "intent")).text
    assert "Иван Петров confirmed this tag." in page


def test_a_long_text_says_what_was_not_read(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    middle = "слово " * 2000
    page = client.get(address(world, f"Сначала плохо. {middle} В конце спасибо.")).text
    shown = Marks(page)
    assert "characters in the middle are not analysed here" in page
    assert shown.text.startswith("Сначала плохо")
    assert shown.text.endswith("спасибо.")
    assert len(shown.text) < 1300


def test_the_whole_of_a_long_text_may_say_something_else(
    client: FlaskClient, world: World, judge: FakeJudge
) -> None:
    world.say("c1", "плохо " + "слово " * 1000)
    world.judge(sentiment=Sentiment.POSITIVE, intent=Intent.QUESTION)
    where = f"/mentions/{mention_of(world, world.case_of('c1'))}/why"
    assert "The tag is based on the whole text: positive." in client.get(where).text


def test_where_stars_decided_it_is_said(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    page = client.get(address(world, "Всё плохо", rating=5.0)).text
    assert "The stars weigh more than the words here: with 5 of 5 the tag becomes positive." in page


def test_another_revision_than_the_one_that_tagged_says_so(
    client: FlaskClient, world: World, judge: FakeJudge
) -> None:
    world.say("c1", "Всё плохо")
    world.judge(sentiment=Sentiment.NEUTRAL)
    judge.revision = "2"
    page = client.get(f"/mentions/{mention_of(world, world.case_of('c1'))}/why").text
    assert "It was tagged by another version of the model: neutral." in page
    assert "Model: test, version 2." in page


def test_an_edited_text_waits_for_its_tags(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    where = address(world, "Всё плохо")
    world.say("c1", "Уже лучше, спасибо")
    assert "was edited after it was tagged" in client.get(where).text


def test_what_was_never_tagged_has_no_reason(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    world.say("c9", "Пока никем не прочитано")
    with db.snapshot() as session:
        mention_id = session.query(Mention).one().id
    assert "This mention has not been tagged." in client.get(f"/mentions/{mention_id}/why").text


def test_stars_without_words(client: FlaskClient, world: World, judge: FakeJudge) -> None:
    assert "There are no words here" in client.get(address(world, "", rating=1.0)).text


def test_without_a_model_nothing_breaks(
    client: FlaskClient, world: World, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    where = address(world, "Всё плохо")
    monkeypatch.setenv("OTKLIK_SENTIMENT_MODEL", str(tmp_path))
    settings.current.cache_clear()
    answer = client.get(where, headers=HTMX)
    assert answer.status_code == 200
    assert "The model cannot be loaded" in answer.text
    assert "is no model folder" in answer.text
    monkeypatch.delenv("OTKLIK_SENTIMENT_MODEL")


def test_a_model_that_needs_torch_is_not_brought_into_the_pages(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = address(world, "Всё плохо")
    monkeypatch.setenv("OTKLIK_SENTIMENT_MODEL", "cointegrated/rubert-tiny")
    settings.current.cache_clear()
    assert "The model cointegrated/rubert-tiny" in client.get(where).text


def test_a_judge_that_could_not_be_loaded_is_tried_again(
    client: FlaskClient, world: World, app: Flask
) -> None:
    tries: list[Backend | NoJudge] = [NoJudge("no disk"), FakeJudge()]

    def load() -> Backend:
        found = tries.pop(0)
        if isinstance(found, NoJudge):
            raise found
        return found

    app.extensions["otklik_judge_provider"] = JudgeProvider(load)
    where = address(world, "Всё плохо")
    assert "no disk" in client.get(where).text
    assert "<b>negative</b>" in client.get(where).text


def test_many_who_ask_at_once_load_it_once(database: None) -> None:
    loaded: list[FakeJudge] = []
    start = Barrier(8)

    def load() -> Backend:
        loaded.append(FakeJudge())
        return loaded[-1]

    provider = JudgeProvider(load)

    def ask(_number: int) -> Backend:
        start.wait(10)
        with db.snapshot() as session:
            return provider.judge(session)

    with ThreadPoolExecutor(8) as askers:
        assert set(askers.map(ask, range(8))) == set(loaded)
    assert len(loaded) == 1


def test_the_judge_that_ships_explains_in_both_languages(
    sign_in: Callable[..., FlaskClient], world: World
) -> None:
    where = address(world, "Ужасный сервис, никому не советую! Телефон 5 дней не включается.")
    page = sign_in("agent", language="ru").get(where, headers=HTMX).text
    assert Marks(page).text == "Ужасный сервис, никому не советую! Телефон 5 дней не включается."
    assert "Модель: onnx, версия" in page
    assert "Model: onnx, version" in sign_in("agent").get(where).text


def test_what_the_desk_taught_is_in_force(client: FlaskClient, world: World, shipped: JudgeProvider) -> None:
    """A learned correction that calls everything praise: it, and not the bare weights, is explained."""
    import numpy as np

    from sentiment import load
    from sentiment.adaptation import Adaptable, Adaptation

    where = address(world, "Ужасный сервис, никому не советую!", "intent")
    judge = load()
    assert isinstance(judge, Adaptable)
    bias = np.array([-50, -50, 50, -50, -50], dtype=np.float32)
    learned = Adaptation(judge.base, {"kind": np.zeros((384, 5), dtype=np.float32)}, {"kind": bias})
    with db.transaction() as session:
        adoptions.register_model(session, judge.name, judge.base, world.now)
    assert "<b>praise</b>" not in client.get(where).text
    with db.transaction() as session:
        row = judge_revisions.ask(session, None, world.now)
        found = judge_revisions.Learned(
            judge.base, judge.name, "better", model_revision=learned.revision, adaptation=learned.to_bytes()
        )
        assert adoptions.decide(session, row.id, found, world.now)
    page = client.get(where).text
    assert "<b>praise</b>" in page
    assert learned.revision in page
    with db.transaction() as session:
        adoptions.go_back(session, None, None, world.now)
    assert "<b>praise</b>" not in client.get(where).text


def test_pages_load_no_model_until_somebody_asks() -> None:
    heavy = "onnxruntime", "tokenizers", "numpy", "torch"
    asked = (
        "import sys, importlib, webapp.application; [importlib.import_module('webapp.' + name) for name in"
    )
    asked += f" webapp.application.VIEWS]; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
