"""A server of Lemmy 0.19: a search and the lists of a community, the newest first."""

from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Sandbox, json_response

STARTS = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOST = "https://lem.example"


class Site(Sandbox):
    """`page` is how many items a list gives at most."""

    kind = "lemmy"

    def __init__(self) -> None:
        super().__init__()
        self.page = 50
        self.posts: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.say("The Zarya kettle broke in a week. **Twice!**", author="john")
        first = self.comment("Чайник Zarya течёт & шумит")
        second = self.comment("Zarya ответила и мне.", above=first)
        self.comment("У меня Zarya работает. " * 30, above=second)
        gone = self.comments[self._place(self.comment("Zarya!", above=first))]
        gone["comment"] |= {"deleted": True, "content": ""}

    @property
    def address(self) -> str:
        return f"{self.url}/search?q=zarya"

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        del rating  # nobody gives stars here
        number = len(self.posts) + 1
        post = self._item(number, "post", author) | {"name": f"Zarya {number}", "body": text, "url": None}
        counts = {"post_id": number, "comments": 0, "score": 2, "upvotes": 2, "downvotes": 0}
        self.posts.append(_view(author) | {"post": post, "counts": counts})
        return str(post["ap_id"])

    def comment(self, text: str, *, author: str = "Анна К.", above: str = "") -> str:
        number = 24 + len(self.comments)
        path = self.comments[self._place(above)]["comment"]["path"] if above else "0"
        comment = self._item(number, "comment", author) | {
            "content": text,
            "path": f"{path}.{number}",
            "post_id": 1,
        }
        counts = {"comment_id": number, "child_count": 0, "score": 2, "upvotes": 2, "downvotes": 0}
        self.comments.append(
            _view(author) | {"comment": comment, "post": self.posts[0]["post"], "counts": counts}
        )
        return str(comment["ap_id"])

    def change(self, external_id: str, text: str) -> None:
        post = next(one["post"] for one in self.posts if one["post"]["ap_id"] == external_id)
        post |= {"body": text, "updated": _time(900)}

    def withdraw(self, external_id: str) -> None:
        post = next(one["post"] for one in self.posts if one["post"]["ap_id"] == external_id)
        post |= {"body": None, "deleted": True}

    def respond(self, request: Request) -> Response:
        path, kind = request.path.removeprefix("/api/v3/"), request.args.get("type_")
        if path not in ("search", "post/list", "comment/list"):
            return json_response({"error": "unknown"}, 404)
        found: dict[str, Any] = {"posts": [], "comments": []}
        if kind == "Posts" or path == "post/list":
            found["posts"] = self._cut(request, self.posts)
        if kind == "Comments" or path == "comment/list":
            found["comments"] = self._cut(request, self.comments)
        return json_response(
            found | ({"type_": kind, "communities": [], "users": []} if path == "search" else {})
        )

    def _cut(self, request: Request, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        size = min(request.args.get("limit", 10, int), self.page)
        start = (request.args.get("page", 1, int) - 1) * size
        return items[::-1][start : start + size]

    def _place(self, external_id: str) -> int:
        return next(n for n, one in enumerate(self.comments) if one["comment"]["ap_id"] == external_id)

    def _item(self, number: int, kind: str, author: str) -> dict[str, Any]:
        at = _time(len(self.posts) + len(self.comments))
        named = {"id": number, "creator_id": len(author), "ap_id": f"{HOST}/{kind}/{number}", "local": True}
        return named | {"published": at, "deleted": False, "removed": False, "language_id": 37}


def _view(author: str) -> dict[str, Any]:
    name = "anna" if author == "Анна К." else author
    creator = {"id": len(author), "name": name, "display_name": author, "actor_id": f"{HOST}/u/{name}"}
    community = {"id": 1, "name": "kettles", "actor_id": f"{HOST}/c/kettles"}
    return {"creator": creator | {"bot_account": False}, "community": community}


def _time(minutes: int) -> str:
    return (STARTS + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.123456Z")
