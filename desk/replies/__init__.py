"""Answers, from a draft until a stranger can read them."""
