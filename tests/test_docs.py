"""The documentation keeps its word: what it names exists, and what exists is named."""

import re
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner
from pydantic_core import PydanticUndefined

import channels
from desk.base.settings import Settings
from tests import command_pages
from webapp.cli import otklik
from workers.__main__ import ROLES

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
READMES = ("README.md", "README.ru.md")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
COMMANDS = dict(command_pages.commands(otklik))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def sources() -> list[Path]:
    packages = (
        "channels",
        "crawler",
        "desk",
        "sentiment",
        "webapp",
        "workers",
        "demo",
        "bench",
        "tests",
        ".ci",
    )
    files = [
        path for package in packages for path in (ROOT / package).rglob("*") if path.suffix in {".py", ""}
    ]
    return [path for path in files if path.is_file()]


def anchor(heading: str) -> str:
    """As GitHub makes one of a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
    return kept.replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor(found) for found in re.findall(r"^#{1,6} (.*)$", page.read_text(), re.MULTILINE)}


def dead_links(page: Path) -> list[str]:
    found = []
    for link in LINK.findall(CODE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, part = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (part and part not in anchors(target)):
            found.append(f"{page.name}: {link}")
    return found


def default_in_words(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    return f"`{value}`"


def rows(page: str) -> dict[str, list[str]]:
    """Table rows by their first cell, without its code marks."""
    found = {}
    for line in page.splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found[cells[0].strip("`")] = cells[1:]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert dead_links(page) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One thing\n[a](#one-thing) [b](#two) [c](gone.md) [d](https://x.example/) `[e](code.md)`\n"
    )
    assert dead_links(page) == ["page.md: #two", "page.md: gone.md"]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    documented = rows(text("docs/settings.md"))
    setting = f"OTKLIK_{name.upper()}"
    assert setting in documented
    default = Settings.model_fields[name].default
    assert default is not PydanticUndefined
    assert documented[setting][0] == default_in_words(default)
    assert len(documented[setting][1]) > 20


def test_every_documented_setting_exists() -> None:
    known = {f"OTKLIK_{name.upper()}" for name in Settings.model_fields}
    read_elsewhere = "\n".join(path.read_text() for path in sources()) + text("compose.yaml")
    for name in rows(text("docs/settings.md")):
        assert name in known or name in read_elsewhere, name


def test_every_variable_that_the_code_reads_is_documented() -> None:
    documented = rows(text("docs/settings.md"))
    read = {name for path in sources() for name in re.findall(r"\bOTKLIK_[A-Z_]*[A-Z]\b", path.read_text())}
    # The prefix that pydantic and the test fixtures name by itself ends in an underscore and is none.
    assert read - set(documented) == set()


def test_the_example_names_every_setting_and_no_other() -> None:
    named = set(re.findall(r"^# (OTKLIK_[A-Z_]+)=", text(".env.example"), re.MULTILINE))
    assert named == {f"OTKLIK_{name.upper()}" for name in Settings.model_fields}


def test_the_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(re.sub(r"^# (?=OTKLIK_)", "", text(".env.example"), flags=re.MULTILINE))
    read = Settings(_env_file=path)  # type: ignore[call-arg]
    assert read.crawl_max_bytes == Settings.model_fields["crawl_max_bytes"].default
    assert read.verify_seconds == Settings.model_fields["verify_seconds"].default


def test_the_page_of_commands_is_the_commands_own() -> None:
    """Run `python -m tests.command_pages` when this fails."""
    assert command_pages.between_marks(text("docs/cli.md")) == f"\n{command_pages.written()}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_a_help_text(name: str) -> None:
    command = COMMANDS[name]
    assert len((command.help or "").strip()) > 5
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert [option.name for option in options if not (option.help or option.show_default)] == []
    assert CliRunner().invoke(otklik, [*name.split()[1:], "--help"]).exit_code == 0


def test_every_channel_is_documented() -> None:
    for channel in channels.available():
        kind = channel.about.kind
        for field in channel.about.fields:
            assert f"`{field.name}`" in text(f"docs/channels/{kind}.md"), (kind, field.name)


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))


def test_every_make_target_is_documented_and_every_documented_one_exists() -> None:
    documented = {
        name.removeprefix("make ") for name in rows(text("docs/cli.md")) if name.startswith("make ")
    }
    assert documented == make_targets()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_make_targets_exist(page: Path) -> None:
    named = set(re.findall(r"(?:`|^    |&& )make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named - make_targets() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_otklik_commands_exist(page: Path) -> None:
    without_code = re.sub(r"^```python\n.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    named = re.findall(
        r"(?:`|^    (?:sudo )?)(?:\S*\.venv/bin/)?otklik ([a-z][a-z ]*)", without_code, re.MULTILINE
    )
    assert [words for words in named if not _is_command(words.split())] == []


def _is_command(words: list[str]) -> bool:
    """Whether the longest beginning that can be a command is one, and not only a group."""
    for length in range(min(len(words), 2), 0, -1):
        if (command := COMMANDS.get(" ".join(["otklik", *words[:length]]))) is not None:
            return not isinstance(command, click.Group) or len(words) == 1
    return False


def test_a_command_that_does_not_exist_is_found() -> None:
    assert _is_command(["source", "add"])
    assert not _is_command(["source", "forget"])
    assert not _is_command(["dance"])


def test_both_readmes_name_the_same_commands_and_links() -> None:
    english, russian = map(text, READMES)

    def commands(page: str) -> list[str]:
        return [
            re.sub(r'"[^"]*"|<[^>]*>', "…", line) for line in page.splitlines() if line.startswith("    ")
        ]

    def links(page: str) -> set[str]:
        # Each shows the pages in its own language.
        return {re.sub(r"-(?:en|ru)\.png$", ".png", link) for link in LINK.findall(page)} - set(READMES)

    assert commands(english) == commands(russian)
    assert links(english) == links(russian)
    assert english.count("\n## ") == russian.count("\n## ")


def test_the_readme_stays_short() -> None:
    assert all(len(text(name).splitlines()) < 120 for name in READMES)


def test_what_the_docs_call_a_file_is_there() -> None:
    """Paths in backticks that begin with one of our folders; in bold they are files that the reader is to write."""
    for page in PAGES:
        named = re.findall(
            r"(?<!\*\*)`((?:desk|channels|crawler|documents|sentiment|workers|webapp|demo|tests|docs)/[\w./-]+)`",
            page.read_text(),
        )
        assert [path for path in named if not (ROOT / path).exists()] == [], page.name


def test_every_module_of_the_domain_is_in_the_drawing_of_the_house() -> None:
    drawn = text("docs/architecture.md")
    told_by_their_folder = {"models", "metrics", "versions", "migrations"}
    modules = [path for path in (ROOT / "desk").rglob("*.py") if path.parent.name not in told_by_their_folder]
    names = {path.stem for path in modules if path.stem != "__init__"}
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", drawn)) == []


def test_processes_that_are_named_can_be_started() -> None:
    compose = yaml.safe_load(text("compose.yaml"))
    assert {"web", "tag", "jobs", "clock", "db", "redis"} <= set(compose["services"])
    commands = "\n".join(" ".join(service.get("command", [])) for service in compose["services"].values())
    for page in (commands, text("docs/operations.md"), text("Dockerfile")):
        named = re.findall(r"python\W+-m\W+(\w+)\W*(\w*)", page)
        assert {module for module, _ in named} <= {"webapp", "workers"}
        roles = {role for module, role in named if module == "workers"}
        assert roles - {"i"} <= set(ROLES), page  # a unit template says %i


def test_nothing_in_the_docs_names_a_machine() -> None:
    for page in [*PAGES, ROOT / "compose.yaml", ROOT / "Dockerfile", ROOT / ".env.example"]:
        assert not re.search(r"(?<![\w.])/(?:tmp|home|root)/", page.read_text()), page.name
