"""Pages that mark up reviews and comments by schema.org."""
