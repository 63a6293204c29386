"""Pages that change by themselves, and who else is looking at them."""
