"""Channels that prove the contract, one small file each; none of them is a real site."""

import os
from pathlib import Path

import channels

ROOT = Path(__file__).parents[3]
KINDS = {
    "marketplace": "tests.channels.made_up.marketplace:Marketplace",
    "mailbox": "tests.channels.made_up.mailbox:Mailbox",
    "messenger_bot": "tests.channels.made_up.messenger_bot:MessengerBot",
    "webhook": "tests.channels.made_up.webhook:Webhook",
    "app_store": "tests.channels.made_up.app_store:AppStore",
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
