"""Google's own library (google-auth) signs for a token with the key file and speaks to the sandbox: no code of ours is asked."""

import json
from typing import Any

import pytest

from demo.sandboxes.google_play import LIST, Site
from tests.channels.sandboxes import connected

service_account = pytest.importorskip(
    "google.oauth2.service_account", reason="google-auth is not installed (requirements-clients.txt)"
)


def test_googles_own_library_gets_a_token_reads_and_answers() -> None:
    from google.auth.transport.requests import AuthorizedSession, Request

    with connected("google_play") as source:
        assert isinstance(source.sandbox, Site)
        info = json.loads(source.sandbox.secrets["key_file"])
        scopes = ["https://www.googleapis.com/auth/androidpublisher"]
        credentials = service_account.Credentials.from_service_account_info(info, scopes=scopes)
        inner = Request()

        def at_the_sandbox(url: str, **asked: Any) -> Any:
            return inner(url.replace("https://oauth2.googleapis.com", source.sandbox.url), **asked)

        credentials.refresh(at_the_sandbox)
        assert credentials.token == source.sandbox.token
        with AuthorizedSession(credentials) as session:
            listed = session.get(f"{source.sandbox.url}{LIST}").json()["reviews"]
            address = f"{source.sandbox.url}{LIST}/{listed[0]['reviewId']}:reply"
            assert session.post(address, json={"replyText": "Спасибо!"}).json()["result"]["replyText"]
        seen = [one for one in source.read().answers if one.parent == listed[0]["reviewId"]]
        assert [one.text for one in seen] == ["Спасибо!"]
