"""The numbers for leadership, with their charts."""
