"""Channels of no real site, each like one that is to come: they prove that the contract and the house carry them."""

import channels

KINDS = {
    "marketplace": "tests.channels.made_up.marketplace:Marketplace",
    "messenger_bot": "tests.channels.made_up.messenger_bot:MessengerBot",
}


def register() -> None:
    """In this process, beside the real ones."""
    channels.KINDS.update(KINDS)
