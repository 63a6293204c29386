"""How RuStore is asked: every answer is an envelope, and a token is had for a signature."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from channels import errors, json_api
from channels.contract import Answer, Call, Grant, Page, Place, Text, Wire
from channels.reading import json_values

ORIGIN: Final = "https://public-api.rustore.ru"
TOKEN: Final = f"{ORIGIN}/public/auth/"
SIZE: Final = 100
_APP: Final = re.compile(r"/application/([^/]+)/")
LASTS_SECONDS: Final = 900
"""Where the answer names no time."""
SOONER: Final = timedelta(minutes=2)


def _words(said: Mapping[str, Any]) -> object:
    return said.get("message")


API: Final = json_api.Api(
    Text.alike("RuStore"), _words, key_en="API key", key_ru="ключ API", unauthorized=errors.Expired
)
OF_KEYS: Final = json_api.Api(Text.alike("RuStore"), _words, key_en="API key", key_ru="ключ API")
"""For the request that gets a token: nothing renews what it is asked with."""


def address(package: str, what: str, **query: str | int) -> str:
    """Of the reviews (comment) and the answers (feedback) of an app."""
    asked = f"?{urlencode(query)}" if query else ""
    return f"{ORIGIN}/public/v1/application/{quote(package, safe='')}/{what}{asked}"


def package_of(url: str) -> str:
    """Of which app an address of the API is; empty for another address."""
    found = _APP.search(urlsplit(url).path)
    return unquote(found[1]) if found is not None else ""


def body(found: Page | Answer) -> Any:
    """What stands in the envelope. Raises what the status means, and Unreadable for what is no envelope."""
    return _opened(API.read(found))


def rows(found: Any) -> list[Mapping[str, Any]]:
    """A list stands in the envelope by itself, or with its pages around it."""
    return json_values.rows(found.get("content") if isinstance(found, Mapping) else found)


def token(place: Place, wire: Wire) -> Grant:
    """A token for a quarter of an hour. Raises Unauthorized where the key is not taken, or the clock of this machine is wrong."""
    key_id, key = place.settings.get("key_id", "").strip(), _key(place)
    if not key_id:
        raise API.no_key()
    stamp = _stamp(wire.now)
    signature = key.sign(f"{key_id}{stamp}".encode(), padding.PKCS1v15(), hashes.SHA512())
    asked = {"keyId": key_id, "timestamp": stamp, "signature": base64.b64encode(signature).decode()}
    answer = wire.ask(json_api.posted(TOKEN, asked))
    if answer.status == 400:
        refused = Text(
            "RuStore does not accept the key; the clock of this machine may also be wrong.",
            "RuStore не принимает ключ; возможно, неверны и часы этого компьютера.",
        )
        raise errors.Unauthorized(refused + OF_KEYS.told(answer))
    said = _opened(OF_KEYS.read(answer))
    made = said.get("jwe") if isinstance(said, Mapping) else None
    if not isinstance(made, str) or not made:
        raise API.strange()
    lasts = min(json_values.whole(said.get("ttl")) or LASTS_SECONDS, 86_400)
    return Grant(
        {"token": made}, wire.now + timedelta(seconds=lasts) - min(SOONER, timedelta(seconds=lasts / 2))
    )


def authorized(call: Call, place: Place) -> Mapping[str, str]:
    """The headers of a call with the token. Raises Expired where there is none yet."""
    if not place.secrets.get("token"):
        _key(place)
        raise errors.Expired(Text("There is no token yet.", "Токена ещё нет."))
    return {**call.headers, "public-token": place.secrets["token"]}


def _opened(said: Mapping[str, Any]) -> Any:
    code = said.get("code")
    if code == "OK":
        return said.get("body")
    if code is None:
        raise API.strange()
    told = json_values.name(said.get("message"), 300) or json_values.name(code, 60)
    raise errors.Refused(Text(f"RuStore says: {told}", f"Ответ RuStore: {told}"))


def _stamp(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}+00:00"


def _key(place: Place) -> rsa.RSAPrivateKey:
    """RuStore gives a key once, as one line of base64; others may have made a PEM file of it."""
    typed = place.secrets.get("private_key", "").strip()
    if not typed:
        raise API.no_key()
    try:
        if typed.startswith("-----"):
            found = load_pem_private_key(typed.encode(), None)
        else:
            found = load_der_private_key(base64.b64decode("".join(typed.split()), validate=True), None)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, rsa.RSAPrivateKey):
        raise errors.Unauthorized(
            Text(
                "What was entered is no private key of RuStore: copy it whole, as it was given.",
                "Введён не закрытый ключ RuStore: скопируйте его целиком, как он был выдан.",
            )
        )
    return found
