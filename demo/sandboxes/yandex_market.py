"""Yandex Market's partner API of reviews and questions: pages by token, spans of time, moderation, conversations below."""

from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

STARTS = datetime(2026, 11, 20, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""The site's own clock: the latest moment at which something was said here is near it."""
WORDS: dict[State, str] = {
    "held": "UNMODERATED",
    "public": "PUBLISHED",
    "rejected": "BANNED",
    "removed": "DELETED",
}
STATES: dict[str, State] = {word: state for state, word in WORDS.items()}
BUSINESS = 1_240_215
FEEDBACK = f"/v2/businesses/{BUSINESS}/goods-feedback"
QUESTIONS = f"/v1/businesses/{BUSINESS}/goods-questions"


class Site(Sandbox):
    kind = "yandex_market"

    def __init__(self) -> None:
        super().__init__()
        self.scopes = ["COMMUNICATION"]
        self.reviews: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self.questions: dict[int, dict[str, Any]] = {}
        self.given: dict[int, dict[str, Any]] = {}
        self.say("Чайник Заря шумит как самолёт.", rating=2)
        self.say("The Zarya kettle is worth its price.", author="John", rating=5)
        self.say("", author="Покупатель", rating=3)
        talked = int(self.say("Пришёл без подставки!", author="Олег", rating=1))
        ours = self._comment(talked, "Олег, отправим подставку.", author="BUSINESS", can_modify=True)
        self._comment(talked, "Жду вторую неделю.", author="USER", parent=ours)
        self.ask("Есть ли защита от включения без воды?")
        asked = self.ask("Is the lid metal?")
        self._answer(asked, "Yes, it is.", author="BRAND")

    @property
    def address(self) -> str:
        return "yandex_market:yandex market"

    @property
    def secrets(self) -> dict[str, str]:
        return {"api_key": "ACMA:sandbox-market:7f2a"}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        own_id = 77_000_001 + len(self.reviews)
        self.reviews[own_id] = {
            "feedbackId": own_id, "createdAt": self._now(), "needReaction": True, "author": author,
            "identifiers": {"orderId": 5_000 + len(self.reviews), "offerId": "K2"},
            "description": {"comment": text, "advantages": "тёплая ручка"} if rating == 2 else {"comment": text},
            "media": {"photos": ["https://avatars.mds.yandex.net/get-market-ugc/1/orig"]} if rating == 1 else {},
            "statistics": {"rating": rating or 1, "recommended": (rating or 1) > 3},
        }  # fmt: skip
        return str(own_id)

    def ask(self, text: str) -> int:
        own_id = 501 + len(self.questions)
        self.questions[own_id] = {
            "questionIdentifiers": {"id": own_id, "offerId": "K2", "categoryId": 90_566}, "businessId": BUSINESS, "text": text,
            "createdAt": self._now(), "votes": {"likes": 1, "dislikes": 0}, "author": {"type": "USER", "name": "Ирина"},
        }  # fmt: skip
        return own_id

    def change(self, external_id: str, text: str) -> None:
        """As on the Market: what its author changes waits for an answer again."""
        self.reviews[int(external_id)] |= {"description": {"comment": text}, "needReaction": True}

    def withdraw(self, external_id: str) -> None:
        del self.reviews[int(external_id)]

    def answers(self) -> list[Answered]:
        below = [
            Answered(
                f"comment:{key}",
                f"comment:{one['parentId']}" if "parentId" in one else str(one["feedbackId"]),
                one["text"],
                STATES[one["status"]],
            )
            for key, one in self.comments.items()
            if one["canModify"]
        ]
        return below + [
            Answered(f"answer:{key}", f"question:{one['questionId']}", one["text"], STATES[one["status"]])
            for key, one in self.given.items()
            if one["canModify"]
        ]

    def decide(self, external_id: str, state: State) -> None:
        self.comments[int(external_id.removeprefix("comment:"))]["status"] = WORDS[state]

    def respond(self, request: Request) -> Response:
        if self.is_revoked or request.headers.get("api-key") != self.secrets["api_key"]:
            return _refused(401, "UNAUTHORIZED", "OAuth token is not specified or invalid")
        said = request.get_json() if request.method == "POST" else {}
        # Older clients leave the version out; the Market takes that for the second one.
        match f"/v2{request.path}" if request.path.startswith("/businesses") else request.path:
            case "/v2/campaigns":
                business = {"id": BUSINESS, "name": "Заря"}
                return json_response(
                    {"campaigns": [{"id": 21, "domain": "zarya.example", "business": business}]}
                )
            case "/v2/auth/token":
                return _result({"apiKey": {"name": "Otklik", "authScopes": self.scopes}})
            case path if path == FEEDBACK:
                return self._list(request, said)
            case path if path == f"{FEEDBACK}/comments":
                found = [one for one in self.comments.values() if one["feedbackId"] == said.get("feedbackId")]
                return _page(request, "comments", found)
            case path if path == f"{FEEDBACK}/comments/update":
                return self._update(said)
            case path if path == f"{FEEDBACK}/comments/delete" and said.get("id") in self.comments:
                del self.comments[said["id"]]
                return json_response({"status": "OK"})
            case path if path == QUESTIONS:
                return self._list_questions(request, said)
            case path if path == f"{QUESTIONS}/answers":
                found = [one for one in self.given.values() if one["questionId"] == said.get("questionId")]
                return _page(request, "answers", found)
            case path if path == f"{QUESTIONS}/update":
                return self._update_question(said)
        return _refused(404, "NOT_FOUND", "Entity not found")

    def _list(self, request: Request, said: dict[str, Any]) -> Response:
        ends = (
            datetime.fromisoformat(said["dateTimeTo"]) if said.get("dateTimeTo") else NOW + timedelta(days=1)
        )
        begins = (
            datetime.fromisoformat(said["dateTimeFrom"])
            if said.get("dateTimeFrom")
            else ends - timedelta(days=183)
        )
        if ends - begins > timedelta(days=184):
            return _refused(400, "BAD_REQUEST", "Period must not be longer than 6 months")
        counts = [one["feedbackId"] for one in self.comments.values() if "parentId" not in one]
        found = [
            one | {"statistics": one["statistics"] | {"commentsCount": counts.count(key)}}
            for key, one in self.reviews.items()
            if begins < datetime.fromisoformat(one["createdAt"]) < ends
            and (one["needReaction"] or said.get("reactionStatus", "ALL") == "ALL")
        ]
        return _page(request, "feedbacks", sorted(found, key=lambda one: str(one["createdAt"])))

    def _list_questions(self, request: Request, said: dict[str, Any]) -> Response:
        until = said.get("dateTo") or NOW.date().isoformat()
        since = (
            said.get("dateFrom") or (datetime.fromisoformat(until) - timedelta(days=30)).date().isoformat()
        )
        if datetime.fromisoformat(until) - datetime.fromisoformat(since) > timedelta(days=31):
            return _refused(400, "BAD_REQUEST", "Period must not be longer than 1 month")
        found = [one for one in self.questions.values() if since <= one["createdAt"][:10] <= until]
        return _page(request, "questions", found, totalCount=len(found))

    def _update(self, said: dict[str, Any]) -> Response:
        comment = said["comment"]
        if said["feedbackId"] not in self.reviews:
            return _refused(404, "NOT_FOUND", "Feedback not found")
        if "http" in comment["text"]:
            return _refused(400, "BAD_REQUEST", "Comment must not contain links")
        if not 1 <= len(comment["text"]) <= 4_096:
            return _refused(400, "BAD_REQUEST", "size must be between 1 and 4096")
        if (own_id := comment.get("id")) is None:
            own_id = self._comment(
                said["feedbackId"],
                comment["text"],
                author="BUSINESS",
                can_modify=True,
                parent=comment.get("parentId"),
            )
            self.reviews[said["feedbackId"]]["needReaction"] = False
        elif own_id not in self.comments or not self.comments[own_id]["canModify"]:
            return _refused(400, "BAD_REQUEST", "Comment can not be modified")
        self.comments[own_id] |= {"text": comment["text"], "status": WORDS[self.state_of_new]}
        return _result(self.comments[own_id])

    def _update_question(self, said: dict[str, Any]) -> Response:
        match said["operationType"]:
            case "CREATE" if said["parentEntityId"]["id"] in self.questions:
                own_id = self._answer(
                    said["parentEntityId"]["id"], said["text"], author="BUSINESS", can_modify=True
                )
                self.given[own_id]["status"] = WORDS[self.state_of_new]
                return _result({"entity": {"id": own_id, "type": "ANSWER"}})
            case "UPDATE" if said["entityId"]["id"] in self.given:
                self.given[said["entityId"]["id"]]["text"] = said["text"]
                return json_response({"status": "OK"})
            case "DELETE" if said["entityId"]["id"] in self.given:
                del self.given[said["entityId"]["id"]]
                return json_response({"status": "OK"})
        return _refused(404, "NOT_FOUND", "Entity not found")

    def _comment(
        self, feedback: int, text: str, *, author: str, can_modify: bool = False, parent: int | None = None
    ) -> int:
        own_id = 9_001 + len(self.comments)
        name = "Заря" if author == "BUSINESS" else "Олег"
        self.comments[own_id] = {
            "id": own_id, "text": text, "canModify": can_modify, "author": {"type": author, "name": name},
            "status": "PUBLISHED", "feedbackId": feedback, **({"parentId": parent} if parent else {}),
        }  # fmt: skip
        return own_id

    def _answer(self, question: int, text: str, *, author: str, can_modify: bool = False) -> int:
        own_id = 601 + len(self.given)
        self.given[own_id] = {
            "id": own_id, "text": text, "canModify": can_modify, "author": {"type": author, "name": "Заря"},
            "status": "PUBLISHED", "questionId": question, "createdAt": self._now(),
            "votes": {"likes": 0, "dislikes": 0}, "comments": [],
        }  # fmt: skip
        return own_id

    def _now(self) -> str:
        minutes = len(self.reviews) + len(self.questions) + len(self.given)
        return (STARTS + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+03:00")


def _page(request: Request, name: str, found: list[dict[str, Any]], **beside: Any) -> Response:
    limit, begin = request.args.get("limit", 25, int), int(request.args.get("pageToken") or 0)
    if not 1 <= limit <= 50:
        return _refused(400, "BAD_REQUEST", "limit must be between 1 and 50")
    paging = {"nextPageToken": str(begin + limit)} if begin + limit < len(found) else {}
    return _result({name: found[begin : begin + limit], "paging": paging, **beside})


def _result(said: dict[str, Any]) -> Response:
    return json_response({"status": "OK", "result": said})


def _refused(status: int, code: str, message: str) -> Response:
    return json_response({"status": "ERROR", "errors": [{"code": code, "message": message}]}, status)
