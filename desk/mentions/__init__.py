"""What people said: told apart, compared, found and listed."""
