"""Which letters are asked for, and what is remembered of a folder."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from channels import detect, errors
from channels.contract import Call, Fetch, Page, Place, Remark, Remember
from channels.mail.channel import Mail
from crawler.download.imap import asked_by
from tests.channels.conftest import NOW
from tests.channels.mail.letter import OWN, PLACE

MAIL = Mail()


def listing(place: Place = PLACE, **changes: Any) -> list[object]:
    told = {"uidvalidity": 7, "uids": [3, 4], "has_more": False, "upto": 4} | changes
    url = "imaps://imap.shop.example:993/INBOX?after=0"
    found = Page(url, 200, {}, json.dumps(told).encode(), "list", {"folder": "INBOX"}, NOW)
    return list(MAIL.parse(place, found))


def urls(place: Place) -> list[str]:
    return [one.url for one in MAIL.start(place)]


def test_each_letter_is_asked_for_and_the_last_one_remembered() -> None:
    first, second, kept = listing()
    assert isinstance(first, Fetch) and isinstance(second, Fetch)
    assert first.url == "imaps://imap.shop.example:993/INBOX;UIDVALIDITY=7/;UID=3"
    assert (first.access, first.is_conditional) == ("account", False)
    assert kept == Remember({"folder INBOX": {"validity": 7, "uid": 4}})
    assert isinstance(listing(has_more=True)[-1], Remark)


def test_what_was_read_is_not_asked_for_again() -> None:
    assert urls(PLACE) == ["imaps://imap.shop.example:993/INBOX?after=0&days=30"]
    known = replace(PLACE, cursor={"folder INBOX": {"validity": 7, "uid": 4}})
    assert urls(known) == ["imaps://imap.shop.example:993/INBOX?after=4"]
    for damaged in (5, {"uid": "4"}, {"validity": True, "uid": -1}):
        assert urls(replace(PLACE, cursor={"folder INBOX": damaged})) == urls(PLACE)


def test_how_far_back_the_first_reading_goes() -> None:
    week = replace(PLACE, settings={**PLACE.settings, "days": "7"})
    assert urls(week) == ["imaps://imap.shop.example:993/INBOX?after=0&days=7"]
    since = replace(PLACE, since=datetime(2026, 11, 1, tzinfo=UTC))
    assert urls(since) == ["imaps://imap.shop.example:993/INBOX?after=0&since=2026-11-01"]
    today = NOW.date()
    assert str(asked_by(urls(week)[0], today).since) == "2026-11-14"
    assert str(asked_by(urls(since)[0], today).since) == "2026-11-01"
    for bad in ("days=x", "since=yesterday", "days=99999999999"):
        with pytest.raises(errors.Unreadable):
            asked_by(f"imaps://imap.shop.example/INBOX?after=0&{bad}", today)


def test_several_folders_have_a_cursor_each_and_letters_of_any_language() -> None:
    place = replace(
        PLACE,
        settings={**PLACE.settings, "folders": "INBOX, Отправленные, Q&A"},
        cursor={"folder Отправленные": {"validity": 1, "uid": 9}},
    )
    inbox, sent, other = urls(place)
    assert inbox.endswith("/INBOX?after=0&days=30")
    assert asked_by(sent).mailbox == "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"
    assert asked_by(sent).after == 9
    assert asked_by(other).mailbox == "Q&-A"


def test_a_folder_that_was_built_anew_is_read_again() -> None:
    known = replace(PLACE, cursor={"folder INBOX": {"validity": 6, "uid": 90}})
    kept, remark = listing(known)
    assert kept == Remember({"folder INBOX": {"validity": 7, "uid": 0}})
    assert isinstance(remark, Remark)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"uids": 5}', b'{"uids": ["x"], "uidvalidity": 1, "upto": 1}']
)
def test_what_is_no_list_is_said(body: bytes) -> None:
    found = Page(
        "imaps://imap.shop.example:993/INBOX?after=0", 200, {}, body, "list", {"folder": "INBOX"}, NOW
    )
    with pytest.raises(errors.Unreadable):
        list(MAIL.parse(PLACE, found))


@pytest.mark.parametrize(("status", "count"), [(404, 0), (413, 1)])
def test_a_letter_that_is_gone_or_too_large_costs_no_other(status: int, count: int) -> None:
    found = Page(
        "imaps://imap.shop.example:993/INBOX", status, {}, b"", "letter", {"folder": "INBOX", "uid": 3}, NOW
    )
    assert len(list(MAIL.parse(PLACE, found))) == count


@pytest.mark.parametrize(
    ("address", "imap", "smtp"),
    [
        ("zarya@yandex.ru", "imap.yandex.ru:993", "smtp.yandex.ru:465"),
        ("mailto:Zarya@Mail.ru", "imap.mail.ru:993", "smtp.mail.ru:465"),
        ("zarya@gmail.com", "imap.gmail.com:993", "smtp.gmail.com:465"),
        ("zarya@outlook.com", "outlook.office365.com:993", "smtp-mail.outlook.com:587"),
    ],
)
def test_well_known_services_need_no_servers(address: str, imap: str, smtp: str) -> None:
    (finding,) = detect.by_address(address)
    assert finding.kind == "mail"
    assert dict(finding.settings) == {"imap_server": imap, "smtp_server": smtp}
    assert list(MAIL.hosts(Place(finding.url))) == [imap, smtp]


def test_an_unknown_domain_is_a_mailbox_whose_servers_are_asked_for() -> None:
    (finding,) = detect.by_address("care@shop.example")
    assert (finding.url, finding.settings) == ("care@shop.example", {})
    with pytest.raises(errors.Unauthorized, match="incoming mail"):
        MAIL.start(Place(finding.url)).__iter__().__next__()  # type: ignore[attr-defined]
    assert detect.by_address("@za") == detect.by_address("shop.example") == []


@pytest.mark.parametrize(
    "server", ["x y", "imap.shop.example:0", "imap.shop.example:99999", "a/b", "user:pass@host"]
)
def test_what_is_no_server_is_said(server: str) -> None:
    with pytest.raises(errors.Unauthorized, match="no mail server"):
        list(MAIL.start(replace(PLACE, settings={"imap_server": server})))


def test_the_password_is_put_on_last_and_the_lane_holds_none() -> None:
    call = Call("imaps://imap.shop.example:993/INBOX")
    sent = MAIL.authorize(PLACE, call, NOW)
    assert (sent.headers["user"], sent.headers["password"]) == (OWN, "canary-1")
    other = replace(PLACE, settings={**PLACE.settings, "user": "care"})
    assert MAIL.authorize(other, call, NOW).headers["user"] == "care"
    assert "canary" not in f"{MAIL.lane(PLACE)} {list(MAIL.start(PLACE))!r}"
    with pytest.raises(errors.Unauthorized):
        MAIL.authorize(replace(PLACE, secrets={}), call, NOW)
