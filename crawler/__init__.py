"""Scrapy: turns channels into crawls. Reads pages, hands sightings to desk.pipeline.arrivals; never judges and never answers."""
