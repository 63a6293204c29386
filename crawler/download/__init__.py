"""How a request goes out, for each scheme of addresses."""
