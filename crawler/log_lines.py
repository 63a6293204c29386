"""What Scrapy may say in a log: never what was read."""

from typing import Any

from scrapy import logformatter
from scrapy.logformatter import LogFormatterResult


class Silent(logformatter.LogFormatter):
    """Scrapy's own lines without the items, whose texts are people's."""

    def scraped(self, item: Any, response: Any, spider: Any) -> Any:  # noqa: ARG002 -- the base class names them
        """None is no line at all: Scrapy documents it and leaves it out of its types."""
        return None

    def dropped(self, item: Any, exception: BaseException, response: Any, spider: Any) -> LogFormatterResult:  # noqa: ARG002 -- as above
        said = super().dropped("(an item)", exception, response, spider)
        # What kind of problem it is; its words may be those of the item.
        return {**said, "args": {"exception": type(exception), "item": "(an item)"}}

    def item_error(
        self,
        item: Any,  # noqa: ARG002 -- as above
        exception: BaseException,
        response: Any,
        spider: Any,
    ) -> LogFormatterResult:
        return super().item_error("(an item)", exception, response, spider)
