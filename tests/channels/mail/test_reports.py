"""What mail servers say about answers of ours: the one thing that counts is that a letter reached nobody."""

from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from channels.contract import AnswerSeen, Sighting
from channels.mail import reports
from tests.channels.mail.letter import letter, parts

REFERENCE = "0f3c1d2e4b5a69788796a5b4c3d2e1f0"
OURS = reports.own_id(REFERENCE, "5e1c7b0a9d8f6e4c", "shop.example")


def report(*groups: dict[str, str], message_id: str = OURS, carries: str = "message/rfc822") -> bytes:
    """As RFC 3464 writes it, with a group of fields for each recipient."""
    made = MIMEMultipart("report", report_type="delivery-status")
    made["Message-ID"], made["From"] = "<r1@mx.example>", "MAILER-DAEMON@mx.example"
    made["Subject"] = "Undelivered Mail Returned to Sender"
    made.attach(MIMEText("This is the mail system. It could not be delivered.", "plain", "utf-8"))
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    fields = []
    for group in [{"Reporting-MTA": "dns; mx.example"}, *groups]:
        part = Message()
        for name, value in group.items():
            part[name.replace("_", "-")] = value
        fields.append(part)
    status.set_payload(fields)
    made.attach(status)
    returned = Message()
    returned["Content-Type"] = carries
    sent = Message()
    sent["Message-ID"], sent["Subject"] = message_id, "Re: Order 17"
    if carries == "message/rfc822":
        returned.set_payload([sent])
    else:
        returned.set_payload(sent.as_string())
    made.attach(returned)
    return made.as_bytes()


FAILED = {"Action": "failed", "Status": "5.1.1", "Diagnostic_Code": "smtp; 550 5.1.1 No such mailbox"}


@pytest.mark.parametrize("carries", ["message/rfc822", "text/rfc822-headers"])
def test_a_letter_that_came_back_is_known_by_our_reference(carries: str) -> None:
    (told,) = parts(report(FAILED, carries=carries))
    assert told == AnswerSeen(None, "bounced", reference=REFERENCE, reason="smtp; 550 5.1.1 No such mailbox")


def test_one_of_two_recipients_who_got_it_does_not_hide_the_other() -> None:
    (told,) = parts(report({"Action": "delivered"}, FAILED))
    assert isinstance(told, AnswerSeen)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_other_reports_are_shown_and_are_no_failure(action: str) -> None:
    (told,) = parts(report({"Action": action}))
    assert isinstance(told, Sighting)
    assert told.is_machine


def test_a_report_about_a_letter_of_others_is_no_news_of_ours() -> None:
    (told,) = parts(report(FAILED, message_id="<x1@shop.example>"))
    assert isinstance(told, Sighting)
    assert told.is_machine


@pytest.mark.parametrize(
    ("heads", "text"),
    [
        (
            {"X_Failed_Recipients": "anna@client.example"},
            "A message could not be delivered: Unrouteable address",
        ),
        (
            {},
            "Hi. This is the qmail-send program.\nI'm afraid I wasn't able to deliver your message\nto: <a@b>",
        ),
    ],
    ids=["exim", "qmail"],
)
def test_older_forms_are_read(heads: dict[str, str], text: str) -> None:
    body = f"{text}\n\n------ This is a copy of your message ------\nMessage-ID: {OURS}\nSubject: Re: Order\n"
    (told,) = parts(
        letter(body, Message_ID="<r2@mx>", From="Mailer-Daemon@mx.example", Return_Path="<>", **heads)
    )
    assert isinstance(told, AnswerSeen)
    assert (told.state, told.reference) == ("bounced", REFERENCE)
    assert told.reason


def test_an_out_of_office_notice_that_quotes_us_is_no_failure() -> None:
    body = f"I am away.\n\n> Message-ID: {OURS}\n"
    told = parts(letter(body, Auto_Submitted="auto-replied", In_Reply_To=OURS))
    states = [one.state for one in told if isinstance(one, AnswerSeen)]
    assert states == ["accepted"]


def test_our_ids_carry_reference_and_conversation() -> None:
    assert reports.reference_in(OURS) == REFERENCE
    assert reports.thread_in(OURS) == "5e1c7b0a9d8f6e4c"
    assert reports.own_id(REFERENCE, "not a thread", "x.example") == f"<otklik.{REFERENCE}@x.example>"
    assert reports.reference_in("<m1@client.example>") is None
