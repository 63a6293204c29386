"""A mailbox: letters in by IMAP, answers out by SMTP."""
