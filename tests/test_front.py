"""Templates, styles and scripts keep the house rules of docs/architecture.md; `make format` mends what a formatter can."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import TemplateNotFound

from webapp.components import Components, install

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "webapp" / "templates"
STATIC = ROOT / "webapp" / "static"
BIOME = ROOT / "node_modules" / ".bin" / "biome"
DJANGOFMT = Path(sys.executable).with_name("djangofmt")
ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
SHEETS = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
LONGEST_LINE = 160
LONGEST_TEMPLATE, LONGEST_FILE = 120, 400

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL)
IMPORT = re.compile(r"\{%-?\s*from\s.*?-?%\}", re.DOTALL)
CALL = re.compile(r"\bui\.(\w+)\(")
OTHERS = re.compile(r"\{%-?\s*(?:include|extends|from)\s+\"([^\"]+)\"")
CLASS = re.compile(r"(?<![\w-])class=\"([^\"]*)\"")
# What htmx brings into a page, which loads the styles for it.
BROUGHT = {"queue/index.html": ["case/case.html"], "components/why.html": ["why/found.html"]}


def source(name: str) -> str:
    return COMMENT.sub("", (TEMPLATES / name).read_text(encoding="utf-8"))


def problems_of_a_macro(text: str, stem: str) -> list[str]:
    """What is wrong with a template that has macros: more than one, another name, something beside it."""
    names = MACRO.findall(text)
    if not names:
        return []
    beside = IMPORT.sub("", MACRO.sub("", text)).strip()
    return [
        *([] if len(names) == 1 else [f"{len(names)} macros"]),
        *([] if names[0] == stem else [f"{names[0]} in {stem}.html"]),
        *([f"beside it: {beside[:40]}"] if beside else []),
    ]


def inline_code(text: str) -> list[str]:
    """Scripts, styles and handlers that the content security policy would not let run."""
    return [
        *re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text),
        *re.findall(r"<style\b[^>]*>", text),
        *re.findall(r"\s(?:style|on[a-z]+)=\"", text),
    ]


def loose_quotes(text: str) -> list[str]:
    """Elements of class quote that begin or end with white space of the template, which their pages would show."""
    # What Jinja computes becomes two letters, which say whether it takes the white space before and after it away.
    plain = re.sub(
        r"\{([{%])(-?).*?(-?)[%}]\}",
        lambda found: ("[" if found[2] else "(") + ("]" if found[3] else ")"),
        text,
        flags=re.DOTALL,
    )
    return [
        tag
        for tag, _name, inside in re.findall(
            r"(<(\w+)\b[^<>]*\bclass=\"(?:[^\"<>]*\s)?quote(?:\s[^\"<>]*)?\"[^<>]*>)(.*?)</\2>",
            plain,
            re.DOTALL,
        )
        if re.match(r"\s+(?![\s[])", inside) or re.search(r"(?<![]\s])\s+$", inside)
    ]


def closure(name: str) -> set[str]:
    """A template with all that it extends, includes, imports and calls, and what htmx brings into it."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        text = source(one)
        waiting += OTHERS.findall(text) + [f"components/{called}.html" for called in CALL.findall(text)]
        waiting += BROUGHT.get(one, [])
    return seen


def classes_of(sheet: Path) -> set[str]:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", text)))


def loaded_by(name: str) -> set[str]:
    own = "".join(re.findall(r"ui\.sheets\((.*?)\)", source("layout/head.html") + source(name), re.DOTALL))
    return set(re.findall(r"\"(\w+)\"", own))


def pages() -> list[str]:
    return [name for name in ALL if '{% extends "' in source(name)]


@pytest.mark.parametrize("name", ALL)
def test_a_template_has_short_lines_and_is_short(name: str) -> None:
    lines = (TEMPLATES / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > LONGEST_LINE] == []
    assert len(lines) <= LONGEST_TEMPLATE


@pytest.mark.parametrize("path", [*SHEETS, *SCRIPTS], ids=lambda path: path.name)
def test_a_sheet_and_a_script_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("name", ALL)
def test_a_component_has_a_file_of_its_own(name: str) -> None:
    assert problems_of_a_macro(source(name), Path(name).stem) == []
    assert not name.startswith("components/") or MACRO.search(source(name))


def test_two_macros_and_what_stands_beside_one_are_found() -> None:
    one = "{% macro one(a) -%}\n{{ a }}\n{%- endmacro %}\n"
    assert problems_of_a_macro(one, "one") == []
    assert problems_of_a_macro(one + one.replace("one(", "two("), "one") == ["2 macros"]
    assert problems_of_a_macro(one, "two") == ["one in two.html"]
    assert problems_of_a_macro(one + "{% set b = 1 %}", "one") == ["beside it: {% set b = 1 %}"]
    assert problems_of_a_macro('{% from "x.html" import x %}' + one, "one") == []


