"""A small forum on Discourse: its newest posts, its topics, answers by key, and a queue for moderators."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

KEY, USER, USER_ID = "sandbox-discourse-key", "zarya_care", 7
BEGINNING = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
PER_PAGE = 50
TOPICS = {77: "Чайник «Заря К2» течёт", 78: "Zarya app: reminders"}
FIRST_IN_TOPIC = 20


class Site(Sandbox):
    kind = "discourse"
    own_ids = (str(USER_ID),)

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []
        self._post(77, "Анна К.", "Купила в октябре, течёт снизу. Поддержка молчит <b>неделю</b>.")
        self._post(77, "Zarya", "Анна, нам жаль. Пришлите номер заказа в личные сообщения.", to=1, user=USER)
        self._post(77, "Борис", "У меня так же &amp; никто не отвечает.", to=1)
        self._post(78, "Ben", "Reminders come an hour late since the update.")
        self._post(78, "system", "This topic was moved.", kind=3)

    @property
    def address(self) -> str:
        return self.url

    @property
    def settings(self) -> dict[str, str]:
        return {"username": USER}

    @property
    def secrets(self) -> dict[str, str]:
        return {"api_key": KEY}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        del rating  # nobody gives stars here
        return str(self._post(77, author, text)["id"])

    def change(self, external_id: str, text: str) -> None:
        self._rewrite(self._one(external_id), text)

    def withdraw(self, external_id: str) -> None:
        self._one(external_id).update(user_deleted=True, cooked="<p>(post deleted by author)</p>")

    def answers(self) -> list[Answered]:
        sent = [one for one in (*self.said, *self.waiting) if one["username"] == USER]
        return [Answered(str(one["id"]), self._answered(one), one["raw"], _state(one)) for one in sent]

    def decide(self, external_id: str, state: State) -> None:
        found = next((one for one in self.waiting if str(one["id"]) == external_id), None)
        if found is not None and state in ("public", "rejected"):
            self.waiting.remove(found)
            if state == "public":
                self.said.append(found | {"state": "public"})
            return
        self._one(external_id).update(hidden=state == "rejected", user_deleted=state == "removed")

    def _post(
        self, topic: int, name: str, text: str, *, to: int | None = None, user: str = "", kind: int = 1
    ) -> dict[str, Any]:
        number = 5001 + len(self.said) + len(self.waiting)
        at = BEGINNING + timedelta(minutes=number - 5000)
        made = {
            "id": number, "name": name, "username": user or f"user{len(name)}", "user_id": USER_ID if user else 100 + len(name),
            "topic_id": topic, "post_number": 1 + sum(one["topic_id"] == topic for one in self.said), "post_type": kind,
            "reply_to_post_number": to, "at": at, "version": 1, "hidden": False, "user_deleted": False, "state": "public",
        }  # fmt: skip
        self._rewrite(made, text)
        self.said.append(made | {"version": 1})
        return self.said[-1]

    def _rewrite(self, one: dict[str, Any], text: str) -> None:
        one.update(raw=text, cooked=f"<p>{text}</p>".replace("\n\n", "</p>\n<p>"), version=one["version"] + 1)

    def _one(self, external_id: str) -> dict[str, Any]:
        return next((one for one in self.said if str(one["id"]) == external_id), {})

    def _answered(self, one: dict[str, Any]) -> str:
        asked = one["topic_id"], one["reply_to_post_number"] or 1
        found = (str(each["id"]) for each in self.said if (each["topic_id"], each["post_number"]) == asked)
        return next(found, "")

    def _is_ours(self, request: Request) -> bool:
        told = request.headers.get("Api-Key"), request.headers.get("Api-Username")
        return not self.is_revoked and told == (KEY, USER)

    def respond(self, request: Request) -> Response:
        path, has_key = request.path, "Api-Key" in request.headers
        if has_key and not self._is_ours(request):
            return _problem(403, "You are not permitted to view the requested resource.", "invalid_access")
        if path in ("/posts.json", "/posts"):
            return self._add(request) if request.method == "POST" else self._latest(request)
        if found := re.fullmatch(r"/posts/(\d+)(?:\.json)?", path):
            return self._single(request, self._one(found[1]))
        if found := re.fullmatch(r"/t/(\d+)(/posts)?\.json", path):
            return self._topic(request, int(found[1]), is_part=bool(found[2]))
        if path == "/session/current.json" and has_key:
            return json_response({"current_user": {"id": USER_ID, "username": USER}})
        if path == f"/posts/{USER}/pending.json" and has_key:
            return json_response(
                {"pending_posts": [{"id": one["id"], "raw": one["raw"]} for one in self.waiting]}
            )
        if path == "/":
            head = (
                '<meta name="generator" content="Discourse 3.5.0 - https://github.com/discourse/discourse">'
            )
            return Response(
                f"<html><head><title>Заря: форум</title>{head}</head></html>", mimetype="text/html"
            )
        return _problem(404, "The requested URL or resource could not be found.", "not_found")

    def _latest(self, request: Request) -> Response:
        before = request.args.get("before", 10**9, int)
        found = [one for one in reversed(self.said) if one["id"] < before][:PER_PAGE]
        return json_response({"latest_posts": [_listed(one) for one in found]})

    def _add(self, request: Request) -> Response:
        if not self._is_ours(request):
            return _problem(403, "You are not permitted to view the requested resource.", "not_logged_in")
        body = request.get_json(silent=True) or request.form.to_dict()  # it takes both
        topic, to = int(body["topic_id"]), int(body.get("reply_to_post_number") or 0) or None
        if len(body["raw"]) < 20:
            return _problem(422, "Body is too short (minimum is 20 characters)", action="create_post")
        if any(one["raw"] == body["raw"] for one in self.said):
            return _problem(422, "Body is too similar to what you recently posted", action="create_post")
        made = self._post(topic, "Заря", body["raw"], to=to, user=USER)
        if self.state_of_new == "held":
            self.said.remove(made)
            self.waiting.append(made | {"state": "held"})
            return json_response(
                {"action": "enqueued", "success": True, "pending_post": {"id": 1, "raw": made["raw"]}}
            )
        return json_response(_created(made))

    def _single(self, request: Request, one: dict[str, Any]) -> Response:
        if not one or (one["user_deleted"] and request.method != "GET"):
            return _problem(404, "The requested URL or resource could not be found.", "not_found")
        if request.method == "GET":
            return json_response(_without(_created(one), "draft_sequence"))
        if not self._is_ours(request):
            return _problem(403, "You are not permitted to view the requested resource.", "not_logged_in")
        if request.method == "DELETE":
            one["user_deleted"] = True
            return Response("", 200)
        self._rewrite(one, request.form.get("post[raw]") or request.get_json()["post"]["raw"])
        return json_response({"post": _created(one)})

    def _topic(self, request: Request, topic: int, *, is_part: bool) -> Response:
        found = [one for one in self.said if one["topic_id"] == topic and not one["user_deleted"]]
        if not found:
            return _problem(404, "The requested URL or resource could not be found.", "not_found")
        asked = {int(one) for one in request.args.getlist("post_ids[]")}
        shown = [one for one in found if one["id"] in asked] if is_part else found[:FIRST_IN_TOPIC]
        stream: dict[str, Any] = {"posts": [_in_topic(one) for one in shown]}
        if is_part:
            stream["posts"] = [_without(one, "bookmarked", "link_counts") for one in stream["posts"]]
            return json_response({"id": topic, "post_stream": stream})
        stream["stream"] = [one["id"] for one in found]
        return json_response(_topic_facts(topic, len(found)) | {"post_stream": stream})


def _state(one: dict[str, Any]) -> State:
    if one["user_deleted"]:
        return "removed"
    return "rejected" if one["hidden"] else one["state"]


def _problem(status: int, said: str, kind: str = "", **more: str) -> Response:
    told = {"errors": [said], "error_type": kind} if kind else {"errors": [said]}
    return json_response(told | more, status)


def _created(one: dict[str, Any]) -> dict[str, Any]:
    at, topic = one["at"], one["topic_id"]
    moment = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
    changed = f"{at + timedelta(minutes=one['version'] - 1):%Y-%m-%dT%H:%M:%S}.000Z"
    return {
        "id": one["id"], "name": one["name"], "username": one["username"], "avatar_template": "/letter_avatar/{size}.png",
        "created_at": moment, "raw": one["raw"], "cooked": one["cooked"], "post_number": one["post_number"],
        "post_type": one["post_type"], "posts_count": 3, "updated_at": changed, "reply_count": 0,
        "reply_to_post_number": one["reply_to_post_number"], "quote_count": 0, "incoming_link_count": 0, "reads": 14,
        "readers_count": 13, "score": 2.8, "yours": False, "topic_id": topic, "topic_slug": f"topic-{topic}",
        "display_username": one["name"], "primary_group_name": None, "flair_name": None, "flair_url": None,
        "flair_bg_color": None, "flair_color": None, "version": one["version"], "can_edit": False, "can_delete": False,
        "can_recover": False, "can_wiki": False, "user_title": None, "bookmarked": False,
        "actions_summary": [{"id": 2, "count": 1, "can_act": True}], "moderator": False, "admin": False, "staff": False,
        "user_id": one["user_id"], "hidden": one["hidden"], "trust_level": 1, "deleted_at": None,
        "user_deleted": one["user_deleted"], "edit_reason": None, "can_view_edit_history": True, "wiki": False,
        "draft_sequence": 0, "reviewable_id": 0, "reviewable_score_count": 0, "reviewable_score_pending_count": 0,
        "post_url": f"/t/topic-{topic}/{topic}/{one['post_number']}",
    }  # fmt: skip


def _listed(one: dict[str, Any]) -> dict[str, Any]:
    title = TOPICS[one["topic_id"]]
    more = {
        "topic_title": title, "topic_html_title": title, "category_id": 4, "excerpt": one["raw"][:200], "truncated": False,
        "badges_granted": [], "can_see_hidden_post": False, "flair_group_id": None,
    }  # fmt: skip
    return _without(_created(one), "draft_sequence") | more


def _in_topic(one: dict[str, Any]) -> dict[str, Any]:
    """A topic shows its posts as pages do: without what their authors typed."""
    return _without(_created(one), "raw", "post_url", "posts_count", "draft_sequence") | {
        "link_counts": [],
        "read": True,
    }


def _without(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in names}


def _topic_facts(topic: int, count: int) -> dict[str, Any]:
    at = f"{BEGINNING:%Y-%m-%dT%H:%M:%S}.000Z"
    nothing = (
        "archived", "bookmarked", "closed", "has_deleted", "has_summary", "pinned", "pinned_globally", "show_read_indicator",
    )  # fmt: skip
    unset = (
        "deleted_at", "deleted_by", "draft", "featured_link", "image_url", "pinned_at", "pinned_until", "slow_mode_enabled_until",
        "thumbnails", "topic_timer", "unpinned",
    )  # fmt: skip
    return {
        **dict.fromkeys(nothing, False), **dict.fromkeys(unset), "id": topic, "title": TOPICS[topic], "fancy_title": TOPICS[topic],
        "slug": f"topic-{topic}", "archetype": "regular", "actions_summary": [], "bookmarks": [], "category_id": 4, "chunk_size": 20,
        "created_at": at, "last_posted_at": at, "details": {}, "draft_key": f"topic_{topic}", "draft_sequence": 0,
        "highest_post_number": count, "like_count": 0, "message_bus_last_id": 0, "participant_count": 3, "posts_count": count,
        "reply_count": 0, "slow_mode_seconds": 0, "suggested_topics": [], "tags": [], "tags_descriptions": {}, "timeline_lookup": [],
        "user_id": 100, "views": 30, "visible": True, "word_count": 90,
    }  # fmt: skip
