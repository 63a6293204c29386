"""What each sets for himself."""
