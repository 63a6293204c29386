"""Feeds, RSS and Atom."""
