"""Bluesky: sessions that run out, a search, notifications, and the records of one account; the public view beside them."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

STARTS = datetime(2026, 11, 20, 8, tzinfo=UTC)
BRAND, ANNA, JOHN = ("did:plc:" + letter * 24 for letter in "abc")
POST = "app.bsky.feed.post"
HANDLES = {BRAND: "zarya.bsky.social", ANNA: "anna.example", JOHN: "john.example"}
_KEY = re.compile(r"[234567a-j][2-7a-z]{12}")


class Site(Sandbox):
    """`sessions` counts the sign-ins, `page` is how many posts a list gives at most."""

    kind = "bluesky"
    own_ids = (BRAND,)

    def __init__(self) -> None:
        super().__init__()
        self.page, self.sessions, self.renewals, self.made = 100, 0, 0, 0
        self.access = self.refresh = ""
        self.posts: dict[str, dict[str, Any]] = {}
        first = self._add(ANNA, "Чайник Заря течёт, zarya молчит.", langs=["ru"])
        self._add(JOHN, "My Zarya kettle stopped after a week. 👨‍👩‍👧", langs=["en"])
        answer = self._add(BRAND, "Анна, напишите номер заказа!", parent=first)
        self._add(ANNA, "@zarya.bsky.social 77, жду. " + "Zarya! " * 20, parent=answer)
        closed = self._add(JOHN, "Zarya, please do not answer.")
        self.posts[closed]["viewer"] = {"replyDisabled": True}
        del self.posts[closed]["record"]["langs"], self.posts[closed]["author"]["displayName"]

    @property
    def address(self) -> str:
        return "https://bsky.app/search?q=zarya"

    @property
    def settings(self) -> dict[str, str]:
        return {"handle": HANDLES[BRAND]}

    @property
    def secrets(self) -> dict[str, str]:
        return {"app_password": "abcd-efgh-9f1c-sand"}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        del rating  # nobody gives stars here
        return self._add(ANNA if author == "Анна К." else JOHN, f"{text} Zarya @zarya.bsky.social")

    def change(self, external_id: str, text: str) -> None:
        post = self.posts[external_id]
        post["record"], post["cid"] = post["record"] | {"text": f"{text} Zarya"}, _cid(text)

    def withdraw(self, external_id: str) -> None:
        del self.posts[external_id]

    def answers(self) -> list[Answered]:
        ours = [
            one for one in self.posts.values() if one["author"]["did"] == BRAND and "reply" in one["record"]
        ]
        return [
            Answered(one["uri"], one["record"]["reply"]["parent"]["uri"], one["record"]["text"])
            for one in ours
        ]

    def decide(self, external_id: str, state: State) -> None:
        if state in ("rejected", "removed"):
            del self.posts[external_id]

    def expire(self) -> None:
        """The session of now is taken no more; another one may be had."""
        self.access = "gone"

    def respond(self, request: Request) -> Response:
        method, proof = request.path.rpartition("/")[2], request.headers.get("authorization", "")
        match method:
            case "com.atproto.server.createSession":
                return self._sign_in(request)
            case "com.atproto.server.refreshSession":
                return self._renew(request, proof)
            case "app.bsky.feed.getPosts" if not proof:
                found = [self.posts[one] for one in request.args.getlist("uris") if one in self.posts]
                return json_response({"posts": found})
        if not proof:
            return _error("AuthMissing", "Authentication Required", 401)
        if self.is_revoked or proof != f"Bearer {self.access}":
            name = "InvalidToken" if self.is_revoked else "ExpiredToken"
            return _error(name, "Token could not be verified" if self.is_revoked else "Token has expired")
        return self._signed_in(request, method)

    def _signed_in(self, request: Request, method: str) -> Response:
        match method:
            case "com.atproto.server.getSession":
                return json_response({"did": BRAND, "handle": HANDLES[BRAND], "active": True})
            case "com.atproto.identity.resolveHandle":
                known = {handle: did for did, handle in HANDLES.items()}
                did = known.get(request.args.get("handle", ""))
                return (
                    json_response({"did": did})
                    if did
                    else _error("InvalidRequest", "Unable to resolve handle")
                )
            case "app.bsky.feed.searchPosts":
                return self._searched(request)
            case "app.bsky.notification.listNotifications":
                told = [_notice(one) for one in self.posts.values() if _is_told(one)]
                return self._listed(request, "notifications", told)
            case "com.atproto.repo.listRecords":
                ours = [
                    one for one in self.posts.values() if one["author"]["did"] == request.args.get("repo")
                ]
                return self._listed(request, "records", [_record(one) for one in ours])
            case "com.atproto.repo.getRecord":
                found = self.posts.get(_uri(request.args))
                return (
                    json_response(_record(found))
                    if found
                    else _error("RecordNotFound", "Could not locate record")
                )
            case "com.atproto.repo.createRecord":
                return self._create(request.get_json())
            case "com.atproto.repo.deleteRecord":
                gone = self.posts.pop(_uri(request.get_json()), None)
                return json_response(
                    {"commit": {"cid": _cid("gone"), "rev": "3lbaaaaaaaa2b"}} if gone else {}
                )
        return _error("MethodNotImplemented", "Method Not Implemented", 501)

    def _searched(self, request: Request) -> Response:
        if not (wanted := request.args.get("q", "").casefold()):
            return _error("BadQueryString", "q must not be empty")
        since = request.args.get("since", "")
        found = [
            one
            for one in self.posts.values()
            if wanted in one["record"]["text"].casefold() and one["indexedAt"] >= since
        ]
        return self._listed(request, "posts", found)

    def _listed(self, request: Request, key: str, items: list[dict[str, Any]]) -> Response:
        start, limit = request.args.get("cursor", 0, int), min(request.args.get("limit", 25, int), self.page)
        newest = items[::-1]
        said: dict[str, Any] = {key: newest[start : start + limit]}
        return json_response(said | ({"cursor": str(start + limit)} if start + limit < len(newest) else {}))

    def _sign_in(self, request: Request) -> Response:
        said = request.get_json()
        if self.is_revoked or (said.get("identifier"), said.get("password")) != (
            HANDLES[BRAND],
            self.secrets["app_password"],
        ):
            return _error("AuthenticationRequired", "Invalid identifier or password", 401)
        self.sessions += 1
        return self._session()

    def _renew(self, request: Request, proof: str) -> Response:
        if request.get_data():
            return _error("InvalidRequest", "A request body was provided when none was expected")
        if self.is_revoked or not self.refresh or proof != f"Bearer {self.refresh}":
            return _error("ExpiredToken", "Token has been revoked")
        self.renewals += 1
        return self._session()

    def _session(self) -> Response:
        number = self.sessions + self.renewals
        self.access, self.refresh = f"sandbox-access-{number}-k7Qz", f"sandbox-refresh-{number}-p3Wd"
        told = {"accessJwt": self.access, "refreshJwt": self.refresh, "active": True}
        return json_response(told | {"handle": HANDLES[BRAND], "did": BRAND})

    def _create(self, said: dict[str, Any]) -> Response:
        text, reply = said["record"].get("text", ""), said["record"].get("reply")
        if said["repo"] != BRAND:
            return _error("AccountNotFound", "Could not find account", 403)
        if (signs := len(re.findall(r"(?s).", text))) > 300:
            note = f"Invalid {POST} record: grapheme too big (maximum 300, got {signs}) at $.record.text"
            return _error("InvalidRequest", note)
        if not _KEY.fullmatch(said.get("rkey", "")):
            return _error("InvalidRequest", "Invalid record key")
        if _uri(said) in self.posts:
            return _error("InternalServerError", "Internal Server Error", 500)
        parent = reply["parent"]["uri"] if reply else None
        uri = self._add(BRAND, text, parent=parent, key=said["rkey"])
        self.posts[uri]["record"] = said["record"]
        commit = {"cid": _cid(uri + "c"), "rev": "3lbaaaaaaaa2a"}
        return json_response(
            {"uri": uri, "cid": self.posts[uri]["cid"], "commit": commit, "validationStatus": "valid"}
        )

    def _add(
        self, did: str, text: str, *, parent: str | None = None, langs: list[str] | None = None, key: str = ""
    ) -> str:
        self.made += 1
        uri = f"at://{did}/{POST}/{key or f'3l{self.made:0>11}'.translate(str.maketrans('0189', 'wxyz'))}"
        record: dict[str, Any] = {
            "$type": POST,
            "text": text,
            "createdAt": _time(self.made),
            "langs": langs or ["ru"],
        }
        if parent in self.posts:
            above = {"uri": parent, "cid": self.posts[parent]["cid"]}
            root = self.posts[parent]["record"].get("reply", {}).get("root", above)
            record["reply"] = {"root": root, "parent": above}
        names = {BRAND: "Заря", ANNA: "Анна К.", JOHN: "John"}
        author = {"did": did, "handle": HANDLES[did], "displayName": names[did]}
        self.posts[uri] = {
            "uri": uri, "cid": _cid(uri), "author": author, "record": record, "indexedAt": _time(self.made),
            "replyCount": 0, "repostCount": 1, "likeCount": 4, "quoteCount": 0, "labels": [],
        }  # fmt: skip
        return uri


def _time(minutes: int) -> str:
    return (STARTS + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _cid(words: str) -> str:
    return "bafyrei" + hashlib.sha256(words.encode()).hexdigest()[:52]


def _uri(said: Any) -> str:
    return f"at://{said.get('repo')}/{said.get('collection')}/{said.get('rkey')}"


def _is_told(post: dict[str, Any]) -> bool:
    return HANDLES[BRAND] in post["record"]["text"] and post["author"]["did"] != BRAND


def _notice(post: dict[str, Any]) -> dict[str, Any]:
    kept = {key: post[key] for key in ("uri", "cid", "author", "record", "indexedAt", "labels")}
    return kept | {"reason": "reply" if "reply" in post["record"] else "mention", "isRead": False}


def _record(post: dict[str, Any]) -> dict[str, Any]:
    return {"uri": post["uri"], "cid": post["cid"], "value": post["record"]}


def _error(name: str, message: str, status: int = 400) -> Response:
    return json_response({"error": name, "message": message}, status)
