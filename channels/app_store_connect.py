"""App Store Connect: the reviews of one's own app, by Apple's official API, and the one answer that each may have.

The list knows reviews by the day on which they were written, so the newest page is read every time: edits and answers show there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from channels import errors, json_api, marketplaces
from channels.contract import (
    About,
    Answering,
    AnswerSeen,
    AnswerState,
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

ORIGIN: Final = "https://api.appstoreconnect.apple.com"
ANSWERS: Final = f"{ORIGIN}/v1/customerReviewResponses"
LIMIT: Final = 200
MOST_PAGES: Final = 50
OVERLAP: Final = timedelta(days=30)
LASTS: Final = timedelta(minutes=20)
SOONER: Final = timedelta(minutes=5)
STATES: Final[Mapping[str, AnswerState]] = {"PUBLISHED": "public", "PENDING_PUBLISH": "held"}
_ADDRESS: Final = re.compile(r"/apps/(\d{5,12})(?:/|\Z)|/app/(?:[^/]+/)?id(\d{5,12})(?:/|\Z)")
_SITES: Final = ("appstoreconnect.apple.com", "apps.apple.com", "itunes.apple.com")


def _told(said: Mapping[str, Any]) -> object:
    first = next(iter(json_values.rows(said.get("errors"))), {})
    return first.get("detail") or first.get("title")


API: Final = json_api.Api(
    Text.alike("App Store Connect"), _told, key_en="API key", key_ru="ключ API", unauthorized=errors.Expired
)


class AppStoreConnect(marketplaces.OfSellers):
    about = About(
        "app_store_connect",
        Text("App Store Connect (your own app)", "App Store Connect (ваше приложение)"),
        address="app",
        fields=(
            Field(
                "issuer_id",
                Text("Issuer ID", "Issuer ID"),
                scope="account",
                needed_for="listening",
                hint=Text(
                    "App Store Connect, Users and Access, Integrations, App Store Connect API: above the list of keys.",
                    "App Store Connect, Users and Access, Integrations, App Store Connect API: над списком ключей.",
                ),
            ),
            Field(
                "key_name",
                Text("Key ID", "Key ID"),
                scope="account",
                needed_for="listening",
                hint=Text("In the same list, beside the key.", "В том же списке, рядом с ключом."),
            ),
            Field(
                "private_key",
                Text("Private key (.p8)", "Закрытый ключ (.p8)"),
                "long_secret",
                "account",
                "listening",
                hint=Text(
                    "The text of the file that Apple lets you download once.",
                    "Содержимое файла, который Apple даёт скачать один раз.",
                ),
            ),
        ),
        pace=Pace(interval_seconds=1_800, per_second=0.5),
        answering=Answering(
            Limits(5_970), "single", "replaces", proof="account", edits=-1,
            looks_seconds=(600, 3_600, 21_600, 86_400, 172_800),
        ),
        terms=Text(
            "For your own app, by Apple's official API. An answer becomes public within a day.",
            "Для вашего приложения, через официальный API Apple. Ответ становится виден в течение суток.",
        ),
        api=(ORIGIN,),
    )  # fmt: skip

    def recognise_address(self, typed: str) -> Finding | None:
        if not (app := _named(typed)):
            return None
        return Finding(
            self.about.kind,
            f"https://appstoreconnect.apple.com/apps/{app}",
            f"App Store Connect {app}",
            Text(
                "This is an app in the App Store; its developer's account gives the reviews and takes answers.",
                "Это приложение в App Store; аккаунт разработчика отдаёт отзывы и принимает ответы.",
            ),
            1.0 if "appstoreconnect.apple.com" in typed else 0.8,
        )

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # whoever lends the wire looks at the time at which the token runs out
        _keys(place)
        if not (token := place.secrets.get("access_token")):
            raise errors.Expired(Text("There is no token yet.", "Токена ещё нет."))
        return replace(call, headers={**call.headers, "authorization": f"Bearer {token}"})

    def renew(self, place: Place, wire: Wire) -> Grant:
        """Nobody is asked: the key itself signs a token, good for 20 minutes at most."""
        ends = wire.now + LASTS
        return Grant({"access_token": _signed(place, wire.now, ends)}, ends - SOONER)

    def start(self, place: Place) -> Iterator[Fetch]:
        yield _list(f"{_app_address(_app(place))}?{_asked(LIMIT)}", {})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        said = API.read(page)
        if not isinstance(said.get("data"), list):
            raise API.strange()
        responses = _responses(said)
        reviews, stamps = json_values.rows(said["data"]), []
        for review in reviews:
            yield from _one(place, review, responses, page)
            if (at := json_values.moment(_of(review).get("createdDate"), page)) is not None:
                stamps.append(json_values.stamp(at))
        yield from _go_on(place, page, said, stamps)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        del place  # the review's id says it all
        review = {"data": {"type": "customerReviews", "id": target.external_id}}
        asked = {
            "type": "customerReviewResponses",
            "attributes": {"responseBody": text},
            "relationships": {"review": review},
        }
        answer = wire.act(json_api.posted(ANSWERS, {"data": asked}))
        said = json_values.part(json_values.document(answer) if answer.status < 300 else None, "data")
        if not (own_id := json_values.identifier(said.get("id"))):
            raise _refused(answer, text)
        # A state that is not known is taken for one in which the answer waits.
        state = STATES.get(str(_of(said).get("state")), "held")
        at = json_values.moment_at(_of(said).get("lastModifiedDate"), wire.now)
        return Receipt(own_id, target.url, state, at)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        del receipt  # a second answer takes the place of the first one
        return self.send(place, target, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del place, target  # the answer's own id says it all
        if not receipt.external_id:
            raise errors.Refused(
                Text("The id of the answer is not known.", "Идентификатор ответа неизвестен.")
            )
        answer = wire.act(Call(f"{ANSWERS}/{quote(receipt.external_id, safe='')}", "DELETE"))
        if answer.status == 404:
            raise errors.Gone(
                Text(
                    "App Store Connect no longer has this answer.",
                    "В App Store Connect этого ответа больше нет.",
                )
            )
        if answer.status != 204:
            raise _refused(answer, "")

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        del place  # the review's id says it all
        own_id = quote(target.external_id, safe="")
        try:
            answer = wire.ask(Call(f"{ORIGIN}/v1/customerReviews/{own_id}/response"))
            said = API.read(answer) if answer.status != 404 else {"data": None}
        except errors.ChannelError as error:
            return Look("cannot_tell", reason=error.text, proof="account")
        if "data" not in said:
            return Look("cannot_tell", reason=API.strange().text, proof="account")
        ours = json_values.part(said, "data")
        is_as_sent = plain_text.says_the_same(_plain(_of(ours).get("responseBody")), text)
        known = json_values.identifier(ours.get("id"))
        if not known or (receipt is None and not is_as_sent):
            return Look("missing", proof="account")
        word = _of(ours).get("state")
        at = json_values.moment_at(_of(ours).get("lastModifiedDate"), wire.now)
        return API.fate(STATES.get(str(word)), word, known, is_as_sent=is_as_sent, url=target.url, seen_at=at)

    def check(self, place: Place, wire: Wire) -> Rights:
        """Which role the key has no question tells, and a check publishes nothing."""
        app = _named(place.url)
        asked = f"{_app_address(app)}?{_asked(1)}" if app else f"{ORIGIN}/v1/apps?limit=1"
        API.read(wire.ask(Call(asked)))
        return Rights(True, True)


def _refused(answer: Any, text: str) -> errors.ChannelError:
    error = API.refused(answer, text)
    if answer.status != 403 or not isinstance(error, errors.Unauthorized):
        return error
    role = Text(
        " A key with the role Admin may answer; one of App Manager often may not.",
        " Отвечать может ключ с ролью Admin; с ролью App Manager часто нельзя.",
    )
    return errors.Unauthorized(error.text + role)


def _keys(place: Place) -> tuple[str, str, str]:
    issuer, name = (place.settings.get(one, "").strip() for one in ("issuer_id", "key_name"))
    key = place.secrets.get("private_key", "").strip()
    if not issuer or not name or not key:
        raise API.no_key()
    return issuer, name, key


def _signed(place: Place, now: datetime, ends: datetime) -> str:
    import jwt  # it loads cryptography, which a desk without such accounts never needs

    issuer, name, key = _keys(place)
    claims = {
        "iss": issuer,
        "iat": json_values.stamp(now),
        "exp": json_values.stamp(ends),
        "aud": "appstoreconnect-v1",
    }
    try:
        return jwt.encode(claims, key, "ES256", {"kid": name})
    except (ValueError, TypeError, AttributeError, jwt.PyJWTError):
        # Whatever is wrong with it is not repeated: it may hold the key.
        raise errors.Unauthorized(
            Text(
                "This is not a private key of App Store Connect: paste the whole .p8 file, its first and last line too.",
                "Это не закрытый ключ App Store Connect: вставьте весь файл .p8 вместе с первой и последней строкой.",
            )
        ) from None


def _named(typed: str) -> str:
    """The number of the app; empty where there is none."""
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    except ValueError:
        return ""
    found = _ADDRESS.search(parts.path) if parts.hostname in _SITES else None
    return (found[1] or found[2]) if found is not None else ""


def _app(place: Place) -> str:
    if not (app := _named(place.url)):
        raise errors.Unreadable(
            Text(
                "The address names no app: it looks like https://appstoreconnect.apple.com/apps/1234567890.",
                "В адресе нет приложения: он выглядит как https://appstoreconnect.apple.com/apps/1234567890.",
            )
        )
    return app


def _app_address(app: str) -> str:
    return f"{ORIGIN}/v1/apps/{app}/customerReviews"


def _asked(limit: int) -> str:
    return urlencode({"sort": "-createdDate", "include": "response", "limit": limit})


def _list(address: str, context: Mapping[str, Any]) -> Fetch:
    return Fetch(address, "reviews", context, access="account", is_conditional=False)


def _go_on(place: Place, page: Page, said: Mapping[str, Any], stamps: list[int]) -> Iterator[Parsed]:
    """On to what was written more than 30 days before the newest that is known."""
    following = json_values.part(said, "links").get("next")
    newest = max([*stamps, json_values.whole(page.context.get("newest"))])
    known = json_values.whole(place.cursor.get("newest"))
    number = json_values.whole(page.context.get("number")) + 1
    border = known - OVERLAP.total_seconds() if known else 0
    if place.since is not None and not known:
        border = place.since.timestamp()
    is_past = bool(stamps) and min(stamps) < border
    if following and not is_past and number < MOST_PAGES:
        # The token goes to Apple's own server alone, whatever the page says.
        if isinstance(following, str) and following.startswith(f"{ORIGIN}/v1/"):
            yield _list(following, {"number": number, "newest": newest})
            return
        yield Remark(
            Text(
                "The list names its next page at another server; it was not asked there.",
                "Список указывает следующую страницу на другом сервере; туда запрос не отправлен.",
            )
        )
    if newest:
        yield Remember({"newest": max(newest, known)})


def _one(
    place: Place, review: Mapping[str, Any], responses: Mapping[str, Mapping[str, Any]], page: Page
) -> Iterator[Parsed]:
    if not (own_id := plain_text.key(json_values.identifier(review.get("id")))):
        yield json_values.NAMELESS
        return
    said = _of(review)
    yield from json_values.undated(said.get("createdDate"), own_id, page)
    text, title = _plain(said.get("body")), json_values.name(said.get("title"), 300)
    rating = ratings.from_text(said.get("rating"), 5, 1)
    if not text and not title and rating is None:
        yield json_values.SILENT
        return
    author = json_values.name(said.get("reviewerNickname"))
    yield Sighting(
        own_id,
        None,
        text,
        kind="review",
        title=title,
        author=AuthorSeen(author) if author else None,
        published_at=json_values.moment(said.get("createdDate"), page),
        rating=rating,
        language=place.language,
        thread=own_id,
        is_by_brand=False,
        facts=json_values.facts(country=said.get("territory")),
    )
    related = json_values.part(
        json_values.part(json_values.part(review, "relationships"), "response"), "data"
    )
    answer_id = json_values.identifier(related.get("id"))
    ours = _of(responses.get(answer_id, {}))
    if (state := STATES.get(str(ours.get("state")))) is not None:
        at = json_values.moment(ours.get("lastModifiedDate"), page)
        yield AnswerSeen(own_id, state, answer_id, text=_plain(ours.get("responseBody")), at=at)


def _responses(said: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    included = json_values.rows(said.get("included"))
    return {
        json_values.identifier(one.get("id")): one
        for one in included
        if one.get("type") == "customerReviewResponses"
    }


def _of(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return json_values.part(resource, "attributes")


def _plain(value: object) -> str:
    return json_values.prose(("", value))
