"""A mailbox, crawled over IMAP as a site is over HTTP: with a real mail server."""

import os
import socket
import threading
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from channels import errors
from channels.wire.imap import LONGEST_SECONDS, Limits, Login, MailSession
from desk.base import db
from desk.base.words import AnswerProof, CaseStage, ReplyState
from desk.cases import cases
from desk.models import Journal, Reply
from desk.replies import sending
from desk.replies.terms import Terms
from tests import imap_server
from tests.imap_server import PASSWORD, USER, ImapServer
from tests.world.desk import World, agent, listen

MADE_UP = "tests.crawler.made_up"


@pytest.fixture
def server(monkeypatch):
    imap_server.needed()
    with imap_server.imap_server(monkeypatch) as running:
        yield running


def letter(number: int, text: str = "Where is my order?", **heads: str) -> bytes:
    message = EmailMessage()
    message["Message-ID"] = f"<m{number}@client.example>"
    message["From"] = f"Анна К. <anna{number}@client.example>"
    message["To"], message["Subject"] = USER.replace("забота", "care"), f"Заказ {number}"
    message["Date"] = "Wed, 18 Nov 2026 08:00:00 +0300"
    for name, value in heads.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="чек.pdf")
    return bytes(message)


def listen_to(listen, server: ImapServer, password: str = PASSWORD, url: str = "") -> int:
    settings = {"user": USER}
    return listen(url or server.address, "mailbox", settings_values=settings, secrets={"password": password})


def trusting(**more: str) -> dict[str, str]:
    # Five seconds, as for other sites here, are few for a sign-in on a machine where everything else is tested meanwhile.
    patient = {"OTKLIK_CRAWL_TIMEOUT_SECONDS": "60"}
    return {"module": MADE_UP, "SSL_CERT_FILE": os.environ["SSL_CERT_FILE"]} | patient | more


def test_messages_are_read_once_and_stay_unread(server, listen, crawl, mentions, source):
    server.deliver("1", letter(1))
    server.deliver("2", letter(2, Auto_Submitted="auto-replied"))
    number = listen_to(listen, server)
    said = crawl(number, **trusting())[number]
    assert (said["outcome"], said["new"], said["requests"]) == ("ok", 2, 3), repr(
        (said, source(number).error)
    )
    first = mentions(number)["<m1@client.example>"]
    assert (first.title, first.text, first.url) == ("Заказ 1", "Where is my order?", "")
    assert first.handle == {"to": "anna1@client.example", "references": ["<m1@client.example>"]}
    assert first.attachments == [{"kind": "file", "url": None, "name": "чек.pdf", "size_bytes": 8}]
    assert mentions(number)["<m2@client.example>"].is_machine
    assert server.new_ones() == 2
    server.deliver("3", letter(3))
    again = crawl(number, **trusting())[number]
    assert (again["new"], again["requests"]) == (1, 2)
    assert crawl(number, **trusting())[number]["requests"] == 1
    assert source(number).cursor["uid"] == 3


def test_a_crawl_signs_in_once_however_many_messages_it_reads(server, listen, crawl):
    for count in range(12):
        server.deliver(f"{count:02}", letter(count))
    number = listen_to(listen, server)
    assert crawl(number, **trusting())[number]["new"] == 12
    assert (server.sign_ins(), server.is_left()) == (1, True)
    assert crawl(number, **trusting())[number]["requests"] == 1
    assert (server.sign_ins(), server.is_left()) == (2, True)


def test_a_connection_that_the_server_ends_is_made_anew(server, monkeypatch):
    """As servers do with those that they call idle; what is asked for only reads, so it is asked once more."""
    server.deliver("1", letter(1))
    server.deliver("2", letter(2))
    now = [0.0]
    session = MailSession(lambda: now[0])
    host, port = server.address.removeprefix("imaps://").removesuffix("/INBOX").split(":")
    login, limits = Login(host, int(port), USER, PASSWORD), Limits(30, 1_000_000, allow_private=True)

    def uids() -> bytes:
        found = session.read(
            login, limits, "INBOX", lambda box: box.server.uid("SEARCH", "UID 1:99"), is_fresh=False
        )
        return found[1][0]

    assert (uids(), uids(), server.sign_ins()) == (b"1 2", b"1 2", 1)
    server.end_sessions()
    assert (uids(), server.sign_ins()) == (b"1 2", 2)
    now[0] = LONGEST_SECONDS
    assert (uids(), server.sign_ins()) == (b"1 2", 3), "none is kept for longer than that"
    other = Login(login.host, login.port, USER, "wrong")
    with pytest.raises(errors.Unauthorized):
        session.read(other, limits, "INBOX", lambda box: box, is_fresh=False)
    assert "wrong" not in repr(other)
    session.close()


