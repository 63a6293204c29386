"""Forums with a feed and a reply form."""
