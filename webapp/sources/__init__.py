"""Sources: added, checked, set and removed."""
