"""Where mentions come from: added, leased to a crawl, kept healthy."""
