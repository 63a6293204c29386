"""[pure] What a browser calls itself, as people would say it. Told by the browser alone, so it is good for a list and no more."""

BROWSERS = (
    ("YaBrowser", "Yandex Browser"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
    ("Chrom", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def name(user_agent: str) -> str:
    """Like "Firefox, Windows"; empty when nothing in it is known."""
    found = (
        next((said for sign, said in table if sign in user_agent), None) for table in (BROWSERS, SYSTEMS)
    )
    return ", ".join(said for said in found if said)
