"""Scrapy: turns channels into crawls. Reads pages, hands sightings to desk.arrivals; never judges and never answers."""
