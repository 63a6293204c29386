"""Steps from one shape of the database to the next; run by desk/operations/schema.py, never edited once released."""