def test_a_long_list_is_read_in_parts(server, listen, crawl):
    for count in range(230):
        server.deliver(f"{count:03}", letter(count))
    number = listen_to(listen, server)
    first = crawl(number, **trusting())[number]
    assert (first["new"], len(first["remarks"])) == (200, 1)
    second = crawl(number, **trusting())[number]
    assert (second["new"], second["remarks"]) == (30, [])


def test_a_message_that_is_too_large_is_named_and_the_others_are_read(server, listen, crawl):
    server.deliver("1", letter(1, "x" * 70_000))
    server.deliver("2", letter(2))
    number = listen_to(listen, server)
    said = crawl(number, **trusting(OTKLIK_CRAWL_MAX_BYTES="50000"))[number]
    assert (said["new"], "larger than the crawler reads" in said["remarks"][0]) == (1, True), said


def test_a_wrong_password_is_said_in_words_and_never_repeated(server, listen, start, source):
    number = listen_to(listen, server, "canary-of-the-mailbox")
    out, err = start(number, **trusting(OTKLIK_LOG_LEVEL="DEBUG")).communicate(timeout=120)
    assert source(number).error_kind == "unauthorized", out
    assert "canary" not in out + err + source(number).error


def test_a_mailbox_that_is_not_there(server, listen, crawl):
    number = listen_to(listen, server, url=server.address.replace("INBOX", "Nothing"))
    assert crawl(number, **trusting())[number]["error_kind"] == "not_found"


def test_a_certificate_of_a_stranger_is_not_trusted(server, listen, crawl, tmp_path: Path):
    nobody = tmp_path / "nobody.pem"
    nobody.write_text("")
    number = listen_to(listen, server)
    said = crawl(number, module=MADE_UP, SSL_CERT_FILE=str(nobody))[number]
    assert said["error_kind"] == "insecure", said


def test_no_mail_server_behind_our_own_walls_is_asked(server, listen, crawl):
    number = listen_to(listen, server)
    said = crawl(number, **trusting(OTKLIK_ALLOW_PRIVATE_ADDRESSES="false"))[number]
    assert said["error_kind"] == "forbidden"


@pytest.mark.parametrize("words", [b"", b"220 smtp.example ESMTP\r\n"], ids=["silence", "another protocol"])
def test_what_is_no_mail_server_is_given_up(listen, crawl, words):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_answer, args=(listening, words), daemon=True).start()
        address = f"imaps://127.0.0.1:{listening.getsockname()[1]}/INBOX"
        number = listen(address, "mailbox", settings_values={"user": USER}, secrets={"password": "x"})
        said = crawl(number, module=MADE_UP, OTKLIK_CRAWL_TIMEOUT_SECONDS="1")[number]
    assert said["error_kind"] == "unreachable", said


def _answer(listening: socket.socket, words: bytes) -> None:
    held = []
    while True:
        try:
            line, _ = listening.accept()
        except OSError:
            return
        line.sendall(words)
        held.append(line)


def report_on(reference: str, action: str = "failed") -> bytes:
    """What a mail server writes about a letter of ours (RFC 3464)."""
    message = MIMEMultipart("report", report_type="delivery-status")
    message["Message-ID"], message["From"] = f"<{action}@mx.example>", "MAILER-DAEMON@mx.example"
    message["To"], message["Subject"] = "care@shop.example", "Delivery Status Notification"
    message.attach(MIMEText("Your message could not be delivered.", "plain", "utf-8"))
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    about = Message()
    about["Final-Recipient"], about["Action"] = "rfc822; anna1@client.example", action
    about["Diagnostic-Code"] = "smtp; 550 5.1.1 No such mailbox"
    status.set_payload([about])
    message.attach(status)
    sent = Message()
    sent["Message-ID"], sent["Subject"] = f"<{reference}@shop.example>", "Re: Order 1"
    returned = Message()
    returned["Content-Type"] = "message/rfc822"
    returned.set_payload([sent])
    message.attach(returned)
    return message.as_bytes()


