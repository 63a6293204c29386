"""A letter is read into what its author said, whatever his mail program makes of it."""

import base64
from email.message import EmailMessage

import pytest

from channels.contract import AnswerSeen, Place, Remark
from tests.channels.mail.letter import OWN, PLACE, letter, parts, read

OURS = "<otklik.0f3c1d2e4b5a69788796a5b4c3d2e1f0.5e1c7b0a9d8f6e4c@shop.example>"


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, Nov 16, 2026 at 9:00 AM Zarya <care@shop.example> wrote:\n> Thank you.\n> Bye",
        "On Monday, 16 November 2026 at 9:00 AM, Zarya customer care\n<care@shop.example> wrote:\n\n> Thank you.",
        "пт, 20 нояб. 2026 г. в 10:15, Заря <care@shop.example>:\n\n> Спасибо.",
        '20.11.2026, 10:15, "Заря" <care@shop.example>:\nСпасибо за заказ.\nПока',
        "Пятница, 20 ноября 2026, 10:15 +03:00 от Заря <care@shop.example>:\n\nСпасибо.",
        "20 нояб. 2026 г., в 10:15, Заря <care@shop.example> написал(а):\n> Спасибо.",
        "-----Original Message-----\nFrom: Zarya\nSent: Monday\nThank you.",
        "-------- Исходное сообщение --------\nТема: Заказ",
        "From: Zarya <care@shop.example>\nSent: Monday, November 16, 2026 9:00 AM\nTo: Anna\nSubject: Order\n\nThank you.",
        "От: Заря <care@shop.example>\nОтправлено: 16 ноября 2026 г. 9:00\nКому: Анна\n\nСпасибо.",
        "Am 16.11.2026 um 09:00 schrieb Zarya:\n> Danke.",
        "-- \nAnna\nHead of everything",
        "Sent from my iPhone",
        "Отправлено из мобильной Яндекс Почты",
    ],
)
def test_what_is_quoted_and_signed_is_left_out(quoted: str) -> None:
    assert read(letter(f"The kettle leaks.\nFrom the lid: at 10:30.\n\n{quoted}\n")).text == (
        "The kettle leaks.\nFrom the lid: at 10:30."
    )


def test_answers_between_quotations_are_kept() -> None:
    text = "On Mon, 16 Nov 2026, Zarya <care@shop.example> wrote:\n> Which kettle?\nK2.\n> Since when?\nSince Monday."
    assert read(letter(text)).text == "K2.\nSince Monday."


@pytest.mark.parametrize(
    "text", ["> only a quotation", "-- \nAnna", "From: Zarya\nSent: Monday\n\nA forwarded letter."]
)
def test_a_letter_is_never_emptied_by_cutting(text: str) -> None:
    assert read(letter(text)).text


@pytest.mark.parametrize(
    "markup",
    [
        '<p>It leaks.</p><div class="gmail_quote"><div class="gmail_attr">On Monday Zarya wrote:</div><blockquote>Hi</blockquote></div>',
        '<p>It leaks.</p><div class="moz-cite-prefix">On 16.11.2026 Zarya wrote:</div><blockquote type="cite">Hi</blockquote>',
        '<p>It leaks.</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: Zarya</div><div>Hi</div>',
        '<p>It leaks.</p><div>20.11.2026, 10:15, "Zarya" &lt;care@shop.example&gt;:</div><blockquote>Hi</blockquote>',
    ],
)
def test_quotations_of_html_are_left_out(markup: str) -> None:
    assert read(letter(markup, "text/html; charset=utf-8")).text == "It leaks."


def test_an_empty_plain_part_gives_way_to_html() -> None:
    body = "--b\nContent-Type: text/plain\n\n \n--b\nContent-Type: text/html; charset=utf-8\n\n<p>Течёт</p>\n--b--\n"
    assert read(letter(body, 'multipart/alternative; boundary="b"')).text == "Течёт"


