"""What sites send to us, without session and sign-in."""
