"""Local sites that take answers: real HTTP servers on loopback that behave as the real ones were seen to.

`mode` says how the next answer is met: publish, hold, refuse, slow (it is taken, but the site is silent),
cut (it is taken, and the connection breaks), broken (an error of the site's own), no_api (it knows no address of its API).
"""

import base64
import json
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any, Self

from werkzeug import Request, Response

from channels.contract import Place, Target
from tests.servers import serving


@dataclass
class Site:
    """A server in a thread. `taken` are the answers that it stored, in any mode."""

    mode: str = "publish"
    taken: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    posted: int = 0
    url: str = field(default="", init=False)
    _waiting: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._served = serving(Request.application(self._answer))
        self.url = self._served.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._waiting.set()
        self._served.__exit__(None, None, None)

    def _answer(self, request: Request) -> Response:
        self.requests.append((request.method, request.full_path.rstrip("?")))
        self.headers.append({name.lower(): value for name, value in request.headers})
        is_change = request.method in ("POST", "DELETE")
        self.posted += is_change
        response = self.page(request)
        if is_change and self.mode == "slow":
            self._waiting.wait(20)
        if is_change and self.mode == "cut":
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return response

    def page(self, request: Request) -> Response:
        raise NotImplementedError

    @property
    def is_taking(self) -> bool:
        return self.mode in ("publish", "hold", "slow", "cut")