def answered(source_id: int, now: datetime) -> tuple[int, str]:
    """An answer to the one letter, which the mail server took; with its reference."""
    world = World(now, {"mailbox": source_id}, agent(now))
    world.judge()
    reply_id = world.send(text="It leaves today.")
    with db.transaction() as session:
        mail = Terms((), AnswerProof.RECEIPT)
        sending.taken(
            session, reply_id, state="accepted", external_id="<x>", url=None, at=None, now=now, terms=mail
        )
        return reply_id, str(session.get_one(Reply, reply_id).reference)


def test_a_letter_that_came_back_opens_its_case_again(database, server, crawl):
    """The report lies in the mailbox that is crawled; one of mere delay is none."""
    now = datetime.now(UTC)
    number = listen(
        server.address, "mailbox", title="Care", now=now, settings_values={"user": USER},
        secrets={"password": PASSWORD},
    )  # fmt: skip
    server.deliver("1", letter(1))
    crawl(number, **trusting())
    reply_id, reference = answered(number, now)
    for name, told in (
        ("2", report_on(reference, "delayed")),
        ("3", report_on("0" * 32)),
        ("4", report_on(reference)),
        ("5", report_on(reference)),
    ):
        with db.snapshot() as session:
            assert session.get_one(Reply, reply_id).state is ReplyState.ACCEPTED or name == "5"
        server.deliver(name, told)
        said = crawl(number, **trusting())[number]
        assert (said["outcome"], said["new"]) == ("ok", 0), said
    with db.snapshot() as session:
        reply = session.get_one(Reply, reply_id)
        case = cases.load(session, reply.case_id)
        assert (reply.state, reply.error) == (ReplyState.BOUNCED, "smtp; 550 5.1.1 No such mailbox")
        assert (case.stage, reply.accepted_at is not None) == (CaseStage.UNANSWERED, True)
        steps = [
            step.event for step in session.query(Journal).filter_by(case_id=case.id).order_by(Journal.id)
        ]
    assert (steps.count("bounced"), steps[-1]) == (1, "reopened")


def test_the_channel_for_mail_reads_a_real_mailbox(server, listen, crawl, mentions, source):
    """Two folders, one with a name of other letters; what is old is left where it lies, and nothing is read twice."""
    host = server.address.removeprefix("imaps://").partition("/")[0]
    (server.folder / "mail" / ".&BBAEQARFBDgEMg-").mkdir()
    for name in ("new", "cur", "tmp"):
        (server.folder / "mail" / ".&BBAEQARFBDgEMg-" / name).mkdir()
    owner = server.folder.stat()
    for path in (server.folder / "mail" / ".&BBAEQARFBDgEMg-").rglob("*"):
        os.chown(path, owner.st_uid, owner.st_gid)
    os.chown(server.folder / "mail" / ".&BBAEQARFBDgEMg-", owner.st_uid, owner.st_gid)
    server.deliver("1", letter(1))
    server.deliver("2", letter(2, Auto_Submitted="auto-replied"))
    server.deliver("3", letter(3, From="Заря <care@shop.example>", In_Reply_To="<m1@client.example>"))
    server.deliver("4", letter(4))
    long_ago = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    os.utime(server.folder / "mail" / "new" / "4", (long_ago, long_ago))
    settings = {"user": USER, "imap_server": host, "folders": "INBOX, Архив"}
    number = listen("care@shop.example", "mail", settings_values=settings, secrets={"password": PASSWORD})
    said = crawl(number, **trusting())[number]
    assert (said["outcome"], said["new"], said["requests"]) == ("ok", 3, 5), (said, source(number).error)
    found = mentions(number)
    assert (found["<m1@client.example>"].text, found["<m2@client.example>"].is_machine) == (
        "Where is my order?",
        True,
    )
    assert found["<m3@client.example>"].is_own
    assert server.new_ones() == 4
    server.deliver("5", letter(5))
    again = crawl(number, **trusting())[number]
    assert (again["new"], again["requests"]) == (1, 3)
