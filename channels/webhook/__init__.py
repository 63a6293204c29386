"""Mentions from anywhere, in one format of ours."""
