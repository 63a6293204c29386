"""The tagging model: its versions and its training."""
