"""`otklik source try KIND`: the whole loop with a sandbox in place of the site, in a desk that is thrown away afterwards, so that a person
without an account there sees what the kind can do."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click

import channels
from channels.contract import Channel, Replies
from desk.base.errors import DeskError, Invalid
from webapp.cli.source_adding import known_kind

SECONDS: Final = 120
"""The longest step."""
PERSON: Final = "trial@otklik.example"
ANSWER: Final = "Здравствуйте! Спасибо, что написали: уже разбираемся и ответим здесь же."
_KEPT: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "SSL_CERT_FILE",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "SYSTEMROOT",
    "TMPDIR",
)


@click.command("try")
@click.argument("kind", callback=lambda _context, _param, kind: known_kind(kind), metavar="KIND")
def try_kind(kind: str) -> None:
    """Try KIND without an account: a small server of ours speaks the site's API on this machine, a desk is made for it,
    reads it, answers one complaint and looks whether the answer is there. Nothing of it is kept, and no site is asked.
    """
    channel = channels.channel(kind)
    with _sandbox(kind) as site, TemporaryDirectory(prefix="otklik-try-") as home:
        desk = _Desk(kind, site, Path(home))
        click.echo(f"1. A sandbox stands in for the site: {site['url']}")
        desk.prepare()
        source = desk.connect(channel)
        click.echo(f"2. Connected: {site['address']}. {source}")
        click.echo(f"3. Read and tagged: {desk.read()}")
        _answer(desk, channel)
    click.echo(
        "The trial desk and the sandbox are gone. Steps to connect the real one: docs/channels/"
        + kind
        + ".md"
    )


def _answer(desk: "_Desk", channel: Channel) -> None:
    if not isinstance(channel, Replies):
        click.echo("4. Answers are written by hand there: Otklik only reads it.")
        return
    waiting = desk.rows("case", "list", "--status", "open")
    if not waiting:
        click.echo("4. Nobody complained there, so there is nothing to answer.")
        return
    for case in waiting:
        try:
            desk.run("case", "answer", str(case["id"]), "--text-file", "-", "--by", PERSON, text=ANSWER)
        except _Failed as error:
            refusal = error
            continue
        break
    else:
        raise DeskError(f"No answer could be given. {refusal}")
    click.echo(f"4. Case {case['id']} was answered: “{ANSWER}”")
    desk.run("work", "--burst")
    found = next(one for one in desk.rows("case", "list") if one["id"] == case["id"])
    said = found["replies"][-1]
    if said["error"]:
        raise DeskError(f"The site did not take the answer: {said['error']}")
    click.echo(f"5. {_fate(found)}")


def _fate(found: Mapping[str, Any]) -> str:
    seen = {
        "stranger": "A visitor without an account sees it", "account": "The site tells the account that it is public",
        "receipt": "The site has taken it; nobody can look there", None: "The site has taken it, and has not shown it yet",
    }[found["proof"]]  # fmt: skip
    return f"{seen} ({found['reply_state']}){': ' + found['reply_url'] if found['reply_url'] else ''}."


class _Failed(DeskError):
    """A step that ended with an error; its words are those of the command."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """Of a process of its own for each step: this one keeps to the desk that it was started for."""

    kind: str
    site: Mapping[str, Any]
    home: Path

    def prepare(self) -> None:
        self.run("db", "upgrade")
        self.run("brand", "add", "Заря", "--time-zone", "Europe/Moscow")
        self.run(
            "user", "add", PERSON, "--name", "Trial", "--role", "lead", text="a-long-trial-password\n" * 2
        )

    def connect(self, channel: Channel) -> str:
        """The source, with what it says of its credentials."""
        given = [f"--set={name}={value}" for name, value in self.site["settings"].items()]
        given += [f"--own-id={one}" for one in self.site["own_ids"]]
        for name, value in self.site["secrets"].items():
            path = self.home / f"secret-{name}"
            path.write_text(value, encoding="utf-8")
            given.append(f"--secret-file={name}={path}")
        address = [] if channel.about.address == "none" else [self.site["address"]]
        self.run("source", "add", *address, "--kind", self.kind, *given)
        if not isinstance(channel, Replies):
            return ""
        return self.run("source", "check", "1").strip().replace("\n", " ")

    def read(self) -> str:
        self.run("crawl", "1")
        self.run("work", "--burst")
        mentions, cases = self.rows("mention", "list"), self.rows("case", "list")
        if not mentions:
            raise DeskError("Nothing was read from the sandbox; that is a fault of Otklik. Please report it.")
        first = " ".join(mentions[0]["text"].split())[:100]
        return f"mentions {len(mentions)}, cases {len(cases)}. The newest: “{first}”"

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        return list(json.loads(self.run(*arguments, "--json")))

    def run(self, *arguments: str, text: str = "") -> str:
        """What a command of the trial desk printed. Raises _Failed with its words."""
        command = [sys.executable, "-c", "from webapp.cli import main; main()", *arguments]
        try:
            done = subprocess.run(
                command,
                input=text,
                capture_output=True,
                encoding="utf-8",
                env=self._environment(),
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _Failed(
                f"`otklik {' '.join(arguments[:2])}` took longer than {SECONDS} seconds."
            ) from error
        if done.returncode:
            raise _Failed(f"`otklik {' '.join(arguments[:2])}` failed: {done.stderr.strip()[-600:]}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        """Nothing of the real desk's settings: its database and its Redis are not touched."""
        kept = {name: value for name, value in os.environ.items() if name in _KEPT}
        own = {
            "OTKLIK_HOME": str(self.home), "OTKLIK_ALLOW_PRIVATE_ADDRESSES": "true", "OTKLIK_VERIFY_SECONDS": "[0]",
            "OTKLIK_API_URLS": json.dumps({self.kind: self.site["url"]}), "OTKLIK_CRAWL_DELAY_SECONDS": "0",
            "PYTHONIOENCODING": "utf-8",
        }  # fmt: skip
        return kept | own


@contextmanager
def _sandbox(kind: str) -> Iterator[Mapping[str, Any]]:
    """What it says of itself. It ends with this process, however that ends. Raises Invalid for a kind that has none."""
    command = [sys.executable, "-m", "demo"]
    every = json.loads(
        subprocess.run([*command, "--sandboxes"], capture_output=True, check=True, timeout=SECONDS).stdout
    )
    if kind not in every:
        raise Invalid(f"There is no sandbox for {kind}. Kinds that have one: {', '.join(every)}.", "kind")
    with subprocess.Popen(
        [*command, "--sandbox", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(10)
