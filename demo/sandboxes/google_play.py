"""The reviews of one app by Google's Android Publisher API: a token for a signed claim, a list by the last change, one answer."""

import json
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, json_response

PACKAGE = "com.zarya.kettle"
BEGAN = int(datetime(2026, 11, 20, 8, tzinfo=UTC).timestamp())
PER_PAGE = 3
MOST_LETTERS = 350
AUDIENCE = "https://oauth2.googleapis.com/token"
LIST = f"/androidpublisher/v3/applications/{PACKAGE}/reviews"


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Site(Sandbox):
    """`token` is the one that is taken now."""

    kind = "google_play"

    def __init__(self) -> None:
        super().__init__()
        self.token, self.tokens, self.moment = "", 0, BEGAN
        self.reviews: dict[str, dict[str, Any]] = {}
        self.say("Не включается\tЧайник Заря не виден в приложении третий день", rating=1)
        self.say("Works well, reminders are handy.", author="Jane B", rating=5)
        answered = self.say("Slow\tTakes a minute to load", author="John", rating=2)
        self._answer(answered, "Please update to 3.2")
        self.say("Нормально", author="", rating=4)

    @property
    def address(self) -> str:
        return f"https://play.google.com/store/apps/details?id={PACKAGE}"

    @property
    def secrets(self) -> dict[str, str]:
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = private_key().private_bytes(serialization.Encoding.PEM, *form).decode()
        told = {
            "type": "service_account",
            "private_key_id": "5a8e",
            "private_key": pem,
            "token_uri": AUDIENCE,
        }
        return {"key_file": json.dumps({**told, "client_email": "desk@zarya.iam.gserviceaccount.example"})}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        own_id = f"gp:AOqpT{len(self.reviews):04}"
        self.reviews[own_id] = {
            "reviewId": own_id, "authorName": author,
            "comments": [{"userComment": {
                "text": text, "lastModified": self._now(), "starRating": rating or 1, "reviewerLanguage": "ru",
                "device": "oriole", "androidOsVersion": 35, "appVersionCode": 310, "appVersionName": "3.1.0",
                "thumbsUpCount": 4, "thumbsDownCount": 0, "deviceMetadata": {"productName": "oriole (Pixel 6)"},
            }}],
        }  # fmt: skip
        return own_id

    def change(self, external_id: str, text: str) -> None:
        self.reviews[external_id]["comments"][0]["userComment"] |= {
            "text": text, "lastModified": self._now(),
        }  # fmt: skip

    def withdraw(self, external_id: str) -> None:
        del self.reviews[external_id]

    def answers(self) -> list[Answered]:
        return [
            Answered(f"{own_id}:answer", own_id, one["comments"][1]["developerComment"]["text"])
            for own_id, one in self.reviews.items()
            if len(one["comments"]) > 1
        ]

    def respond(self, request: Request) -> Response:
        if request.path == "/token" and request.method == "POST":
            return self._grant(request)
        proof = request.headers.get("authorization")
        if self.is_revoked or not self.token or proof != f"Bearer {self.token}":
            return failed(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED")
        path = unquote(request.path)
        if path == LIST and request.method == "GET":
            return self._list(request)
        found = re.fullmatch(rf"{re.escape(LIST)}/([^/]+?)(:reply)?", path)
        if found is None or (review := self.reviews.get(found[1])) is None:
            return failed(404, "Requested entity was not found.", "NOT_FOUND")
        if request.method == "POST" and found[2]:
            return self._reply(found[1], request.get_json())
        return json_response(review)

    def _grant(self, request: Request) -> Response:
        try:
            claims = jwt.decode(
                request.form["assertion"], private_key().public_key(), ["RS256"], audience=AUDIENCE,
                options={"verify_exp": False, "verify_iat": False, "require": ["iss", "iat", "exp", "scope"]},
            )  # fmt: skip
        except (jwt.PyJWTError, KeyError):
            claims = {}
        if self.is_revoked or not claims or claims["exp"] - claims["iat"] > 3_600:
            said = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return json_response(said, 400)
        self.tokens += 1
        self.token = f"sandbox-token-{self.tokens}-kChqt9"
        return json_response({"access_token": self.token, "expires_in": 3_599, "token_type": "Bearer"})

    def _list(self, request: Request) -> Response:
        newest = sorted(self.reviews.values(), key=_changed, reverse=True)
        token = request.args.get("token", "after-0")
        if not re.fullmatch(r"after-\d+", token):
            return failed(400, "Invalid page token.", "INVALID_ARGUMENT")
        begins = int(token.removeprefix("after-"))
        shown = newest[begins : begins + PER_PAGE]
        page = {"totalResults": len(newest), "resultPerPage": PER_PAGE, "startIndex": begins}
        said: dict[str, Any] = {"reviews": shown, "pageInfo": page}
        if begins + PER_PAGE < len(newest):
            said["tokenPagination"] = {"nextPageToken": f"after-{begins + PER_PAGE}"}
        return json_response(said)

    def _reply(self, own_id: str, said: dict[str, Any]) -> Response:
        text = re.sub(r"<[^<>]*>", "", said.get("replyText", ""))
        if not text or len(text) > MOST_LETTERS:
            return failed(400, f"The reply must have 1 to {MOST_LETTERS} characters.", "INVALID_ARGUMENT")
        ours = self._answer(own_id, text)
        return json_response({"result": {"replyText": text, "lastEdited": ours["lastModified"]}})

    def _answer(self, own_id: str, text: str) -> dict[str, Any]:
        ours = {"text": text, "lastModified": self._now()}
        self.reviews[own_id]["comments"][1:] = [{"developerComment": ours}]
        return ours

    def _now(self) -> dict[str, Any]:
        self.moment += 60
        return {"seconds": str(self.moment), "nanos": 571_000_000}


def _changed(review: dict[str, Any]) -> int:
    said = [part for one in review["comments"] for part in one.values()]
    return max(int(one["lastModified"]["seconds"]) for one in said)


def failed(code: int, message: str, status: str, reason: str = "") -> Response:
    """Google's envelope of an error."""
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if reason:
        error["errors"] = [{"message": message, "domain": "global", "reason": reason}]
    return json_response({"error": error}, code)
