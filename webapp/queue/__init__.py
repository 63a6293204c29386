"""The queue: lists, filters and decisions about many cases at once."""
