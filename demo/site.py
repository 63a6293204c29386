"""The pages of the shop and the forum. Takes hostile input like any public site, and holds nothing secret."""

import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from demo.stage import SHOP_NAME, Stage

REVIEWS_PER_PAGE = 5
POSTS_IN_FEED = 60
LONGEST_POST = 5000


def create_site(state: Path) -> Flask:
    """`state` is the JSON file in which everything is kept."""
    site = Flask(__name__)
    stage = Stage.open(state)
    # The reply form carries a token, as forums' forms do; it is bound to its topic.
    site.config["TOKEN_KEY"] = secrets.token_bytes(16)
    site.context_processor(lambda: {"shop_name": SHOP_NAME})
    site.after_request(_conditional)
    _add_shop(site, stage)
    _add_forum(site, stage)
    site.add_url_rule("/", "home", lambda: render_template("home.html", products=stage.products))
    site.add_url_rule("/robots.txt", "robots", lambda: _plain("User-agent: *\nDisallow: /checkout/\n"))
    return site


def _conditional(response: Response) -> Response:
    if request.method == "GET" and response.status_code == 200 and not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)
    return response


def _plain(text: str) -> Response:
    return Response(text, mimetype="text/plain")


def _add_shop(site: Flask, stage: Stage) -> None:
    @site.get("/shop/<slug>")
    def product(slug: str) -> str:
        found = stage.product(slug) or abort(404)
        page = max(1, request.args.get("page", 1, type=int))
        newest_first = sorted(found["reviews"], key=lambda review: review["at"], reverse=True)
        shown = newest_first[(page - 1) * REVIEWS_PER_PAGE : page * REVIEWS_PER_PAGE]
        has_next = page * REVIEWS_PER_PAGE < len(newest_first)
        return render_template(
            "product.html",
            product=found,
            reviews=shown,
            page=page,
            has_next=has_next,
            markup=_markup(found, shown),
        )

    @site.post("/shop/<slug>/answers")
    def answer(slug: str) -> BaseResponse:
        text = request.form.get("text", "").strip()
        if len(text) > LONGEST_POST:
            abort(422, f"At most {LONGEST_POST} characters.")
        review = request.form.get("review", "")
        if not text or not stage.answer(slug, review, text):
            abort(400)
        return redirect(url_for("product", slug=slug) + f"#{review}")


def _markup(product: dict[str, Any], reviews: list[dict[str, Any]]) -> str:
    address = url_for("product", slug=product["slug"], _external=True)
    rated = [review["rating"] for review in product["reviews"]]
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": f"{address}#product",
        "name": product["name"],
        "brand": {"@type": "Brand", "name": SHOP_NAME},
        "aggregateRating": {
            "@type": "AggregateRating",
            "ratingValue": round(sum(rated) / len(rated), 1),
            "reviewCount": len(rated),
        },
        "review": [_review(review, address, product["lang"]) for review in reviews],
    }
    # "<" would let a review close the script element it stands in.
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _review(review: dict[str, Any], address: str, language: str) -> dict[str, Any]:
    data = {
        "@type": "Review",
        # The id does not depend on the port that this start happened to get.
        "@id": f"urn:zarya:review:{review['id']}",
        "url": f"{address}#{review['id']}",
        "author": {"@type": "Person", "name": review["author"]},
        "datePublished": review["at"],
        "reviewBody": review["text"],
        "inLanguage": language,
        "reviewRating": {"@type": "Rating", "ratingValue": review["rating"], "bestRating": 5},
    }
    if "edited_at" in review:
        data["dateModified"] = review["edited_at"]
    if "answer" in review:
        data["comment"] = {
            "@type": "Comment",
            "@id": f"urn:zarya:review:{review['id']}-answer",
            "url": f"{address}#{review['id']}",
            "text": review["answer"]["text"],
            "author": {"@type": "Organization", "name": SHOP_NAME},
            "dateCreated": review["answer"]["at"],
        }
    return data


def _add_forum(site: Flask, stage: Stage) -> None:
    @site.get("/forum/")
    def forum() -> str:
        return render_template("forum.html", topics=stage.topics())

    @site.get("/forum/feed.atom")
    def feed() -> Response:
        posts = [(topic, post) for topic in stage.topics() for post in topic["posts"]]
        newest = sorted(posts, key=lambda pair: pair[1]["at"], reverse=True)[:POSTS_IN_FEED]
        return Response(render_template("feed.xml", posts=newest), mimetype="application/atom+xml")

    @site.get("/forum/t/<int:topic_id>")
    def topic(topic_id: int) -> str:
        found = stage.topic(topic_id) or abort(404)
        return render_template("topic.html", topic=found, token=_token(site, topic_id))

    @site.post("/forum/t/<int:topic_id>/reply")
    def reply(topic_id: int) -> BaseResponse:
        if not hmac.compare_digest(request.form.get("token", ""), _token(site, topic_id)):
            abort(403, "The form is out of date: open the topic again.")
        name, text = request.form.get("name", "").strip()[:60], request.form.get("text", "").strip()
        if not name or not text:
            abort(422, "A name and a text are needed.")
        if len(text) > LONGEST_POST:
            abort(422, f"At most {LONGEST_POST} characters.")
        found = stage.topic(topic_id) or abort(404)
        if found.get("is_moderated"):
            return redirect(url_for("held", number=stage.hold(topic_id, name, text)), code=303)
        post_id = stage.post(topic_id, name, text)
        return redirect(url_for("topic", topic_id=topic_id) + f"#post-{post_id}", code=303)

    @site.get("/forum/held/<int:number>")
    def held(number: int) -> str:
        """What the forum shows to whoever wrote in a moderated topic: no word of what he wrote."""
        return render_template("held.html", number=number, post=stage.held(number) or abort(404))

    @site.post("/forum/held/<int:number>")
    def moderate(number: int) -> BaseResponse:
        """Anybody may be the moderator of this little forum, so that the sample shows what becomes of an answer."""
        says_yes = request.form.get("says") == "yes"
        if not stage.moderate(number, says_yes=says_yes, reason=request.form.get("reason", "").strip()[:300]):
            abort(404)
        return redirect(url_for("held", number=number), code=303)


def _token(site: Flask, topic_id: int) -> str:
    key: bytes = site.config["TOKEN_KEY"]
    return hmac.new(key, str(topic_id).encode(), hashlib.sha256).hexdigest()[:32]
