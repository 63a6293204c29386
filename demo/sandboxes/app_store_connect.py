"""Apple's API of customer reviews: a token signed by the key (ES256), pages by a link, one answer that waits to be published."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

APP = "1570440123"
OFFICIAL = "https://api.appstoreconnect.apple.com"
ANSWERS = "/v1/customerReviewResponses"
PER_PAGE = 3
MOST_LETTERS = 5_970
PACIFIC = timezone(timedelta(hours=-8))
BEGINNING = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
WORDS: dict[State, str] = {"public": "PUBLISHED", "held": "PENDING_PUBLISH"}


@cache
def private_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class Site(Sandbox):
    """`may_answer`: whether the key has the role for it."""

    kind = "app_store_connect"

    def __init__(self) -> None:
        super().__init__()
        self.reviews: dict[str, dict[str, Any]] = {}
        self.responses: dict[str, dict[str, Any]] = {}
        self.may_answer, self.given = True, 0
        self.say("Заря не видит чайник третий день, поддержка молчит", rating=1)
        self.say("Works well, reminders are handy.", author="kate_77", rating=5)
        answered = self.say("Takes a minute to open", author="ivan_p", rating=2)
        self._answer(answered, "Fixed in 3.3", "PUBLISHED")
        self.say("Пользуюсь год.", author="oleg", rating=4)

    @property
    def address(self) -> str:
        return f"https://appstoreconnect.apple.com/apps/{APP}"

    @property
    def settings(self) -> dict[str, str]:
        return {"issuer_id": "57246542-96fe-1a63-e053-0824d011072a", "key_name": "2X9R4HXF34"}

    @property
    def secrets(self) -> dict[str, str]:
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return {"private_key": private_key().private_bytes(serialization.Encoding.PEM, *form).decode()}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        number = len(self.reviews)
        own_id = f"00000000-1111-{number:04}"
        at = (BEGINNING + timedelta(minutes=number)).astimezone(PACIFIC)
        attributes = {
            "rating": rating or 1, "title": "Отзыв", "body": text, "reviewerNickname": author, "territory": "RUS",
            # Apple writes dates with and without fractions of a second.
            "createdDate": at.isoformat(timespec="milliseconds" if number % 2 else "seconds"),
        }  # fmt: skip
        self.reviews[own_id] = {"type": "customerReviews", "id": own_id, "attributes": attributes}
        return own_id

    def change(self, external_id: str, text: str) -> None:
        self.reviews[external_id]["attributes"]["body"] = text

    def withdraw(self, external_id: str) -> None:
        del self.reviews[external_id]

    def answers(self) -> list[Answered]:
        states: dict[str, State] = {word: state for state, word in WORDS.items()}
        return [
            Answered(one["id"], parent, one["attributes"]["responseBody"], states[one["attributes"]["state"]])
            for parent, one in self.responses.items()
        ]

    def decide(self, external_id: str, state: State) -> None:
        """Apple names no rejection: an answer that it does not take is gone."""
        parent, found = next(item for item in self.responses.items() if item[1]["id"] == external_id)
        if state in WORDS:
            found["attributes"]["state"] = WORDS[state]
        else:
            del self.responses[parent]

    def respond(self, request: Request) -> Response:
        if not self._is_known(request.headers.get("authorization", "")):
            return failed(401, "NOT_AUTHORIZED", "Authentication credentials are missing or invalid.")
        path, method = request.path, request.method
        if path == f"/v1/apps/{APP}/customerReviews" and method == "GET":
            return self._list(request)
        if path == ANSWERS and method == "POST":
            return self._reply(request.get_json())
        if (found := re.fullmatch(r"/v1/customerReviews/([^/]+)/response", path)) and method == "GET":
            ours = self.responses.get(found[1])
            if ours is not None:
                return json_response({"data": ours, "links": {"self": f"{OFFICIAL}{path}"}})
        if path.startswith(f"{ANSWERS}/") and method == "DELETE":
            own_id = path.rpartition("/")[2]
            kept = {key: one for key, one in self.responses.items() if one["id"] != own_id}
            was_there, self.responses = len(kept) < len(self.responses), kept
            if was_there:
                return Response("", 204)
        return failed(404, "NOT_FOUND", "The specified resource does not exist")

    def _is_known(self, proof: str) -> bool:
        if self.is_revoked or not proof.startswith("Bearer "):
            return False
        try:
            claims = jwt.decode(
                proof.removeprefix("Bearer "), private_key().public_key(), ["ES256"], audience="appstoreconnect-v1",
                options={"verify_exp": False, "verify_iat": False, "require": ["iss", "iat", "exp"]},
            )  # fmt: skip
            name = jwt.get_unverified_header(proof.removeprefix("Bearer ")).get("kid")
        except jwt.PyJWTError:
            return False
        is_short = claims["exp"] - claims["iat"] <= 1_200
        return is_short and {"issuer_id": claims["iss"], "key_name": name} == self.settings

    def _list(self, request: Request) -> Response:
        if not 1 <= request.args.get("limit", 50, int) <= 200:
            return failed(400, "PARAMETER_ERROR.INVALID", "A parameter has an invalid value")
        newest = sorted(self.reviews.values(), key=lambda one: str(one["id"]), reverse=True)
        begins = request.args.get("cursor", 0, int)
        shown = newest[begins : begins + PER_PAGE]
        own = f"{OFFICIAL}{request.path}"
        links = {"self": own}
        if begins + PER_PAGE < len(newest):
            links["next"] = f"{own}?cursor={begins + PER_PAGE}&include=response&limit=200&sort=-createdDate"
        included = [self.responses[one["id"]] for one in shown if one["id"] in self.responses]
        paging = {"paging": {"total": len(newest), "limit": 200}}
        said = {"data": [self._shown(one) for one in shown], "links": links, "meta": paging}
        return json_response(
            {**said, "included": included}, x_rate_limit="user-hour-lim:3600;user-hour-rem:3599;"
        )

    def _shown(self, review: dict[str, Any]) -> dict[str, Any]:
        related: dict[str, Any] = {
            "links": {"related": f"{OFFICIAL}/v1/customerReviews/{review['id']}/response"}
        }
        if (ours := self.responses.get(review["id"])) is not None:
            related["data"] = {"type": ours["type"], "id": ours["id"]}
        return {**review, "relationships": {"response": related}}

    def _reply(self, said: dict[str, Any]) -> Response:
        text = said["data"]["attributes"]["responseBody"]
        parent = said["data"]["relationships"]["review"]["data"]["id"]
        if not self.may_answer:
            return failed(403, "FORBIDDEN_ERROR", "The API key in use does not allow this request")
        if parent not in self.reviews:
            return failed(409, "ENTITY_ERROR.RELATIONSHIP.INVALID", "There is no such review")
        if not 1 <= len(text) <= MOST_LETTERS:
            return failed(422, "ENTITY_ERROR", f"The response must be at most {MOST_LETTERS} characters")
        ours = self._answer(parent, text, WORDS.get(self.state_of_new, "PENDING_PUBLISH"))
        return json_response({"data": ours, "links": {"self": f"{OFFICIAL}{ANSWERS}/{ours['id']}"}}, 201)

    def _answer(self, parent: str, text: str, state: str) -> dict[str, Any]:
        self.given += 1
        at = (BEGINNING + timedelta(hours=1, minutes=self.given)).astimezone(PACIFIC).isoformat()
        own_id = self.responses[parent]["id"] if parent in self.responses else f"r-{self.given}"
        attributes = {"responseBody": text, "lastModifiedDate": at, "state": state}
        self.responses[parent] = {"type": "customerReviewResponses", "id": own_id, "attributes": attributes}
        return self.responses[parent]


def failed(status: int, code: str, detail: str) -> Response:
    error = {"id": "e1", "status": str(status), "code": code, "title": "Error", "detail": detail}
    return json_response({"errors": [error]}, status)
