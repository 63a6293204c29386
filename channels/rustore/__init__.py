"""Reviews of one's own apps in RuStore, by its API."""
