"""Brands, their open hours and their response targets."""
