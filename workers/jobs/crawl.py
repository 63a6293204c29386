"""Crawling what is due."""


def run() -> int:
    """1 if the crawler worked."""
    from workers import crawling

    return int(crawling.crawl_due())
