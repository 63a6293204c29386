"""Scrapy: turns channels into crawls. Reads pages, hands sightings to desk.intake; never judges and never answers."""
