"""The spiders. A channel that fits the common shape needs none of its own."""
