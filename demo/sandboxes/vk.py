"""A small VK: a community's wall with comments, a topic, a search; errors come with status 200."""

from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

READER, COMMUNITY = "sandbox-vk-service-token", "sandbox-vk-group-token"
GROUP, TOPIC = 555, 12
BEGINNING = int(datetime(2026, 11, 18, 8, 0, tzinfo=UTC).timestamp())
NAMES = {100500: ("Иван", "П."), 100501: ("Анна", "К."), 100502: ("Ben", "S.")}


class Site(Sandbox):
    kind = "vk"
    own_ids = (f"-{GROUP}",)

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.guids: dict[str, int] = {}
        first = self._post(-GROUP, "Новый чайник «Заря» уже в магазинах!")
        second = self._post(100500, "[club555|Заря], третий день не проходит оплата!")
        self._post(100502, "Zarya K3 boils fast & quietly.")
        asked = self._comment(first, 100501, "А когда в Самаре?")
        self._comment(first, -GROUP, "Анна, на этой неделе.", to=asked)
        self._comment(second, 100502, "Same here, nobody answers.")
        self._post(100501, "")

    @property
    def address(self) -> str:
        return f"https://vk.com/club{GROUP}"

    @property
    def settings(self) -> dict[str, str]:
        return {"group_id": str(GROUP), "confirmation": "a1b2c3d4"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"access_token": READER, "group_token": COMMUNITY, "callback_secret": "sandbox-vk-callback"}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        del author, rating  # stars are given elsewhere
        return self._id(self._one(self._comment(self.posts[1]["id"], 100501, text)))

    def change(self, external_id: str, text: str) -> None:
        self._by_id(external_id).update(text=text, edited=BEGINNING + 90_000)

    def withdraw(self, external_id: str) -> None:
        self._by_id(external_id)["deleted"] = True

    def answers(self) -> list[Answered]:
        return [
            Answered(
                self._id(one), self._answered(one), one["text"], "removed" if one.get("deleted") else "public"
            )
            for one in self.comments
            if one["from_id"] == -GROUP
        ]

    def decide(self, external_id: str, state: State) -> None:
        self._by_id(external_id)["deleted"] = state != "public"

    def _post(self, author: int, text: str) -> int:
        number = 71 + len(self.posts)
        self.posts.append(
            {
                "id": number,
                "owner_id": -GROUP,
                "from_id": author,
                "date": BEGINNING + number * 60,
                "text": text,
            }
        )
        return number

    def _comment(self, post: int, author: int, text: str, *, to: int = 0) -> int:
        number = 201 + len(self.comments)
        stack = [to] if to else []
        self.comments.append({
            "id": number, "owner_id": -GROUP, "post_id": post, "from_id": author, "date": BEGINNING + number * 60, "text": text,
            "parents_stack": stack,
        })  # fmt: skip
        return number

    def _one(self, number: int) -> dict[str, Any]:
        return next((one for one in self.comments if one["id"] == number), {})

    def _id(self, one: dict[str, Any]) -> str:
        return f"{-GROUP}_{one['post_id']}_{one['id']}"

    def _by_id(self, external_id: str) -> dict[str, Any]:
        return next(one for one in self.comments if self._id(one) == external_id)

    def _answered(self, one: dict[str, Any]) -> str:
        thread = f"{-GROUP}_{one['post_id']}"
        return f"{thread}_{one['parents_stack'][-1]}" if one["parents_stack"] else thread

    def respond(self, request: Request) -> Response:
        method, asked = request.path.removeprefix("/method/"), request.form
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        is_community = token == COMMUNITY
        if self.is_revoked or token not in (READER, COMMUNITY) or asked.get("v") is None:
            return _problem(5, "User authorization failed: invalid access_token (4).")
        count, offset = asked.get("count", 20, int), asked.get("offset", 0, int)
        match method:
            case "wall.get" if is_community:
                return _problem(27, "Group authorization failed: method is unavailable with group auth.")
            case "wall.get" | "newsfeed.search":
                return self._walls(method, request)
            case "wall.getComments":
                return self._under(asked, count, offset)
            case "wall.createComment" if is_community:
                return self._create(asked)
            case "wall.createComment":
                return _problem(
                    28, "Application authorization failed: method is unavailable with service token."
                )
            case "groups.getById":
                return json_response({"response": {"groups": [_group()], "profiles": []}})
        return _problem(3, "Unknown method passed")

    def _walls(self, method: str, request: Request) -> Response:
        asked = request.form
        newest = list(reversed(self.posts))
        if method == "newsfeed.search":
            words, since = asked["q"].casefold(), asked.get("start_time", 0, int)
            newest = [one for one in newest if words in one["text"].casefold() and one["date"] >= since]
        begins = int(asked.get("start_from") or asked.get("offset") or 0)
        count = asked.get("count", 20, int)
        shown = newest[begins : begins + count]
        said: dict[str, Any] = {
            "count": len(newest),
            "items": [self._shown(one) for one in shown],
            **_people(),
        }
        if method == "newsfeed.search":
            said["total_count"] = len(newest)
            if begins + count < len(newest):
                said["next_from"] = str(begins + count)
        return json_response({"response": said})

    def _shown(self, post: dict[str, Any]) -> dict[str, Any]:
        count = sum(one["post_id"] == post["id"] for one in self.comments)
        return {
            **post, "post_type": "post", "likes": {"can_like": 1, "count": 3, "user_likes": 0}, "comments": {"can_post": 1, "count": count},
            "reposts": {"count": 1}, "views": {"count": 410},
        }  # fmt: skip

    def _under(self, asked: Any, count: int, offset: int) -> Response:
        comment, post = asked.get("comment_id", 0, int), asked.get("post_id", 0, int)
        here = [one for one in self.comments if one["post_id"] == post]
        level = [one for one in here if one["parents_stack"] == ([comment] if comment else [])]
        ordered = list(reversed(level)) if asked.get("sort") == "desc" else level
        most = asked.get("thread_items_count", 0, int)
        shown = [self._comment_shown(one, here, most) for one in ordered[offset : offset + count]]
        said = {
            "count": len(here),
            "items": shown,
            "current_level_count": len(level),
            "can_post": True,
            "show_reply_button": True,
        }
        return json_response({"response": {**said, "groups_can_post": True, **_people()}})

    def _comment_shown(self, one: dict[str, Any], here: list[dict[str, Any]], most: int) -> dict[str, Any]:
        below = [each for each in here if each["parents_stack"] == [one["id"]]]
        items = [self._comment_shown(each, [], 0) for each in below[:most]]
        shown = {**one, "likes": {"count": 1, "can_like": 1, "user_likes": 0}}
        if one.get("deleted"):
            shown |= {"text": "", "from_id": 0}
        return shown | {
            "thread": {"count": len(below), "items": items, "can_post": True, "show_reply_button": True}
        }

    def _create(self, asked: Any) -> Response:
        guid, post = asked.get("guid", ""), asked.get("post_id", 0, int)
        if post not in {one["id"] for one in self.posts}:
            return _problem(
                100, "One of the parameters specified was missing or invalid: post_id is undefined"
            )
        if len(asked["message"]) > 16_384:
            return _problem(
                100, "One of the parameters specified was missing or invalid: message is too long"
            )
        if guid not in self.guids:
            made = self._comment(
                post,
                -asked.get("from_group", 0, int),
                asked["message"],
                to=asked.get("reply_to_comment", 0, int),
            )
            self.guids[guid] = made
        number = self.guids[guid]
        return json_response(
            {"response": {"comment_id": number, "parents_stack": self._one(number)["parents_stack"]}}
        )


def _people() -> dict[str, Any]:
    profiles = [
        {
            "id": number,
            "first_name": first,
            "last_name": last,
            "screen_name": f"id{number}",
            "sex": 1,
            "is_closed": False,
            "can_access_closed": True,
        }
        for number, (first, last) in NAMES.items()
    ]
    return {"profiles": profiles, "groups": [_group()]}


def _group() -> dict[str, Any]:
    return {"id": GROUP, "name": "Заря", "screen_name": f"club{GROUP}", "is_closed": 0, "type": "group"}


def _problem(code: int, words: str) -> Response:
    return json_response(
        {
            "error": {
                "error_code": code,
                "error_msg": words,
                "request_params": [{"key": "v", "value": "5.199"}],
            }
        }
    )
