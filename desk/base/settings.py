"""Every setting, once, typed, read from the environment (prefix OTKLIK_) or from a .env file."""

import secrets
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All paths are under `home` unless said otherwise. Durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="OTKLIK_", env_file=".env", extra="ignore")

    home: Path = Field(Path("var"), description="the folder of all state")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL address; without it SQLite under home"
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey address; without it an embedded Valkey"
    )
    allow_open_redis: bool = Field(False, description="work with a Redis that asks nobody for a password")
    allow_private_addresses: bool = Field(
        False, description="let sources and fetches reach loopback and private networks"
    )
    host: str = Field("127.0.0.1", description="address the web process binds to")
    port: int = Field(8800, ge=0, le=65535, description="port of the web process")
    web_threads: int = Field(
        12, ge=4, le=512, description="requests that the web process answers at once; live pages need none"
    )
    workers: int = Field(1, ge=1, le=64, description="processes that publish answers and look for them")
    public_url: str | None = Field(None, description="address people type, when it is not http://host:port")
    time_zone: str = Field("Europe/Moscow", description="IANA zone of new brands")
    user_agent: str = Field(
        "Otklik/1.0 (+https://github.com/otklik/otklik)", description="how the crawler introduces itself"
    )
    api_urls: dict[str, Annotated[str, Field(pattern=r"^https?://[^/\s]+(/[^\s?#]*)?$")]] = Field(
        {}, description="kind -> base address: the server that is asked instead of a channel's official one"
    )
    crawl_interval_seconds: int = Field(
        900, ge=60, le=604_800, description="how often a source is crawled unless it says else"
    )
    crawl_delay_seconds: float = Field(
        1.0, ge=0, le=60, description="least pause between two requests to one host"
    )
    crawl_max_bytes: int = Field(10_000_000, ge=10_000, description="largest page the crawler will read")
    crawl_timeout_seconds: int = Field(30, ge=1, le=300, description="how long one request may take")
    delivery_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="how long what sites have sent is kept after it was read, or could not be read",
    )
    import_folder: Path | None = Field(
        None, description="a watched folder: tables that are put there are imported and moved aside"
    )
    verify_seconds: tuple[Annotated[int, Field(ge=0, le=2_592_000)], ...] = Field(
        (),
        max_length=50,
        description="waits between looks for a published answer, instead of those of each channel",
    )
    sentiment_model: str | None = Field(
        None, description="another model for sentiment than the built-in one: a folder or a Hugging Face name"
    )
    sentiment_labels: str | None = Field(None, description="what the labels of that other model mean")
    sentiment_threshold: float = Field(
        0.7, ge=0, le=1, description="how sure that other model has to be; below it the tag needs review"
    )
    is_learning: bool = Field(True, description="train the tagging model on the corrections of this desk")
    learn_hour: int = Field(
        3, ge=0, le=23, description="the hour, in the zone above, after which it does so nightly"
    )
    tag_batch: int = Field(64, ge=1, le=1024, description="mentions tagged in one batch")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    is_secure_cookie: bool | None = Field(
        None, description="cookies only over https; not set: where public_url begins with https"
    )
    proxies: int = Field(
        0, ge=0, le=5, description="proxies in front whose X-Forwarded-For and -Proto are believed"
    )

    @property
    def database_address(self) -> str:
        if self.database_url is not None:
            return _with_psycopg(self.database_url.get_secret_value())
        return f"sqlite:///{(self.home / 'otklik.sqlite3').resolve()}"

    @property
    def valkey_socket(self) -> Path:
        return (self.home / "valkey.sock").resolve()

    @property
    def redis_address(self) -> str:
        if self.redis_url is not None:
            return self.redis_url.get_secret_value()
        return f"unix://{self.valkey_socket}"

    @property
    def is_valkey_embedded(self) -> bool:
        return self.redis_url is None

    @property
    def address(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def is_behind_tls(self) -> bool:
        if self.is_secure_cookie is None:
            return (self.public_url or "").casefold().startswith("https://")
        return self.is_secure_cookie

    def key(self, name: str) -> str:
        """The secret kept in `home/<name>.key`, made on first use and readable by its owner alone."""
        path = self.home / f"{name}.key"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            _keep_first(fresh, path)
        return path.read_text().strip()


def _keep_first(fresh: Path, path: Path) -> None:
    """Two processes may start at once: the hard link lets exactly one of their keys win."""
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _with_psycopg(address: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if address.startswith(prefix):
            return "postgresql+psycopg://" + address.removeprefix(prefix)
    return address


@cache
def current() -> Settings:
    """The settings of this process. Raises pydantic's ValidationError naming every mistake at once."""
    return Settings()
