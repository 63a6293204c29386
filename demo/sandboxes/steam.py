"""The open list of reviews of Steam's store: by the last change, with a cursor that holds + and =."""

from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Sandbox, json_response

APP = "570440"
BEGAN = 1_795_000_000
STORIES = (
    ("Заря играет музыку громче чайника. Отличная игра!", True, "russian"),
    ("[b]Crashes[/b] every hour since the patch, and nobody answers.", False, "english"),
    ("", True, "english"),
    ("Третий день не запускается, верните деньги", False, "russian"),
)


class Site(Sandbox):
    kind: ClassVar[str] = "steam"
    page_size: ClassVar[int] = 3

    def __init__(self) -> None:
        super().__init__()
        self.reviews: list[dict[str, Any]] = []
        self.moment = BEGAN
        for number, (text, is_up, language) in enumerate(STORIES):
            self._add(text, f"7656119800000000{number}", is_up, language)
        self.reviews[1] |= {
            "developer_response": "We are on it: please update.",
            "timestamp_dev_responded": BEGAN + 500,
        }

    @property
    def address(self) -> str:
        return f"https://store.steampowered.com/app/{APP}/"

    def say(self, text: str, *, author: str = "76561198000000009", rating: int | None = None) -> str:
        with self.lock:
            return self._add(
                text, author if author.isdigit() else "76561198000000009", (rating or 1) > 3, "russian"
            )

    def change(self, external_id: str, text: str) -> None:
        with self.lock:
            found = next(one for one in self.reviews if one["recommendationid"] == external_id)
            self.moment += 60
            found |= {"review": text, "timestamp_updated": self.moment}

    def withdraw(self, external_id: str) -> None:
        with self.lock:
            self.reviews = [one for one in self.reviews if one["recommendationid"] != external_id]

    def respond(self, request: Request) -> Response:
        if request.path != f"/appreviews/{APP}" or request.args.get("json") != "1":
            return Response("", 404)
        newest = sorted(self.reviews, key=lambda one: (-one["timestamp_updated"], one["recommendationid"]))
        cursor = request.args.get("cursor", "*")
        if cursor != "*" and not cursor.startswith("AoJ+"):
            return json_response({"success": 2})
        begins = 0 if cursor == "*" else int(cursor.removeprefix("AoJ+").rstrip("="))
        shown = newest[begins : begins + self.page_size]
        said: dict[str, Any] = {"success": 1, "reviews": shown, "cursor": f"AoJ+{begins + len(shown)}=="}
        if begins == 0:
            said["query_summary"] = {"num_reviews": len(shown), "total_reviews": len(newest)}
        return json_response(said)

    def _add(self, text: str, steam_id: str, is_up: bool, language: str) -> str:
        self.moment += 60
        number = str(190_000_001 + len(self.reviews))
        self.reviews.append(
            {
                "recommendationid": number,
                "author": {"steamid": steam_id, "num_games_owned": 12, "num_reviews": 3, "playtime_forever": 900, "playtime_at_review": 630},
                "language": language, "review": text, "timestamp_created": self.moment, "timestamp_updated": self.moment,
                "voted_up": is_up, "votes_up": 4, "votes_funny": 0, "weighted_vote_score": "0.52", "comment_count": 0,
                "steam_purchase": True, "received_for_free": False, "written_during_early_access": False,
            }
        )  # fmt: skip
        return number
