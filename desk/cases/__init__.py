"""Cases: opened, handled, listed, taken back."""
