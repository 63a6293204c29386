"""The one place that puts together what a channel is told of a source, its secrets opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk.base import damage, vault
from desk.base.sentences import Sentence
from desk.models import Account, Brand, Source
from desk.sources import sources

ACCOUNT_DAMAGED = Sentence(
    "What the database keeps of this account is damaged. Nothing was read or sent; what was collected is safe. Check the"
    " settings on the account's page and save them.",
    "То, что база хранит об этом аккаунте, повреждено. Ничего не прочитано и не отправлено, собранное цело. Проверьте"
    " настройки на странице аккаунта и сохраните их.",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A source as its channel sees it: field for field channels.contract.Place, which says what each one means and is
    made of this one by `Place.of`. desk imports no channels, so the shape stands here as well; a test compares them."""

    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    cursor: Mapping[str, Any] = field(default_factory=dict)
    own_names: Sequence[str] = ()
    language: str | None = None
    own_ids: Sequence[str] = ()
    since: datetime | None = None
    account_id: int | None = None
    expires_at: datetime | None = None


def place_of(session: Session, source: Source, *, is_stranger: bool = False) -> Place:
    """`is_stranger` leaves the secrets out: for looking at a page as anybody would. Raises Invalid when the stored
    credentials cannot be opened, Damaged when what is stored beside them cannot be read."""
    sources.demand_whole(source)
    brand = session.get_one(Brand, source.brand_id)
    shared = place_of_account(source.account, is_stranger=is_stranger) if source.account else Place("")
    own = {} if is_stranger else vault.unlock(source.secrets)
    return Place(
        url=source.url,
        settings={**shared.settings, **_texts(source.settings)},
        secrets={**shared.secrets, **own},
        cursor=dict(source.cursor),
        own_names=tuple(brand.own_names),
        language=source.language,
        own_ids=tuple(source.own_ids),
        account_id=source.account_id,
        expires_at=shared.expires_at,
    )


def place_of_account(account: Account, *, is_stranger: bool = False) -> Place:
    """What the sources of an account share, and no more. Its address is what the account says of its server under `url`,
    else empty. Raises as `place_of`."""
    damage.demand_whole(account.settings, "settings", ACCOUNT_DAMAGED)
    return Place(
        url=str(account.settings.get("url", "")),
        settings=_texts(account.settings),
        secrets={} if is_stranger else vault.unlock(account.secrets),
        account_id=account.id,
        expires_at=account.expires_at,
    )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
