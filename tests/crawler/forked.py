"""The crawler in a process of its own, forked from one that has loaded it and nothing else: to load it takes longer than most of
its tests. What depends on the process itself (its start, its death, its parent) uses the fixture `start` instead."""

import importlib
import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

import channels
from tests.processes import ROOT

LOADED = ("crawler.runner", "crawler.spiders.channel", "desk.models", "tests.channels.made_up")
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.crawler.preloaded"])


def crawl(
    module: str,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    folder: Path,
    seconds: float = 120,
) -> tuple[int | None, str, str]:
    """Exit status, what it wrote and what it complained of; `environment` is all of it."""
    said, complained = folder / "crawl.out", folder / "crawl.err"
    process = _forks.Process(
        target=_run, args=(module, arguments, dict(environment), str(said), str(complained))
    )
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.exitcode, said.read_text(), complained.read_text()


def load() -> None:
    for name in LOADED:
        importlib.import_module(name)
    for kind in channels.KINDS:
        channels.channel(kind)
    channels.channel.cache_clear()


def _begin_as_python_does(environment: Mapping[str, str]) -> None:
    """A fork begins without the files that Python runs first; made-up channels are registered by one of them."""
    for folder in environment.get("PYTHONPATH", "").split(os.pathsep):
        if folder and (first := Path(folder) / "sitecustomize.py").is_file():
            runpy.run_path(str(first))


def _run(
    module: str, arguments: tuple[str, ...], environment: dict[str, str], said: str, complained: str
) -> None:
    for path, number in ((said, 1), (complained, 2)):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), number)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    _begin_as_python_does(environment)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
