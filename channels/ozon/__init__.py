"""Ozon, for sellers."""
