"""`python -m tests.crawler.made_up …` is `python -m crawler …` that knows the made-up channels as well. With RENEWED_TOKEN it
renews secrets that ran out, as the accounts of a desk do, and says so in its log."""

import os
import sys
from dataclasses import replace

from channels.contract import Place
from crawler import renewal
from crawler.__main__ import main
from crawler.storage import CrawlJob
from desk.base import logs
from tests.channels import made_up


def renew(job: CrawlJob) -> Place:
    logs.logger().warning("secrets_renewed", source=job.source_id)
    expires_at = os.environ.get("RENEWED_UNTIL", "")
    return replace(job.place, secrets={"token": os.environ["RENEWED_TOKEN"], "expires_at": expires_at})


if __name__ == "__main__":
    made_up.register()
    if "RENEWED_TOKEN" in os.environ:
        renewal.fresh_place = renew
    sys.exit(main())
