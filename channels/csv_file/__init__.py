"""Tables of mentions that a person brings, CSV or XLSX."""
