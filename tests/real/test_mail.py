"""The whole loop against a real Dovecot and a real Postfix: a letter comes in, its answer arrives at the customer in the conversation,
is answered again, and one that reaches nobody opens its case anew."""

import os
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests import imap_server
from tests.imap_server import PASSWORD, USER, ImapServer
from tests.real import postfix
from tests.real.postfix import Postfix

pytestmark = [pytest.mark.real, pytest.mark.processes, pytest.mark.timeout(600)]
BROKEN = "Чайник сломался через неделю, магазин не отвечает. Верните деньги!"
ANSWER = "Анна, нам очень жаль: вернём деньги <сегодня> & извинимся.\n.\nЗаря"


@pytest.fixture
def imap(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapServer]:
    if not (postfix.is_here() and imap_server.is_there()):
        if os.environ.get("OTKLIK_TEST_ALL"):
            pytest.fail(postfix.HINT)
        pytest.skip(postfix.HINT)
    with imap_server.imap_server(monkeypatch) as running:
        yield running


@pytest.fixture
def server(imap: ImapServer) -> Iterator[Postfix]:
    with postfix.postfix(imap) as running:
        yield running


def letter(number: int, text: str, sender: str = "anna@client.example", **heads: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Анна К. <{sender}>", "care@shop.example", f"Заказ {number}"
    made["Message-ID"] = f"<m{number}@{sender.partition('@')[2]}>"
    for name, value in heads.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def test_from_a_letter_to_its_answer_and_back(imap, server, bare):
    otklik = bare
    server.bring(letter(1, BROKEN))
    server.bring(letter(2, BROKEN.replace("Чайник", "Утюг"), "ivan@lost.example"))
    server.bring(letter(3, "I am away until Monday.", Auto_Submitted="auto-replied"))
    server.letters("mail", 3)

    otklik.run("db", "upgrade")
    otklik.run("brand", "add", "Заря", "--time-zone", "Europe/Moscow")
    source = otklik.listen(
        "care@shop.example", "--kind", "mail", "--set", f"user={USER}", "--secret", f"password={PASSWORD}",
        "--set", f"imap_server={imap.address.removeprefix('imaps://').removesuffix('/INBOX')}",
        "--set", f"smtp_server={server.address}", "--set", "sender_name=Заря, служба заботы",
    )  # fmt: skip
    assert "The site accepts the credentials." in otklik.run("source", "check", str(source))
    row = otklik.crawl(source)
    assert (row["outcome"], row["new"], row["remarks"]) == ("ok", 3, 0), row
    otklik.work()
    cases = {one["mention_id"] for one in otklik.rows("case", "list")}
    mentions = otklik.mentions()
    asked, lost, away = (
        mentions[one] for one in ("<m1@client.example>", "<m2@lost.example>", "<m3@client.example>")
    )
    assert (asked["id"] in cases, lost["id"] in cases, away["id"] in cases) == (True, True, False)

    reply, unread = otklik.answer("<m1@client.example>", ANSWER), otklik.answer("<m2@lost.example>", ANSWER)
    otklik.work()
    sent = [otklik.reply(one) for one in (reply, unread)]
    assert [(one.state, one.error) for one in sent] == [("accepted", None)] * 2
    (arrived,) = server.letters("anna", 1)
    assert "\n".join(str(arrived.get_content()).splitlines()) == ANSWER
    assert (arrived["In-Reply-To"], arrived["Subject"]) == ("<m1@client.example>", "Re: Заказ 1")
    assert str(arrived["From"]) == '"Заря, служба заботы" <care@shop.example>'

    quoted = "\n".join(f"> {line}" for line in ANSWER.splitlines())
    server.bring(letter(4, f"Спасибо!\n\n{quoted}\n", In_Reply_To=str(arrived["Message-ID"])))
    server.letters("mail", 5)
    row = otklik.crawl(source)
    assert (row["outcome"], row["new"]) == ("ok", 1), row
    first, thanks = otklik.mention("<m1@client.example>"), otklik.mention("<m4@client.example>")
    assert (thanks.text, thanks.thread) == ("Спасибо!", first.thread)
    assert otklik.reply(unread).state == "bounced"
    assert "No such mailbox" in str(otklik.reply(unread).error)
    assert otklik.case(unread).status == "reopened"
    assert imap.new_ones() == 5, "nothing was marked as read"


def test_an_answer_cut_off_by_a_dying_worker_is_settled_by_its_copy(imap, server, otklik):
    server.bring(letter(1, BROKEN))
    server.letters("mail", 1)
    source = otklik.listen(
        "care@shop.example", "--kind", "mail", "--set", f"user={USER}", "--secret", f"password={PASSWORD}",
        "--set", f"imap_server={imap.address.removeprefix('imaps://').removesuffix('/INBOX')}",
        "--set", f"smtp_server={server.address}", "--set", "copy_to_self=yes",
    )  # fmt: skip
    otklik.crawl(source)
    otklik.work_here()
    reply = otklik.answer("<m1@client.example>", ANSWER)
    otklik.send_and_die(reply)
    otklik.give_up_on_the_cut_off()
    assert otklik.reply(reply).state == "unknown"
    otklik.work_here()
    assert len(server.letters("anna", 1)) == 1, "nothing is sent again by itself"
    server.letters("mail", 2)
    otklik.crawl(source)
    assert (otklik.reply(reply).state, otklik.case(reply).status) == ("accepted", "answered")
