"""A program beside the pages: it is there when it is asked, whatever happened to it before."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from webapp import helper_process
from webapp.helper_process import Broken, HelperProcess

HERE = "tests.webapp.test_helper_process"


def double(question: Any) -> Any:
    return [question, question]


def tell(_question: Any) -> int:
    return os.getpid()


def die(question: str) -> None:
    raise ValueError(question)


def hang(_question: Any) -> None:
    time.sleep(60)


@pytest.fixture
def beside() -> Iterator[Callable[..., HelperProcess]]:
    made: list[HelperProcess] = []

    def make(function: str, **more: Any) -> HelperProcess:
        made.append(HelperProcess(f"{HERE}:{function}", **more))
        return made[-1]

    yield make
    for one in made:
        one._end()


@pytest.mark.parametrize("question", [None, "слово\n\ud800 \u2028", {"a": [1, 2.5]}, "x" * 1_000_000])
def test_it_answers_what_it_is_asked(beside: Callable[..., HelperProcess], question: Any) -> None:
    assert beside("double").ask(question) == [question, question]


def test_it_starts_with_the_first_question_and_serves_the_next(beside: Callable[..., HelperProcess]) -> None:
    program = beside("tell")
    assert program.pid is None
    assert program.ask(1) == program.ask(2) == program.pid


def test_whoever_was_killed_is_started_again(beside: Callable[..., HelperProcess]) -> None:
    program = beside("tell")
    first = program.ask(1)
    os.kill(first, signal.SIGKILL)
    second = program.ask(1)
    assert second not in (first, os.getpid())
    assert not psutil.pid_exists(first)


def test_it_ends_when_nobody_asks_and_leaves_nothing_behind(beside: Callable[..., HelperProcess]) -> None:
    program = beside("tell", idle_seconds=0.05)
    first = psutil.Process(program.ask(1))
    first.wait(20)
    assert not first.is_running()
    assert program.ask(1) != first.pid


def test_it_ends_with_whoever_started_it(beside: Callable[..., HelperProcess]) -> None:
    program = beside("tell")
    child = psutil.Process(program.ask(1))
    assert program._process is not None
    assert program._process.stdin is not None
    program._process.stdin.close()
    child.wait(20)


def test_a_question_that_kills_it_is_not_asked_for_ever(
    beside: Callable[..., HelperProcess], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Broken):
        beside("die").ask("Anna Petrova")
    said = capfd.readouterr().err
    assert said.count("\nValueError\n") == 2
    assert "Anna" not in said, "the words of an error may quote a customer"


def test_a_program_that_hangs_is_ended(
    beside: Callable[..., HelperProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper_process, "ANSWER_SECONDS", 0.2)
    with pytest.raises(Broken):
        beside("hang").ask(1)


def test_it_begins_anew_after_so_many_answers(
    beside: Callable[..., HelperProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper_process, "MOST_ANSWERS", 3)
    program = beside("tell")
    assert len({program.ask(number) for number in range(7)}) == 3


def test_many_who_ask_at_once_get_their_own_answers(beside: Callable[..., HelperProcess]) -> None:
    program = beside("double")
    with ThreadPoolExecutor(8) as askers:
        assert list(askers.map(program.ask, range(40))) == [[number, number] for number in range(40)]


def test_waking_starts_it_without_a_question(beside: Callable[..., HelperProcess]) -> None:
    program = beside("tell")
    program.wake()
    awake = program.pid
    assert awake is not None
    assert program.ask(1) == awake


def test_the_program_is_found_from_any_folder(
    beside: Callable[..., HelperProcess], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert HelperProcess("json:dumps").ask("x") == '"x"'


def test_a_machine_without_room_for_it_is_told_as_broken() -> None:
    program = HelperProcess(f"{HERE}:double")
    program._command = ["/nonexistent/python", *program._command[1:]]
    program.wake()
    with pytest.raises(Broken):
        program.ask("anything")
