"""Where people speak: one source, one file. Imports none of our packages, nor Scrapy."""

from functools import cache
from importlib import import_module
from typing import cast

from channels.contract import Channel

KINDS: dict[str, str] = {
    "rss": "channels.rss.channel:Rss",
    "schema_org": "channels.schema_org.channel:SchemaOrg",
    "wordpress": "channels.wordpress.channel:WordPress",
    "woocommerce": "channels.woocommerce.channel:WooCommerce",
    "forum": "channels.forum.channel:Forum",
    "discourse": "channels.discourse.channel:Discourse",
    "mail": "channels.mail.channel:Mail",
    "webhook": "channels.webhook.channel:Webhook",
    "vk": "channels.vk.channel:Vk",
    "mastodon": "channels.mastodon.channel:Mastodon",
    "bluesky": "channels.bluesky.channel:Bluesky",
    "telegram_page": "channels.telegram_page:TelegramPage",
    "app_store": "channels.app_store:AppStore",
    "app_store_connect": "channels.app_store_connect:AppStoreConnect",
    "google_play": "channels.google_play:GooglePlay",
    "rustore": "channels.rustore.channel:RuStore",
    "google_business": "channels.google_business:GoogleBusiness",
    "wildberries": "channels.wildberries.channel:Wildberries",
    "ozon": "channels.ozon.channel:Ozon",
    "yandex_market": "channels.yandex_market.channel:YandexMarket",
    "avito": "channels.avito.channel:Avito",
    "lemmy": "channels.lemmy:Lemmy",
    "steam": "channels.steam:Steam",
    "hacker_news": "channels.hacker_news:HackerNews",
    "stack_exchange": "channels.stack_exchange:StackExchange",
    "file": "channels.csv_file.channel:File",
}


@cache
def channel(kind: str) -> Channel:
    """The channel of that kind, loaded when first asked for. Raises KeyError for an unknown kind."""
    module_name, class_name = KINDS[kind].split(":")
    return cast(Channel, getattr(import_module(module_name), class_name)())


def available() -> list[Channel]:
    """Every channel, in the order in which a person should be offered them."""
    return [channel(kind) for kind in KINDS]