def test_lines_broken_by_a_program_are_joined() -> None:
    flowed = "The kettle leaks \nfrom the lid.\n-- \nAnna"
    assert read(letter(flowed, "text/plain; format=flowed")).text == "The kettle leaks from the lid."


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "utf-16", "no-such-charset", ""])
def test_letters_of_any_charset(charset: str) -> None:
    words = "Чайник течёт, верните деньги за него, пожалуйста"
    coded = words.encode("utf-8" if charset in ("", "no-such-charset") else charset)
    kind = f"text/plain; charset={charset}" if charset else "text/plain"
    head = letter("", kind, Content_Transfer_Encoding="base64")
    assert read(head + base64.b64encode(coded)).text == words


def test_broken_base64_costs_no_letter() -> None:
    head = letter("", Content_Transfer_Encoding="base64")
    assert read(head + b"VGhlIGtldHRsZSBsZWFrcy4!!!" + b"=").external_id == "<m1@client.example>"


@pytest.mark.parametrize(
    "heads",
    [
        {"From": "=?utf-8?B?not base64?= <anna@client.example>"},
        {"From": "=?no-such?Q?Anna?= <anna@client.example>"},
        {"Date": "yesterday-ish"},
        {"Subject": "=?utf-8?Q?=FF=FE?="},
        {"Content-Type": "text/plain; charset*=x''%FF"},
        {"Content-Type": "multipart/mixed"},
        {"References": "<" + "x" * 5_000 + "> nonsense <a@b>"},
        {"Content-Disposition": "attachment; filename*0*=utf-8''%D0; filename*2=x"},
    ],
)
def test_a_header_that_breaks_the_rules_costs_no_letter(heads: dict[str, str]) -> None:
    found = read(letter(**heads))
    assert 0 < len(found.external_id) <= 255
    assert found.author is not None and found.author.external_id == "anna@client.example"


def test_a_letter_without_author_id_and_date_is_kept_and_known_again() -> None:
    bare = letter(Message_ID="", From="", Date="")
    first, again = read(bare), read(bare)
    assert (first.author, first.published_at) == (None, None)
    assert first.external_id == again.external_id
    assert read(letter("Other words", Message_ID="", From="", Date="")).external_id != first.external_id
    assert [part for part in parts(bare) if isinstance(part, Remark)]


def test_two_letters_under_one_id_are_told_apart() -> None:
    one, other = read(letter()), read(letter(Date="Sat, 21 Nov 2026 11:00:00 +0300"))
    assert one.external_id == other.external_id
    assert one.twin_id != other.twin_id
    assert read(letter("Read anew by a later version")).twin_id == one.twin_id


def test_a_conversation_is_one_thread() -> None:
    first = read(letter())
    second = read(
        letter(Message_ID="<m2@x>", References="<m1@client.example>", In_Reply_To="<m1@client.example>")
    )
    third = read(letter(Message_ID="<m3@x>", References="<m1@client.example> <m2@x>", In_Reply_To="<m2@x>"))
    assert first.thread == second.thread == third.thread
    assert (first.parent, second.parent, third.parent) == (None, "<m1@client.example>", "<m2@x>")
    ours = OURS.replace("5e1c7b0a9d8f6e4c", first.thread or "")
    assert read(letter(Message_ID="<m4@x>", In_Reply_To=ours)).thread == first.thread
    assert read(letter(Message_ID="<m5@x>")).thread != first.thread


def test_who_answers_our_letter_has_got_it() -> None:
    told = [part for part in parts(letter(In_Reply_To=OURS)) if isinstance(part, AnswerSeen)]
    assert [(one.state, one.reference) for one in told] == [("accepted", "0f3c1d2e4b5a69788796a5b4c3d2e1f0")]


def test_a_copy_of_our_own_answer_is_news_of_it_and_no_message() -> None:
    (told,) = parts(letter(Message_ID=OURS, From=OWN, In_Reply_To="<m1@client.example>"))
    assert isinstance(told, AnswerSeen)
    assert (told.state, told.external_id, told.parent) == ("accepted", OURS, "<m1@client.example>")
    forged = read(letter(Message_ID=OURS))
    assert forged.external_id == OURS


