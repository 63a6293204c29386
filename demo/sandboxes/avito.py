"""Avito's API of ratings: a token that runs out, a list by offset, one answer to each review, a moderator."""

from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

STARTS = datetime(2026, 11, 20, 8, tzinfo=UTC)
WORDS: dict[State, str] = {
    "held": "moderation",
    "public": "published",
    "rejected": "rejected",
    "removed": "rejected",
}
STATES: dict[str, State] = {"moderation": "held", "published": "public", "rejected": "rejected"}


class Site(Sandbox):
    """`token` is the one that is taken now; `lasts_seconds`: how long a new one is good for."""

    kind = "avito"

    def __init__(self) -> None:
        super().__init__()
        self.token, self.lasts_seconds, self.tokens = "", 86_400, 0
        self.reviews: dict[int, dict[str, Any]] = {}
        self.given = 0
        self.say("Продавец не вышел на связь, чайник Заря так и не приехал.", rating=1)
        self.say("Quick and polite, the kettle works.", author="John", rating=5)
        self.say("", author="Покупатель", rating=4)
        answered = int(self.say("Коробка мятая.", author="Олег", rating=3))
        self.reviews[answered]["answer"] = self._answer("Олег, извините!", "published")
        closed = int(self.say("Не договорились.", rating=2))
        self.reviews[closed] |= {"canAnswer": False, "stage": "not_agree", "images": _images()}

    @property
    def address(self) -> str:
        return "avito:avito"

    @property
    def settings(self) -> dict[str, str]:
        return {"client_id": "sandbox-client"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"client_secret": "sandbox-secret-9f1c"}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        own_id = 92_312_301 + len(self.reviews)
        at = STARTS + timedelta(minutes=len(self.reviews))
        self.reviews[own_id] = {
            "id": own_id, "score": rating or 1, "stage": "done", "text": text, "createdAt": int(at.timestamp()),
            "canAnswer": True, "usedInScore": True, "sender": {"name": author}, "answer": None,
            "item": {"id": 1_234_567, "title": "Чайник Заря К-2"},
        }  # fmt: skip
        return str(own_id)

    def withdraw(self, external_id: str) -> None:
        del self.reviews[int(external_id)]

    def answers(self) -> list[Answered]:
        return [
            Answered(
                str(one["answer"]["id"]), str(key), one["answer"]["text"], STATES[one["answer"]["status"]]
            )
            for key, one in self.reviews.items()
            if one["answer"]
        ]

    def decide(self, external_id: str, state: State) -> None:
        answer = self._answered(int(external_id))["answer"]
        answer["status"] = WORDS[state]
        if state == "rejected":
            answer["reject_reasons"] = [{"id": 100, "title": "Контакты в тексте"}]

    def expire(self) -> None:
        """The token of now is taken no more; another one may be had."""
        self.token = ""

    def respond(self, request: Request) -> Response:
        if request.path == "/token" and request.method == "POST":
            return self._token(request)
        if (
            self.is_revoked
            or not self.token
            or request.headers.get("authorization") != f"Bearer {self.token}"
        ):
            return json_response({"error": {"code": 401, "message": "invalid access token"}}, 401)
        match request.method, request.path:
            case "GET", "/ratings/v1/reviews":
                return self._list(request)
            case "GET", "/ratings/v1/info":
                rating = {
                    "score": 4.3,
                    "reviewsCount": len(self.reviews),
                    "reviewsWithScoreCount": len(self.reviews),
                }
                return json_response({"isEnabled": True, "rating": rating})
            case "GET", "/core/v1/accounts/self":
                return json_response({"id": 94_235_311, "name": "Заря"})
            case "POST", "/ratings/v1/answers":
                return self._create(request.get_json())
            case "DELETE", path if path.startswith("/ratings/v1/answers/"):
                return self._delete(int(path.rpartition("/")[2]))
        return json_response({"error": {"code": 404, "message": "not found"}}, 404)

    def _token(self, request: Request) -> Response:
        form = request.form
        keys = form.get("client_id"), form.get("client_secret"), form.get("grant_type")
        if self.is_revoked or keys != (*self.settings.values(), *self.secrets.values(), "client_credentials"):
            return json_response({"error": "invalid_client", "error_description": "Client is not known"}, 401)
        self.tokens += 1
        self.token = f"sandbox-token-{self.tokens}-kChqt9"
        return json_response(
            {"access_token": self.token, "expires_in": self.lasts_seconds, "token_type": "Bearer"}
        )

    def _list(self, request: Request) -> Response:
        limit, offset = request.args.get("limit", 0, int), request.args.get("offset", -1, int)
        if not 1 <= limit <= 50 or offset < 0:
            return _faulty("Field `limit` must be between 1 and 50")
        newest = sorted(self.reviews.values(), key=lambda one: -int(one["createdAt"]))
        shown = [
            {key: one[key] for key in one if one[key] is not None} for one in newest[offset : offset + limit]
        ]
        return json_response({"total": len(newest), "reviews": shown})

    def _create(self, said: dict[str, Any]) -> Response:
        if (review := self.reviews.get(said.get("reviewId", 0))) is None:
            return json_response({"error": {"code": 404, "message": "review is not found"}}, 404)
        if not review["canAnswer"] or review["answer"]:
            return _faulty("Review can not be answered")
        if not said.get("message", "").strip():
            return _faulty("Field `message` is empty")
        review["answer"] = answer = self._answer(said["message"], WORDS[self.state_of_new])
        return json_response({"id": answer["id"], "createdAt": answer["createdAt"]})

    def _delete(self, own_id: int) -> Response:
        if not (review := self._answered(own_id)):
            return json_response({"error": {"code": 404, "message": "answer is not found"}}, 404)
        review["answer"] = None
        return json_response({"success": True})

    def _answered(self, own_id: int) -> dict[str, Any]:
        found = (one for one in self.reviews.values() if one["answer"] and one["answer"]["id"] == own_id)
        return next(found, {})

    def _answer(self, text: str, status: str) -> dict[str, Any]:
        self.given += 1
        at = int((STARTS + timedelta(hours=1, minutes=self.given)).timestamp())
        return {"id": 5_000 + self.given, "text": text, "status": status, "createdAt": at}


def _images() -> list[dict[str, Any]]:
    base = "https://10.img.avito.st/image/1"
    sizes = [
        {"size": "140x105", "url": f"{base}/140x105.jpg"},
        {"size": "1280x960", "url": f"{base}/1280x960.jpg"},
    ]
    return [{"number": 1, "sizes": sizes}]


def _faulty(message: str) -> Response:
    return json_response({"error": {"code": "validation", "message": message}}, 400)
