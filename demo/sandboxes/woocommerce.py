"""A small shop on WordPress with WooCommerce: its reviews by /wc/v3 with keys, answers under them as comments of WordPress."""

import base64
import hashlib
import hmac
import html
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Answered, Sandbox, State, json_response

KEY, SECRET = "ck_sandbox_0001", "cs_sandbox_0002"
USER, PASSWORD, STAFF = "care", "abcd efgh ijkl mnop qrst uvwx", 3
PRODUCTS = {7: "Чайник «Заря К2»", 8: "Zarya K3 kettle"}
STATES: dict[str, State] = {"approved": "public", "hold": "held", "spam": "rejected", "trash": "removed"}
BEGINNING = datetime(2026, 11, 18, 8, 0)  # noqa: DTZ001 - as WordPress writes it, in UTC without saying so


class Site(Sandbox):
    kind = "woocommerce"

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []
        self._review(7, "Анна К.", "Чайник потёк через неделю, магазин не отвечает.", 1, is_verified=True)
        self._review(8, "Ben", "Boils fast, the lid sticks a little.", 4, is_verified=True)
        self._review(7, "Борис", "", 5, is_verified=False)
        third = self._review(8, "Mary", "Arrived <b>late</b> &amp; scratched.", 2, is_verified=False)
        ours = self._comment(8, third, "Заря", STAFF, "Mary, a new one leaves today.")
        self._comment(8, ours, "Mary", 0, "Thank you, it came.")

    @property
    def address(self) -> str:
        return self.url

    @property
    def settings(self) -> dict[str, str]:
        return {"username": USER}

    @property
    def secrets(self) -> dict[str, str]:
        return {"consumer_key": KEY, "consumer_secret": SECRET, "application_password": PASSWORD}

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        return str(self._review(7, author, text, rating or 0, is_verified=False))

    def change(self, external_id: str, text: str) -> None:
        self._one(int(external_id))["content"] = html.escape(text, quote=False)

    def withdraw(self, external_id: str) -> None:
        self._one(int(external_id))["status"] = "trash"

    def answers(self) -> list[Answered]:
        return [
            Answered(str(one["id"]), str(one["parent"]), html.unescape(one["content"]), STATES[one["status"]])
            for one in self.said
            if one["author"] == STAFF
        ]

    def decide(self, external_id: str, state: State) -> None:
        self._one(int(external_id))["status"] = next(name for name, meant in STATES.items() if meant == state)

    def _review(self, product: int, name: str, text: str, stars: int, *, is_verified: bool) -> int:
        number = self._comment(product, 0, name, 0, text)
        self._one(number).update(rating=stars, verified=is_verified)
        return number

    def _comment(self, product: int, parent: int, name: str, author: int, text: str) -> int:
        number = 21 + len(self.said)
        self.said.append({
            "id": number, "post": product, "parent": parent, "author": author, "name": name, "content": text, "status": "approved",
            "at": BEGINNING + timedelta(minutes=number),
        })  # fmt: skip
        return number

    def _one(self, number: int) -> dict[str, Any]:
        return next((one for one in self.said if one["id"] == number), {})

    def respond(self, request: Request) -> Response:
        route = request.path.removeprefix("/wp-json")
        if route == request.path:
            link = {"Link": f'<{self.url}/wp-json/>; rel="https://api.w.org/"'}
            return Response(
                "<html><head><title>Заря</title></head><body></body></html>", 200, link, mimetype="text/html"
            )
        if route in ("", "/"):
            return json_response({"name": "Заря", "namespaces": ["oembed/1.0", "wc/v3", "wp/v2"]})
        if route == "/wc/v3/products/reviews":
            return self._reviews(request)
        if route == "/wp/v2/users/me":
            return (
                json_response({"id": STAFF, "name": "Заря"})
                if self._is_staff(request)
                else _problem(401, "rest_not_logged_in")
            )
        if route == "/wp/v2/comments":
            return self._add(request) if request.method == "POST" else self._comments(request)
        if found := re.fullmatch(r"/wp/v2/comments/(\d+)", route):
            return self._single(request, self._one(int(found[1])))
        return _problem(404, "rest_no_route", "No route was found matching the URL and request method.")

    def _is_staff(self, request: Request) -> bool:
        return not self.is_revoked and request.headers.get("Authorization") == _basic(USER, PASSWORD)

    def _has_keys(self, request: Request) -> bool:
        """By Basic, as over https, or by OAuth 1.0a, which is all that WooCommerce takes over http."""
        is_basic = request.headers.get("Authorization") == _basic(KEY, SECRET)
        return not self.is_revoked and (is_basic or _is_signed(request, f"{self.url}{request.path}"))

    def _reviews(self, request: Request) -> Response:
        if not self._has_keys(request):
            return _problem(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        shown = [
            self._shown_review(one) for one in self.said if "rating" in one and one["status"] == "approved"
        ]
        return _page(request, shown, "woocommerce_rest_review_invalid_page_number")

    def _shown_review(self, one: dict[str, Any]) -> dict[str, Any]:
        local = (one["at"] + timedelta(hours=3)).isoformat()
        url = f"{self.url}/wp-json/wc/v3/products/reviews"
        return {
            "id": one["id"], "date_created": local, "date_created_gmt": one["at"].isoformat(), "product_id": one["post"],
            "product_name": PRODUCTS[one["post"]], "product_permalink": f"{self.url}/product/{one['post']}/", "status": "approved",
            "reviewer": one["name"], "reviewer_email": "buyer@client.example", "review": f"<p>{one['content']}</p>\n" if one["content"] else "",
            "rating": one["rating"], "verified": one["verified"], "reviewer_avatar_urls": {},
            "_links": {"self": [{"href": f"{url}/{one['id']}"}], "collection": [{"href": url}]},
        }  # fmt: skip

    def _shown_comment(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": one["id"], "post": one["post"], "parent": one["parent"], "author": one["author"], "author_name": one["name"],
            "author_url": "", "date": (one["at"] + timedelta(hours=3)).isoformat(), "date_gmt": one["at"].isoformat(),
            "content": {"rendered": f"<p>{one['content']}</p>\n".replace("\n\n", "</p>\n<p>")}, "status": one["status"], "type": "comment",
            "link": f"{self.url}/product/{one['post']}/#comment-{one['id']}", "_links": {},
        }  # fmt: skip

    def _comments(self, request: Request) -> Response:
        parents = {int(word) for word in request.args.get("parent", "").split(",") if word.isdigit()}
        found = [one for one in self.said if one["status"] == "approved" and "rating" not in one]
        shown = [self._shown_comment(one) for one in found if not parents or one["parent"] in parents]
        return _page(request, shown, "rest_post_invalid_page_number")

    def _add(self, request: Request) -> Response:
        if not self._is_staff(request):
            return _problem(401, "rest_comment_login_required", "Sorry, you must be logged in to comment.")
        body = request.get_json()
        if any((one["parent"], one["content"]) == (body["parent"], body["content"]) for one in self.said):
            return _problem(
                409,
                "comment_duplicate",
                "Duplicate comment detected; it looks as though you've already said that!",
            )
        made = self._one(self._comment(body["post"], body["parent"], "Заря", STAFF, body["content"]))
        made["status"] = next(name for name, meant in STATES.items() if meant == self.state_of_new)
        return json_response(self._shown_comment(made), 201)

    def _single(self, request: Request, one: dict[str, Any]) -> Response:
        is_staff = self._is_staff(request)
        if not one:
            return _problem(404, "rest_comment_invalid_id", "Invalid comment ID.")
        if not is_staff and (request.method != "GET" or one["status"] != "approved"):
            return _problem(401, "rest_cannot_read", "Sorry, you are not allowed to read this comment.")
        if request.method == "DELETE" and one["status"] == "trash":
            return _problem(410, "rest_already_trashed", "The comment has already been trashed.")
        if request.method == "DELETE":
            one["status"] = "trash"
        elif request.method == "POST":
            one["content"] = request.get_json()["content"]
        return json_response(self._shown_comment(one))


def _page(request: Request, shown: list[dict[str, Any]], beyond: str) -> Response:
    per_page, number = request.args.get("per_page", 10, int), request.args.get("page", 1, int)
    if per_page > 100:
        return _problem(400, "rest_invalid_param", "Invalid parameter(s): per_page")
    shown.sort(key=lambda one: int(one["id"]), reverse=request.args.get("order", "desc") == "desc")
    pages = -(-len(shown) // per_page)
    if number > max(1, pages):
        return _problem(
            400, beyond, "The page number requested is larger than the number of pages available."
        )
    response = json_response(shown[(number - 1) * per_page : number * per_page])
    response.headers["X-WP-Total"], response.headers["X-WP-TotalPages"] = str(len(shown)), str(pages)
    return response


def _problem(status: int, code: str, message: str = "Sorry, you are not allowed to do that.") -> Response:
    return json_response({"code": code, "message": message, "data": {"status": status}}, status)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _is_signed(request: Request, url: str) -> bool:
    """OAuth 1.0a with one leg: the parameters, sorted and encoded twice, signed with the secret."""
    told = request.args.to_dict()
    given = told.pop("oauth_signature", "")
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in told.items())
    joined = quote("&".join(f"{name}={value}" for name, value in pairs), safe="~")
    base = f"{request.method}&{quote(url, safe='~')}&{joined}".encode()
    wanted = base64.b64encode(hmac.new(f"{SECRET}&".encode(), base, hashlib.sha256).digest()).decode()
    return told.get("oauth_consumer_key") == KEY and hmac.compare_digest(wanted, given)
