"""Wildberries, for sellers."""