@dataclass
class WordPressSite(Site):
    """WordPress' REST API as version 6.5 answers: also its duplicate check, and its typographic quotes."""

    password: str = "abcd efgh ijkl mnop qrst uvwx"
    is_plain: bool = False
    is_closed_to_strangers: bool = False
    refuses_duplicates = True

    def __enter__(self) -> Self:
        super().__enter__()
        self.comments = [_comment(12, 0, "Anna", 0, "Does not work"), _comment(13, 0, "Борис", 0, "И у меня")]
        return self

    @property
    def place(self) -> Place:
        return Place(self.root, {"username": "agent"}, {"application_password": self.password})

    @property
    def root(self) -> str:
        return f"{self.url}/?rest_route=/" if self.is_plain else f"{self.url}/wp-json/"

    @property
    def target(self) -> Target:
        return Target("12", f"{self.url}/?p=1#comment-12", f"{self.url}/?p=1")

    @property
    def stranger_place(self) -> Place:
        return Place(self.root, {"username": "agent"}, {"application_password": "wrong"})

    def page(self, request: Request) -> Response:
        route = request.args.get("rest_route") or request.path.partition("/wp-json")[2]
        if not route:
            link = {"Link": f'<{self.root}>; rel="https://api.w.org/"'}
            return Response(
                "<html><head><title>Blog</title></head><body>Hi</body></html>",
                mimetype="text/html",
                headers=link,
            )
        if self.is_closed_to_strangers and not self._is_agent(request):
            return _problem(401, "rest_cannot_access", "Only authenticated users can access the REST API.")
        if route.rstrip("/") in ("", "/"):
            return _json({"name": "Blog &amp; Co", "namespaces": ["oembed/1.0", "wp/v2"]})
        if self.mode == "no_api":
            return _problem(404, "rest_no_route", "No route was found matching the URL and request method.")
        if route == "/wp/v2/users/me":
            return (
                _json({"id": 3, "name": "Acme team"})
                if self._is_agent(request)
                else _problem(401, "rest_not_logged_in", "You are not currently logged in.")
            )
        if route == "/wp/v2/comments":
            return self._take(request) if request.method == "POST" else self._list(request)
        if found := re.fullmatch(r"/wp/v2/comments/(\d+)", route):
            return self._one(request, int(found[1]))
        return _problem(404, "rest_no_route", "No route was found matching the URL and request method.")

    def _is_agent(self, request: Request) -> bool:
        wanted = base64.b64encode(f"agent:{self.password}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {wanted}"

    def _take(self, request: Request) -> Response:
        if self.mode == "broken":
            return Response("<h1>Critical error</h1>", 500, mimetype="text/html")
        if not self._is_agent(request):
            return _problem(401, "rest_comment_login_required", "Sorry, you must be logged in to comment.")
        if self.mode == "refuse":
            return _problem(403, "rest_comment_closed", "Sorry, comments are <b>closed</b> for this item.")
        body = request.get_json()
        if any(taken == body for taken in self.taken):
            return _problem(
                409,
                "comment_duplicate",
                "Duplicate comment detected; it looks as though you&#8217;ve already said that!",
            )
        self.taken.append(body)
        comment = _comment(
            100 + len(self.taken), body["parent"], "Acme team", 3, body["content"], post=body["post"]
        )
        comment["status"] = "hold" if self.mode == "hold" else "approved"
        comment["link"] = f"{self.url}/?p=1#comment-{comment['id']}"
        self.comments.append(comment)
        return _json(comment, 201)

    def _list(self, request: Request) -> Response:
        per_page, page = request.args.get("per_page", 10, int), request.args.get("page", 1, int)
        if per_page > 100:
            return _problem(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        parent = request.args.get("parent", None, int)
        shown = [c for c in self.comments if c["status"] == "approved" and parent in (None, c["parent"])]
        shown.sort(key=lambda c: c["id"], reverse=request.args.get("order", "desc") == "desc")
        total = -(-len(shown) // per_page)
        headers = {"X-WP-Total": str(len(shown)), "X-WP-TotalPages": str(total)}
        if page > max(1, total):
            return _problem(
                400,
                "rest_post_invalid_page_number",
                "The page number requested is larger than the number of pages available.",
            )
        return _json(shown[(page - 1) * per_page : page * per_page], headers=headers)

    def _one(self, request: Request, number: int) -> Response:
        found = next((c for c in self.comments if c["id"] == number), None)
        if found is None:
            return _problem(404, "rest_comment_invalid_id", "Invalid comment ID.")
        if found["status"] != "approved" and not self._is_agent(request):
            return _problem(401, "rest_cannot_read", "Sorry, you are not allowed to read this comment.")
        if request.method in ("POST", "DELETE"):
            return self._change(request, found)
        return _json(found)

    def _change(self, request: Request, found: dict[str, Any]) -> Response:
        """As for a user who may moderate: anybody's comment."""
        if self.mode == "broken":
            return Response("<h1>Critical error</h1>", 500, mimetype="text/html")
        if not self._is_agent(request) or self.mode == "refuse":
            said = "Sorry, you are not allowed to edit this comment."
            return _problem(403, "rest_cannot_edit", said)
        if request.method == "DELETE":
            if found["status"] == "trash":
                return _problem(410, "rest_already_trashed", "The comment has already been trashed.")
            found["status"] = "trash"
        else:
            found["content"] = _comment(1, 0, "", 0, request.get_json()["content"])["content"]
        return _json(found)

    def take_down(self) -> None:
        for comment in self.comments:
            comment["status"] = "trash" if comment["author"] == 3 else comment["status"]


def _comment(number: int, parent: int, name: str, author: int, text: str, post: int = 1) -> dict[str, Any]:
    curled = (
        re.sub(r'"([^"]*)"', "&#8220;\\1&#8221;", text).replace("...", "&#8230;").replace(" -- ", " &#8212; ")
    )
    paragraphs = "".join(f"<p>{part.strip()}</p>\n" for part in re.split(r"\n\s*\n", curled))
    return {
        "id": number, "post": post, "parent": parent, "author": author, "author_name": name, "author_url": "",
        "date_gmt": f"2026-11-20T08:00:{number % 60:02}", "content": {"rendered": paragraphs.replace("\n<", "<br />\n<")},
        "link": f"https://blog.example/?p={post}#comment-{number}", "status": "approved", "type": "comment", "_links": {},
    }  # fmt: skip


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, mimetype="application/json")


def _problem(status: int, code: str, message: str) -> Response:
    return _json({"code": code, "message": message, "data": {"status": status}}, status)


@dataclass
class ForumSite(Site):
    """A forum with a feed, a session cookie, a token in its reply form, and moderators."""

    refuses_duplicates = False
    encoding: str = "utf-8"
    form_extra: str = ""

    def __enter__(self) -> Self:
        super().__enter__()
        self.posts = [
            {"id": 1, "name": "Ольга", "text": "Списали деньги дважды"},
            {"id": 2, "name": "Ben", "text": "Same here"},
        ]
        return self

    @property
    def place(self) -> Place:
        return Place(f"{self.url}/feed.atom", {"name": "Заря"})

    @property
    def stranger_place(self) -> Place:
        return Place(f"{self.url}/feed.atom", {})

    @property
    def target(self) -> Target:
        return Target("urn:post:1", f"{self.url}/t/1#post-1", f"{self.url}/t/1")

    def page(self, request: Request) -> Response:
        routes: dict[str, Callable[[Request], Response]] = {
            "/feed.atom": self._feed, "/t/1": self._topic, "/t/1/reply": self._take, "/": self._home,
        }  # fmt: skip
        found = routes.get(request.path)
        return found(request) if found else Response("Not found", 404)

    def _home(self, _request: Request) -> Response:
        return self._html(
            '<link rel="alternate" type="application/atom+xml" href="/feed.atom">', "<h1>Forum</h1>"
        )

    def _html(self, head: str, body: str, status: int = 200) -> Response:
        text = f"<!doctype html><html><head><title>Forum</title>{head}</head><body>{body}</body></html>"
        return Response(
            text.encode(self.encoding, "xmlcharrefreplace"),
            status,
            content_type=f"text/html; charset={self.encoding}",
        )

    def _feed(self, _request: Request) -> Response:
        entries = "".join(
            f"<entry><id>urn:post:{p['id']}</id><title>T</title><link href='{self.url}/t/1#post-{p['id']}'/><updated>2026-11-20T08:00:00Z</updated>"
            f"<author><name>{escape(p['name'])}</name></author><content type='text'>{escape(p['text'])}</content></entry>"
            for p in reversed(self.posts)
        )
        return Response(
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><id>f</id>{entries}</feed>',
            mimetype="application/atom+xml",
        )

    def _topic(self, _request: Request, notice: str = "", text: str = "") -> Response:
        posts = "".join(
            f"<div class=post id=post-{p['id']}><b>{escape(p['name'])}</b><p>{escape(p['text'])}</p></div>"
            for p in self.posts
        )
        form = (
            "<form action='/search'><input name=q></form>"
            f"<form method=post action='/t/1/reply'><input type=hidden name=csrf value=t0ken><input name=name>{self.form_extra}"
            f"<textarea name=message maxlength=500>{escape(text)}</textarea><button name=go value=1>Reply</button></form>"
        )
        response = self._html("", notice + posts + form)
        response.set_cookie("session", "s1")
        return response

    def _take(self, request: Request) -> Response:
        if self.mode == "broken":
            return Response("oops", 502)
        form = _form(request, self.encoding)
        if form.get("csrf") != "t0ken" or request.cookies.get("session") != "s1":
            return self._html("", "<div class=error>Your session has expired.</div>", 403)
        if self.mode == "refuse":
            return self._topic(
                request,
                "<div class='alert error'>Please wait <b>30 seconds</b> between posts.</div>",
                form["message"],
            )
        self.taken.append(form)
        if self.mode == "hold":
            return self._html("", "<p>Thank you! Your post is awaiting moderation.</p>")
        self.posts.append({"id": 2 + len(self.taken), "name": form["name"], "text": form["message"]})
        return Response("", 303, {"Location": f"/t/1#post-{self.posts[-1]['id']}"})

    def take_down(self) -> None:
        self.posts = self.posts[:2]


def _form(request: Request, encoding: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    if request.mimetype == "multipart/form-data":
        return dict(request.form)
    return dict(parse_qsl(request.get_data(as_text=False).decode("ascii"), encoding=encoding))


SITES: dict[str, Callable[[], Any]] = {"wordpress": WordPressSite, "forum": ForumSite}
