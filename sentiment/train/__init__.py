"""How the shipped weights are made, step by step; needs requirements-train.txt, never imported when texts are judged."""
