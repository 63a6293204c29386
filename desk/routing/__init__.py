"""Who is to answer, by when, and why: the rules of a brand."""
