"""Whether Otklik itself is well."""
