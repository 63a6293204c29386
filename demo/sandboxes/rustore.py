"""RuStore's API of reviews: a token for a signature, lists by page, one answer to each review, a moderator."""

import base64
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

PACKAGE, KEY_ID = "ru.zarya.kettle", "2351990981"
STARTS = datetime(2026, 11, 20, 8, tzinfo=UTC)
WORDS: dict[State, str] = {
    "held": "MODERATION",
    "public": "PUBLISHED",
    "rejected": "REJECTED",
    "removed": "DELETED",
}
STATES: dict[str, State] = {word: state for state, word in WORDS.items()}
LONGEST = 500


@cache
def _key() -> rsa.RSAPrivateKey:
    """Made once a process: it takes a moment."""
    return rsa.generate_private_key(65_537, 2048)


class Site(Sandbox):
    """`token` is the one that is taken now."""

    kind = "rustore"

    def __init__(self) -> None:
        super().__init__()
        self.token, self.tokens, self.skew_seconds = "", 0, 0
        self.reviews: dict[int, dict[str, Any]] = {}
        self.feedback: list[dict[str, Any]] = []
        self.say("Приложение Заря не видит чайник третий день.", rating=1)
        self.say("Handy reminders, works well.", author="John", rating=5)
        self.say("", author="Покупатель", rating=4)
        answered = int(self.say("Вылетает при запуске.", author="Олег", rating=2))
        self._answer(answered, "Олег, исправили в 3.3!", "PUBLISHED")

    @property
    def address(self) -> str:
        return f"https://www.rustore.ru/catalog/app/{PACKAGE}"

    @property
    def settings(self) -> dict[str, str]:
        return {"key_id": KEY_ID}

    @property
    def secrets(self) -> dict[str, str]:
        form = _key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return {"private_key": base64.b64encode(form).decode()}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        own_id = 743_101 + len(self.reviews)
        at = STARTS + timedelta(minutes=len(self.reviews))
        self.reviews[own_id] = {
            "packageName": PACKAGE, "appId": 51_000, "commentId": own_id, "userName": author, "appRating": rating or 1,
            "commentStatus": "PUBLISHED", "commentDate": f"{at:%Y-%m-%d %H:%M:%S.000}", "commentText": text, "likeCounter": 2,
            "dislikeCounter": 0, "updatedAt": None, "appVersionName": "3.2.0", "edited": False, "updatedAtIso": None,
            "commentDateIso": at.isoformat(),
        }  # fmt: skip
        return str(own_id)

    def change(self, external_id: str, text: str) -> None:
        changed = (STARTS + timedelta(hours=3)).isoformat()
        self.reviews[int(external_id)].update(commentText=text, edited=True, updatedAtIso=changed)

    def withdraw(self, external_id: str) -> None:
        del self.reviews[int(external_id)]

    def answers(self) -> list[Answered]:
        return [
            Answered(str(one["id"]), str(one["commentId"]), one["text"], STATES[one["status"]])
            for one in self.feedback
            if one["status"] != "DELETED"
        ]

    def decide(self, external_id: str, state: State) -> None:
        self._one(external_id)["status"] = WORDS[state]

    def respond(self, request: Request) -> Response:
        if request.path == "/public/auth/" and request.method == "POST":
            return self._token(request.get_json())
        if self.is_revoked or not self.token or request.headers.get("Public-Token") != self.token:
            return _problem(401, "Token is not valid")
        head = f"/public/v1/application/{PACKAGE}/"
        if not unquote(request.path).startswith(head):
            return _problem(404, "Application not found")
        what, _, own_id = request.path.removeprefix(head).partition("/")
        match request.method, what, bool(own_id):
            case "GET", "comment", False:
                return _ok(_paged(request, list(self.reviews.values())))
            case "GET", "feedback", False:
                return _ok(_paged(request, self.feedback))
            case "POST", "feedback", False:
                return self._create(request)
            case "POST" | "DELETE", "feedback", True:
                return self._change(request, own_id)
        return _problem(404, "Not found")

    def _token(self, said: dict[str, Any]) -> Response:
        try:
            _key().public_key().verify(
                base64.b64decode(said["signature"]),
                f"{said['keyId']}{said['timestamp']}".encode(),
                padding.PKCS1v15(),
                hashes.SHA512(),
            )
        except (InvalidSignature, ValueError):
            return _problem(400, "Signature is not valid")
        if self.is_revoked or said["keyId"] != KEY_ID:
            return _problem(401, "Key not found")
        if self.skew_seconds > 60:
            return _problem(400, "Range timestamp not valid")
        self.tokens += 1
        self.token = f"sandbox-jwe-{self.tokens}-kChqt9"
        return _ok({"jwe": self.token, "ttl": 900})

    def _create(self, request: Request) -> Response:
        review, said = request.args.get("commentId", 0, int), request.get_json()
        if review not in self.reviews:
            return _problem(404, "Comment not found")
        if len(said["message"]) > LONGEST:
            return _problem(400, f"Message must be at most {LONGEST} characters")
        if any(one.parent == str(review) for one in self.answers()):
            return _problem(400, "Comment already has an answer")
        return _ok({"id": self._answer(review, said["message"], WORDS[self.state_of_new])["id"]})

    def _change(self, request: Request, own_id: str) -> Response:
        one = self._one(own_id)
        if not one or one["status"] == "DELETED":
            return _problem(404, "Feedback not found")
        one["status"] = "DELETED"
        if request.method == "DELETE":
            return _ok(None)
        made = self._answer(int(one["commentId"]), request.get_json()["message"], WORDS[self.state_of_new])
        return _ok({"id": made["id"]})

    def _answer(self, review: int, text: str, status: str) -> dict[str, Any]:
        own_id = 5_001 + len(self.feedback)
        at = f"{STARTS + timedelta(hours=1):%Y-%m-%d %H:%M:%S.043}"
        self.feedback.append(
            {"id": own_id, "commentId": str(review), "text": text, "status": status, "date": at}
        )
        return self.feedback[-1]

    def _one(self, own_id: str) -> dict[str, Any]:
        return next((one for one in self.feedback if str(one["id"]) == own_id), {})


def _paged(request: Request, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    size, number = min(request.args.get("size", 20, int), 100), request.args.get("page", 0, int)
    return found[number * size : (number + 1) * size]


def _ok(body: Any) -> Response:
    return json_response({"code": "OK", "message": None, "body": body, "timestamp": STARTS.isoformat()})


def _problem(status: int, message: str) -> Response:
    return json_response(
        {"code": "error", "message": message, "body": None, "timestamp": STARTS.isoformat()}, status
    )
