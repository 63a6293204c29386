"""Mastodon.py, which knows nothing of Otklik, reads the sandbox and answers there."""

import pytest

from tests.channels.sandboxes import connected

client = pytest.importorskip("mastodon", reason="Mastodon.py is not installed (requirements-clients.txt)")


def test_it_reads_answers_corrects_and_deletes() -> None:
    with connected("mastodon") as source:
        theirs = client.Mastodon(
            access_token=source.sandbox.secrets["access_token"],
            api_base_url=source.sandbox.url,
            version_check_mode="none",
        )
        ours = source.read()
        listed = theirs.timeline_hashtag("zarya", limit=40)
        assert {one.id for one in listed} <= ours.ids
        assert theirs.account_verify_credentials().acct == "zarya"
        told = {one.status.id for one in theirs.notifications(types=["mention"])}
        assert len(told) == 4
        posted = theirs.status_post("@anna Спасибо!", in_reply_to_id=listed[-1].id, idempotency_key="one")
        assert (
            theirs.status_post("@anna Спасибо!", in_reply_to_id=listed[-1].id, idempotency_key="one").id
            == posted.id
        )
        assert posted.id in source.read().ids
        assert "Простите" in theirs.status_update(posted.id, "@anna Простите!").content
        theirs.status_delete(posted.id)
        with pytest.raises(client.MastodonNotFoundError):
            theirs.status(posted.id)
