"""Learning from the corrections, in a process that ends with it."""


def run() -> int:
    """1 if it worked."""
    from workers import crawling

    return int(crawling.learn())
