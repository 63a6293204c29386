"""The commands that need no running Otklik: what they print is what scripts rely on."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from demo.site import create_site
from desk.base import db, heartbeats, settings
from desk.base.errors import DeskError
from desk.base.words import Intent, Sentiment, Urgency
from desk.models import Source
from desk.people import users
from desk.pipeline import triage
from desk.pipeline.triage import Judgement
from desk.sources import source_list, sources
from tests import processes
from tests.crawler.site import feed, serve
from tests.servers import serving
from webapp import orphans
from webapp.cli import main, otklik

pytestmark = pytest.mark.usefixtures("database")
CSV = """\
external_id,author,text,rating,published_at,answer,answered_at
a1,Анна,"Пришёл с трещиной, верните деньги!",1,2026-11-17T10:00:00Z,,
a2,Tom,Quiet and fast,5,2026-11-16T10:00:00Z,Thank you!,2026-11-16T12:00:00Z
"""


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """What is logged goes beside what is printed, and a test that is over has no place for either."""
    with structlog.testing.capture_logs():
        yield


def run(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(otklik, arguments, **options)


def printed(*arguments: str) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def listed(*arguments: str) -> list[dict[str, Any]]:
    return json.loads(printed(*arguments, "list", "--json"))


JUDGEMENT = Judgement("ru", Sentiment.NEGATIVE, Intent.COMPLAINT, Urgency.HIGH)


@pytest.fixture
def imported(database: None, tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text(CSV, encoding="utf-8")
    printed("brand", "add", "Заря")
    printed("import", str(path))
    return path


@pytest.mark.usefixtures("imported")
def test_what_was_said_is_listed_newest_first() -> None:
    said = listed("mention")
    assert [one["external_id"] for one in said] == ["a1", "a2"]
    assert set(said[0]) == {
        "id", "source", "external_id", "url", "author", "text", "language", "rating", "sentiment", "intent", "urgency",
        "published_at", "answered", "edits", "folder",
    }  # fmt: skip
    assert [one["answered"] for one in said] == [False, True]
    assert said[0] | {"author": "Анна", "rating": 1.0, "edits": 0, "intent": None} == said[0]
    assert datetime.fromisoformat(said[0]["published_at"]) == datetime(2026, 11, 17, 10, tzinfo=UTC)


@pytest.mark.usefixtures("imported")
def test_the_brands_own_words_are_listed_apart() -> None:
    own = json.loads(printed("mention", "list", "--json", "--own"))
    assert [one["text"] for one in own] == ["Thank you!"]
    assert len(json.loads(printed("mention", "list", "--json", "--limit", "1"))) == 1
    assert json.loads(printed("mention", "list", "--json", "--source", "999")) == []


def test_the_same_file_again_changes_nothing(imported: Path) -> None:
    assert printed("import", str(imported)).endswith("0 new, 0 edited, 3 known already, 0 remarks.\n")
    imported.write_text(CSV.replace("Quiet and fast", "Loud after a week"), encoding="utf-8")
    assert "1 edited" in printed("import", str(imported))
    assert [one["edits"] for one in listed("mention")] == [0, 1]
    assert [(one["kind"], one["mentions"]) for one in listed("source")] == [("file", 3)]


def test_a_dry_run_stores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(CSV, encoding="utf-8")
    assert "3 mentions can be read" in printed("import", "--dry-run", str(path))
    assert listed("mention") == []


def test_a_row_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,published_at\nGood,yesterday-ish\n,2026-11-17\n", encoding="utf-8")
    done = run("import", str(path))
    assert "row 2, column published_at" in done.stderr
    assert "row 3, column text" in done.stderr
    assert "1 new" in done.stdout


@pytest.mark.usefixtures("imported")
def test_cases_are_listed_with_what_decided_them(now: datetime) -> None:
    assert listed("case") == []
    with db.transaction() as session:
        waiting = next(one for one in triage.claim(session, now, 10) if "трещиной" in one.text)
        triage.judge(session, waiting.mention_id, JUDGEMENT, now)
    [case] = listed("case")
    assert set(case) >= {"id", "mention_id", "team", "status", "priority", "due_at", "rule"}
    assert (case["team"], case["status"], case["priority"]) == ("service", "open", "high")
    assert "Low rating" in case["rule"]
    assert json.loads(printed("case", "list", "--json", "--status", "closed")) == []


@pytest.mark.usefixtures("imported")
def test_a_table_says_words_and_json_keeps_codes(now: datetime) -> None:
    with db.transaction() as session:
        for waiting in triage.claim(session, now, 10):
            triage.judge(session, waiting.mention_id, JUDGEMENT, now)
    with db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE cases SET status = 'on_hold', stage = '2_on_hold'")
        session.connection().exec_driver_sql(
            "UPDATE sources SET error_kind = 'rate_limited', error = 'Later.'"
        )
    table = printed("case", "list")
    assert "on hold" in table and "on_hold" not in table
    assert "due at" in table and "due_at" not in table
    assert {one["status"] for one in listed("case")} == {"on_hold"}
    table = printed("source", "list")
    assert "rate" in table and "rate_limited" not in table
    assert listed("source")[0]["error_kind"] == "rate_limited"


@pytest.mark.usefixtures("imported")
def test_what_is_left_out_of_the_numbers_is_said_in_words() -> None:
    table = printed("stats", "--from", "2026-11-01", "--to", "2026-11-30")
    left_out = json.loads(printed("stats", "--json", "--from", "2026-11-01", "--to", "2026-11-30"))
    assert left_out["response_rate"]["left_out"] == {"own": 1}
    assert "written by the brand itself: 1" in table


def test_people_are_added_and_given_new_passwords() -> None:
    assert "Password (shown once): " in printed(
        "user", "add", "Anna@Shop.example", "--role", "lead", "--team", "service"
    )
    with db.snapshot() as session:
        before = users.by_email(session, "anna@shop.example")
    assert "Password of anna@shop.example" in printed("user", "password", "anna@shop.example")
    with db.snapshot() as session:
        after = users.by_email(session, "anna@shop.example")
    assert before is not None
    assert after is not None
    assert (after.password != before.password, after.fs_uniquifier != before.fs_uniquifier) == (True, True)
    [anna] = listed("user")
    assert anna | {"email": "anna@shop.example", "roles": "lead", "team": "service", "active": True} == anna
    assert isinstance(run("user", "password", "nobody@shop.example").exception, DeskError)


def test_a_source_can_be_named_paused_and_resumed() -> None:
    printed("brand", "add", "Zarya", "--time-zone", "Asia/Yekaterinburg")
    assert listed("brand")[0]["time_zone"] == "Asia/Yekaterinburg"
    told = printed(
        "source", "add", "https://blog.example/", "--kind", "wordpress", "--set", "username=desk",
        "--secret", "application_password=abcd efgh", "--every", "60",
    )  # fmt: skip
    assert "publish answers" in told
    [source] = listed("source")
    assert set(source) >= {"id", "kind", "url", "state", "error", "mentions"}
    assert (source["kind"], source["state"], source["mentions"]) == ("wordpress", "active", 0)
    with db.snapshot() as session:
        row = sources.load(session, source["id"])
        assert "abcd" not in f"{row.secrets} {row.settings}"
        assert row.interval_seconds == 60
    assert "is paused" in printed("source", "pause", "1")
    assert "is active" in printed("source", "pause", "1", "--resume")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("source", "add", "http://127.0.0.1:1/feed"), "public network"),
        (("source", "add", "http://192.168.0.1/", "--kind", "rss"), "public network"),
        (("source", "add", "ftp://shop.example/", "--kind", "rss"), "http"),
        (
            ("source", "add", "https://x.example/", "--kind", "rss", "--set", "colour=red"),
            "no field «colour»",
        ),
        (
            ("source", "add", "https://x.example/", "--kind", "wordpress", "--set", "application_password=x"),
            "--secret",
        ),
        (("source", "add", "https://x.example/", "--kind", "rss", "--brand", "Nobody"), "no brand"),
        (("source", "pause", "77"), "no source 77"),
        (("crawl", "77"), "no source 77"),
        (("brand", "add", "Zarya", "--time-zone", "Moon/Base"), "time zone"),
    ],
)
def test_a_refusal_is_one_clear_line(
    arguments: tuple[str, ...],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["otklik", *arguments])
    monkeypatch.setattr("structlog.configure", lambda **_: None)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert words in said
    assert said.count("\n") == 1
    with db.snapshot() as session:
        assert source_list.all_sources(session) == []


def test_an_empty_list_says_what_to_do_next() -> None:
    for noun, hint in (
        ("brand", "otklik brand add"),
        ("source", "otklik source add"),
        ("user", "otklik user add"),
        ("mention", "otklik crawl"),
        ("case", "otklik work --burst"),
    ):
        assert hint in printed(noun, "list")
    assert "otklik source add" in printed("crawl")


def test_a_table_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,author\n\x1b[2Jcleared [red]markup[/red],\x1b]0;title\x07me\n", encoding="utf-8")
    printed("import", str(path))
    shown = printed("mention", "list")
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_the_database_is_checked() -> None:
    assert "intact and up to date" in printed("db", "check")


def test_a_restore_is_refused_while_otklik_runs(home: Path, tmp_path: Path) -> None:
    printed("brand", "add", "Zarya")
    saved = tmp_path / "saved.tar.gz"
    assert f"Wrote {saved}" in printed("db", "backup", str(saved))
    with heartbeats.beating("tag"):
        assert "is running" in str(run("db", "restore", "--yes", str(saved)).exception)
    assert run("db", "restore", str(saved), input="n\n").exit_code == 1
    assert "Restored" in printed("db", "restore", "--yes", str(saved))


@pytest.fixture
def sample_shop(tmp_path: Path) -> Iterator[str]:
    with serving(create_site(tmp_path / "demo.json")) as address:
        yield f"{address}/shop/zarya-app"


@pytest.fixture
def supervisor(database: None, home: Path) -> Iterator[None]:
    """Looks like the supervisor of a running sample brand."""
    configuration = home.resolve() / "run" / "supervisor.conf"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("[program:demo]\ncommand = demo\n")
    sleeps = (sys.executable, "-c", "import time; time.sleep(120)", str(configuration))
    with processes.running(*sleeps, environment=orphans.environment(home), by=signal.SIGKILL):
        yield


def _in_a_second_window(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return processes.run(processes.OTKLIK, *arguments)


def test_loopback_is_out_of_reach(sample_shop: str) -> None:
    done = _in_a_second_window("source", "add", sample_shop)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not in a public network" in done.stderr


@pytest.mark.usefixtures("supervisor")
def test_beside_a_running_sample_commands_reach_it(sample_shop: str) -> None:
    done = _in_a_second_window("source", "add", sample_shop)
    assert done.returncode == 0, done.stderr
    crawled = _in_a_second_window("crawl", "--json")
    assert json.loads(crawled.stdout)[0]["new"] == 4
    assert listed("source")[0]["error"] is None


@pytest.mark.parametrize("more", [(), ("--kind", "rss")])
def test_a_source_that_robots_txt_forbids_is_not_added(
    home: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
    settings.current.cache_clear()
    with serve({"/robots.txt": "User-agent: *\nDisallow: /f\n", "/feed": feed("one")}) as site:
        refused = str(run("source", "add", site.url("/feed"), *more).exception)
        assert [path for path, _ in site.asked] == ["/robots.txt"]
    assert "cannot read this address" in refused
    assert "line 2: Disallow: /f" in refused
    assert "otklik import" in refused
    assert listed("source") == []


def test_a_crawl_prints_its_table_alone_and_names_what_was_left(home: Path) -> None:
    with serve({"/feed": feed("one"), "/other": feed("two")}) as site:
        os.environ["OTKLIK_ALLOW_PRIVATE_ADDRESSES"] = "true"
        settings.current.cache_clear()
        try:
            for path in ("/feed", "/other"):
                printed("source", "add", site.url(path))
            with db.transaction() as session:
                session.get_one(Source, 2).claimed_until = datetime.now(UTC) + timedelta(minutes=1)
            done = _in_a_second_window("crawl")
        finally:
            del os.environ["OTKLIK_ALLOW_PRIVATE_ADDRESSES"]
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip().splitlines()) == 3, done.stdout
    assert "left" in done.stdout
    assert done.stderr == "Sources left out because another crawl is reading them now: 1 of 2.\n"
