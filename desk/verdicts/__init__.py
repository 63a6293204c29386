"""What a text is taken for, by the stars, by a model and by people."""
