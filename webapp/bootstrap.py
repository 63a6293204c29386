"""What a first start puts into an empty database: somebody who can sign in, and the sample brand if it is asked for."""

import secrets
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desk.base.settings import Settings
from desk.brands import brands
from desk.models import Brand
from desk.people import users as desk_people
from desk.people.users import Session
from desk.pipeline import brand_setup
from desk.sources import source_list, sources
from webapp.request import users

SAMPLE_NAME = "Заря"
DEMO_PORT = 8890
SAMPLE_INTERVAL_SECONDS = 60
PRODUCTS = (
    ("kofevarka-zarya-2", "Кофеварка «Заря-2»: отзывы", "ru"),
    ("chaynik-luch", "Чайник «Луч»: отзывы", "ru"),
    ("zarya-grinder", "Zarya Grinder: reviews", "en"),
    ("zarya-app", "Zarya Home app: reviews", "en"),
)
SAMPLE_PEOPLE = (
    ("anna@zarya.example", "Анна, руководитель", "lead", None),
    ("igor@zarya.example", "Игорь, сервис", "agent", "service"),
    ("maria@zarya.example", "Мария, маркетинг", "agent", "marketing"),
    ("boris@zarya.example", "Борис, аналитик", "analyst", None),
)


@dataclass(frozen=True, slots=True)
class Start:
    """`sign_in` is what to print; `demo_port` is None when there is no sample brand."""

    sign_in: list[str]
    demo_port: int | None


def prepare(session: Session, settings: Settings, now: datetime, *, is_sample: bool) -> Start:
    """Changes nothing in a database that has people and brands already, but for the sample's own port."""
    known = brands.all_brands(session)
    note = settings.home / "first-sign-in.txt"
    if not desk_people.everybody(session):
        _write_note(note, _add_people(session, now, is_sample=is_sample and not known))
    demo_port = None
    if is_sample and not known:
        demo_port = _free_port(DEMO_PORT)
        _add_sample(session, demo_port, now)
    elif sample := next((brand for brand in known if brand.is_sample), None):
        demo_port = _free_port(DEMO_PORT)
        _move_sample(session, sample, demo_port, now)
    return Start(_sign_in(note), demo_port)


def _add_people(session: Session, now: datetime, *, is_sample: bool) -> list[str]:
    password = secrets.token_urlsafe(9)
    users.add_user(session, "admin@otklik.example", "Admin", password, ["admin"], None, now)
    lines = ["Sign in as admin@otklik.example", f"Password    {password}"]
    if is_sample:
        for email, name, role, team in SAMPLE_PEOPLE:
            users.add_user(session, email, name, password, [role], team, now)
        names = ", ".join(email.partition("@")[0] for email, *_ in SAMPLE_PEOPLE)
        lines.append(f"The same password for {names} @zarya.example (lead, service, marketing, reads only).")
    return lines


def _write_note(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")


def _sign_in(note: Path) -> list[str]:
    if note.exists():
        return [
            *note.read_text().splitlines(),
            f"(kept in {note}; delete it once you have set your own password)",
        ]
    return ["Sign in as before. A forgotten password: otklik user password EMAIL"]


def _add_sample(session: Session, port: int, now: datetime) -> None:
    brand = brand_setup.create(
        session, SAMPLE_NAME, words=[SAMPLE_NAME, "Zarya"], own_names=[SAMPLE_NAME, "Zarya"],
        time_zone="Europe/Moscow", now=now, is_sample=True,
    )  # fmt: skip
    for slug, title, language in PRODUCTS:
        sources.add(
            session, brand, "schema_org", _address(port, f"shop/{slug}"), title=title, language=language,
            interval_seconds=SAMPLE_INTERVAL_SECONDS, now=now,
        )  # fmt: skip
    sources.add(
        session, brand, "forum", _address(port, "forum/feed.atom"), title="Форум «Заря»",
        settings_values={"name": SAMPLE_NAME}, interval_seconds=SAMPLE_INTERVAL_SECONDS, now=now,
    )  # fmt: skip


def _address(port: int, path: str) -> str:
    return f"http://127.0.0.1:{port}/{path}"


def _move_sample(session: Session, sample: Brand, port: int, now: datetime) -> None:
    """Another program may hold the port this time; the mentions' own ids do not depend on it."""
    for source in source_list.all_sources(session):
        if source.brand_id == sample.id and source.url.startswith("http://127.0.0.1:"):
            path = source.url.removeprefix("http://127.0.0.1:").partition("/")[2]
            source.url = _address(port, path)
            source.next_crawl_at = now


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("there is no free port on 127.0.0.1")
