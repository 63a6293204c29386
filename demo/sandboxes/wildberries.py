"""Wildberries' API of reviews and questions for sellers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

STARTS = datetime(2026, 11, 20, 8, tzinfo=UTC)
WORDS: dict[State, str] = {
    "held": "reviewRequired",
    "public": "wbRu",
    "rejected": "rejected",
    "removed": "none",
}
STATES: dict[str, State] = {word: state for state, word in WORDS.items()}
LONGEST = 5_000


class Site(Sandbox):
    kind = "wildberries"

    def __init__(self) -> None:
        super().__init__()
        self.feedbacks: dict[str, dict[str, Any]] = {}
        self.questions: dict[str, dict[str, Any]] = {}
        self.say("Чайник течёт уже через неделю, крышка не закрывается.", rating=2)
        self.say("The Zarya kettle boils fast and looks great.", author="John", rating=5)
        self.say("", author="Покупатель", rating=4)
        answered = self.say("Пришла царапина на боку.", author="Олег", rating=3)
        self.feedbacks[answered]["answer"] = {"text": "Олег, заменим!", "state": "wbRu", "editable": True}
        added = self.say("Дополняю: теперь и ручка шатается.", rating=1)
        first = next(iter(self.feedbacks))
        self.feedbacks[added]["parentFeedbackId"], self.feedbacks[first]["childFeedbackId"] = first, added
        self.ask("Сколько литров в этом чайнике?")

    @property
    def address(self) -> str:
        return "wildberries:wildberries"

    @property
    def secrets(self) -> dict[str, str]:
        return {"token": "eyJhbGciOi.sandbox-wildberries.Zq3"}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        own_id = f"YX52RZEBhH9mrcYd{len(self.feedbacks):04}"
        self.feedbacks[own_id] = {
            "id": own_id, "text": text, "pros": "быстро греет" if rating == 2 else "", "cons": "", "userName": author,
            "productValuation": rating or 1, "createdDate": self._now(), "answer": None, "state": "none",
            "productDetails": _product("M"), "photoLinks": _photos() if rating == 2 else None, "video": None,
            "wasViewed": False, "matchingSize": "", "bables": ["качество"] if rating == 5 else None,
            "lastOrderCreatedAt": "2026-11-12T10:20:48+03:00", "orderStatus": "buyout", "color": "красный", "subjectId": 219,
            "subjectName": "Чайники", "parentFeedbackId": None, "childFeedbackId": None,
        }  # fmt: skip
        return own_id

    def ask(self, text: str) -> str:
        own_id = f"2ncBtX4B9I0UHoor{len(self.questions):04}"
        self.questions[own_id] = {
            "id": own_id, "text": text, "createdDate": self._now(), "state": "suppliersPortalSynch", "answer": None,
            "productDetails": _product(None), "wasViewed": False, "isWarned": False,
        }  # fmt: skip
        return f"question:{own_id}"

    def answers(self) -> list[Answered]:
        given = [
            Answered(f"{key}:answer", key, one["answer"]["text"], STATES[one["answer"]["state"]])
            for key, one in self.feedbacks.items()
            if one["answer"]
        ]
        return given + [
            Answered(f"question:{key}:answer", f"question:{key}", one["answer"]["text"])
            for key, one in self.questions.items()
            if one["answer"]
        ]

    def decide(self, external_id: str, state: State) -> None:
        self.feedbacks[external_id.removesuffix(":answer")]["answer"]["state"] = WORDS[state]

    def respond(self, request: Request) -> Response:
        if self.is_revoked or request.headers.get("authorization") != self.secrets["token"]:
            return _refused(401, "unauthorized", "token problem; token is withdrawn")
        match request.method, request.path:
            case "GET", "/api/v1/feedbacks":
                return self._list(request, "feedbacks", self.feedbacks)
            case "GET", "/api/v1/questions":
                return self._list(request, "questions", self.questions)
            case "GET", "/api/v1/feedback":
                return _one(self.feedbacks, request, "Не удалось получить отзыв")
            case "GET", "/api/v1/question":
                return _one(self.questions, request, "Не удалось получить вопрос")
            case (("POST" | "PATCH"), "/api/v1/feedbacks/answer"):
                return self._answer(request)
            case "PATCH", "/api/v1/questions":
                return self._answer_question(request)
            case "GET", "/api/v1/feedbacks/count-unanswered":
                return _said({"countUnanswered": len(self.feedbacks), "countUnansweredToday": 0})
            case "GET", "/api/v1/seller-info":
                return json_response(
                    {"name": "ООО Заря", "sid": "e8923014-e233-4708-898e-3cc86d67ea61", "tradeMark": "Заря"}
                )
        return _refused(404, "path not found", "Please consult the documentation")

    def _list(self, request: Request, what: str, kept: dict[str, dict[str, Any]]) -> Response:
        if missing := [name for name in ("isAnswered", "take", "skip") if name not in request.args]:
            return _faulty(f"Не указан параметр {missing[0]}")
        take, skip = request.args.get("take", 0, int), request.args.get("skip", 0, int)
        if not 0 < take <= 5_000 or not 0 <= skip <= 199_990:
            return _faulty("Некорректные параметры take и skip")
        wanted = request.args["isAnswered"] == "true"
        since = request.args.get("dateFrom", 0, int)
        found = [
            one for one in kept.values() if (one["answer"] is not None) is wanted and _seconds(one) >= since
        ]
        found.sort(key=_seconds, reverse=request.args.get("order") != "dateAsc")
        counts = {"countUnanswered": sum(one["answer"] is None for one in kept.values()), "countArchive": 0}
        return _said({**counts, what: found[skip : skip + take]})

    def _answer(self, request: Request) -> Response:
        said = request.get_json()
        if not 2 <= len(said.get("text", "")) <= LONGEST:
            return _refused(400, "bad request", "text length must be from 2 to 5000")
        if (one := self.feedbacks.get(said.get("id", ""))) is None:
            return Response(status=204)  # as the real one: no id is checked
        if request.method == "PATCH" and not (one["answer"] and one["answer"]["editable"]):
            return _refused(400, "bad request", "the answer cannot be edited")
        one["answer"] = {
            "text": said["text"],
            "state": WORDS[self.state_of_new],
            "editable": request.method == "POST",
        }
        one["state"] = "wbRu"
        return Response(status=204)

    def _answer_question(self, request: Request) -> Response:
        said = request.get_json()
        one, text = self.questions.get(said["id"]), said.get("answer", {}).get("text", "")
        if one is None:
            return _faulty("Не найден вопрос", 404)
        if one["answer"] and not one["answer"]["editable"]:
            return _faulty("Ответ нельзя отредактировать")
        one["answer"] = {"text": text, "editable": one["answer"] is None, "createDate": self._now()}
        one["state"] = said["state"]
        return _said(None)

    def _now(self) -> str:
        minutes = len(self.feedbacks) + len(self.questions)
        return (STARTS + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(one: dict[str, Any]) -> float:
    return datetime.fromisoformat(one["createdDate"]).timestamp()


def _product(size: str | None) -> dict[str, Any]:
    product = {
        "imtId": 123456789, "nmId": 987654321, "productName": "Чайник Заря К-2", "supplierArticle": "K2/красный",
        "supplierName": "ООО Заря", "brandName": "Заря",
    }  # fmt: skip
    return product if size is None else {**product, "size": size}


def _photos() -> list[dict[str, str]]:
    base = "https://feedback04.wbbasket.ru/vol1333/part133337/123456789/photos"
    return [{"fullSize": f"{base}/fs.webp", "miniSize": f"{base}/ms.webp"}]


def _said(data: Any) -> Response:
    return json_response(
        {"data": data, "error": False, "errorText": "", "additionalErrors": None},
        x_ratelimit_limit="6",
        x_ratelimit_remaining="5",
    )


def _one(kept: dict[str, dict[str, Any]], request: Request, words: str) -> Response:
    found = kept.get(request.args.get("id", ""))
    return _said(found) if found is not None else _faulty(words)


def _faulty(words: str, status: int = 400) -> Response:
    said = {
        "data": None,
        "error": True,
        "errorText": words,
        "additionalErrors": None,
        "requestId": "958d9676",
    }
    return json_response(said, status)


def _refused(status: int, title: str, detail: str) -> Response:
    said: dict[str, Any] = {
        "title": title,
        "detail": detail,
        "requestId": "7b80742415072fe8",
        "origin": "fbapi",
    }
    if status != 400:
        said |= {
            "code": "07e4668e",
            "status": status,
            "statusText": title.title(),
            "timestamp": "2026-11-20T08:00:00Z",
        }
    return json_response(said, status)
