"""Like a marketplace's API for sellers: lists asked by POST, two keys in headers, one quota for all shops of an account,
one answer a review, which a moderator holds or rejects; what became of it is told to the account alone, and a second one
with our reference is dropped."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    AnswerSeen,
    Attachment,
    AuthorSeen,
    Call,
    Fetch,
    Field,
    Limits,
    Look,
    Pace,
    Page,
    Parsed,
    Place,
    Reach,
    Receipt,
    Remember,
    Rights,
    Sighting,
    Target,
    Text,
    Wire,
    Withdrawn,
)
from tests.channels.made_up import told

OUTCOMES: Final[dict[str, Any]] = {"public": "visible", "held": "held", "rejected": "rejected"}


class Marketplace:
    about = About(
        "marketplace",
        Text("Marketplace", "Маркетплейс"),
        address="none",
        fields=(
            Field("client_id", Text("Client", "Клиент"), needed_for="listening"),
            Field("api_key", Text("Key", "Ключ"), "secret", "account", "listening"),
        ),
        pace=Pace(per_second=50, at_once=2, quota=6),
        answering=Answering(
            Limits(1_000, forbids=("links",)),
            slots="single",
            again="same_reference",
            proof="account",
            is_moderated=True,
            looks_seconds=(3_600, 86_400),
        ),
    )

    def lane(self, place: Place) -> str:
        return f"marketplace#{place.settings['client_id']}"

    def start(self, place: Place) -> Iterable[Fetch]:
        yield _ask(place, "list", "/v2/reviews", {"after": ""})

    def hosts(self, place: Place) -> Collection[str]:
        return [urlsplit(place.url).netloc]

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # a key does not expire
        if not place.secrets.get("api_key"):
            raise errors.Unauthorized("Give the key of the seller's account.")
        proof = {"client-id": place.settings["client_id"], "api-key": place.secrets["api_key"]}
        return replace(call, headers={**call.headers, **proof})

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        token = told(wire.ask(Call(f"{place.url}/token", "POST", b"{}")))["token"]
        said = {"token": token, "review": target.external_id, "text": text, "reference": target.reference}
        answer = told(wire.act(Call(f"{place.url}/answer", "POST", json.dumps(said).encode())))
        return Receipt(str(answer["id"]), state="held")

    def check(self, place: Place, wire: Wire) -> Rights:
        told(wire.ask(Call(f"{place.url}/token", "POST", b"{}")))
        return Rights(True, True)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        del text, receipt
        found = told(wire.ask(Call(f"{place.url}/answers?review={target.external_id}")))["answers"]
        ours = next((one for one in found if one["reference"] == target.reference), None)
        if ours is None:
            return Look("missing", proof="account")
        return Look(OUTCOMES[ours["state"]], str(ours["id"]), reason=ours.get("reason", ""), proof="account")

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.status == 403:
            raise errors.Unauthorized("The marketplace does not accept the key.")
        found = _json(page)
        try:
            if page.role == "list":
                yield from _reviews(place, found)
            else:
                yield from _answers(str(page.context["review"]), found)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise errors.Unreadable("The marketplace answers in another form.") from error


def _reviews(place: Place, found: dict[str, Any]) -> Iterator[Parsed]:
    for review in found["reviews"]:
        if review.get("is_deleted"):
            yield Withdrawn(review["id"])
            continue
        yield Sighting(
            review["id"],
            None,
            review["text"],
            kind="review",
            author=AuthorSeen(review["author"]),
            published_at=datetime.fromisoformat(review["at"]),
            rating=review["rating"],
            is_by_brand=False,
            can_be_answered=review.get("can_answer"),
            handle={"review": review["id"], "shop": review["sku"]},
            facts={"product": review["product"], "sku": review["sku"]},
            attachments=[Attachment("image", url) for url in review.get("photos", [])],
            reach=Reach(likes=review.get("likes")),
        )
        if review.get("answers"):
            context = {"review": review["id"]}
            yield _ask(place, "answers", "/v1/answers", {"review": review["id"]}, context)
    if found.get("next"):
        yield _ask(place, "list", "/v2/reviews", {"after": found["next"]})
    yield Remember({"total": found.get("total", 0)})


def _answers(review: str, found: dict[str, Any]) -> Iterator[AnswerSeen]:
    for answer in found["answers"]:
        yield AnswerSeen(
            review,
            answer["state"],
            answer["id"],
            reference=answer.get("reference"),
            text=answer.get("text"),
            reason=answer.get("reason", ""),
        )


def _ask(
    place: Place, role: str, path: str, query: dict[str, str], context: dict[str, str] | None = None
) -> Fetch:
    return Fetch(
        place.url.rstrip("/") + path,
        role,
        context or {},
        headers={"content-type": "application/json"},
        method="POST",
        body=json.dumps(query, sort_keys=True).encode(),
        access="account",
    )


def _json(page: Page) -> dict[str, Any]:
    try:
        found = json.loads(page.body)
    except (ValueError, RecursionError) as error:
        raise errors.Unreadable("The marketplace's answer is no JSON.") from error
    if page.status != 200 or not isinstance(found, dict):
        raise errors.Unreadable(f"The marketplace answers with {page.status}.")
    return found
