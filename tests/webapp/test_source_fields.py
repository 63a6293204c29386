"""What a channel can be told is asked for by its kind, on the page and by command, and is kept whole or refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

import channels
from desk.base import db, vault
from desk.base.errors import DeskError
from desk.sources import sources
from tests.webapp import every_field
from tests.world.desk import listen
from webapp.cli import otklik

KEY = "-----BEGIN KEY-----\n" + "abcd" * 1_500 + "\n-----END KEY-----\n"


@pytest.fixture
def source(people: object, monkeypatch: pytest.MonkeyPatch, now) -> int:
    monkeypatch.setitem(channels.KINDS, every_field.KIND, every_field.PATH)
    return listen("https://x.example/", every_field.KIND, title="X", now=now)


@pytest.fixture
def lead(source: int, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("lead")


def save(lead: FlaskClient, source: int, **told: str):
    form = {"title": "X", "interval": "900"} | {f"field-{name}": value for name, value in told.items()}
    return lead.post(f"/sources/{source}/settings", data=form)


def kept(source: int) -> tuple[dict[str, str], dict[str, str]]:
    with db.snapshot() as session:
        row = sources.load(session, source)
        return dict(row.settings), vault.unlock(row.secrets)


def test_each_kind_has_its_own_control(lead: FlaskClient, source: int) -> None:
    page = lead.get(f"/sources/{source}").text
    assert 'type="checkbox" name="field-with_old"' in page
    assert '<select name="field-sort">' in page and ">Oldest first</option>" in page
    assert 'id="f-field-key_file" name="field-key_file"' in page and "<textarea" in page
    assert "A short one." in page and "For what the site sends by itself" in page
    assert "Read the rules of the site first." in page
    lead.set_cookie("locale", "ru")
    russian = lead.get(f"/sources/{source}").text
    assert "Сначала старые" in russian and "Короткая." in russian


def test_values_of_every_kind_are_kept_whole(lead: FlaskClient, source: int) -> None:
    typed = KEY.replace("\n", "\r\n")
    save(lead, source, note="n" * 3_000, most="12", with_old="1", sort="old", word=" a b ", key_file=typed)
    settings, secrets = kept(source)
    assert settings == {"note": "n" * 3_000, "most": "12", "with_old": "1", "sort": "old"}
    assert secrets == {"word": " a b ", "key_file": KEY}
    page = lead.get(f"/sources/{source}").text
    assert "abcd" not in page and " a b " not in page
    assert 'value="old" selected' in page and 'name="field-with_old" value="1" checked' in page
    save(lead, source, most="12")
    assert kept(source) == ({"most": "12"}, secrets)


@pytest.mark.parametrize(
    ("told", "english", "russian"),
    [
        ({"most": "a few"}, "takes a whole number.", "«Страниц, не больше»: здесь может быть целое число."),
        (
            {"sort": "best"},
            "takes one of: new, old.",
            "«Порядок»: здесь может быть одно из значений: new, old.",
        ),
        ({"note": "n" * 3_001}, "takes at most 3000 characters.", "здесь может быть не больше 3000 знаков."),
        ({"word": "secret words"}, "takes at most 10 characters.", "здесь может быть не больше 10 знаков."),
        (
            {"key_file": "k" * 8_001},
            "takes at most 8000 characters.",
            "здесь может быть не больше 8000 знаков.",
        ),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    lead: FlaskClient, source: int, told: dict[str, str], english: str, russian: str
) -> None:
    answer = save(lead, source, **told)
    assert answer.status_code == 422
    assert english in answer.text and 'data-test="field-error"' in answer.text
    assert "secret words" not in answer.text
    lead.set_cookie("locale", "ru")
    assert russian in save(lead, source, **told).text
    assert kept(source) == ({}, {})


def run(*arguments: str):
    return CliRunner().invoke(otklik, ["source", "set", *arguments])


def test_a_command_reads_them_alike(source: int, tmp_path: Path) -> None:
    number, key = str(source), tmp_path / "key.json"
    key.write_text(KEY)
    listed = run(number).output
    assert "most: Pages at most (a whole number)" in listed and "sort: Order (new, old)" in listed
    assert "word: Word (secret, needed for push)" in listed
    told = (
        "--set",
        "most=12",
        "--set",
        "with_old=yes",
        "--secret",
        "word=pass",
        "--secret-file",
        f"key_file={key}",
    )
    assert run(number, *told).output == f"Source {source}: saved.\n"
    assert kept(source) == ({"most": "12", "with_old": "1"}, {"word": "pass", "key_file": KEY})
    run(number, "--set", "most=", "--forget", "word")
    assert kept(source) == ({"with_old": "1"}, {"key_file": KEY})


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("--set", "most=many"), "takes a whole number. Nothing was saved."),
        (("--set", "word=pass"), "give it with --secret"),
        (("--secret", "mysterious"), "A --secret is not of the form NAME=VALUE"),
        (("--secret-file", "word=/no/such/file"), "/no/such/file cannot be read"),
        (("--secret", "word=mysteriouslylong"), "takes at most 10 characters"),
        (("--forget", "colour"), "no field «colour»"),
    ],
)
def test_a_command_refuses_without_repeating_a_secret(source: int, told: tuple[str, ...], words: str) -> None:
    error = run(str(source), *told).exception
    assert isinstance(error, DeskError)
    assert words in str(error) and "mysterious" not in str(error)
    assert kept(source) == ({}, {})
