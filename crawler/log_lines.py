"""What Scrapy may say in a log: never what was read."""

from typing import Any

from scrapy import logformatter


class Silent(logformatter.LogFormatter):
    """Scrapy's own lines without the items, whose texts are people's."""

    def scraped(self, item: Any, response: Any, spider: Any) -> None:  # noqa: ARG002 -- the base class names them
        return None

    def dropped(self, item: Any, exception: BaseException, response: Any, spider: Any) -> dict[str, Any]:  # noqa: ARG002 -- as above
        return {**super().dropped("(an item)", type(exception), response, spider)}

    def item_error(self, item: Any, exception: BaseException, response: Any, spider: Any) -> dict[str, Any]:  # noqa: ARG002 -- as above
        return {**super().item_error("(an item)", exception, response, spider)}
