"""What every channel reads with: letters, dates, ratings, addresses, pages, plain text."""
