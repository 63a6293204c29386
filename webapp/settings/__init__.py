"""Settings of a brand: names, hours, targets and rules."""
