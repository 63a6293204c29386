"""Google Play: the reviews of one's own app, by the developer's official API, and the one answer that each may have.

The list holds the reviews that were written or changed within a week, the last changed first. What falls out of it is not deleted.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from channels import errors, google_api, json_api, marketplaces
from channels.contract import (
    About,
    Answering,
    AnswerSeen,
    AuthorSeen,
    Call,
    Fetch,
    Field,
    Finding,
    Grant,
    Limits,
    Look,
    Pace,
    Page,
    Parsed,
    Place,
    Reach,
    Receipt,
    Remark,
    Remember,
    Rights,
    Sighting,
    Target,
    Text,
    Wire,
)
from channels.reading import json_values, ratings
from channels.reading import text as plain_text

ORIGIN: Final = "https://androidpublisher.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/androidpublisher"
STORE: Final = "https://play.google.com/store/apps/details"
MOST_PAGES: Final = 40
"""At four crawls an hour 160 lists of the 200 that Google gives."""
OVERLAP: Final = timedelta(hours=1)
API: Final = google_api.GoogleApi(
    Text.alike("Google Play"), google_api.words, key_en="key file", key_ru="файл ключа",
    unauthorized=errors.Expired,
)  # fmt: skip
_PACKAGE: Final = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+", re.ASCII)
_BARE: Final = re.compile(r"(?:com|org|net|io|ru|by|kz|app|me|dev)(?:\.[A-Za-z]\w*){2,}", re.ASCII)


class GooglePlay(marketplaces.OfSellers):
    about = About(
        "google_play",
        Text("Google Play (your own app)", "Google Play (ваше приложение)"),
        address="app",
        fields=(
            Field(
                "key_file",
                Text("Key file of the service account", "Файл ключа сервисного аккаунта"),
                "long_secret",
                "account",
                "listening",
                hint=Text(
                    "The whole JSON file: Google Cloud Console, IAM & Admin, Service accounts, Keys, Add key.",
                    "Весь файл JSON: Google Cloud Console, IAM и администрирование, Сервисные аккаунты, Ключи, Добавить ключ.",
                ),
                most_letters=8_000,
            ),
        ),
        pace=Pace(interval_seconds=900, per_second=0.5),
        answering=Answering(
            Limits(350, forbids=("html",)), "single", "replaces", proof="account", edits=-1,
            looks_seconds=(60, 600, 3_600, 21_600, 86_400),
        ),
        window_days=7,
        terms=Text(
            "For your own app, by Google's official API. It gives reviews with text of the last week only; older ones come in by the"
            " monthly table of Play Console.",
            "Для вашего приложения, через официальный API Google. Он отдаёт отзывы с текстом только за последнюю неделю; более"
            " старые загрузите из ежемесячной таблицы Play Console.",
        ),
        api=(ORIGIN, google_api.ORIGIN),
    )  # fmt: skip

    def recognise_address(self, typed: str) -> Finding | None:
        package, is_certain = _named(typed)
        if not package:
            return None
        return Finding(
            self.about.kind,
            f"{STORE}?id={package}",
            f"Google Play {package}",
            Text(
                "This is an app at Google Play; its developer's account gives the reviews.",
                "Это приложение в Google Play; отзывы отдаёт аккаунт его разработчика.",
            ),
            1.0 if is_certain else 0.6,
        )

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # whoever lends the wire looks at the time at which the token runs out
        if call.url != google_api.TOKEN:
            _key_file(place)
        return google_api.authorized(place, call)

    def renew(self, place: Place, wire: Wire) -> Grant:
        return google_api.granted_by_key_file(_key_file(place), SCOPE, API, wire)

    def start(self, place: Place) -> Iterator[Fetch]:
        yield _list({"package": _package(place)})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        said = API.read(page)
        listed = said.get("reviews", [])
        if not isinstance(listed, list) or not (said == {} or "reviews" in said or "pageInfo" in said):
            raise API.strange()
        package, changed = str(page.context.get("package") or _package(place)), []
        for review in json_values.rows(listed):
            yield from _one(place, package, review, page)
            changed.append(max((_seconds(one) for one in _said(review)), default=0))
        yield from _go_on(place, package, page, said, changed)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        answer = wire.act(
            json_api.posted(f"{_address(_package(place), target.external_id)}:reply", {"replyText": text})
        )
        result = json_values.part(json_values.document(answer) if answer.status < 300 else None, "result")
        if not result:
            raise API.refused(answer, text)
        at = json_values.moment_at(_seconds({"lastModified": result.get("lastEdited")}), wire.now)
        remarks: tuple[Text, ...] = ()
        if "replyText" in result and not plain_text.says_the_same(_plain(result["replyText"]), text):
            remarks = (
                Text("Google Play has changed the words of the answer.", "Google Play изменил слова ответа."),
            )
        return Receipt(_answer_id(target.external_id), target.url, "accepted", at, remarks)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        del receipt  # a second answer takes the place of the first one
        return self.send(place, target, text, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        try:
            review = API.read(wire.ask(Call(_address(_package(place), target.external_id))))
        except errors.ChannelError as error:
            return Look("cannot_tell", reason=error.text, proof="account")
        ours = _latest(review, "developerComment")
        is_as_sent = plain_text.says_the_same(_plain(ours.get("text")), text)
        if not ours or (receipt is None and not is_as_sent):
            return Look("missing", proof="account")
        at = json_values.moment_at(_seconds(ours), wire.now)
        return API.fate(
            "public", None, _answer_id(target.external_id), is_as_sent=is_as_sent, url=target.url, seen_at=at
        )

    def check(self, place: Place, wire: Wire) -> Rights:
        """Google tells by no question whether the account may answer, and a check publishes nothing."""
        asked = f"{_reviews(_package(place))}?maxResults=1" if place.url else ""
        if asked:
            API.read(wire.ask(Call(asked)))
        else:
            self.renew(place, wire)
        return Rights(True, True)


def _key_file(place: Place) -> str:
    if not (found := place.secrets.get("key_file", "").strip()):
        raise API.no_key()
    return found


def _named(typed: str) -> tuple[str, bool]:
    """The package, and whether the address says that it is one of Google Play; empty where there is none."""
    if _BARE.fullmatch(typed):
        return typed, False
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        package = parse_qs(parts.query).get("id", [""])[0]
    except ValueError:
        return "", False
    is_store = parts.hostname == "play.google.com" and parts.path.rstrip("/") == "/store/apps/details"
    return (package, True) if is_store and _PACKAGE.fullmatch(package) else ("", False)


def _package(place: Place) -> str:
    package, _is_certain = _named(place.url)
    if not package:
        raise errors.Unreadable(
            Text(
                f"The address names no app: it looks like {STORE}?id=com.example.app.",
                f"В адресе нет приложения: он выглядит как {STORE}?id=com.example.app.",
            )
        )
    return package


def _reviews(package: str) -> str:
    return f"{ORIGIN}/androidpublisher/v3/applications/{package}/reviews"


def _address(package: str, own_id: str) -> str:
    return f"{_reviews(package)}/{quote(own_id, safe=':')}"


def _answer_id(review_id: str) -> str:
    return f"{review_id}:answer"


def _list(context: Mapping[str, Any]) -> Fetch:
    token = {"token": context["token"]} if context.get("token") else {}
    address = f"{_reviews(context['package'])}?{urlencode({'maxResults': 100, **token})}"
    return Fetch(address, "reviews", context, access="account", is_conditional=False)


def _go_on(
    place: Place, package: str, page: Page, said: Mapping[str, Any], changed: list[int]
) -> Iterator[Parsed]:
    token = json_values.part(said, "tokenPagination").get("nextPageToken")
    newest = max([*changed, json_values.whole(page.context.get("newest"))])
    known = json_values.whole(place.cursor.get("changed_at"))
    number = json_values.whole(page.context.get("number")) + 1
    is_past = bool(changed) and known > 0 and min(changed) < known - OVERLAP.total_seconds()
    is_new = isinstance(token, str) and bool(token) and token != page.context.get("token")
    if is_new and not is_past and number < MOST_PAGES:
        yield _list({**page.context, "package": package, "token": token, "number": number, "newest": newest})
        return
    if is_new and not is_past:
        yield Remark(
            Text(
                f"More than {MOST_PAGES * 100:,} reviews were changed; the oldest of them were not read.",
                f"Изменено больше {MOST_PAGES * 100} отзывов; самые старые из них не прочитаны.",
            )
        )
    if newest:
        yield Remember({"changed_at": max(newest, known)})


def _one(place: Place, package: str, review: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    if not (own_id := plain_text.key(json_values.identifier(review.get("reviewId")))):
        yield json_values.NAMELESS
        return
    by_user = _latest(review, "userComment")
    title, text = _words(by_user)
    rating = ratings.from_text(by_user.get("starRating"), 5, 1)
    if not text and not title and rating is None:
        yield json_values.SILENT
        return
    author = json_values.name(review.get("authorName"))
    url = f"{STORE}?{urlencode({'id': package, 'reviewId': own_id}, safe=':')}"
    yield Sighting(
        own_id,
        url,
        text,
        kind="review",
        title=title,
        author=AuthorSeen(author) if author else None,
        published_at=json_values.moment(_seconds(by_user), page),
        rating=rating,
        language=place.language,
        thread=own_id,
        is_by_brand=False,
        facts=_facts(by_user),
        reach=Reach(likes=json_values.count(by_user.get("thumbsUpCount"))),
    )
    ours = _latest(review, "developerComment")
    if answer := _plain(ours.get("text")):
        at = json_values.moment(_seconds(ours), page)
        yield AnswerSeen(own_id, "public", _answer_id(own_id), text=answer, url=url, at=at)


def _facts(by_user: Mapping[str, Any]) -> dict[str, str]:
    """The language is that of the device, which need not be that of the text."""
    device = json_values.part(by_user, "deviceMetadata")
    return json_values.facts(
        app_version=by_user.get("appVersionName") or by_user.get("appVersionCode"),
        device=device.get("productName") or by_user.get("device"),
        android_API_level=by_user.get("androidOsVersion"),
        device_language=by_user.get("reviewerLanguage"),
    )


def _words(by_user: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text, which Google joins by a tab; the author's own words where Google has translated them."""
    told = by_user.get("originalText") or by_user.get("text")
    title, tab, text = told.partition("\t") if isinstance(told, str) else ("", "", "")
    return (json_values.name(title, 300), _plain(text)) if tab else ("", _plain(title))


def _plain(value: object) -> str:
    return json_values.prose(("", value))


def _said(review: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    comments = json_values.rows(review.get("comments"))
    return [json_values.part(one, by) for one in comments for by in ("userComment", "developerComment")]


def _latest(review: Mapping[str, Any], by: str) -> Mapping[str, Any]:
    found = [json_values.part(one, by) for one in json_values.rows(review.get("comments"))]
    return max(found, key=_seconds, default={})


def _seconds(said: Mapping[str, Any]) -> int:
    """Since 1970; Google writes the number as text. Zero where there is none."""
    told = json_values.identifier(json_values.part(said, "lastModified").get("seconds"))
    return int(told) if told.isascii() and told.isdigit() and len(told) < 12 else 0
