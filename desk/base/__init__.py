"""What every subject stands on: settings, the database, the words, the errors, the wake-ups."""
