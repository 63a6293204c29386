"""Avito, for sellers."""
