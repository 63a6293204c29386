"""What Google's APIs have in common: the envelope of their errors, and tokens: for the key file of a service account, or by consent."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from channels import errors, json_api
from channels.contract import Answer, Call, Grant, Page, Place, Text, Wire
from channels.reading import json_values

ORIGIN: Final = "https://oauth2.googleapis.com"
TOKEN: Final = f"{ORIGIN}/token"
CONSENT: Final = "https://accounts.google.com/o/oauth2/v2/auth"
SOONER: Final = timedelta(minutes=5)
"""A token is renewed before it runs out under a request."""
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SPENT: Final = ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded")


class GoogleApi(json_api.Api):
    """Says with 403, too, that it was asked too often; the reason tells it from what is not allowed."""

    def read(self, found: Page | Answer) -> dict[str, Any]:
        demand_quota(found, self)
        return super().read(found)

    def refused(self, answer: Answer, text: str) -> errors.ChannelError:
        try:
            demand_quota(answer, self)
        except errors.RateLimited as error:
            return error
        return super().refused(answer, text)


def words(said: Mapping[str, Any]) -> object:
    error = said.get("error")
    return error.get("message") if isinstance(error, Mapping) else said.get("error_description") or error


def demand_quota(found: Page | Answer, api: json_api.Api) -> None:
    """Raises RateLimited where 403 means that."""
    if found.status != 403:
        return
    error = json_values.part(json_values.document(found), "error")
    reasons = {json_values.name(one.get("reason")) for one in json_values.rows(error.get("errors"))}
    if error.get("status") == "RESOURCE_EXHAUSTED" or reasons.intersection(_SPENT):
        raise api.not_read(replace(found, status=429))


def authorized(place: Place, call: Call) -> Call:
    """With the token, which an account's `renew` gets. Raises Expired where there is none yet."""
    if call.url == TOKEN:
        return call
    if not (token := place.secrets.get("access_token")):
        raise errors.Expired(Text("There is no token yet.", "Токена ещё нет."))
    return replace(call, headers={**call.headers, "authorization": f"Bearer {token}"})


def granted_by_key_file(key_file: str, scope: str, api: json_api.Api, wire: Wire) -> Grant:
    """A token for the key file of a service account (JSON), by a claim that its key has signed. The token is always asked
    for at Google's own address, whatever address the file names."""
    return _granted({"grant_type": _BEARER, "assertion": _assertion(key_file, scope, wire.now)}, api, wire)


def consent_address(client_id: str, scope: str, return_url: str, state: str) -> str:
    """Where a person allows it for good: without `prompt` Google hands out what renews a token the first time only."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": return_url,
        "scope": scope,
        "state": state,
        "access_type": "offline",
        "prompt": "consent",
    }
    return f"{CONSENT}?{urlencode(asked)}"


def granted_by_consent(
    client: Mapping[str, str], query: Mapping[str, str], return_url: str, api: json_api.Api, wire: Wire
) -> Grant:
    """`client`: its client_id and client_secret; `query`: what Google sent the person back with."""
    if not (code := query.get("code")):
        raise errors.Unauthorized(
            Text("Google was not given the permission.", "Разрешение в Google не дано.")
            + Text.alike(f" {json_values.name(query.get('error'), 60)}".rstrip())
        )
    asked = {**client, "grant_type": "authorization_code", "code": code, "redirect_uri": return_url}
    grant = _granted(asked, api, wire)
    if not grant.secrets.get("refresh_token"):
        raise errors.Unauthorized(
            Text(
                "Google gave a permission that lasts an hour only. Connect once more.",
                "Google дал разрешение только на час. Подключите ещё раз.",
            )
        )
    return grant


def granted_by_refresh(client: Mapping[str, str], refresh_token: str, api: json_api.Api, wire: Wire) -> Grant:
    return _granted({**client, "grant_type": "refresh_token", "refresh_token": refresh_token}, api, wire)


def _granted(asked: Mapping[str, str], api: json_api.Api, wire: Wire) -> Grant:
    of_keys = replace(api, unauthorized=errors.Unauthorized)
    answer = wire.ask(Call(TOKEN, "POST", urlencode(asked).encode(), _FORM))
    if answer.status in (400, 401, 403):
        raise errors.Unauthorized(
            Text("Google does not accept the key.", "Google не принимает ключ.") + of_keys.told(answer)
        )
    said = of_keys.read(answer)
    token, lasts = said.get("access_token"), json_values.number(said.get("expires_in"))
    if not isinstance(token, str) or not token:
        raise api.strange()
    ends = wire.now + timedelta(seconds=min(lasts, 10**9)) - SOONER if lasts is not None else None
    secrets = {"access_token": token}
    if isinstance(lasting := said.get("refresh_token"), str) and lasting:
        secrets["refresh_token"] = lasting
    return Grant(secrets, ends)


def _assertion(key_file: str, scope: str, now: datetime) -> str:
    import jwt  # it loads cryptography, which a desk without such accounts never needs

    try:
        told = json.loads(key_file)
        claims = {
            "iss": told["client_email"],
            "scope": scope,
            "aud": TOKEN,
            "iat": json_values.stamp(now),
            "exp": json_values.stamp(now + timedelta(hours=1)),
        }
        headers = {"kid": str(told.get("private_key_id", ""))}
        return jwt.encode(claims, told["private_key"], "RS256", headers)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, jwt.PyJWTError):
        # Whatever is wrong with it is not repeated: it may hold the key.
        raise errors.Unauthorized(
            Text(
                "This is not the key file of a service account: paste the whole JSON file that Google Cloud gave.",
                "Это не файл ключа сервисного аккаунта: вставьте весь файл JSON, который выдал Google Cloud.",
            )
        ) from None
