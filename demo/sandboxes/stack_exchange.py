"""The API of Stack Exchange: packed answers in one wrapper, a quota, and errors with numbers of their own."""

import gzip
import json
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Sandbox

BEGAN = 1_795_000_000
FIRST = 79_000_001
KEY = "sandbox-key-of-an-app(("


class Site(Sandbox):
    kind: ClassVar[str] = "stack_exchange"
    page_size: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__()
        self.quota = 10_000
        self.backoff = 0
        self.posts: list[dict[str, Any]] = []
        self._ask(
            "Zarya K2: &quot;token expired&quot; after an hour",
            "<p>Since 3.2 the <b>API</b> of my kettle asks again.</p>",
        )
        self._ask("Чайник Заря не подключается к Wi-Fi", "<p>Пробовал сбросить, не помогает.</p>")
        self._ask("Zarya kettle and Home Assistant", "<p>Is there a plugin?</p>")
        self.reply(FIRST, "<p>Renew the token: <code>zarya login</code>.</p>")

    @property
    def address(self) -> str:
        return "https://stackoverflow.com/questions/tagged/zarya"

    @property
    def secrets(self) -> dict[str, str]:
        return {"key": KEY}

    def say(self, text: str, *, author: str = "anna", rating: int | None = None) -> str:
        del rating  # there are no stars
        with self.lock:
            return self._ask(text[:60], f"<p>{text}</p>", author)

    def change(self, external_id: str, text: str) -> None:
        with self.lock:
            post = next(one for one in self.posts if external_id == f"stackoverflow:{one['id']}")
            self._touch(post)
            post |= {"body": f"<p>{text}</p>", "last_edit_date": post["last_activity_date"]}

    def reply(self, question_id: int, body: str) -> str:
        """Somebody answers a question: the id of the answer."""
        question = next(one for one in self.posts if one["id"] == question_id)
        self._touch(question)
        question["answer_count"] += 1
        answer = self._post(body, "boris") | {"question_id": question_id, "is_accepted": False}
        self.posts.append(answer | {"answer_id": answer["id"]})
        return f"stackoverflow:{answer['id']}"

    def respond(self, request: Request) -> Response:
        if self.is_revoked:
            return self._error(400, "bad_parameter", "`key` doesn't match a known application")
        if request.args.get("site") != "stackoverflow":
            return self._error(400, "bad_parameter", "No site found for name")
        if self.quota == 0:
            said = "too many requests from this IP, more requests available in 8220 seconds"
            return self._error(502, "throttle_violation", said)
        self.quota -= 1
        if request.path == "/2.3/search/advanced":
            least = int(request.args.get("min", 0))
            found = [
                one for one in self.posts if "answer_id" not in one and one["last_activity_date"] >= least
            ]
        elif request.path.startswith("/2.3/questions/") and request.path.endswith("/answers"):
            ids = {int(one) for one in request.path.split("/")[3].split(";")}
            found = [one for one in self.posts if "answer_id" in one and one["question_id"] in ids]
        else:
            return self._error(404, "no_method", "this method cannot be called")
        found.sort(key=lambda one: (one["last_activity_date"], one["id"]))
        size, page = min(self.page_size, int(request.args["pagesize"])), int(request.args["page"])
        shown = found[(page - 1) * size : page * size]
        return self._packed({"items": [_public(one) for one in shown], "has_more": len(found) > page * size})

    def _packed(self, said: dict[str, Any], status: int = 200) -> Response:
        if status == 200:
            said = {**said, "quota_max": 10_000, "quota_remaining": self.quota}
        if self.backoff:
            said, self.backoff = {**said, "backoff": self.backoff}, 0
        headers = {"content-type": "application/json; charset=utf-8", "content-encoding": "gzip"}
        return Response(gzip.compress(json.dumps(said).encode()), status, headers)

    def _error(self, number: int, name: str, said: str) -> Response:
        return self._packed({"error_id": number, "error_name": name, "error_message": said}, 400)

    def _touch(self, post: dict[str, Any]) -> None:
        post["last_activity_date"] = max(one["last_activity_date"] for one in self.posts) + 60

    def _ask(self, title: str, body: str, author: str = "anna") -> str:
        question = self._post(body, author)
        link = f"https://stackoverflow.com/questions/{question['id']}/a-question"
        told = {"question_id": question["id"], "title": title, "link": link, "tags": ["zarya", "iot"]}
        self.posts.append({**question, **told, "view_count": 30, "answer_count": 0, "is_answered": False})
        return f"stackoverflow:{question['id']}"

    def _post(self, body: str, author: str) -> dict[str, Any]:
        at = max((one["last_activity_date"] for one in self.posts), default=BEGAN) + 60
        owner = {"user_id": 11 if author == "anna" else 12, "display_name": author, "user_type": "registered"}
        number = FIRST + len(self.posts)
        return {
            "id": number,
            "body": body,
            "score": 1,
            "creation_date": at,
            "last_activity_date": at,
            "owner": owner,
        }


def _public(post: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in post.items() if name != "id"}
