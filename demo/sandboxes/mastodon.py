"""A server of Mastodon: hashtag timelines, search, mentions, threads, and posts of the account by an idempotency key."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

STARTS = datetime(2026, 11, 20, 8, tzinfo=UTC)
FIRST = 115_550_000_000_000_000
PROOF = "sandbox-4b8Qz"
BRAND = "1"
LONGEST = 500
_NAME = re.compile(r"@([\w.-]+)(?:@[\w.-]+)?")


class Site(Sandbox):
    """`per_page_most`: so many posts a list gives at most, whatever is asked."""

    kind = "mastodon"
    own_ids = (BRAND,)

    def __init__(self) -> None:
        super().__init__()
        self.per_page_most = 40
        self.accounts = {BRAND: _account(BRAND, "zarya", "Заря")}
        self.posts: dict[str, dict[str, Any]] = {}
        self.made: dict[str, str] = {}
        first = self.say("Чайник Заря К-2 <течёт> & шумит.")
        self.say("My Zarya kettle stopped after a week.", author="John")
        photo = self.say("", author="Олег")
        self.posts[photo] |= {"spoiler_text": "Без слов", "media_attachments": [_photo()], "language": None}
        answer = self._add(BRAND, "@anna Анна, пришлите номер заказа!", parent=first, visibility="unlisted")
        self._add("100", f"@zarya Номер 77, уже третий раз. {'Очень жду! ' * 20}", parent=answer["id"])
        self._add("100", "@zarya Это личное.", visibility="direct")

    @property
    def address(self) -> str:
        return f"{self.url}/tags/zarya"

    @property
    def secrets(self) -> dict[str, str]:
        return {"access_token": PROOF}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        del rating  # nobody gives stars here
        known = next((key for key, one in self.accounts.items() if one["display_name"] == author), "")
        own_id = known or str(100 + len(self.accounts) - 1)
        name = "anna" if author == "Анна К." else f"user{own_id}"
        self.accounts.setdefault(own_id, _account(own_id, name, author))
        return str(self._add(own_id, f"{text} #zarya @zarya".strip() if text else "")["id"])

    def change(self, external_id: str, text: str) -> None:
        self.posts[external_id] |= {"content": _content(f"{text} #zarya"), "edited_at": _time(900)}

    def withdraw(self, external_id: str) -> None:
        del self.posts[external_id]

    def answers(self) -> list[Answered]:
        """Without the name of the addressee, which goes before the words of every answer."""
        return [
            Answered(one["id"], one["in_reply_to_id"], _NAME.sub("", one["text"], count=1).strip())
            for one in self.posts.values()
            if one["account"]["id"] == BRAND and one["in_reply_to_id"]
        ]

    def decide(self, external_id: str, state: State) -> None:
        if state in ("rejected", "removed"):
            del self.posts[external_id]

    def respond(self, request: Request) -> Response:
        path, proof = request.path.removeprefix("/api"), request.headers.get("authorization")
        if proof is not None and (self.is_revoked or proof != f"Bearer {PROOF}"):
            return json_response({"error": "The access token is invalid"}, 401)
        if path.startswith("/v1/statuses/") and path.endswith("/context"):
            return self._context(path.split("/")[3])
        if request.method == "GET" and path.startswith("/v1/statuses/"):
            found = self.posts.get(path.split("/")[3])
            return json_response(_shown(found)) if found and found["visibility"] != "direct" else _missing()
        if path == "/v1/timelines/tag/zarya":
            return self._listed(request, [one for one in self.posts.values() if one["tags"]])
        if proof is None:
            return json_response({"error": "This method requires an authenticated user"}, 422)
        return self._of_account(request, path)

    def _of_account(self, request: Request, path: str) -> Response:
        match request.method, path:
            case "GET", "/v1/accounts/verify_credentials":
                role = {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": False}
                source = {"privacy": "public", "sensitive": False, "language": "ru", "note": "", "fields": []}
                more = {
                    "follow_requests_count": 0,
                    "hide_collections": None,
                    "discoverable": True,
                    "indexable": True,
                }
                source |= more | {"attribution_domains": [], "quote_policy": "public"}
                return json_response(self.accounts[BRAND] | {"role": role, "source": source})
            case "GET", "/v1/apps/verify_credentials":
                return json_response(_application())
            case "GET", "/v2/instance":
                statuses = {
                    "max_characters": LONGEST,
                    "characters_reserved_per_url": 23,
                    "max_media_attachments": 4,
                }
                return json_response({"domain": "soc.example", "configuration": {"statuses": statuses}})
            case "GET", "/v1/notifications":
                return self._listed(
                    request, [dict(_notice(one)) for one in self.posts.values() if _is_told(one)]
                )
            case "GET", "/v2/search":
                wanted = request.args.get("q", "").casefold()
                found = [
                    one for one in self.posts.values() if wanted in one["text"].casefold() and _is_open(one)
                ]
                said = self._listed(request, found).get_json()
                return json_response({"accounts": [], "hashtags": [], "statuses": said})
            case "GET", "/v1/accounts/1/statuses":
                return self._listed(
                    request, [one for one in self.posts.values() if one["account"]["id"] == BRAND]
                )
            case "POST", "/v1/statuses":
                return self._create(request)
            case "PUT" | "DELETE", path if path.startswith("/v1/statuses/"):
                return self._change(request, path.split("/")[3])
        return _missing()

    def _listed(self, request: Request, items: list[dict[str, Any]]) -> Response:
        limit = min(request.args.get("limit", 20, int), self.per_page_most)
        highest, least = request.args.get("max_id", type=int), request.args.get("since_id", 0, int)
        newest = sorted(items, key=lambda one: -int(one["id"]))
        fit = [
            one for one in newest if least < int(one["id"]) and (highest is None or int(one["id"]) < highest)
        ]
        response = json_response([_shown(one) for one in fit[:limit]])
        if len(fit) > limit:
            response.headers["Link"] = f'<{request.base_url}?max_id={fit[limit - 1]["id"]}>; rel="next"'
        return response

    def _context(self, own_id: str) -> Response:
        if own_id not in self.posts:
            return _missing()
        above: list[dict[str, Any]] = []
        parent = self.posts[own_id]["in_reply_to_id"]
        while parent in self.posts:
            above.insert(0, self.posts[parent])
            parent = self.posts[parent]["in_reply_to_id"]
        below = [one for one in self._below(own_id) if _is_open(one)]
        return json_response(
            {"ancestors": [_shown(one) for one in above], "descendants": [_shown(one) for one in below]}
        )

    def _below(self, own_id: str) -> Iterator[dict[str, Any]]:
        for one in list(self.posts.values()):
            if one["in_reply_to_id"] == own_id:
                yield one
                yield from self._below(one["id"])

    def _create(self, request: Request) -> Response:
        said, key = _said(request), request.headers.get("idempotency-key", "")
        if key and self.made.get(key) in self.posts:
            return json_response(_shown(self.posts[self.made[key]]))
        if said.get("in_reply_to_id") and said["in_reply_to_id"] not in self.posts:
            return json_response({"error": "Record not found"}, 404)
        if (fault := _fault(said.get("status", ""))) is not None:
            return fault
        post = self._add(
            BRAND,
            said["status"],
            parent=said.get("in_reply_to_id"),
            visibility=said.get("visibility", "public"),
        )
        self.made |= {key: post["id"]} if key else {}
        return json_response(_shown(post))

    def _change(self, request: Request, own_id: str) -> Response:
        found = self.posts.get(own_id)
        if found is None or found["account"]["id"] != BRAND:
            return _missing()
        if request.method == "DELETE":
            return json_response(self.posts.pop(own_id))
        said = _said(request)
        if (fault := _fault(said.get("status", ""))) is not None:
            return fault
        found |= {"text": said["status"], "content": _content(said["status"]), "edited_at": _time(990)}
        return json_response(_shown(found))

    def _add(
        self, author: str, text: str, *, parent: str | None = None, visibility: str = "public"
    ) -> dict[str, Any]:
        number = len(self.posts) + len(self.made)
        own_id, account = str(FIRST + 1_000 * (number + 1)), self.accounts[author]
        while own_id in self.posts:
            own_id = str(int(own_id) + 1)
        url = f"https://soc.example/@{account['acct']}/{own_id}"
        is_tagged = text == "" or "#zarya" in text
        self.posts[own_id] = {
            "id": own_id, "created_at": _time(number), "edited_at": None, "in_reply_to_id": parent,
            "in_reply_to_account_id": self.posts[parent]["account"]["id"] if parent else None, "sensitive": False,
            "spoiler_text": "", "visibility": visibility, "language": "ru", "uri": url, "url": url, "replies_count": 0,
            "reblogs_count": 0, "favourites_count": 2, "content": _content(text), "text": text, "reblog": None,
            "account": account, "media_attachments": [], "mentions": [], "emojis": [], "card": None, "poll": None,
            "tags": [{"name": "zarya", "url": "https://soc.example/tags/zarya"}] if is_tagged else [],
        }  # fmt: skip
        return self.posts[own_id]


def _said(request: Request) -> dict[str, Any]:
    """Clients send forms or JSON."""
    return dict(request.get_json()) if request.is_json else request.form.to_dict()


def _fault(text: str) -> Response | None:
    if not text.strip():
        return json_response({"error": "Validation failed: Text can't be blank"}, 422)
    if len(_NAME.sub(r"@\1", re.sub(r"https?://\S+", "x" * 23, text))) > LONGEST:
        return json_response({"error": f"Validation failed: Text character limit of {LONGEST} exceeded"}, 422)
    return None


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key != "text"}


def _is_open(one: dict[str, Any]) -> bool:
    return one["visibility"] in ("public", "unlisted")


def _is_told(one: dict[str, Any]) -> bool:
    return "@zarya" in one["text"] and one["account"]["id"] != BRAND


def _notice(one: dict[str, Any]) -> dict[str, Any]:
    head = {"id": str(int(one["id"]) - FIRST), "type": "mention", "group_key": f"ungrouped-{one['id']}"}
    return head | {"created_at": one["created_at"], "account": one["account"], "status": _shown(one)}


def _missing() -> Response:
    return json_response({"error": "Record not found"}, 404)


def _content(text: str) -> str:
    """As Mastodon shows a text: of a name at another server the first part alone."""
    link = r'<span class="h-card"><a href="https://soc.example/@\1" class="u-url mention">@<span>\1</span></a></span>'
    return (
        f"<p>{_NAME.sub(link, html.escape(text, quote=False)).replace(chr(10), '<br />')}</p>" if text else ""
    )


def _time(minutes: int) -> str:
    return (STARTS + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _photo() -> dict[str, Any]:
    base = "https://files.soc.example/1"
    return {
        "id": "22", "type": "image", "url": f"{base}/original.png", "preview_url": f"{base}/small.png",
        "remote_url": None, "meta": {}, "description": "Лужа под чайником", "blurhash": None,
    }  # fmt: skip


def _application() -> dict[str, Any]:
    back = "urn:ietf:wg:oauth:2.0:oob"
    scopes = ["read", "write:statuses"]
    named = {"id": "7", "name": "Otklik", "website": None, "vapid_key": "", "redirect_uri": back}
    return named | {"redirect_uris": [back], "scopes": scopes}


def _account(own_id: str, name: str, shown: str) -> dict[str, Any]:
    image = f"https://files.soc.example/{own_id}.png"
    return {
        "id": own_id, "username": name, "acct": name, "display_name": shown, "locked": False, "bot": False,
        "group": False, "created_at": _time(0), "note": "", "url": f"https://soc.example/@{name}",
        "uri": f"https://soc.example/users/{name}", "avatar": image, "avatar_static": image, "header": image,
        "header_static": image, "followers_count": 120, "following_count": 3, "statuses_count": 9,
        "last_status_at": "2026-11-20", "emojis": [], "fields": [], "indexable": True, "discoverable": True,
    }  # fmt: skip
