"""One request: who asks, in which language, in which transaction, and what he reads when it fails."""
