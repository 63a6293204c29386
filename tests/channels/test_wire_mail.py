"""Handing a message to a mail server, over verified TLS, once; signing in at one; and what failures mean."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from channels import errors
from channels.contract import Call, Place
from channels.wire import mail
from channels.wire.client import GuardedWire, Terms
from tests import imap_server
from tests.channels.speaking import NOW, wire_for
from tests.mail_server import PASSWORD, USER, MailServer, mail_server

PLACE = Place("imaps://shop.example", {"user": USER}, {"password": PASSWORD})


class Box:
    def hosts(self, place: Place) -> list[str]:
        del place
        return ["127.0.0.1"]

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now
        return replace(call, headers={"user": place.settings["user"], "password": place.secrets["password"]})


@pytest.fixture(params=["smtps", "smtp+starttls"])
def server(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MailServer]:
    with mail_server(tmp_path, monkeypatch, scheme=request.param) as running:
        yield running


def message(text: str = "We are sorry.\n.\nIt leaves today.") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Заря <{USER}>", "anna@mail.example", "Re: Где заказ?"
    made["Message-ID"] = "<r-1@shop.example>"
    made.set_content(text)
    return bytes(made)


def deliver(
    server: str, place: Place = PLACE, to: tuple[str, ...] = ("anna@mail.example",), seconds: float = 5
) -> str:
    with wire_for(place, Box(), seconds=seconds) as wire:
        return wire.deliver(server, message(), to)


def test_a_message_arrives_as_it_was_written(server: MailServer) -> None:
    assert deliver(server.address) == "2.0.0 Queued as A1"
    [(to, taken)] = server.taken
    assert to == ["anna@mail.example"]
    assert taken["subject"] == "Re: Где заказ?"
    body = taken.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["We are sorry.", ".", "It leaves today."]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("refuse_recipient", errors.Refused),
        ("refuse_message", errors.Refused),
        ("later", errors.RateLimited),
        ("cut", errors.Unknown),
    ],
)
def test_what_the_server_says_is_told_apart(server: MailServer, mode: str, expected: type[Exception]) -> None:
    server.mode = mode
    with wire_for(PLACE, Box()) as wire:
        with pytest.raises(expected) as caught:
            wire.deliver(server.address, message(), ["anna@mail.example"])
        assert wire.may_have_left == (expected is errors.Unknown)
    assert len(server.taken) == (mode == "cut")
    assert {"refuse_recipient": "550 5.1.1 No such mailbox", "refuse_message": "554 5.7.1"}.get(
        mode, ""
    ) in str(caught.value)


def test_a_wrong_password_is_said_without_it(server: MailServer) -> None:
    place = replace(PLACE, secrets={"password": "wrong-canary-1"})
    with pytest.raises(errors.Unauthorized) as caught:
        deliver(server.address, place)
    assert "canary" not in str(caught.value)
    assert server.taken == []


def test_asking_a_mail_server_signs_in_and_sends_nothing(server: MailServer) -> None:
    with wire_for(PLACE, Box()) as wire:
        assert wire.ask(Call(server.address)).status == 200
        assert not wire.may_have_left
    wrong = replace(PLACE, secrets={"password": "wrong-canary-1"})
    with pytest.raises(errors.Unauthorized) as caught, wire_for(wrong, Box()) as wire:
        wire.ask(Call(server.address))
    assert "canary" not in f"{caught.value!r} {caught.value.text}"
    assert server.taken == []


def test_asking_for_a_mailbox_opens_it_and_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    imap_server.needed()
    with imap_server.imap_server(monkeypatch) as server:
        place = Place("http://shop.example", {"user": imap_server.USER}, {"password": imap_server.PASSWORD})
        with wire_for(place, Box()) as wire:
            assert wire.ask(Call(server.address)).status == 200
        assert (server.sign_ins(), server.is_left()) == (1, True)
        with pytest.raises(errors.NotFound, match="Absent"), wire_for(place, Box()) as wire:
            wire.ask(Call(server.address.replace("INBOX", "Absent")))
        wrong = replace(place, secrets={"password": "wrong-canary-1"})
        with pytest.raises(errors.Unauthorized) as caught, wire_for(wrong, Box()) as wire:
            wire.ask(Call(server.address))
        assert "canary" not in f"{caught.value!r} {caught.value.text}"


def test_a_mailbox_at_a_private_address_is_not_asked() -> None:
    terms = Terms("otklik-test", request_seconds=1)
    with (
        pytest.raises(errors.ChannelError, match="public network"),
        GuardedWire(terms, NOW, PLACE, Box()) as wire,
    ):
        wire.ask(Call("imaps://127.0.0.1:1/INBOX"))


def test_a_certificate_that_nobody_vouches_for_gets_no_password(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(errors.Insecure):
        deliver(server.address)
    assert server.taken == []


def test_a_certificate_of_another_name_gets_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(tmp_path, monkeypatch, host="mail.other.example") as server:
        with pytest.raises(errors.Insecure):
            deliver(server.address)


def test_a_server_that_speaks_no_tls_gets_nothing() -> None:
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listening.accept()
        with line:
            line.sendall(b"220 hello\r\n")
            while got := line.recv(1_000):
                heard.append(got)
                line.sendall(b"250 hello\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    with listening, pytest.raises(errors.Refused, match="no TLS"):
        deliver(f"smtp+starttls://127.0.0.1:{listening.getsockname()[1]}")
    thread.join(10)
    assert PASSWORD.encode() not in b"".join(heard)
    assert b"MAIL" not in b"".join(heard)


@pytest.mark.parametrize(
    "address",
    [
        "smtp://127.0.0.1:25",
        "http://127.0.0.1/",
        "smtps://",
        "smtps://me:pass@127.0.0.1",
        "smtps://127.0.0.1:99999",
        "",
    ],
)
def test_other_servers_are_refused(address: str) -> None:
    with pytest.raises(errors.Refused):
        deliver(address)


@pytest.mark.parametrize(
    "to",
    [(), ("anna",), ("a@b.example>\r\nDATA",), ("a b@c.example",), ("@c.example",), ("a@b.example",) * 51],
)
def test_what_is_no_address_is_no_command_either(to: tuple[str, ...]) -> None:
    with pytest.raises(errors.Refused):
        deliver("smtps://127.0.0.1:465", to=to)


def test_a_server_that_is_away_was_surely_not_told() -> None:
    with pytest.raises(errors.Unreachable):
        deliver("smtps://127.0.0.1:1")


def test_a_server_that_trickles_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One letter at a time keeps each wait short and the whole without an end."""
    monkeypatch.setattr(mail, "LONGEST_SECONDS", 0.3)
    listening = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        line, _ = listening.accept()
        with line:
            line.sendall(b"220-")
            while not stopped.wait(0.05):
                try:
                    line.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with listening, pytest.raises(errors.Unreachable):
            deliver(f"smtp+starttls://127.0.0.1:{listening.getsockname()[1]}")
    finally:
        stopped.set()
        thread.join(10)
