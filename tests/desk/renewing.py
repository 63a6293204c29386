"""`python -m tests.desk.renewing ACCOUNT [die]`: one process that has found refresh-0 spent and renews the account if it has to.
With "die" it is gone between the site's answer and the commit."""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from desk.base import db
from desk.sources import accounts, places, renewal


class Refused(Exception):
    pass


@dataclass(frozen=True)
class Grant:
    secrets: dict[str, str]
    expires_at: datetime | None = None
    settings: dict[str, str] = field(default_factory=dict)


def ask_site(place: places.Place) -> Grant:
    body = urllib.parse.urlencode({"refresh_token": place.secrets["refresh_token"]}).encode()
    try:
        with urllib.request.urlopen(f"{place.settings['server']}/token", body, 30) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError:
        raise Refused("The site takes the token no more.") from None
    ends = datetime.now(UTC) + timedelta(seconds=found["expires_in"])
    return Grant({name: found[name] for name in ("access_token", "refresh_token")}, ends)


def ask_and_die(place: places.Place) -> Grant:
    ask_site(place)
    os._exit(9)


def main(account_id: int, *words: str) -> None:
    ask = ask_and_die if "die" in words else ask_site
    renewal.fresh(account_id, {"refresh_token": "refresh-0"}, renewal.Renewer(ask, Refused))
    with db.snapshot() as session:
        sys.stdout.write(places.place_of_account(accounts.load(session, account_id)).secrets["access_token"])


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