@pytest.mark.parametrize(
    ("sender", "is_ours"),
    [(OWN, True), ("Care@SHOP.example", True), ("boss@shop.example", True), ("zarya@client.example", False)],
)
def test_own_letters_are_known_by_address_and_never_by_name(sender: str, is_ours: bool) -> None:
    found = read(letter(From=f"Zarya <{sender}>"))
    assert (found.is_by_brand, found.can_be_answered) == (is_ours, not is_ours)
    everybody = Place(OWN, own_ids=("@client.example",))
    assert read(letter(), everybody).is_by_brand is True


def test_a_form_of_the_own_site_brings_the_customers_words() -> None:
    found = read(letter(From=f"Form <{OWN}>", Reply_To="Anna <anna@client.example>"))
    assert found.author is not None
    assert (found.author.external_id, found.is_by_brand) == ("anna@client.example", False)
    assert found.handle["to"] == "anna@client.example"


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=1"},
        {"List_Id": "<weekly.news.example>"},
        {"List_Unsubscribe": "<https://news.example/>"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "OOF, AutoReply"},
        {"Return_Path": "<>"},
        {"From": "Shop <no-reply@other.example>"},
        {"From": "<mailer-daemon@mx.example>"},
    ],
)
def test_machines_are_told_from_people(heads: dict[str, str]) -> None:
    found = read(letter(**heads))
    assert (found.is_machine, found.can_be_answered) == (True, False)


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto_Submitted": "no"},
        {"From": "Form <noreply@forms.example>", "Reply_To": "anna@client.example"},
        {"Return_Path": "<anna@client.example>"},
        {"From": "Reply Allowed <norman@client.example>"},
    ],
)
def test_people_are_no_machines(heads: dict[str, str]) -> None:
    assert not read(letter(**heads)).is_machine


def test_a_date_that_the_server_contradicts_is_not_believed() -> None:
    got = "from x by mx.shop.example with ESMTPS;\n Fri, 20 Nov 2026 11:05:00 +0300"
    late = read(letter(Received=got, Date="Mon, 2 Mar 2020 10:00:00 +0300"))
    assert late.published_at is not None and late.published_at.year == 2026
    usual = read(letter(Received=got))
    assert usual.published_at is not None and usual.published_at.minute == 0


def test_files_are_named_and_pictures_of_the_layout_are_not() -> None:
    made = EmailMessage()
    made["From"], made["Message-ID"] = "anna@client.example", "<f1@client.example>"
    made.set_content("See the bill.")
    made.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="чек за чайник.pdf")
    made.add_attachment(b"GIF", maintype="image", subtype="gif", cid="<logo>", disposition="inline")
    inner = EmailMessage()
    inner["Subject"] = "Your order"
    made.add_attachment(inner)
    found = read(bytes(made)).attachments
    assert [(one.kind, one.name, one.size_bytes) for one in found] == [
        ("file", "чек за чайник.pdf", 8),
        ("file", "Your order", None),
    ]


def test_a_letter_within_a_letter_does_not_speak_for_it() -> None:
    inner = EmailMessage()
    inner["Auto-Submitted"], inner["Subject"] = "auto-replied", "Away"
    inner.set_content("I am away")
    made = EmailMessage()
    made["From"], made["Message-ID"] = "anna@client.example", "<f2@client.example>"
    made.set_content("What is this?")
    made.add_attachment(inner)
    found = read(bytes(made))
    assert (found.text, found.is_machine) == ("What is this?", False)


def test_nothing_but_a_letter_is_read_as_one() -> None:
    assert [type(part) for part in parts(b"<html>Hello</html>")] == [Remark]
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3_000)
    )
    assert parts(b"From: a@b.example\n" + nested, PLACE)
