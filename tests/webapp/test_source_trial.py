"""`otklik source try`: the whole loop with a sandbox in place of the site, by the real commands; nothing of it is kept."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from desk.base.errors import Invalid
from tests import processes
from webapp.cli import otklik


@pytest.mark.processes
def test_a_person_without_an_account_sees_the_whole_loop(home: Path) -> None:
    """Discourse: its sandbox is read, answered by key, and looked at as a stranger."""
    told = {
        "OTKLIK_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "OTKLIK_REDIS_URL": "redis://127.0.0.1:1/0",
        "TMPDIR": str(home.parent),
    }  # fmt: skip
    done = processes.run(
        processes.OTKLIK, "source", "try", "discourse", environment=processes.clean(home, **told)
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line[:2] for line in lines[:5]] == ["1.", "2.", "3.", "4.", "5."]
    assert "The site accepts the credentials" in lines[1]
    assert "A visitor without an account sees it (verified)" in lines[4]
    assert "sandbox-discourse-key" not in done.stdout + done.stderr
    assert [path.name for path in home.parent.glob("otklik-try-*")] == []
    assert not (home / "otklik.sqlite3").exists()


def test_a_kind_without_a_sandbox_is_said_with_those_that_have_one() -> None:
    error = CliRunner().invoke(otklik, ["source", "try", "rss"]).exception
    assert isinstance(error, Invalid)
    assert "There is no sandbox for rss" in str(error) and "discourse" in str(error)


def test_an_unknown_kind_is_refused() -> None:
    done = CliRunner().invoke(otklik, ["source", "try", "nothing"])
    assert done.exit_code == 2 and "'nothing' is not one of" in done.output
