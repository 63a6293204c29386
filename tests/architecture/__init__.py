"""How the rules of docs/architecture.md are read off the syntax trees. `guards.GUARDS` lists them all."""
