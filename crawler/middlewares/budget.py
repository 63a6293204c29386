"""What one account may ask in a day. The count is in the database, so a restart does not forget it."""

from datetime import UTC, datetime, time, timedelta

from scrapy import Request

from channels import errors
from channels.contract import Text
from crawler import storage
from crawler.failures import Declined
from crawler.middlewares.base import Middleware
from crawler.spiders.channel import fetch_of, spider_of


class Budget(Middleware):
    """Counts before the request goes out, and again for each further try: the site counts those too."""

    async def process_request(self, request: Request) -> None:
        spider, fetch = spider_of(self.crawler), fetch_of(request)
        quota = spider.pace.quota
        if quota is None or fetch is None or not spider.is_own_api(request):
            return
        now = datetime.now(UTC)
        spent = storage.spend, spider.job.budget, fetch.cost, quota, now
        if not await spider.storage_thread.run(*spent):
            raise Declined(_quota_spent(quota, now))


def _quota_spent(quota: int, now: datetime) -> errors.QuotaSpent:
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
    said = Text(
        f"The account has made all its {quota} requests of the day; crawling continues after midnight (UTC).",
        f"Дневной лимит запросов аккаунта ({quota}) исчерпан; обход продолжится после полуночи (UTC).",
    )
    return errors.QuotaSpent(said, int((midnight - now).total_seconds()) + 1)
