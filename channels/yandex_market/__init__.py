"""Yandex Market, for sellers."""
