"""Google's API of places and their reviews: a token that is renewed, two places, a list by the last change, one answer."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

ACCOUNT = "accounts/11"
PLACES = {"22": "Заря, Тверская", "23": "Zarya, Arbat"}
BEGINNING = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
PER_PAGE = 3
MOST_BYTES = 4_096
STARS = ("ONE", "TWO", "THREE", "FOUR", "FIVE")
WORDS: dict[State, str] = {"public": "APPROVED", "held": "PENDING", "rejected": "REJECTED"}


class Site(Sandbox):
    """`token` is the one that is taken now; `code` what a person comes back with after consent."""

    kind = "google_business"

    def __init__(self) -> None:
        super().__init__()
        self.token, self.tokens, self.code, self.moments = "", 0, "4/sandbox-code", 0
        self.reviews: dict[str, dict[str, Any]] = {}
        self.say("Ждали чайник Заря 40 минут, потом его не оказалось.", author="Olga K", rating=2)
        self.say("Quick and polite.", author="John", rating=5)
        answered = self.say("Коробка мятая.", author="Олег", rating=3)
        self._answer(self.reviews[answered], "Олег, извините!", "APPROVED")
        self.say("", author="A Google user", rating=4)
        self.say("Shop was closed at noon.", rating=1, place="23")

    @property
    def address(self) -> str:
        return "google_business:google business"

    @property
    def settings(self) -> dict[str, str]:
        return {"client_id": "sandbox.apps.googleusercontent.example"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"client_secret": "sandbox-secret-9f1c", "refresh_token": "1//sandbox-refresh-5a8e"}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None, place: str = "22") -> str:
        own_id, at = f"AbFv{len(self.reviews):04}", self._now()
        is_anonymous = author == "A Google user"
        self.reviews[own_id] = {
            "name": f"{ACCOUNT}/locations/{place}/reviews/{own_id}", "reviewId": own_id,
            "reviewer": {"displayName": author, "isAnonymous": is_anonymous},
            "starRating": STARS[(rating or 1) - 1], "createTime": at, "updateTime": at,
        }  # fmt: skip
        if text:
            self.reviews[own_id]["comment"] = text
        return own_id

    def change(self, external_id: str, text: str) -> None:
        self.reviews[external_id] |= {"comment": text, "updateTime": self._now()}

    def withdraw(self, external_id: str) -> None:
        del self.reviews[external_id]

    def answers(self) -> list[Answered]:
        states: dict[str, State] = {word: state for state, word in WORDS.items()}
        return [
            Answered(
                f"{own_id}:answer",
                own_id,
                reply["comment"],
                states[reply.get("reviewReplyState", "APPROVED")],
            )
            for own_id, one in self.reviews.items()
            if (reply := one.get("reviewReply")) is not None
        ]

    def decide(self, external_id: str, state: State) -> None:
        reply = self.reviews[external_id.removesuffix(":answer")]["reviewReply"]
        reply["reviewReplyState"] = WORDS[state]
        if state == "rejected":
            reply["policyViolation"] = "PROMOTIONS"

    def respond(self, request: Request) -> Response:
        if request.path == "/token" and request.method == "POST":
            return self._grant(request)
        proof = request.headers.get("authorization")
        if self.is_revoked or not self.token or proof != f"Bearer {self.token}":
            return failed(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED")
        path, method = request.path, request.method
        if path == "/v1/accounts":
            return json_response(
                {"accounts": [{"name": ACCOUNT, "accountName": "Заря", "type": "LOCATION_GROUP"}]}
            )
        if path == f"/v1/{ACCOUNT}/locations" and request.args.get("readMask"):
            shown = [
                {"name": f"locations/{key}", "title": title, "metadata": {"mapsUri": _map(key)}}
                for key, title in PLACES.items()
            ]
            return json_response({"locations": shown, "totalSize": len(shown)})
        if found := re.fullmatch(rf"/v4/{ACCOUNT}/locations/(\d+)/reviews", path):
            return self._list(request, found[1])
        found = re.fullmatch(rf"/v4/{ACCOUNT}/locations/\d+/reviews/(\w+)(/reply)?", path)
        if found is None or (review := self.reviews.get(found[1])) is None:
            return failed(404, "Requested entity was not found.", "NOT_FOUND")
        return self._reply(method, review, request) if found[2] else json_response(review)

    def _grant(self, request: Request) -> Response:
        form, client = request.form, {**self.settings, "client_secret": self.secrets["client_secret"]}
        is_client = all(form.get(name) == value for name, value in client.items())
        is_code = form.get("grant_type") == "authorization_code" and form.get("code") == self.code
        is_refresh = form.get("refresh_token") == self.secrets["refresh_token"]
        if self.is_revoked or not is_client or not (is_code or is_refresh):
            said = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return json_response(said, 400)
        self.tokens += 1
        self.token = f"sandbox-token-{self.tokens}-kChqt9"
        lasting = {"refresh_token": self.secrets["refresh_token"]} if is_code else {}
        return json_response(
            {"access_token": self.token, "expires_in": 3_599, "token_type": "Bearer", **lasting}
        )

    def _list(self, request: Request, place: str) -> Response:
        there = [one for one in self.reviews.values() if f"/locations/{place}/" in one["name"]]
        newest = sorted(there, key=lambda one: str(one["updateTime"]), reverse=True)
        if not 1 <= request.args.get("pageSize", 50, int) <= 50:
            return failed(400, "Page size must be between 1 and 50.", "INVALID_ARGUMENT")
        begins = int(request.args.get("pageToken", "p0")[1:])
        said: dict[str, Any] = {"averageRating": 3.4, "totalReviewCount": len(newest)}
        said["reviews"] = newest[begins : begins + PER_PAGE]
        if begins + PER_PAGE < len(newest):
            said["nextPageToken"] = f"p{begins + PER_PAGE}"
        return json_response(said)

    def _reply(self, method: str, review: dict[str, Any], request: Request) -> Response:
        if method == "DELETE":
            was_there = review.pop("reviewReply", None) is not None
            return json_response({}) if was_there else failed(404, "There is no reply.", "NOT_FOUND")
        text = request.get_json().get("comment", "")
        if not 1 <= len(text.encode()) <= MOST_BYTES:
            return failed(400, f"The comment must have at most {MOST_BYTES} bytes.", "INVALID_ARGUMENT")
        return json_response(self._answer(review, text, WORDS.get(self.state_of_new, "PENDING")))

    def _answer(self, review: dict[str, Any], text: str, state: str) -> dict[str, Any]:
        said = {"comment": text, "updateTime": self._now(), "reviewReplyState": state}
        review["reviewReply"] = said
        return said

    def _now(self) -> str:
        self.moments += 1
        at = BEGINNING + timedelta(minutes=self.moments)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _map(place: str) -> str:
    return f"https://maps.google.com/maps?cid={place}"


def failed(code: int, message: str, status: str) -> Response:
    return json_response({"error": {"code": code, "message": message, "status": status}}, code)
