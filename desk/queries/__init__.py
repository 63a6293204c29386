"""[pure] The language in which a person says what is meant: read, matched, and translated into what a site can search for."""
