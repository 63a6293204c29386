"""What was said on the little web, kept in one JSON file: the stories at first, then whatever is posted."""

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

STORIES = Path(__file__).parent / "stories"
SHOP_NAME = "Заря"


@dataclass(slots=True)
class Stage:
    """The whole state. Times are ISO strings in UTC; every change is written to `path` before it is shown."""

    path: Path
    state: dict[str, Any]
    lock: threading.Lock

    @classmethod
    def open(cls, path: Path) -> "Stage":
        if path.exists():
            state = json.loads(path.read_text())
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            state = _first_state(datetime.now(UTC))
        stage = cls(path, state, threading.Lock())
        stage.save()
        return stage

    def save(self) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.state, ensure_ascii=False, indent=1))
        fresh.replace(self.path)

    @property
    def products(self) -> list[dict[str, Any]]:
        return self.state["products"]  # type: ignore[no-any-return]

    def product(self, slug: str) -> dict[str, Any] | None:
        with self.lock:
            self._come_forward(datetime.now(UTC))
        return next((p for p in self.products if p["slug"] == slug), None)

    def topics(self) -> list[dict[str, Any]]:
        with self.lock:
            self._come_forward(datetime.now(UTC))
        return sorted(self.state["topics"], key=lambda topic: topic["posts"][-1]["at"], reverse=True)

    def topic(self, topic_id: int) -> dict[str, Any] | None:
        return next((topic for topic in self.topics() if topic["id"] == topic_id), None)

    def post(self, topic_id: int, author: str, text: str) -> int | None:
        """The new post's id, or None when there is no such topic."""
        topic = self.topic(topic_id)
        if topic is None:
            return None
        with self.lock:
            return self._add(topic, author, text, datetime.now(UTC))

    def hold(self, topic_id: int, author: str, text: str) -> int:
        """Keeps a post out of sight until `moderate`; its number among the held ones."""
        with self.lock:
            waiting = self.state.setdefault("held", [])
            waiting.append(
                {"topic": topic_id, "author": author, "text": text, "state": "waits", "reason": ""}
            )
            self.save()
            return len(waiting)

    def held(self, number: int) -> dict[str, Any] | None:
        waiting = self.state.get("held", [])
        return waiting[number - 1] if 0 < number <= len(waiting) else None

    def moderate(self, number: int, *, says_yes: bool, reason: str) -> bool:
        """Shows a held post, or never will. False where there is none that waits."""
        post = self.held(number)
        topic = self.topic(post["topic"]) if post else None
        if post is None or topic is None or post["state"] != "waits":
            return False
        with self.lock:
            post["state"], post["reason"] = ("shown" if says_yes else "rejected"), reason
            if says_yes:
                self._add(topic, post["author"], post["text"], datetime.now(UTC))
            self.save()
        return True

    def answer(self, slug: str, review_id: str, text: str) -> bool:
        """The shop's answer under a review; a second one replaces the first, as on real review sites."""
        review = self._review(slug, review_id)
        if review is None:
            return False
        with self.lock:
            review["answer"] = {"text": text, "at": datetime.now(UTC).isoformat(timespec="seconds")}
            self.save()
        return True

    def _add(self, topic: dict[str, Any], author: str, text: str, at: datetime) -> int:
        self.state["last_post"] += 1
        post_id: int = self.state["last_post"]
        topic["posts"].append(
            {"id": post_id, "author": author, "text": text, "at": at.isoformat(timespec="seconds")}
        )
        self.save()
        return post_id

    def _come_forward(self, now: datetime) -> None:
        """A few people speak up while the visitor looks on, so that the queue is seen to live. One rewrites what he wrote,
        because the answer to it promised what did not come."""
        begun = datetime.fromisoformat(self.state["begun_at"])
        while self.state["later"] and begun + timedelta(seconds=self.state["later"][0]["seconds"]) <= now:
            said = self.state["later"].pop(0)
            at = begun + timedelta(seconds=said["seconds"])
            if (review := self._review(said.get("product", ""), said.get("review", ""))) is not None:
                review |= {"text": said["text"], "edited_at": at.isoformat(timespec="seconds")}
                self.save()
                continue
            topic = next(topic for topic in self.state["topics"] if topic["id"] == said["topic"])
            self._add(topic, said["author"], said["text"], at)

    def _review(self, slug: str, review_id: str) -> dict[str, Any] | None:
        of_product = (p["reviews"] for p in self.products if p["slug"] == slug)
        return next((review for review in next(of_product, []) if review["id"] == review_id), None)


def _first_state(now: datetime) -> dict[str, Any]:
    def ago(hours: float) -> str:
        return (now - timedelta(hours=hours)).isoformat(timespec="seconds")

    products = json.loads((STORIES / "shop.json").read_text())
    for product in products:
        for review in product["reviews"]:
            review["at"] = ago(review.pop("hours"))
            if "answer" in review:
                review["answer"]["at"] = ago(review["answer"].pop("hours"))
    topics = json.loads((STORIES / "forum.json").read_text())
    for topic in topics:
        first = {"id": topic["id"], "author": topic.pop("author"), "text": topic.pop("text")}
        first["at"] = ago(topic.pop("hours"))
        for post in topic["posts"]:
            post["at"] = ago(post.pop("hours"))
        topic["posts"].insert(0, first)
    later = json.loads((STORIES / "later.json").read_text())
    return {"begun_at": ago(0), "last_post": 1000, "products": products, "topics": topics, "later": later}
