"""Answers go out by a real mail server, once, in their conversation; what the sandboxes of other channels are played through for
(tests/channels/conformance/test_sandboxes.py), as far as it makes sense for letters."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from channels import channel, errors
from channels.contract import AnswerSeen, Place, Target
from channels.mail import reports
from channels.mail.channel import Mail
from tests import imap_server
from tests.channels.mail.letter import letter, page, read
from tests.channels.sandboxes import REFERENCE
from tests.channels.speaking import check, send, wire_for
from tests.imap_server import ImapServer
from tests.mail_server import PASSWORD, USER, MailServer, mail_server

TEXT = "Здравствуйте, Анна!\n\nУже исправляем: 1 < 2 & 3 > 2.\n.\nFrom us."


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with mail_server(tmp_path, monkeypatch, scheme="smtp+starttls") as running:
        yield running


def place(server: MailServer, **more: str) -> Place:
    told = {"imap_server": "imap.shop.example", "smtp_server": server.address.partition("://")[2]}
    return Place(USER, told | more, {"password": PASSWORD})


def target(**heads: str) -> Target:
    asked = read(letter(**heads))
    return Target(asked.external_id, None, asked.thread, REFERENCE, asked.title, asked.handle)


def test_an_answer_arrives_in_its_conversation(server: MailServer) -> None:
    asked = target(References="<m0@client.example>", Subject="=?utf-8?B?0JfQsNC60LDQtw==?=")
    receipt = send("mail", place(server, sender_name="Заря, забота"), asked, TEXT)
    [(to, taken)] = server.taken
    assert to == ["anna@client.example"]
    assert (taken["Subject"], taken["In-Reply-To"]) == ("Re: Заказ", "<m1@client.example>")
    assert taken["References"] == "<m0@client.example> <m1@client.example>"
    assert str(taken["From"]) == f'"Заря, забота" <{USER}>'
    assert taken["Date"].datetime.isoformat() == "2026-11-21T12:00:00+00:00"
    assert "\n".join(str(taken.get_content()).splitlines()) == TEXT
    assert (receipt.state, receipt.external_id) == ("accepted", taken["Message-ID"])
    assert reports.reference_in(str(taken["Message-ID"])) == REFERENCE
    assert reports.thread_in(str(taken["Message-ID"])) == asked.thread


def test_a_second_send_bears_the_same_id(server: MailServer) -> None:
    for _ in range(2):
        send("mail", place(server), target(), TEXT)
    one, other = (message["Message-ID"] for _to, message in server.taken)
    assert one == other


def test_a_lost_answer_is_unknown_and_its_copy_settles_it(server: MailServer) -> None:
    server.mode = "cut"
    with pytest.raises(errors.Unknown):
        send("mail", place(server, copy_to_self="1"), target(), TEXT)
    [(to, taken)] = server.taken
    assert to == ["anna@client.example", USER]
    (told,) = Mail().parse(place(server), page(bytes(taken)))
    assert isinstance(told, AnswerSeen)
    assert (told.state, told.reference, told.parent) == ("accepted", REFERENCE, "<m1@client.example>")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("refuse_recipient", errors.Refused),
        ("refuse_message", errors.Refused),
        ("later", errors.RateLimited),
    ],
)
def test_the_servers_own_words_are_told(server: MailServer, mode: str, expected: type[Exception]) -> None:
    server.mode = mode
    with pytest.raises(expected, match=r"The mail server says: [45]"):
        send("mail", place(server), target(), TEXT)
    assert server.taken == []


def test_a_wrong_password_is_told_and_not_repeated(server: MailServer) -> None:
    wrong = replace(place(server), secrets={"password": "canary-wrong"})
    with pytest.raises(errors.Unauthorized) as caught:
        send("mail", wrong, target(), TEXT)
    assert "canary" not in f"{caught.value!r} {caught.value.text}"
    assert server.taken == []


@pytest.fixture
def mailbox(server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapServer]:
    """Both servers, each with its own authority; both authorities are trusted."""
    imap_server.needed()
    outgoing = Path(os.environ["SSL_CERT_FILE"]).read_text()
    with imap_server.imap_server(monkeypatch, USER, PASSWORD) as running:
        both = tmp_path / "authorities.pem"
        both.write_text(outgoing + Path(os.environ["SSL_CERT_FILE"]).read_text())
        monkeypatch.setenv("SSL_CERT_FILE", str(both))
        yield running


def test_check_opens_the_mailbox_and_sends_nothing(server: MailServer, mailbox: ImapServer) -> None:
    incoming = mailbox.address.removeprefix("imaps://").removesuffix("/INBOX")
    rights = check("mail", place(server, imap_server=incoming))
    assert (rights.answers, rights.signs_as, server.taken) == (True, USER, [])
    assert mailbox.sign_ins() == 1
    only_read = replace(place(server), settings={"imap_server": incoming})
    assert check("mail", only_read).answers is False
    with pytest.raises(errors.NotFound, match="Absent"):
        check("mail", place(server, imap_server=incoming, folders="INBOX, Absent"))
    wrong = replace(only_read, secrets={"password": "canary-wrong"})
    with pytest.raises(errors.Unauthorized) as caught:
        check("mail", wrong)
    assert "canary" not in f"{caught.value!r} {caught.value.text}"
    with pytest.raises(errors.Unauthorized, match="outgoing mail"):
        send("mail", only_read, target(), TEXT)


def test_a_server_that_is_away_was_surely_not_told() -> None:
    away = Place(USER, {"imap_server": "127.0.0.1:1", "smtp_server": "127.0.0.1:1"}, {"password": "x"})
    with pytest.raises(errors.Unreachable):
        send("mail", away, target(), TEXT)
    with pytest.raises(errors.Unreachable):
        check("mail", away)


@pytest.mark.parametrize(
    "handle", [{}, {"to": ""}, {"to": "nobody"}, {"to": "a@b.example\nBcc: c@d.example"}, {"to": 7}]
)
def test_without_an_address_nothing_is_sent(server: MailServer, handle: dict[str, object]) -> None:
    with pytest.raises(errors.Refused):
        send("mail", place(server), replace(target(), handle=handle), TEXT)
    assert server.taken == []


def test_nothing_that_was_read_writes_headers(server: MailServer) -> None:
    handle = {
        "to": "a@b.example",
        "name": "A\r\nBcc: c@d.example",
        "references": ["<a@b>\r\nBcc: x@y.example", 5],
    }
    send("mail", place(server), replace(target(), title="Hi\r\nBcc: c@d.example", handle=handle), TEXT)
    [(to, taken)] = server.taken
    assert (to, taken["Bcc"], taken["References"]) == (["a@b.example"], None, None)


def test_only_the_two_servers_see_the_password(server: MailServer) -> None:
    found = place(server)
    assert set(Mail().hosts(found)) == {"imap.shop.example:993", server.address.partition("://")[2]}
    with wire_for(found, channel("mail")) as wire, pytest.raises(errors.Refused):
        wire.deliver("smtps://127.0.0.1", b"From: x", ["a@b.example"])
    assert PASSWORD not in repr(found)
