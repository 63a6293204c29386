"""Whatever a channel says, it says in English and in Russian, and without secrets in either."""

import ast
import re
from pathlib import Path

import pytest

from channels import errors
from channels.contract import Text
from channels.reading import dates
from channels.wire.redaction import Redaction, scrub

ROOT = Path(__file__).parents[2]
FILES = [path for folder in ("channels", "crawler") for path in sorted((ROOT / folder).rglob("*.py"))]
SPEAKERS = {"Remark", "Look", "Text"} | {
    name
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, errors.ChannelError)
}
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_words(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_said_in_one_language_alone(path: Path) -> None:
    found = []
    for call in calls(path):
        name = name_of(call)
        said = call.args[:1] if name in SPEAKERS - {"Look", "Text"} else []
        said += [word.value for word in call.keywords if name == "Look" and word.arg == "reason"]
        found += [f"line {call.lineno}: {name}" for one in said if is_words(one) and ast.unparse(one) != "''"]
    assert found == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_russian_of_a_text_is_russian(path: Path) -> None:
    for call in calls(path):
        if name_of(call) == "Text" and len(call.args) == 2 and all(map(is_words, call.args)):
            en, ru = map(ast.unparse, call.args)
            assert not CYRILLIC.search(en), f"line {call.lineno}"
            assert CYRILLIC.search(ru) or en == ru or not re.search("[a-z]{3} [a-z]", en), (
                f"line {call.lineno}"
            )


def test_every_doubt_about_a_date_has_its_russian() -> None:
    folder = ROOT / "channels" / "reading"
    raised = [call for path in folder.glob("date*.py") for call in calls(path) if name_of(call) == "Doubtful"]
    assert {ast.literal_eval(call.args[0]) for call in raised} == set(dates._DOUBTS)


def test_an_error_speaks_english_to_programs_and_both_to_people() -> None:
    error = errors.RateLimited(Text("Come later.", "Зайдите позже."), 60)
    assert (str(error), error.text.ru, error.retry_after_seconds) == ("Come later.", "Зайдите позже.", 60)
    assert errors.Refused("Closed, says the site.").text == Text.alike("Closed, says the site.")
    assert str(errors.Unknown()) == ""


def test_a_secret_is_taken_out_of_both_languages() -> None:
    error = errors.Refused(Text("Key tok-en-4711 is wrong.", "Ключ tok-en-4711 неверен."))
    scrub(error, Redaction(["tok-en-4711"]))
    assert (str(error), error.text.ru) == ("Key [secret] is wrong.", "Ключ [secret] неверен.")
    assert "4711" not in repr(error)
