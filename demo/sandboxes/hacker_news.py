"""The search of Hacker News: newest first, filtered by words and by time, at most 1,000 hits of one question."""

import re
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Sandbox, json_response

BEGAN = 1_795_000_000
STORY = 45_000_001
MOST_HITS = 1_000
_FILTER = re.compile(r"created_at_i(<=|>=|=|<|>)(\d+)")


class Site(Sandbox):
    kind: ClassVar[str] = "hacker_news"
    page_size: ClassVar[int] = 3

    def __init__(self) -> None:
        super().__init__()
        self.hits: list[dict[str, Any]] = []
        self._add(title="Show HN: Zarya, a kettle with an API", url="https://zarya.example/api", points=40)
        self._add(
            comment_text="I had a Zarya. It leaked &amp; hissed.<p>Support never answered.", parent_id=STORY
        )
        self._add(comment_text="Моя Zarya работает третий год, чайник отличный", parent_id=STORY + 1)
        self._add(title="Ask HN: Who repairs a Zarya?", story_text="The lid of mine is <i>broken</i>.", points=3)  # fmt: skip

    @property
    def address(self) -> str:
        return "https://hn.algolia.com/?query=zarya"

    def say(self, text: str, *, author: str = "anna", rating: int | None = None) -> str:
        del rating  # there are no stars
        with self.lock:
            return self._add(
                comment_text=text, parent_id=STORY, author=author if author.isascii() else "anna"
            )

    def change(self, external_id: str, text: str) -> None:
        with self.lock:
            next(one for one in self.hits if one["objectID"] == external_id)["comment_text"] = text

    def withdraw(self, external_id: str) -> None:
        with self.lock:
            self.hits = [one for one in self.hits if one["objectID"] != external_id]

    def respond(self, request: Request) -> Response:
        if request.path != "/api/v1/search_by_date":
            return Response("", 404)
        filters = request.args.get("numericFilters", "")
        bounds = [_FILTER.fullmatch(part) for part in filters.split(",") if part]
        if None in bounds:
            return json_response({"message": f"invalid filters: {filters}", "status": 400}, 400)
        query = request.args.get("query", "")
        found = [
            one
            for one in sorted(self.hits, key=lambda one: (-one["created_at_i"], one["objectID"]))
            if self._holds(one, query, request.args.get("restrictSearchableAttributes"))
            and all(_fits(one["created_at_i"], bound[1], int(bound[2])) for bound in bounds if bound)
        ][:MOST_HITS]
        size = min(self.page_size, int(request.args.get("hitsPerPage", 20)))
        page = int(request.args.get("page", 0))
        shown = found[page * size : (page + 1) * size]
        return json_response(
            {
                "hits": shown, "page": page, "nbHits": len(found), "nbPages": -(-len(found) // size),
                "hitsPerPage": size, "processingTimeMS": 2, "query": query, "params": request.query_string.decode(),
            }
        )  # fmt: skip

    def _holds(self, hit: dict[str, Any], query: str, only: str | None) -> bool:
        names = [only] if only else ["title", "url", "story_text", "comment_text", "story_title"]
        held = " ".join(str(hit[name] or "") for name in names)
        return all(word in held.lower() for word in query.lower().split())

    def _add(self, **told: Any) -> str:
        number = STORY + len(self.hits)
        at = BEGAN + 60 * len(self.hits)
        is_comment = "comment_text" in told
        usual = {
            "title": None, "url": None, "points": None, "story_text": None, "comment_text": None, "author": "boris",
            "num_comments": None if is_comment else 2, "parent_id": None, "story_id": STORY if is_comment else number,
            "story_title": "Show HN: Zarya, a kettle with an API" if is_comment else None,
        }  # fmt: skip
        tags = ["comment" if is_comment else "story", "author_boris", f"story_{STORY}"]
        hit = {
            **usual,
            **told,
            "objectID": str(number),
            "created_at_i": at,
            "created_at": f"{at}",
            "_tags": tags,
        }
        self.hits.append(hit)
        return str(number)


def _fits(at: int, sign: str, bound: int) -> bool:
    return {"<": at < bound, "<=": at <= bound, "=": at == bound, ">=": at >= bound, ">": at > bound}[sign]
