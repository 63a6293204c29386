"""`otklik source check` asks as the pages do: credentials are renewed first where they must be, and an address that is readable to them
alone is no fault."""

import json

import pytest
from click.testing import CliRunner

from demo.sandboxes import sandbox
from desk.base import db, settings
from desk.sources import accounts, sources
from tests.servers import serving
from tests.world import rows
from tests.world.rows import NOON
from webapp.cli import otklik


@pytest.mark.parametrize(
    ("kind", "said"),
    [("rustore", "Readable: This is an app in RuStore.\n"), ("mastodon", "")],
    ids=["its token is had first", "its pages are not for programs"],
)
@pytest.mark.usefixtures("database")
def test_a_source_by_an_api_is_checked(kind: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site = sandbox(kind)
    with serving(site) as url:
        site.url = url
        monkeypatch.setenv("OTKLIK_API_URLS", json.dumps({kind: url}))
        monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
        settings.current.cache_clear()
        with db.transaction() as session:
            brand = rows.brand(session)
            source = sources.add(session, brand, kind, site.address, title=kind, now=NOON)
            account = accounts.add(
                session,
                brand,
                kind,
                title=kind,
                settings_values=site.settings,
                secrets=site.secrets,
                now=NOON,
            )
            accounts.use(session, source, account.id)
        for _ in range(2):
            done = CliRunner().invoke(otklik, ["source", "check", "1"])
            assert done.exit_code == 0, done.exception
            assert done.output.startswith(f"{said}The site accepts the credentials."), done.output
    settings.current.cache_clear()
