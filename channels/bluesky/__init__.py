"""Bluesky, and the servers of its protocol."""
