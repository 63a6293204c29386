"""Channels that prove the contract, one small file each; none of them is a real site."""

import json
import os
from pathlib import Path
from typing import Any

import channels
from channels import errors
from channels.contract import Answer
from channels.wire import refusals

ROOT = Path(__file__).parents[3]
KINDS = {
    "marketplace": "tests.channels.made_up.marketplace:Marketplace",
    "mailbox": "tests.channels.made_up.mailbox:Mailbox",
    "messenger_bot": "tests.channels.made_up.messenger_bot:MessengerBot",
    "shop_hook": "tests.channels.made_up.webhook:Webhook",
    "store_console": "tests.channels.made_up.store_console:StoreConsole",
    "social_network": "tests.channels.made_up.social_network:SocialNetwork",
}


def register() -> None:
    """Makes them channels of this process."""
    channels.KINDS.update(KINDS)


def environment() -> dict[str, str]:
    """With this a process and all its children have them too."""
    first = ROOT / "tests" / "channels" / "made_up" / "at_start"
    rest = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([str(first), str(ROOT), *([rest] if rest else [])])}


def told(answer: Answer) -> Any:
    """What their sites say in JSON to what they took. Raises what a refusal means, and Unknown where it cannot be read."""
    if answer.status >= 300:
        raise refusals.refusal(answer, refusals.words(answer))
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise errors.Unknown("The answer of the site is no JSON.") from error
