"""Forums on Discourse, by its API."""
