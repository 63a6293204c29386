"""Signing in at Bluesky with an app password, and going on with the session by its refresh token."""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from channels import errors, json_api
from channels.bluesky.api import OF_PASSWORD, endpoint, read, server
from channels.contract import Answer, Call, Grant, Place, Text, Wire
from channels.reading import json_values

SIGN_IN: Final = "com.atproto.server.createSession"
REFRESH: Final = "com.atproto.server.refreshSession"
SOONER: Final = timedelta(minutes=5)
"""A session is renewed before it runs out under a request."""


def renewed(place: Place, wire: Wire) -> Grant:
    """By the refresh token, which keeps the few sign-ins of a day; by the password where that is not taken any more."""
    if refresh := place.secrets.get("refresh_jwt"):
        # A body, even an empty object, is refused.
        call = Call(endpoint(server(place), REFRESH), "POST", None, {"authorization": f"Bearer {refresh}"})
        answer = wire.ask(call)
        if answer.status not in (400, 401):
            return _granted(answer, wire)
    handle, password = credentials(place)
    asked = {"identifier": handle.removeprefix("@"), "password": password}
    answer = wire.ask(json_api.posted(endpoint(server(place), SIGN_IN), asked))
    if answer.status in (400, 401):
        raise errors.Unauthorized(
            Text(
                "Bluesky does not accept the name and the app password.",
                "Bluesky не принимает имя и пароль приложения.",
            )
            + OF_PASSWORD.told(answer)
        )
    return _granted(answer, wire)


def credentials(place: Place) -> tuple[str, str]:
    handle, password = place.settings.get("handle", "").strip(), place.secrets.get("app_password", "").strip()
    if not handle or not password:
        raise OF_PASSWORD.no_key()
    return handle, password


def _granted(answer: Answer, wire: Wire) -> Grant:
    said = read(answer, wire.now)
    access, refresh, did = (said.get(name) for name in ("accessJwt", "refreshJwt", "did"))
    if not (isinstance(access, str) and isinstance(refresh, str) and isinstance(did, str) and access and did):
        raise OF_PASSWORD.strange()
    return Grant({"access_jwt": access, "refresh_jwt": refresh}, _end_of(access), {"did": did})


def _end_of(token: str) -> datetime | None:
    """The moment that the token itself names; None where it names none."""
    parts = token.split(".")
    try:
        told: Any = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        return None
    seconds = json_values.number(told.get("exp")) if isinstance(told, dict) else None
    return datetime.fromtimestamp(seconds, UTC) - SOONER if seconds and seconds < 10**11 else None
