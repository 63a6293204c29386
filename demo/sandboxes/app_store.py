"""Apple's open feed of reviews of one app: 50 a page in the wild, three here, ten pages a country."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Sandbox, json_response

APP = "1570440123"
PER_PAGE, MOST_PAGES = 3, 10
PACIFIC = timezone(timedelta(hours=-7))
BEGINNING = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
STORIES = (
    ("Заря", "Чайник не виден в приложении третий день, поддержка молчит", 1),
    ("Great", "Works well, reminders are handy.", 5),
    ("Crashes", "Closes at start since 3.2 & nobody answers", 1),
    ("Нормально", "Пользуюсь год.", 4),
)


class Site(Sandbox):
    kind = "app_store"

    def __init__(self) -> None:
        super().__init__()
        self.reviews: list[dict[str, Any]] = []
        for title, text, stars in STORIES:
            self._add(title, text, stars, "kate_77")

    @property
    def address(self) -> str:
        return f"https://apps.apple.com/ru/app/id{APP}"

    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        return self._add("Отзыв", text, rating or 1, author)

    def change(self, external_id: str, text: str) -> None:
        """The author writes it anew: it moves to the top under its id."""
        found = next(one for one in self.reviews if one["id"]["label"] == external_id)
        self.reviews.remove(found)
        self.reviews.append(
            found | {"content": {"label": text}, "updated": {"label": self._moment(found["number"] + 500)}}
        )

    def withdraw(self, external_id: str) -> None:
        self.reviews = [one for one in self.reviews if one["id"]["label"] != external_id]

    def respond(self, request: Request) -> Response:
        form = r"/(\w\w)/rss/customerreviews/page=(\d+)/id=(\d+)/sortby=mostrecent/json"
        found = re.fullmatch(form, request.path)
        if found is None or found[3] != APP or int(found[2]) > MOST_PAGES:
            return Response("<h1>Not Found</h1>", 404, content_type="text/html")
        newest = list(reversed(self.reviews))[(int(found[2]) - 1) * PER_PAGE :][:PER_PAGE]
        shown = [{name: value for name, value in one.items() if name != "number"} for one in newest]
        feed: dict[str, Any] = {
            "author": {"name": {"label": "iTunes Store"}},
            "updated": {"label": self._moment(900)},
        }
        if shown:
            feed["entry"] = shown[0] if len(shown) == 1 else shown
        return json_response({"feed": feed})

    def _add(self, title: str, text: str, stars: int, author: str) -> str:
        number = len(self.reviews)
        own_id = str(14_500_000_001 + number)
        self.reviews.append({
            "number": number, "author": {"uri": {"label": f"https://itunes.apple.com/ru/reviews/id{number}"}, "name": {"label": author}, "label": ""},
            "updated": {"label": self._moment(number)}, "im:rating": {"label": str(stars)}, "im:version": {"label": "3.2.0"},
            "id": {"label": own_id}, "title": {"label": title}, "content": {"label": text, "attributes": {"type": "text"}},
            "link": {"attributes": {"rel": "related", "href": f"https://itunes.apple.com/ru/review?id={APP}&type=Purple%20Software"}},
            "im:voteSum": {"label": "3"}, "im:contentType": {"attributes": {"term": "Application", "label": "Application"}},
            "im:voteCount": {"label": "4"},
        })  # fmt: skip
        return own_id

    def _moment(self, number: int) -> str:
        return (BEGINNING + timedelta(minutes=number)).astimezone(PACIFIC).isoformat()
