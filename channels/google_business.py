"""Google Business Profile: the reviews of one's own places on Google Maps, by Google's official API, and the one answer of each.

From the account that gave its consent to its places, and from each place to its reviews, the last changed first.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from channels import errors, google_api, json_api, marketplaces
from channels.contract import (
    About,
    Answering,
    AnswerSeen,
    AnswerState,
    AuthorSeen,
    Call,
    Fetch,
    Field,
    Grant,
    Limits,
    Look,
    Pace,
    Page,
    Parsed,
    Place,
    Receipt,
    Remark,
    Remember,
    Rights,
    Sighting,
    Target,
    Text,
    Wire,
)
from channels.reading import json_values, ratings, urls
from channels.reading import text as plain_text

ORIGIN: Final = "https://mybusiness.googleapis.com"
ACCOUNTS: Final = "https://mybusinessaccountmanagement.googleapis.com"
PLACES: Final = "https://mybusinessbusinessinformation.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/business.manage"
MOST_PAGES: Final = 100
OVERLAP: Final = timedelta(days=1)
STATES: Final[Mapping[str, AnswerState]] = {
    "": "public",
    "APPROVED": "public",
    "PENDING": "held",
    "REJECTED": "rejected",
}
"""An answer of which Google names no state is public."""
API: Final = google_api.GoogleApi(
    Text.alike("Google Business"), google_api.words, key_en="permission", key_ru="доступ",
    unauthorized=errors.Expired,
)  # fmt: skip
_REVIEW: Final = re.compile(r"accounts/[\w-]+/locations/[\w-]+/reviews/[\w-]+", re.ASCII)
_PART: Final = re.compile(r"(?:accounts|locations)/[\w-]+", re.ASCII)
_ORIGINAL: Final = re.compile(r"\(Original\)\s*(.+)\Z", re.DOTALL)
_TRANSLATED: Final = re.compile(r"\A(.+?)\s*\(Translated by Google\)", re.DOTALL)


class GoogleBusiness(marketplaces.OfSellers):
    about = About(
        "google_business",
        Text("Google Business Profile (your own places)", "Google Бизнес-профиль (ваши точки)"),
        address="none",
        fields=(
            Field(
                "client_id", Text("Client ID", "Client ID"), scope="account", needed_for="listening",
                hint=Text(
                    "Google Cloud Console, APIs & Services, Credentials, OAuth client ID of the type Web application.",
                    "Google Cloud Console, APIs & Services, Credentials, OAuth client ID типа Web application.",
                ),
            ),
            Field(
                "client_secret", Text("Client secret", "Client secret"), "secret", "account", "listening",
                hint=Text("In the same place, beside the client ID.", "Там же, рядом с Client ID."),
            ),
            Field(
                "refresh_token", Text("Refresh token", "Refresh token"), "secret", "account",
                hint=Text(
                    "Leave it empty: it comes when you press Connect on the account's page.",
                    "Оставьте пустым: он появится, когда вы нажмёте «Подключить» на странице аккаунта.",
                ),
            ),
            Field(
                "location", Text("Number of one place", "Номер одной точки"),
                hint=Text(
                    "The digits after locations/. Empty: all places of the account.",
                    "Цифры после locations/. Пусто — все точки аккаунта.",
                ),
            ),
        ),
        pace=Pace(interval_seconds=1_800, per_second=2.0),
        answering=Answering(
            Limits(4_096, "bytes"), "single", "replaces", proof="account", is_moderated=True, edits=-1,
            looks_seconds=(60, 600, 3_600, 21_600, 86_400, 259_200),
        ),
        terms=Text(
            "For your own places, by Google's official API. Google must first approve your Google Cloud project for it.",
            "Для ваших точек, через официальный API Google. Сначала Google должен одобрить ваш проект Google Cloud.",
        ),
        api=(ORIGIN, ACCOUNTS, PLACES, google_api.ORIGIN),
    )  # fmt: skip

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # whoever lends the wire looks at the time at which the token runs out
        if call.url != google_api.TOKEN:
            _lasting(place)
        return google_api.authorized(place, call)

    def renew(self, place: Place, wire: Wire) -> Grant:
        return google_api.granted_by_refresh(_client(place), _lasting(place), API, wire)

    def consent(self, place: Place, return_url: str, state: str) -> str:
        return google_api.consent_address(_client(place)["client_id"], SCOPE, return_url, state)

    def connect(self, place: Place, query: Mapping[str, str], return_url: str, wire: Wire) -> Grant:
        return google_api.granted_by_consent(_client(place), query, return_url, API, wire)

    def start(self, place: Place) -> Iterator[Fetch]:
        del place  # the token says whose account is meant
        yield _list("accounts", f"{ACCOUNTS}/v1/accounts", {}, {})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        said = API.read(page)
        if said and not said.keys() & {page.role, "nextPageToken", "totalReviewCount", "totalSize"}:
            raise API.strange()
        found = json_values.rows(said.get(page.role, []))
        if page.role == "accounts":
            yield from _accounts(found, page)
        elif page.role == "locations":
            yield from _locations(place, found, page)
        else:
            for review in found:
                yield from _one(place, review, page)
            yield from _go_on(place, page, said, found)
            return
        if (token := json_values.identifier(said.get("nextPageToken"))) and _is_on(page, token):
            yield _following(page, token)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        del place  # the review's name says it all
        answer = wire.act(json_api.posted(f"{_address(target)}/reply", {"comment": text}, "PUT"))
        said = json_values.document(answer) if answer.status < 300 else None
        if said is None or "comment" not in said:
            raise API.refused(answer, text)
        state = STATES.get(_state({"reviewReply": said}), "held")
        at = json_values.moment_at(said.get("updateTime"), wire.now)
        return Receipt(f"{target.external_id}:answer", target.url, state, at)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        del receipt  # a second answer takes the place of the first one
        return self.send(place, target, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del place, receipt  # a review has one answer, without an id of its own
        answer = wire.act(Call(f"{_address(target)}/reply", "DELETE"))
        if answer.status == 404:
            raise errors.Gone(Text("Google no longer has this answer.", "У Google этого ответа больше нет."))
        if answer.status != 200 or json_values.document(answer) is None:
            raise API.refused(answer, "")

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        del place  # the review's name says it all
        try:
            review = API.read(wire.ask(Call(_address(target))))
        except errors.ChannelError as error:
            return Look("cannot_tell", reason=error.text, proof="account")
        ours = json_values.part(review, "reviewReply")
        is_as_sent = plain_text.says_the_same(_plain(ours.get("comment")), text)
        if not ours or (receipt is None and not is_as_sent):
            return Look("missing", proof="account")
        word = _state(review)
        return API.fate(
            STATES.get(word), word, f"{target.external_id}:answer", is_as_sent=is_as_sent, url=target.url,
            seen_at=json_values.moment_at(ours.get("updateTime"), wire.now), reason=_violation(review),
        )  # fmt: skip

    def check(self, place: Place, wire: Wire) -> Rights:
        del place  # the token says whose account is meant
        said = API.read(wire.ask(Call(f"{ACCOUNTS}/v1/accounts")))
        names = [json_values.name(one.get("accountName")) for one in json_values.rows(said.get("accounts"))]
        return Rights(True, True, ", ".join(filter(None, names))[:200])


def _client(place: Place) -> dict[str, str]:
    client, secret = (
        place.settings.get("client_id", "").strip(),
        place.secrets.get("client_secret", "").strip(),
    )
    if not client or not secret:
        raise errors.Unauthorized(
            Text(
                "The client ID or the client secret is missing: enter them in the account's settings.",
                "Не указан Client ID или Client secret: введите их в настройках аккаунта.",
            )
        )
    return {"client_id": client, "client_secret": secret}


def _lasting(place: Place) -> str:
    if not (found := place.secrets.get("refresh_token", "").strip()):
        raise errors.Unauthorized(
            Text(
                "Google's permission is missing: press Connect on the account's page.",
                "Нет разрешения Google: нажмите «Подключить» на странице аккаунта.",
            )
        )
    return found


def _list(role: str, address: str, asked: Mapping[str, Any], context: Mapping[str, Any]) -> Fetch:
    url = f"{address}?{urlencode(asked)}" if asked else address
    kept = {**context, "address": address, "asked": dict(asked)}
    return Fetch(url, role, kept, access="account", is_conditional=False)


def _following(page: Page, token: str, **known: object) -> Fetch:
    context = page.context
    number = json_values.whole(context.get("number")) + 1
    asked = {**json_values.part(context, "asked"), "pageToken": token}
    return _list(page.role, str(context.get("address")), asked, {**context, **known, "number": number})


def _is_on(page: Page, token: str) -> bool:
    is_new = token != json_values.part(page.context, "asked").get("pageToken")
    is_ours = str(page.context.get("address", "")).startswith((f"{ORIGIN}/", f"{ACCOUNTS}/", f"{PLACES}/"))
    return is_new and is_ours and json_values.whole(page.context.get("number")) + 1 < MOST_PAGES


def _accounts(found: list[Mapping[str, Any]], page: Page) -> Iterator[Parsed]:
    asked = {"readMask": "name,title,metadata", "pageSize": 100}
    names = [name for one in found if _PART.fullmatch(name := json_values.name(one.get("name")))]
    for name in names:
        yield _list("locations", f"{PLACES}/v1/{name}/locations", asked, {"account": name})
    if not names and not page.context.get("number"):
        yield Remark(
            Text(
                "This Google account manages no places.", "Этот аккаунт Google не управляет ни одной точкой."
            )
        )


def _locations(place: Place, found: list[Mapping[str, Any]], page: Page) -> Iterator[Parsed]:
    wanted = place.settings.get("location", "").strip().rpartition("/")[2]
    asked = {"pageSize": 50, "orderBy": "updateTime desc"}
    for one in found:
        name = json_values.name(one.get("name"))
        if not _PART.fullmatch(name) or (wanted and name != f"locations/{wanted}"):
            continue
        path = f"{json_values.name(page.context.get('account'))}/{name}"
        shown = urls.safe_url(json_values.part(one, "metadata").get("mapsUri"))
        told = {"location": path, "title": json_values.name(one.get("title"), 200), "url": shown}
        yield _list("reviews", f"{ORIGIN}/v4/{path}/reviews", asked, told)


def _go_on(
    place: Place, page: Page, said: Mapping[str, Any], found: list[Mapping[str, Any]]
) -> Iterator[Parsed]:
    location = json_values.name(page.context.get("location"))
    moments = [json_values.moment(one.get("updateTime"), page) for one in found]
    stamps = [json_values.stamp(one) for one in moments if one is not None]
    newest = max([*stamps, json_values.whole(page.context.get("newest"))])
    known = json_values.whole(place.cursor.get(location))
    token = json_values.identifier(said.get("nextPageToken"))
    is_past = bool(stamps) and known > 0 and min(stamps) < known - OVERLAP.total_seconds()
    if token and not is_past and _is_on(page, token):
        yield _following(page, token, newest=newest)
    elif newest and location:
        yield Remember({location: max(newest, known)})


def _one(place: Place, review: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    own_id, name = json_values.identifier(review.get("reviewId")), json_values.name(review.get("name"), 500)
    own_id = plain_text.key(own_id or name.rpartition("/")[2])
    if not own_id:
        yield json_values.NAMELESS
        return
    yield from json_values.undated(review.get("createTime"), own_id, page)
    text, rating = _own_words(review.get("comment")), ratings.from_text(review.get("starRating"), 5, 1)
    if not text and rating is None:
        yield json_values.SILENT
        return
    reviewer = json_values.part(review, "reviewer")
    author = json_values.name(reviewer.get("displayName")) if reviewer.get("isAnonymous") is not True else ""
    written, changed = (json_values.moment(review.get(f"{one}Time"), page) for one in ("create", "update"))
    url, title = urls.safe_url(page.context.get("url")), json_values.name(page.context.get("title"))
    yield Sighting(
        own_id,
        url,
        text,
        kind="review",
        author=AuthorSeen(author) if author else None,
        published_at=written,
        edited_at=changed if written and changed and changed > written else None,
        rating=rating,
        language=place.language,
        thread=own_id,
        thread_title=title,
        is_by_brand=False,
        handle={"name": name} if _REVIEW.fullmatch(name) else {},
        facts=json_values.facts(place=title),
    )
    ours, state = json_values.part(review, "reviewReply"), STATES.get(_state(review))
    if ours and state is not None:
        at, said = json_values.moment(ours.get("updateTime"), page), _plain(ours.get("comment"))
        yield AnswerSeen(own_id, state, f"{own_id}:answer", None, said, url, at, _violation(review))


def _address(target: Target) -> str:
    name = str(target.handle.get("name", ""))
    if not _REVIEW.fullmatch(name):
        raise errors.Refused(
            Text(
                "Google did not name this review in full; nothing was sent.",
                "Google не назвал этот отзыв полностью; ничего не отправлено.",
            )
        )
    return f"{ORIGIN}/v4/{name}"


def _state(review: Mapping[str, Any]) -> str:
    """Google's word for the state of the answer, wherever it stands; empty where there is none."""
    ours = json_values.part(review, "reviewReply")
    told = ours.get("reviewReplyState") or ours.get("state") or review.get("reviewReplyState")
    word = json_values.name(told, 60)
    return "" if word.endswith("_UNSPECIFIED") else word


def _violation(review: Mapping[str, Any]) -> str:
    return json_values.name(json_values.part(review, "reviewReply").get("policyViolation"), 500)


def _own_words(value: object) -> str:
    """Without Google's translation, which stands before the original or after it."""
    if not isinstance(value, str) or "(Translated by Google)" not in value:
        return _plain(value)
    found = _ORIGINAL.search(value) or _TRANSLATED.match(value)
    return _plain(found[1] if found is not None else value)


def _plain(value: object) -> str:
    return json_values.prose(("", value))
