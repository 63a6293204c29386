"""What every request passes on its way out, in this order: the address guard, robots.txt, the day's budget, the proof of
who we are, retries with growing pauses. `crawler/settings.py` gives the order."""
