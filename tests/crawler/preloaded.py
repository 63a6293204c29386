"""What the process has loaded from which crawlers are forked."""

from tests.crawler import forked

forked.load()
