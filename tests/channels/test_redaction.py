"""No secret is left in what people and logs are told, however a site or a library has written it."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import errors
from channels.contract import Call
from channels.wire.redaction import TAKEN_OUT, Redaction, scrub

SECRETS = st.text(
    st.characters(
        min_codepoint=33, max_codepoint=0x4FF, exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]
    ),
    min_size=8,
    max_size=60,
)
WAYS = {
    "as it is": str,
    "in an address": lambda secret: quote(secret, safe=""),
    "in a query": quote_plus,
    "in an address, by half": lambda secret: quote(secret[:5], safe="") + secret[5:],
    "in an address, in small letters": lambda secret: _small(quote(secret, safe="")),
    "in an address in an address": lambda secret: quote(quote(secret, safe=""), safe=""),
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
    "in JSON with its own letters": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "in HTML": html.escape,
    "as Python shows a text": lambda secret: ascii(secret)[1:-1],
    "as Python shows bytes": lambda secret: repr(secret.encode())[2:-1],
    "in base64": lambda secret: _whole_letters(base64.b64encode(secret.encode())),
    "for addresses": lambda secret: _whole_letters(base64.urlsafe_b64encode(secret.encode())),
}


def _whole_letters(code: bytes) -> str:
    """Without the letter that also depends on what stands behind the secret, where there is one."""
    return code.decode().rstrip("=")[:-1] if code.endswith(b"=") else code.decode()


def _small(text: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), text)


@pytest.mark.parametrize("way", WAYS)
@given(secret=SECRETS, before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_secret_is_taken_out_in_whatever_form(way: str, secret: str, before: str, after: str) -> None:
    written = WAYS[way](secret)
    said = Redaction([secret]).redact(f"{before} «{written}» {after}")
    assert f"«{written}»" not in said
    assert TAKEN_OUT in said


@given(secret=SECRETS, user=st.text(st.characters(codec="ascii"), max_size=12))
def test_base64_of_a_longer_text_is_known(secret: str, user: str) -> None:
    code = base64.b64encode(f"{user}:{secret}".encode()).decode()
    said = Redaction([secret]).redact(f"Header was: Basic {code}.")
    offset = (len(user) + 1) * 8 // 6 + 2
    assert code[offset : offset + 8] not in said


@given(secret=SECRETS)
def test_what_is_left_of_a_secret_that_was_cut_off_is_taken_out_too(secret: str) -> None:
    for mark in ("", "…", "..."):
        said = Redaction([f"{secret}and-the-rest-of-it"]).redact(f"It says {secret}{mark}")
        assert secret not in said.replace(TAKEN_OUT, "")


@given(text=st.text(max_size=200))
def test_a_text_without_secrets_is_left_alone(text: str) -> None:
    assert Redaction(["k3y-that-is-nowhere-in-it"]).redact(text) == text


def test_a_password_with_spaces_is_known_without_them() -> None:
    redaction = Redaction(["abcd efgh ijkl mnop"])
    assert redaction.redact("is abcdefghijklmnop ok") == "is [secret] ok"
    assert redaction.redact("is abcd+efgh%20ijkl mnop ok") == "is [secret] ok"


def test_a_key_file_is_known_by_its_parts() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"
    redaction = Redaction([json.dumps({"client_email": "robot@shop.example", "private_key": key})])
    assert "MIIEvQ" not in redaction.redact("near MIIEvQIBADANBgkqhkiG9w0BAQEFAASC in line 2")


def test_what_authorize_adds_is_a_secret_too() -> None:
    redaction = Redaction([])
    before = Call("https://api.example/x")
    redaction.learn(
        before, Call("https://api.example/x", headers={"authorization": "Bearer eyJhbGciOi.J9.sig-1"})
    )
    assert redaction.redact("bad token eyJhbGciOi.J9.sig-1") == "bad token [secret]"


@pytest.mark.parametrize(
    "call",
    [
        Call("https://a.example/bot-canary-9x7/x"),
        Call("https://a.example/?key=-canary%2D9x7"),
        Call("https://a.example/", headers={"x": "-canary-9x7"}),
        Call("https://a.example/", "POST", b'{"key": "-canary-9x7"}'),
        Call(
            "https://a.example/",
            headers={"authorization": "Basic " + base64.b64encode(b"me:-canary-9x7").decode()},
        ),
    ],
)
def test_a_call_that_would_show_a_secret_is_known(call: Call) -> None:
    assert Redaction(["-canary-9x7"]).is_in(call)
    assert not Redaction(["-parrot-9x7"]).is_in(call)


def test_an_error_and_those_behind_it_lose_the_secret() -> None:
    try:
        try:
            raise ValueError("bad header b'canary-1234'")
        except ValueError as cause:
            raise errors.Refused("The site says: canary-1234 is no key.") from cause
    except errors.Refused as error:
        scrub(error, Redaction(["canary-1234"]))
        assert str(error) == "The site says: [secret] is no key."
        assert "canary" not in str(error.__cause__)
