"""Who is held to the rules: every channel of ours, and the made-up ones that prove the contract."""

import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from channels import KINDS, channel
from channels.contract import Authorizes, Collects, Deletes, Edits, Field, Place, Reads, Receives, Replies
from demo.sandboxes import SANDBOXES, sandbox
from tests.channels.conftest import PAGES
from tests.channels.made_up import KINDS as MADE_UP

CANARY = "c4nary-S3cret-77"
"""Stands for every secret: looked for in all that a channel says."""
MADE = [kind for kind, path in MADE_UP.items() if find_spec(path.partition(":")[0]) is not None]
EVERY = [*KINDS, *MADE]
NAMES = [
    (kind, name)
    for kind in KINDS
    for name in (
        json.loads((PAGES / kind / "index.json").read_text())
        if (PAGES / kind / "index.json").exists()
        else []
    )
]


def load(kind: str) -> Any:
    """A made-up channel is none of this process, so that nothing else meets it."""
    if kind in KINDS:
        return channel(kind)
    module, name = MADE_UP[kind].split(":")
    return getattr(import_module(module), name)()


def told(kind: str, url: str | None = None) -> Place:
    """A source that was told everything: all its secrets are the canary. Where an API is asked for an app, a page or a
    group, its address is that of the sandbox; where the address names the server itself, its path is."""
    settings, secrets = {}, {}
    for field in load(kind).about.fields:
        (secrets if field.is_secret else settings)[field.name] = _value(field)
    given = sandbox(kind).address if kind in SANDBOXES and load(kind).about.address != "none" else ""
    usual = "https://site.example/page"
    if load(kind).about.api:
        usual = given or usual
    elif given.startswith("/"):
        usual = f"https://site.example{given}"
    return Place(url or usual, settings, secrets)


def _value(field: Field) -> str:
    if field.is_secret:
        return CANARY
    plain = {"number": "3", "switch": "1", "choice": field.choices[0][0] if field.choices else ""}
    return plain.get(field.kind, "https://api.site.example" if field.name == "url" else "zarya")


BY_LETTER = ("mail",)
"""A letter is seen by its reader alone and no site stands behind it: tests/channels/mail/test_answers.py sends to a real server,
and holds to the same rules."""
READING = [kind for kind in EVERY if isinstance(load(kind), Reads)]
COLLECTING = [kind for kind in EVERY if isinstance(load(kind), Collects)]
AUTHORIZING = [kind for kind in EVERY if isinstance(load(kind), Authorizes)]
RECEIVING = [kind for kind in EVERY if isinstance(load(kind), Receives)]
EDITING = [kind for kind in EVERY if isinstance(load(kind), Edits)]
DELETING = [kind for kind in EVERY if isinstance(load(kind), Deletes)]
ANSWERING = [
    kind for kind in KINDS if isinstance(channel(kind), Replies) and kind not in {*SANDBOXES, *BY_LETTER}
]
"""Against a local site of each (tests/channels/sites.py). Those with a sandbox answer in test_sandboxes.py, made-up ones in tests
of their own."""
