"""VK: walls, topics and searches, by VK's API."""
