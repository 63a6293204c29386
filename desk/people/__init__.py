"""The people of the desk: who they are, what they may do, where they are signed in."""