def test_every_component_that_is_called_exists_and_every_one_is_called() -> None:
    called = {found for name in ALL for found in CALL.findall(source(name))}
    assert called == {path.stem for path in (TEMPLATES / "components").glob("*.html")}


def test_a_component_that_is_missing_is_named(tmp_path: Path) -> None:
    app = Flask("webapp", template_folder=str(tmp_path))
    install(app)
    with pytest.raises(TemplateNotFound, match=re.escape("components/nowhere.html")):
        app.jinja_env.from_string("{{ ui.nowhere() }}").render()
    assert not hasattr(Components(app.jinja_env), "__html__")


def test_indents_of_a_template_are_not_sent_and_texts_stay_whole() -> None:
    app = Flask("webapp")
    install(app)
    template = app.jinja_env.from_string("<p\n  id='a'\n>\n    {{ said }}\n  <b>x</b>\n  <i>y</i>, z\n</p>")
    assert template.render(said="a\n    b") == "<p id='a'> a\n    b <b>x</b>\n<i>y</i>, z </p>"


@pytest.mark.parametrize("name", ALL)
def test_no_template_holds_scripts_or_styles(name: str) -> None:
    assert inline_code(source(name)) == []


def test_a_script_in_a_template_is_found() -> None:
    assert inline_code('<script src="/a.js" defer></script><p data-on="x">') == []
    assert len(inline_code('<script>x()</script><style>a{}</style><p style="x" onclick="y">')) == 4


@pytest.mark.parametrize("name", ALL)
def test_what_people_said_is_shown_without_white_space_of_ours(name: str) -> None:
    assert loose_quotes(source(name)) == []


def test_white_space_around_a_quote_is_found() -> None:
    assert (
        loose_quotes(
            '<p class="quote">{{ a }}</p><p class="a quote" {% if b > 1 %}lang="c"{% endif %}>\n {{- a -}}\n</p>'
        )
        == []
    )
    assert len(loose_quotes('<p class="quote">\n  {{ a }}</p>')) == 1
    assert len(loose_quotes('<p class="quote said">{{ a }}\n</p>')) == 1


@pytest.mark.parametrize("name", pages())
def test_a_page_loads_the_styles_of_all_that_it_shows(name: str) -> None:
    loaded = loaded_by(name)
    assert loaded <= {sheet.stem for sheet in SHEETS}
    known = {sheet.stem: classes_of(sheet) for sheet in SHEETS}
    here = set().union(*(known[sheet] for sheet in loaded))
    used = {
        word
        for one in closure(name)
        for value in CLASS.findall(source(one))
        for word in re.findall(r"[a-zA-Z][\w-]*", re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", value))
    }
    assert used & set().union(*known.values()) - here == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_every_sheet_is_loaded_somewhere(sheet: Path) -> None:
    assert any(sheet.stem in loaded_by(name) for name in pages())


def recipe(target: str) -> str:
    makefile = (ROOT / "Makefile").read_text()
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert found is not None
    return found[1]


def test_make_check_looks_at_everything_that_is_written() -> None:
    looked = recipe("check")
    for tool in (
        "ruff check", "ruff format --check", "mypy", "djangofmt --check", "djangofmt check", "$(BIOME) check",
    ):  # fmt: skip
        assert tool in looked, tool
    for tool in ("ruff format", "djangofmt", "$(BIOME) check --write"):
        assert tool in recipe("format"), tool


def test_the_tools_are_pinned_and_only_developers_get_them() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    assert re.fullmatch(r"[\d.]+", package["devDependencies"]["@biomejs/biome"])
    assert re.search(r"^djangofmt==[\d.]+$", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    assert "djangofmt" not in (ROOT / "requirements.txt").read_text()
    assert "npm ci --omit=dev" in recipe("webapp/static/vendor/.made")


@pytest.mark.skipif(not DJANGOFMT.exists(), reason="djangofmt is not installed: `make setup-dev` gets it")
@pytest.mark.parametrize("command", [["--check"], ["check"]], ids=["format", "lint"])
def test_templates_are_laid_out_and_without_faults(command: list[str]) -> None:
    folders = ["webapp/templates", "demo/templates"]
    done = subprocess.run(
        [DJANGOFMT, *command, *folders], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not BIOME.exists(), reason="Biome is not fetched: `make setup-dev` gets it")
def test_styles_and_scripts_are_laid_out_and_without_faults() -> None:
    command = [BIOME, "check", "--error-on-warnings", "--reporter=github"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
