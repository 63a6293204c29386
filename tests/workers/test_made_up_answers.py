"""Answers through channels that are not public pages, by the real worker: receipts, mail, moderation, and sends whose fate
nobody knows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import channels
from channels.contract import AnswerSeen
from desk.base import db
from desk.base.words import CaseStage, ReplyState
from desk.models import Source, User
from desk.pipeline import outcomes
from desk.replies import approvals, drafts, sending
from tests.channels import made_up as made_up_channels
from tests.mail_server import PASSWORD, USER, MailServer, mail_server
from tests.servers import serving
from tests.workers.made_up import TEXT, Api, Approve, due, shares, stage
from tests.world.desk import World, agent, listen
from workers import jobs, speaking

SHOP = {"client_id": "7"}


@pytest.fixture
def api(local: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setattr(speaking, "TIMEOUT_SECONDS", 0.5)
    made = Api()
    with serving(made.serve) as url:
        made.url = url
        yield made
        made.release.set()


@pytest.fixture(autouse=True)
def made_up() -> Iterator[None]:
    known = dict(channels.KINDS)
    made_up_channels.register()
    yield
    channels.KINDS.clear()
    channels.KINDS.update(known)
    channels.channel.cache_clear()


@pytest.fixture
def approve(local: None) -> Approve:
    """A source of that kind, a complaint there, and an approved answer to it."""

    def approved(kind: str, url: str, text: str = TEXT, **told: dict[str, str]) -> int:
        now = datetime.now(UTC)
        source_id = listen(
            url, kind, brand="Lumen", own_names=["Lumen Care"], title=kind,
            settings_values=told.get("settings", {}), secrets=told.get("secrets", {}), now=now,
        )  # fmt: skip
        world = World(now, {"made up": source_id}, agent(now))
        world.complain(
            "<m-1@mail.example>", "My order has not come for three weeks.", url=url, title="Where is it?",
            author="Anna", thread="anna@mail.example",
            handle={"chat": 5, "to": "anna@mail.example", "references": ["<m-1@mail.example>"]},
        )  # fmt: skip
        reply_id = world.draft(text)
        world.approve(reply_id)
        with db.transaction() as session:
            session.get_one(Source, source_id).next_crawl_at = datetime(2100, 1, 1, tzinfo=UTC)
        return reply_id

    return approved


@pytest.fixture
def messenger(api: Api, approve: Approve) -> int:
    return approve("messenger_bot", api.url, secrets={"token": "key-canary-77"})


@pytest.fixture
def marketplace(api: Api, approve: Approve) -> int:
    return approve("marketplace", api.url, settings=SHOP, secrets={"api_key": "key-canary-77"})


@pytest.fixture
def mailbox(
    approve: Approve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, MailServer]]:
    with mail_server(tmp_path, monkeypatch) as server:
        reply = approve(
            "mailbox",
            server.address,
            settings={"user": USER, "smtp": server.address},
            secrets={"password": PASSWORD},
        )
        yield reply, server


# Its receipt is all there is.


def test_a_messengers_receipt_answers_the_case_and_nobody_looks(messenger, api, state):
    assert jobs.run("publish") == 1
    sent = state(messenger)
    assert (sent.state, sent.proof, sent.next_look_at, sent.external_id) == ("accepted", "receipt", None, "7")
    assert stage() is CaseStage.ANSWERED
    assert shares() == (0, 0, 1, 0)
    assert jobs.run("verify") == 0
    assert api.asked == ["POST /botkey-canary-77/send"]


def test_a_messenger_that_says_nothing_is_left_to_a_person(messenger, api, state):
    api.mode = "hang"
    jobs.run("publish")
    lost = state(messenger)
    assert (lost.state, lost.next_look_at) == ("unknown", None)
    api.mode = "take"
    assert (jobs.run("publish"), jobs.run("verify"), len(api.answers)) == (0, 0, 1)
    with db.transaction() as session:
        drafts.edit_again(session, messenger, session.query(User).one(), datetime.now(UTC))
    assert state(messenger).state == "draft"
    assert state(messenger).reference != lost.reference


def test_a_refusal_that_repeats_the_token_is_kept_without_it(messenger, api, state):
    api.mode = "refuse"
    jobs.run("publish")
    failed = state(messenger)
    assert (failed.state, failed.error_kind) == ("failed", "refused")
    assert "canary" not in failed.error
    assert "[secret]" in failed.error


# Mail.


def test_mail_goes_out_with_our_reference_and_answers_its_thread(mailbox, state):
    reply, server = mailbox
    assert jobs.run("publish") == 1
    sent = state(reply)
    [(to, message)] = server.taken
    assert (sent.state, sent.proof, to) == ("accepted", "receipt", ["anna@mail.example"])
    assert message["message-id"] == f"<{sent.reference}@shop.example>" == sent.external_id
    assert (message["in-reply-to"], message["subject"]) == ("<m-1@mail.example>", "Re: Where is it?")


def test_mail_that_comes_back_opens_its_case_again(mailbox, state):
    reply, server = mailbox
    jobs.run("publish")
    reference = state(reply).reference
    news = AnswerSeen(None, "bounced", reference=reference, reason="550 5.1.1 No such mailbox")
    for _ in range(2):
        with db.transaction() as session:
            source = session.query(Source).one()
            outcomes.note(session, source, news, datetime.now(UTC), speaking.terms_of(source.kind))
    bounced = state(reply)
    assert (bounced.state, bounced.error) == ("bounced", "550 5.1.1 No such mailbox")
    assert (stage(), shares()) == (CaseStage.UNANSWERED, (0, 0, 0, 0))
    with db.transaction() as session:
        agent = session.query(User).one()
        drafts.edit_again(session, reply, agent, datetime.now(UTC))
        approvals.approve(session, reply, agent, datetime.now(UTC))
    assert jobs.run("publish") == 1
    assert len({str(message["message-id"]) for _to, message in server.taken}) == 2, (
        "another letter, another reference"
    )
    assert state(reply).state == "accepted"


@pytest.mark.parametrize(("mode", "kind"), [("refuse_recipient", "refused"), ("later", "rate_limited")])
def test_mail_that_the_server_does_not_take_has_failed(mailbox, state, mode, kind):
    reply, server = mailbox
    server.mode = mode
    jobs.run("publish")
    assert (state(reply).state, state(reply).error_kind, server.taken) == ("failed", kind, [])


def test_mail_that_was_cut_off_is_not_sent_twice(mailbox, state):
    reply, server = mailbox
    server.mode = "cut"
    jobs.run("publish")
    assert state(reply).state == "unknown"
    server.mode = "take"
    assert (jobs.run("publish"), jobs.run("verify")) == (0, 0)
    assert len(server.taken) == 1


# Moderated, and told to our account alone.


def test_held_rejected_and_public_are_told_apart(marketplace, api, state):
    jobs.run("publish")
    assert (state(marketplace).state, stage(), shares()) == ("pending", CaseStage.ON_HOLD, (0, 0, 0, 1))
    due(marketplace)
    jobs.run("verify")
    assert state(marketplace).state == "pending"
    api.decide("public")
    due(marketplace)
    jobs.run("verify")
    shown = state(marketplace)
    assert (shown.state, shown.proof) == ("verified", "account")
    assert (stage(), shares()) == (CaseStage.ANSWERED, (0, 1, 0, 0))


def test_a_rejection_carries_the_words_of_the_site(marketplace, api, state):
    jobs.run("publish")
    api.decide("rejected", "No phone numbers, please.")
    due(marketplace)
    jobs.run("verify")
    rejected = state(marketplace)
    assert (rejected.state, rejected.error) == ("rejected", "No phone numbers, please.")
    assert (stage(), shares()) == (CaseStage.UNANSWERED, (0, 0, 0, 0))


def test_one_that_was_public_may_still_be_rejected(marketplace, api, state):
    jobs.run("publish")
    api.decide("public")
    due(marketplace)
    jobs.run("verify")
    api.decide("rejected", "Reported.")
    due(marketplace)
    jobs.run("verify")
    assert (state(marketplace).state, stage()) == ("rejected", CaseStage.UNANSWERED)


def test_looks_follow_the_channel(marketplace, state):
    before = datetime.now(UTC)
    jobs.run("publish")
    assert timedelta(minutes=59) < state(marketplace).next_look_at - before < timedelta(minutes=61)


def test_a_later_answer_takes_the_place_of_the_earlier(marketplace, api, state):
    jobs.run("publish")
    api.decide("public")
    due(marketplace)
    jobs.run("verify")
    with db.snapshot() as session:
        people = {"agent": session.query(User).one().id}
    world = World(datetime.now(UTC), {}, people)
    second = world.draft("It is there now.", case_id=state(marketplace).case_id)
    world.approve(second)
    jobs.run("publish")
    assert (state(marketplace).state, state(second).state) == ("replaced", "pending")


def test_a_link_where_none_is_taken_is_a_draft_again(approve, api, state):
    reply = approve(
        "marketplace",
        api.url,
        "See https://shop.example/a",
        settings=SHOP,
        secrets={"api_key": "key-canary-77"},
    )
    jobs.run("publish")
    assert (state(reply).state, state(reply).error_kind, api.asked) == ("draft", "too_long", [])


# Sends whose fate nobody knows.


def test_a_token_that_never_comes_leaves_it_failed(marketplace, api, state):
    api.mode = "mute_token"
    jobs.run("publish")
    failed = state(marketplace)
    assert (failed.state, failed.error_kind, api.answers) == ("failed", "unreachable", {})


def test_one_that_was_taken_is_found_by_its_reference(marketplace, api, state):
    api.mode = "hang"
    jobs.run("publish")
    lost = state(marketplace)
    assert lost.state == "unknown"
    assert lost.next_look_at > datetime.now(UTC), "the site is given a moment"
    api.mode = "take"
    due(marketplace)
    jobs.run("verify")
    assert (state(marketplace).state, state(marketplace).sends) == ("pending", 1)
    assert len(api.answers) == 1


@pytest.mark.parametrize("mode", ["lose", "hang"])
def test_one_that_is_not_found_is_sent_again_with_the_same_reference(marketplace, api, state, mode):
    api.mode, api.is_behind = mode, True
    jobs.run("publish")
    assert state(marketplace).state == "unknown"
    api.mode = "take"
    due(marketplace)
    jobs.run("verify")
    again = state(marketplace)
    assert (again.state, again.sends) == ("pending", 2)
    assert list(api.answers) == [again.reference]


def test_it_is_not_sent_again_for_ever(marketplace, api, state):
    api.mode, api.is_behind = "lose", True
    jobs.run("publish")
    for _ in range(9):
        due(marketplace)
        jobs.run("verify")
    given_up = state(marketplace)
    assert (given_up.state, given_up.error_kind, given_up.sends) == ("failed", "lost", 5)
    assert sum(asked == "POST /answer" for asked in api.asked) == 5


SEND = "from tests.channels import made_up; made_up.register(); from workers import jobs; jobs.run('publish')"


@pytest.mark.processes
@pytest.mark.parametrize("is_behind", [False, True])
def test_killed_again_and_again_it_stands_there_once(marketplace, api, state, start, is_behind):
    """Whoever sends dies while the site has it, three times; what comes after him looks first, and sends the same again."""
    api.mode, api.is_behind = "hang", is_behind
    for round_number in range(3):
        api.has_taken.clear()
        process = start("-c", SEND if round_number == 0 else SEND.replace("'publish'", "'verify'"))
        if round_number and not is_behind:
            process.wait(60)
            break
        assert api.has_taken.wait(60)
        process.kill()
        process.wait(10)
        assert state(marketplace).state == "sending"
        with db.transaction() as session:
            later = datetime.now(UTC) + timedelta(seconds=sending.STALE_SECONDS + 5)
            assert sending.recover(session, later, terms_of=speaking.terms_of) == 1
        due(marketplace)
    api.mode, api.is_behind = "take", False
    api.release.set()
    due(marketplace)
    jobs.run("verify")
    found = state(marketplace)
    assert found.state == ReplyState.PENDING
    assert list(api.answers) == [found.reference]
    assert found.sends == (3 if is_behind else 1)
