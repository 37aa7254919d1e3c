"""Every setting of a node, what is checked of them together, and what follows from them."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from node.settings.sections import (
    FederationSettings,
    InstanceSettings,
    MailSettings,
    MediaSettings,
    OptionalSecret,
    OptionalText,
    RegistrationSettings,
    TrendSettings,
)

PREFIX = "HELIOGRAPH_"
CONFIG_VARIABLE = "HELIOGRAPH_CONFIG"
DEFAULT_CONFIG = "heliograph.toml"
_STORE_OPTIONS = ("endpoint", "region", "access_key_id", "secret_access_key")


class Settings(BaseSettings):
    """Everything about a node that an admin can decide at start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        ignored_types=(cached_property,),
    )

    base_url: str = Field(
        "http://localhost:8000",
        description="Public address of the node, as browsers and other servers see it; empty is http://localhost:<port>.",
    )
    account_domain: OptionalText = Field(
        None,
        description="Domain behind the @ of handles, when it is another than that of base_url; it has to redirect /.well-known/webfinger and /.well-known/host-meta to the node. Never change it later.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    title: str = Field("Heliograph", max_length=100, description="Name of the instance.")
    description: str = Field(
        "A place for photographs.", max_length=5000, description="One sentence about the instance."
    )
    contact_email: str = Field("", description="Address people can write to.")
    languages: list[str] = Field(["en"], description="Languages spoken here, ISO 639 codes.")
    data_dir: Path = Field(Path("data"), description="Folder of the database, media and outbox.")
    database_url: str = Field(
        "", description="postgres://user:password@host/name; empty is SQLite at <data>/heliograph.db."
    )
    database_pool: int = Field(10, ge=1, le=200, description="Connections per process (PostgreSQL).")
    redis_url: OptionalText = Field(
        None,
        description="redis://host:6379/0 when several processes share the work; empty keeps it in process.",
    )
    secret_key: OptionalSecret = Field(
        None,
        description="Signs sessions and links, and seals the private keys in the database: keep it, apart from the"
        " database's backups. When empty, one is made on first start and kept in the database, and nothing is sealed.",
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="How many reverse proxies in front add to X-Forwarded-For."
    )
    rate_limits: bool = Field(True, description="Count and limit how often clients call; off only for measurements.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["console", "json"] = Field("console", description="Shape of log lines.")
    job_workers: int = Field(8, ge=1, le=128, description="Background jobs running at the same time in one process.")
    max_characters: int = Field(2200, ge=100, le=100_000, description="Longest caption or comment, in characters.")
    mail: MailSettings = MailSettings()
    media: MediaSettings = MediaSettings()
    federation: FederationSettings = FederationSettings()
    registrations: RegistrationSettings = RegistrationSettings()
    instance: InstanceSettings = InstanceSettings()
    trends: TrendSettings = TrendSettings()

    @model_validator(mode="before")
    @classmethod
    def _local_address(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Without a public address the node is known by the port it listens on."""
        if not values.get("base_url"):
            return {**values, "base_url": f"http://localhost:{values.get('port', 8000)}"}
        return values

    @field_validator("base_url")
    @classmethod
    def _base_url_is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
            raise ValueError("must be http(s)://host[:port] without a path")
        return f"{parts.scheme}://{parts.netloc.lower()}"

    @field_validator("account_domain")
    @classmethod
    def _account_domain_is_a_host(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(f"//{value}")
        if parts.netloc != value or not parts.hostname or "@" in value or any(c.isspace() for c in value):
            raise ValueError("must be a domain, without https:// and without a path")
        return value.lower()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not re.match(r"^(postgres|postgresql|sqlite)://", value):
            raise ValueError("must begin with postgres:// or sqlite://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _known_redis(cls, value: str | None) -> str | None:
        if value and not re.match(r"^(redis|rediss|unix)://", value):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value or None

    @model_validator(mode="after")
    def _https_in_public(self) -> Settings:
        host = urlsplit(self.base_url).hostname or ""
        is_local = host == "localhost" or host.endswith(".localhost") or host.startswith("127.") or host == "::1"
        if self.base_url.startswith("http://") and not is_local and not self.federation.allow_private_networks:
            raise ValueError("HELIOGRAPH_BASE_URL: must be https:// unless it is on this machine")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, config_file())
        return init_settings, env_settings, toml

    @cached_property
    def domain(self) -> str:
        """Host (and port, when unusual) of the node."""
        return urlsplit(self.base_url).netloc

    @cached_property
    def handle_domain(self) -> str:
        """What stands behind the @ of its handles: its host, unless they have a domain of their own."""
        return self.account_domain or self.domain

    def is_own_domain(self, name: str) -> bool:
        """Whether handles of that domain (in any case) are this node's."""
        return name.lower() in (self.handle_domain, self.domain)

    @cached_property
    def database(self) -> str:
        """The database URL that is really used."""
        return self.database_url or f"sqlite://{self.data_dir / 'heliograph.db'}"

    @cached_property
    def is_sqlite(self) -> bool:
        """Whether the node runs on SQLite."""
        return self.database.startswith("sqlite://")

    @cached_property
    def media_root(self) -> str:
        """Folder or store URL of the media that is really used."""
        return self.media.storage or str(self.data_dir / "media")

    @cached_property
    def store_options(self) -> dict[str, str]:
        """What is set of the S3 store, as `open_storage` takes it."""
        public = self.media.s3_public_endpoint
        return self._store_options("s3_") | ({"public_endpoint": public} if public else {})

    @cached_property
    def former_store_options(self) -> dict[str, str]:
        """The same for the store the files were in before."""
        return self._store_options("former_s3_") or self.store_options

    def _store_options(self, prefix: str) -> dict[str, str]:
        given = {name: getattr(self.media, prefix + name) for name in _STORE_OPTIONS}
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in given.items()
            if value
        }

    @cached_property
    def media_url(self) -> str:
        """Base URL of served media, without a trailing slash."""
        return (self.media.public_url or f"{self.base_url}/media").rstrip("/")


def config_file() -> Path:
    """The file settings are read from: `HELIOGRAPH_CONFIG`, else `heliograph.toml` in the working folder."""
    return Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG)
