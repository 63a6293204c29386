"""Ozon's API of reviews and questions for sellers: everything by POST, comments in the list only once they were checked."""

from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

STARTS = datetime(2026, 11, 20, 8, tzinfo=UTC)
SKU = 148591500
METHODS = ["/v2/review/list", "/v1/review/comment/create", "/v1/question/list", "/v1/question/answer/create"]


class Site(Sandbox):
    """`has_subscription`: whether Ozon opens reviews to this seller at all. `is_old` knows version 1 of the list alone."""

    kind = "ozon"

    def __init__(self) -> None:
        super().__init__()
        self.has_subscription, self.is_old = True, False
        self.reviews: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.questions: dict[str, dict[str, Any]] = {}
        self.given: dict[str, dict[str, Any]] = {}
        self.say("Чайник Заря не включается, кнопка западает.", rating=1)
        self.say("The Zarya kettle is quiet and quick.", rating=5)
        self.say("", rating=3)
        pictured = self.say("На фото видно трещину.", rating=2)
        self.reviews[pictured] |= {"photos_amount": 1, "likes_amount": 4}
        self._comment(pictured, "Здравствуйте! Напишите нам в чат.", is_owner=True)
        self._comment(pictured, "Написал, никто не ответил.", parent="comment-0001")
        self.ask("Какая длина провода?")
        asked = self.ask("Does it fit a 110 V socket?")
        self.given["answer-0001"] = _answer("answer-0001", asked.removeprefix("question:"), "No, 220 V only.")

    @property
    def address(self) -> str:
        return "ozon:ozon"

    @property
    def settings(self) -> dict[str, str]:
        return {"client_id": "836"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"api_key": "0296d4f2-sandbox-ozon"}

    def say(self, text: str, *, author: str = "", rating: int | None = None) -> str:
        del author  # Ozon names nobody
        own_id = f"017c0d1c-66d3-b838-3d29-{len(self.reviews):012}"
        self.reviews[own_id] = {
            "id": own_id, "sku": SKU, "text": text, "published_at": self._now(), "rating": rating or 1, "status": "NEW",
            "photos_amount": 0, "videos_amount": 0, "order_status": "DELIVERED", "is_rating_participant": True,
            "likes_amount": 0, "dislikes_amount": 0,
        }  # fmt: skip
        return own_id

    def ask(self, text: str) -> str:
        own_id = f"019294ff-6888-7009-89d8-{len(self.questions):012}"
        self.questions[own_id] = {
            "id": own_id, "sku": SKU, "text": text, "published_at": self._now(), "author_name": "Пользователь OZON",
            "product_url": f"https://www.ozon.ru/product/{SKU}/", "status": "NEW",
            "question_link": f"https://www.ozon.ru/product/{SKU}/questions/?qid={len(self.questions)}",
        }  # fmt: skip
        return f"question:{own_id}"

    def change(self, external_id: str, text: str) -> None:
        self.reviews[external_id]["text"] = text

    def answers(self) -> list[Answered]:
        ours = [one for one in self.comments.values() if one["is_owner"]]
        return [
            Answered(one["id"], one["parent_comment_id"] or one["review"], one["text"], one["state"])
            for one in ours
        ] + [
            Answered(f"answer:{key}", f"question:{one['question_id']}", one["text"])
            for key, one in self.given.items()
        ]

    def decide(self, external_id: str, state: State) -> None:
        self.comments[external_id]["state"] = state

    def respond(self, request: Request) -> Response:
        keys = request.headers.get("client-id"), request.headers.get("api-key")
        if self.is_revoked or keys != (self.settings["client_id"], self.secrets["api_key"]):
            return _refused(403, 7, "Invalid Api-Key, please contact support")
        if not self.has_subscription and "/review/" in request.path:
            return _refused(403, 7, "not available with existing subscription")
        said = request.get_json()
        match request.path:
            case "/v2/review/list" if not self.is_old:
                return self._list(said, said.get("filters") or {}, 2)
            case "/v1/review/list":
                return self._list(said, {}, 1)
            case "/v2/review/info" if said["review_id"] in self.reviews:
                return json_response(self._info(self.reviews[said["review_id"]]))
            case "/v2/review/count":
                return json_response({"total": len(self.reviews), "new": 1, "viewed": 0, "processed": 0})
            case "/v1/roles":
                return json_response({"roles": [{"name": "Admin", "methods": METHODS}]})
            case "/v1/review/comment/list":
                return self._list_comments(said)
            case "/v1/review/comment/create":
                return self._create(said)
            case "/v2/review/comment/delete" if said["comment_id"] in self.comments:
                del self.comments[said["comment_id"]]
                return json_response({})
            case str(path) if path.startswith("/v1/question/"):
                return self._about_questions(path.removeprefix("/v1/question/"), said)
        return _refused(404, 5, "not found")

    def _list(self, said: dict[str, Any], filters: dict[str, Any], version: int) -> Response:
        limit = said.get("limit", 0)
        if not 20 <= limit <= 100:
            return _refused(400, 3, "invalid ReviewListRequest.Limit: value must be inside range [20, 100]")
        since = filters.get("published_from", "")
        found = [one for one in self.reviews.values() if one["published_at"] >= since]
        found.sort(key=lambda one: one["published_at"], reverse=said.get("sort_dir") == "DESC")
        names = [one["id"] for one in found]
        begin = names.index(said["last_id"]) + 1 if said.get("last_id") in names else 0
        shown = [self._listed(one, version) for one in found[begin : begin + limit]]
        last = shown[-1]["id"] if shown else ""
        return json_response({"reviews": shown, "has_next": begin + limit < len(found), "last_id": last})

    def _listed(self, review: dict[str, Any], version: int) -> dict[str, Any]:
        amount = sum(
            one["review"] == review["id"] and one["state"] == "public" for one in self.comments.values()
        )
        status = (
            {"NEW": "UNPROCESSED"}.get(review["status"], review["status"])
            if version == 1
            else review["status"]
        )
        shown = {
            key: value for key, value in review.items() if key not in ("likes_amount", "dislikes_amount")
        }
        return shown | {"comments_amount": amount, "status": status}

    def _info(self, review: dict[str, Any]) -> dict[str, Any]:
        base = "https://cdn1.ozone.ru/s3/rp-photo-4/wc500"
        photos = [
            {"url": f"{base}/{n}.jpg", "width": 500, "height": 500} for n in range(review["photos_amount"])
        ]
        return {**self._listed(review, 2), **review, "photos": photos, "videos": []}

    def _list_comments(self, said: dict[str, Any]) -> Response:
        if not 20 <= said.get("limit", 0) <= 100:
            return _refused(400, 3, "invalid CommentListRequest.Limit: value must be inside range [20, 100]")
        listed = [
            _shown(one)
            for one in self.comments.values()
            if one["review"] == said["review_id"] and one["state"] != "held"
        ]
        if said.get("sort_dir") == "DESC":
            listed.reverse()
        begin = said.get("offset") or 0
        return json_response({"comments": listed[begin : begin + said["limit"]], "offset": begin})

    def _create(self, said: dict[str, Any]) -> Response:
        if said["review_id"] not in self.reviews:
            return _refused(404, 5, "review not found")
        if said.get("mark_review_as_processed"):
            self.reviews[said["review_id"]]["status"] = "PROCESSED"
        made = self._comment(
            said["review_id"], said["text"], parent=said.get("parent_comment_id") or "", is_owner=True
        )
        self.comments[made]["state"] = self.state_of_new
        return json_response({"comment_id": made})

    def _comment(self, review: str, text: str, parent: str = "", *, is_owner: bool = False) -> str:
        own_id = f"comment-{len(self.comments) + 1:04}"
        self.comments[own_id] = {
            "id": own_id, "review": review, "text": text, "parent_comment_id": parent, "is_owner": is_owner,
            "is_official": is_owner, "state": "public", "published_at": self._now(),
        }  # fmt: skip
        return own_id

    def _about_questions(self, what: str, said: dict[str, Any]) -> Response:
        asked = said.get("question_id")
        match what:
            case "count":
                return json_response(
                    {"all": len(self.questions), "new": 1, "processed": 0, "unprocessed": 1, "viewed": 0}
                )
            case "list":
                return self._list_questions(said)
            case "answer/list":
                listed = [one for one in self.given.values() if one["question_id"] == asked]
                return json_response({"answers": [] if said.get("last_id") else listed, "last_id": "x"})
            case "answer/create" if asked in self.questions:
                if not 2 <= len(said["text"]) <= 3_000:
                    return _refused(400, 3, "text length must be between 2 and 3000 characters", details="")
                made = f"answer-{len(self.given) + 1:04}"
                self.given[made] = _answer(made, asked, said["text"])
                return json_response({"answer_id": made})
            case "answer/delete" if said["answer_id"] in self.given:
                del self.given[said["answer_id"]]
                return json_response({})
        return _refused(404, 5, "not found")

    def _list_questions(self, said: dict[str, Any]) -> Response:
        since = (said.get("filter") or {}).get("date_from", "")
        counts = {
            key: sum(one["question_id"] == key for one in self.given.values()) for key in self.questions
        }
        found = [
            {**one, "answers_count": counts[key]}
            for key, one in self.questions.items()
            if one["published_at"] >= since and key > (said.get("last_id") or "")
        ]
        return json_response({"questions": found[:50], "last_id": found[:50][-1]["id"] if found else ""})

    def _now(self) -> str:
        minutes = len(self.reviews) + len(self.questions) + len(self.comments)
        return (STARTS + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.970Z")


def _shown(comment: dict[str, Any]) -> dict[str, Any]:
    is_rejected = comment["state"] == "rejected"
    kept = {key: value for key, value in comment.items() if key not in ("review", "state")}
    reason = "Контакты в тексте" if is_rejected else ""
    told = {"is_published": not is_rejected, "is_rejected": is_rejected, "deviation_reason": reason}
    return {**kept, **told, "likes_amount": 0, "dislikes_amount": 0}


def _answer(own_id: str, question: str, text: str) -> dict[str, Any]:
    return {
        "id": own_id, "question_id": question, "sku": SKU, "text": text, "author_name": "Заря",
        "published_at": "2026-11-20T09:44:35.352Z",
    }  # fmt: skip


def _refused(status: int, code: int, message: str, details: object = ()) -> Response:
    return json_response({"code": code, "message": message, "details": details}, status)
