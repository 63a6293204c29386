"""The desk as a system: pending work, health, backups, the schema."""
