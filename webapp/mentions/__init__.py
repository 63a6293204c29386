"""Mentions: the list, one of them, and why it has its tags."""
