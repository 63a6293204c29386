"""The whole product as a person starts it: `otklik run --sample` in a home of its own, and a visitor without scripts."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from parsel import Selector

from desk.base import db
from desk.base.words import ReplyState
from desk.models import Mention, Reply
from tests import processes
from tests.processes import OTKLIK, eventually


@dataclass
class Stack:
    """A running Otklik. `environment` is what its own commands must be started with."""

    environment: dict[str, str]
    home: Path
    address: str
    process: subprocess.Popen[str]
    printed: Path

    @property
    def demo(self) -> str:
        found = re.search(
            r"Shop and forum of the sample brand: (http://127\.0\.0\.1:\d+/)", self.printed.read_text()
        )
        assert found is not None, self.printed.read_text()
        return found[1]

    @property
    def password(self) -> str:
        found = re.search(r"Password +(\S+)", self.printed.read_text())
        assert found is not None
        return found[1]

    def otklik(self, *arguments: str) -> str:
        return processes.otklik(self.environment, *arguments)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.otklik(*arguments, "--json"))

    def read(self, query: sa.Select[Any]) -> list[Any]:
        """Looks into the database directly: asking by a command each time would cost more than what is watched."""
        address = self.environment.get("OTKLIK_DATABASE_URL", f"sqlite:///{self.home / 'otklik.sqlite3'}")
        engine = db.connect(address.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.connect() as connection:
                return list(connection.scalars(query))
        finally:
            engine.dispose()

    def wait_until_judged(self) -> None:
        """All that the sample brand's web says at first has been collected and tagged."""
        said_to_us = sa.select(Mention.kind).where(~Mention.is_own)
        eventually(lambda: self.read(said_to_us), lambda kinds: len(kinds) >= 37 and all(kinds), 120)

    def case_of(self, words: str) -> int:
        """The case that holds the mention with these words, which may not be the first of its case."""
        (found,) = self.read(sa.select(Mention.case_id).where(Mention.text.contains(words)))
        assert found is not None, f"no case holds {words!r}"
        return int(found)

    def states(self, case_id: int) -> list[ReplyState]:
        """What has become of the answers of that case; drafts are none."""
        wanted = sa.select(Reply.state).where(Reply.case_id == case_id, Reply.state != ReplyState.DRAFT)
        return self.read(wanted)

    def processes(self) -> dict[str, int]:
        """Name -> process id of whatever the supervisor started."""
        text = (self.home / "log" / "supervisor.log").read_text()
        return {name: int(pid) for name, pid in re.findall(r"spawned: '(\w+)' with pid (\d+)", text)}


@contextmanager
def running(home: Path, *arguments: str, **more: str) -> Iterator[Stack]:
    """Starts it, waits until it greets, and stops it as Ctrl-C would."""
    home.mkdir(parents=True, exist_ok=True)
    port, printed = processes.free_port(), home / "printed.txt"
    printed.unlink(missing_ok=True)
    chosen = processes.clean(
        home, OTKLIK_PORT=str(port), OTKLIK_VERIFY_SECONDS="[1, 1, 2, 5, 60, 60]", **more
    )
    with processes.running(
        OTKLIK, "run", *arguments, environment=chosen, log=printed, cwd=home, by=signal.SIGINT,
        is_ready=lambda: printed.exists() and "Otklik is at" in printed.read_text(), seconds=90,
    ) as started:  # fmt: skip
        yield Stack(chosen, home, f"http://127.0.0.1:{port}", started.handle, printed)


@dataclass
class Visitor:
    """A browser without JavaScript: reads pages and sends the forms that stand on them."""

    address: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(follow_redirects=True, timeout=30))
    page: httpx.Response | None = None

    def open(self, path: str) -> Selector:
        self.page = self.http.get(path if path.startswith("http") else self.address + path)
        assert self.page.status_code == 200, f"{path}: {self.page.status_code} {self.page.text[:500]}"
        return Selector(self.page.text)

    def send(self, wanted: str, **values: str) -> Selector:
        """Fills the form with that action (else a part of it) on the page that is open, and sends it."""
        assert self.page is not None
        forms = [f for f in Selector(self.page.text).css("form") if wanted in (f.attrib.get("action") or "")]
        form = min(forms, key=lambda one: one.attrib["action"] != wanted)
        filled = {
            field.attrib["name"]: field.attrib.get("value", "")
            for field in form.css("input[name]")
            if field.attrib.get("type") not in ("checkbox", "radio", "submit")
        } | {area.attrib["name"]: area.xpath("string()").get("") for area in form.css("textarea[name]")}
        for select in form.css("select[name]"):
            chosen = select.css("option[selected]") or select.css("option")
            filled[select.attrib["name"]] = chosen[0].attrib.get("value", "") if chosen else ""
        action = str(self.page.url.join(form.attrib["action"]))
        self.page = self.http.post(action, data=filled | values, headers={"referer": str(self.page.url)})
        assert self.page.status_code in (200, 409, 422), (
            f"{action}: {self.page.status_code} {self.page.text[:800]}"
        )
        return Selector(self.page.text)

    def sign_in(self, email: str, password: str) -> "Visitor":
        self.open("/sign-in")
        self.send("/sign-in", email=email, password=password)
        assert self.page is not None
        assert "/sign-in" not in str(self.page.url), "the password was not accepted"
        return self
