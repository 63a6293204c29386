"""What people read: labels, dates, numbers and sentences in the reader's language."""
