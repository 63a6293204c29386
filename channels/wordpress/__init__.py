"""WordPress comments and answers."""
