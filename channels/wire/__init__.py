"""How requests leave: the address guard, what sites allow, and what failures mean."""
