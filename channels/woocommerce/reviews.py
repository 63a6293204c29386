"""What WooCommerce gives as a review, read into a sighting. A review is a comment of WordPress under its product."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from channels import errors
from channels.contract import Page, Parsed, Sighting, Text
from channels.reading import ratings, urls
from channels.reading import text as plain_text
from channels.wordpress import api
from channels.wordpress import comments as comments_of

_USER: Final = re.compile(r"/wp/v2/users/(\d{1,17})\Z|/customers/(\d{1,17})\Z")


def listed(page: Page) -> list[Mapping[str, Any]]:
    """The reviews of an answer. Raises Unauthorized where the keys are not taken, and what else keeps them from us."""
    code, said = api.problem(api.read_json(page.body))
    words = Text(f" The site says: {said}", f" Ответ сайта: {said}") if said else Text("", "")
    if code.startswith("woocommerce_rest") and page.status in (401, 403):
        raise errors.Unauthorized(
            Text(
                "The shop does not take the API keys, or they may not read.",
                "Магазин не принимает ключи API, или им запрещено чтение.",
            )
            + words
        )
    if code == "rest_no_route":
        raise errors.NotFound(
            Text("The site has no WooCommerce with a REST API.", "На сайте нет WooCommerce с REST API.")
            + words
        )
    return api.comments_in(page)


def as_comment(review: Mapping[str, Any]) -> dict[str, Any]:
    """The same under the names that WordPress gives to what a comment has."""
    product = review.get("product_name")
    link = urls.safe_url(review.get("product_permalink"))
    number = api.number(review.get("id"))
    return {
        "id": number,
        "post": review.get("product_id"),
        "parent": 0,
        "author": _user(review),
        "author_name": review.get("reviewer"),
        "content": {"rendered": review.get("review")},
        "status": review.get("status", "approved"),
        "date": review.get("date_created"),
        "date_gmt": review.get("date_created_gmt"),
        "link": f"{urls.without_fragment(link)}#comment-{number}" if link else None,
        "_embedded": {"up": [{"title": {"rendered": product}}]} if isinstance(product, str) else {},
    }


def _user(review: Mapping[str, Any]) -> int:
    """The number of a reviewer who was signed in; 0 for a guest."""
    links = review.get("_links")
    reviewers = links.get("reviewer") if isinstance(links, Mapping) else None
    first = reviewers[0] if isinstance(reviewers, list) and reviewers else None
    href = first.get("href") if isinstance(first, Mapping) else None
    found = _USER.search(href) if isinstance(href, str) else None
    return int(found[1] or found[2]) if found else 0


def read(
    reviews: Sequence[Mapping[str, Any]],
    root: str,
    own: AbstractSet[int],
    page: Page,
    clock: comments_of.Clock,
) -> Iterator[Parsed]:
    """`own` are the numbers of the users who write for the brand."""
    told = {str(api.number(review.get("id"))): review for review in reviews}
    for part in comments_of.read([as_comment(review) for review in reviews], root, own, page, clock):
        yield _with_stars(part, told[part.external_id]) if isinstance(part, Sighting) else part


def _with_stars(seen: Sighting, review: Mapping[str, Any]) -> Sighting:
    facts = {"product": seen.thread_title} if seen.thread_title else {}
    if isinstance(review.get("verified"), bool):
        facts["verified buyer"] = "yes" if review["verified"] else "no"
    stars = review.get("rating")
    # Zero is what WooCommerce gives for a review without stars.
    rating = None if not stars or isinstance(stars, bool) else ratings.from_text(stars, best=5, worst=1)
    name = plain_text.line(str(review.get("reviewer") or ""))
    return replace(seen, kind="review", rating=rating, facts=facts, author=seen.author if name else None)
