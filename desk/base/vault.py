"""Credentials of sources, encrypted at rest with a key that lies in the home folder, never in the database."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from desk.base import settings
from desk.base.errors import Invalid
from desk.base.sentences import Sentence

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def lock(values: Mapping[str, str]) -> str | None:
    """The sealed form, or None when there is nothing to keep."""
    return _fernet().encrypt(json.dumps(dict(values)).encode()).decode() if values else None


def unlock(sealed: str | None) -> dict[str, str]:
    """Raises Invalid when the key is not the one that sealed it (a database restored without its home folder)."""
    if sealed is None:
        return {}
    from cryptography.fernet import InvalidToken

    try:
        opened: dict[str, str] = json.loads(_fernet().decrypt(sealed.encode()))
    except InvalidToken:
        raise Invalid(
            Sentence(
                "The stored credentials cannot be opened: vault.key is not the one they were sealed with. "
                "Enter them again, or restore the key from the backup.",
                "Сохранённые данные для входа не расшифровать: они зашифрованы другим vault.key. "
                "Введите их заново или верните ключ из резервной копии.",
            )
        ) from None
    return opened


def _fernet() -> "Fernet":
    from cryptography.fernet import Fernet  # 7 MB that a desk without credentials never needs

    key = settings.current().key("vault")
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
