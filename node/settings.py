"""The one typed Settings object: from the environment (`HELIOGRAPH_*`), then `heliograph.toml`, then defaults.

Nested names are joined with two underscores in the environment (`HELIOGRAPH_MAIL__SMTP_HOST`).
A bad value stops the start and is named.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableSetting

MEGABYTE = 1024 * 1024

PREFIX = "HELIOGRAPH_"
CONFIG_VARIABLE = "HELIOGRAPH_CONFIG"
DEFAULT_CONFIG = "heliograph.toml"
TEST_PREFIX = "HELIOGRAPH_TEST_"
"""Variables that tell the tests of the project where servers are; no settings of a node."""


class SettingsError(Exception):
    """The configuration cannot be used; the message names every bad value."""


def _nothing(value: object) -> object:
    return None if value == "" else value


OptionalText = Annotated[str | None, BeforeValidator(_nothing)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_nothing)]
"""An empty value counts as none: environment files and containers cannot leave a variable out."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MailSettings(_Section):
    """How letters leave the node. Without `smtp_host` they are written to the outbox folder as `.eml` files."""

    smtp_host: OptionalText = Field(None, description="SMTP server; empty writes letters to <data>/outbox instead.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the SMTP server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the SMTP connection is protected."
    )
    smtp_user: OptionalText = Field(None, description="User name for the SMTP server.")
    smtp_password: OptionalSecret = Field(None, description="Password for the SMTP server.")
    sender: OptionalText = Field(None, description="From address; default is no-reply@<domain>.")


class MediaSettings(_Section):
    """What may be uploaded and where it is kept."""

    storage: str = Field("", description="Folder or object-store URL (s3://bucket/prefix); empty is <data>/media.")
    public_url: OptionalText = Field(
        None, description="Base URL under which media is served, e.g. a CDN; default is the node itself."
    )
    s3_endpoint: OptionalText = Field(
        None,
        description="Address of an S3 store that is not Amazon's, e.g. https://s3.example.net; buckets are its paths.",
    )
    s3_region: OptionalText = Field(None, description="Region of the S3 store; empty is AWS_REGION or us-east-1.")
    s3_access_key_id: OptionalText = Field(None, description="Key id for the S3 store; empty is AWS_ACCESS_KEY_ID.")
    s3_secret_access_key: OptionalSecret = Field(
        None, description="Secret key for the S3 store; empty is AWS_SECRET_ACCESS_KEY."
    )
    max_photo_bytes: int = Field(40 * MEGABYTE, ge=MEGABYTE, description="Largest photograph accepted, in bytes.")
    accel_redirect: OptionalText = Field(
        None,
        description="Internal location of nginx that leads to the media folder, e.g. /internal-media: nginx then sends the files itself (X-Accel-Redirect). Only for a folder.",
    )
    account_quota_bytes: int = Field(
        0,
        ge=0,
        description="How much one account may keep, in bytes, unless an admin gave it a limit of its own; 0 is without end.",
    )
    max_pixels: int = Field(120_000_000, ge=1_000_000, description="Largest photograph accepted, in pixels.")
    max_dimension: int = Field(20_000, ge=1_000, description="Longest side accepted, in pixels.")
    max_attachments: int = Field(20, ge=1, le=20, description="Photographs in one post.")
    workers: int = Field(1, ge=1, le=64, description="Processes that work on pictures at the same time.")
    max_video_bytes: int = Field(
        256 * MEGABYTE, ge=MEGABYTE, description="Largest film or recording accepted, in bytes."
    )
    max_video_seconds: int = Field(600, ge=1, description="Longest film or recording accepted, in seconds.")
    max_video_pixels: int = Field(
        8_847_360, ge=100_000, description="Largest frame of a film accepted, in pixels (4096 × 2160 by default)."
    )
    film_workers: int = Field(1, ge=1, le=16, description="Films that are worked on at the same time.")
    film_threads: int = Field(2, ge=1, le=32, description="Threads that work on one film.")
    hls_seconds: int = Field(
        60,
        ge=5,
        description="Films longer than this, in seconds, are also cut for streaming (HLS), and made smaller for slow networks.",
    )
    keep_originals: bool = Field(
        True, description="Keep the uploaded file beside its variants (never served to others)."
    )
    remote: Literal["keep", "link"] = Field(
        "keep",
        description="Pictures of other servers: keep (fetched when looked at, checked, served from here) or link (each reader fetches them from there).",
    )
    remote_max_bytes: int = Field(
        64 * MEGABYTE, ge=MEGABYTE, description="Largest file of another server that is kept, in bytes."
    )
    remote_keep_days: int = Field(
        30, ge=1, description="Days after which kept files of other servers that nobody looked at are removed."
    )
    remote_keep_bytes: int = Field(
        10_240 * MEGABYTE,
        ge=0,
        description="How much is kept of other servers' files; above it, those unused for longest are removed.",
    )

    @property
    def max_upload_bytes(self) -> int:
        """The largest file of any kind that may be sent."""
        return max(self.max_photo_bytes, self.max_video_bytes)


class FederationSettings(_Section):
    """How this node talks to others."""

    enabled: bool = Field(True, description="Exchange activities with other servers at all.")
    allow_private_networks: bool = Field(
        False,
        description="Allow loopback and private addresses, any port and plain http. For tests and the demo only.",
    )
    deliveries_in_flight: int = Field(
        64,
        ge=1,
        le=1024,
        description="Deliveries sent at the same time; up to twice as many more may wait for hosts that are slow to answer.",
    )
    deliveries_per_host: int = Field(4, ge=1, le=64, description="Deliveries to one host at the same time.")
    delivery_give_up_after_hours: int = Field(
        72, ge=1, description="How long a delivery is retried before it is given up."
    )
    actor_refresh_hours: int = Field(24, ge=1, description="Age after which a remote actor is fetched again.")
    only_allowed: bool = Field(
        False,
        description="Exchange activities only with domains that the admins have allowed, one by one; others read nothing.",
    )
    authorized_fetch: bool = Field(False, description="Serve even public actors and posts to signed requests only.")

    @property
    def is_signed_only(self) -> bool:
        """Whether documents are for those alone who say who they are."""
        return self.authorized_fetch or self.only_allowed


class RegistrationSettings(_Section):
    """Who may open an account here."""

    mode: Literal["open", "approval", "invite", "closed"] = Field(
        "open", description="open, approval (an admin accepts each), invite, or closed."
    )
    reason_required: bool = Field(True, description="In approval mode, ask why someone wants to join.")
    confirm_email: bool = Field(True, description="A new account works only after its e-mail address is confirmed.")
    closed_message: str = Field(
        "", max_length=2000, description="What apps say while nobody may open an account, in Markdown."
    )


Audience = Literal["all", "users", "nobody"]


class TrendSettings(_Section):
    """What is shown as talked about just now."""

    enabled: bool = Field(True, description="Count and show what is talked about.")
    needs_review: bool = Field(False, description="Show only what a moderator has approved.")
    threshold: int = Field(3, ge=1, le=10_000, description="How many people make a trend at least.")


class InstanceSettings(_Section):
    """What this node tells of itself. Texts and pictures are files in <data>/site."""

    contact_account: str = Field("", description="User name of the account people can write to.")
    suggested_accounts: list[str] = Field(
        [], description="User names of accounts here that are suggested to everybody."
    )
    directory: bool = Field(True, description="Offer a directory of the accounts that want to be found.")
    status_url: OptionalText = Field(None, description="Address of a page that says whether the node is up.")
    publish_peers: bool = Field(True, description="Let everybody read which servers this node knows.")
    publish_activity: bool = Field(True, description="Let everybody read how much the node was used, by week.")
    domain_blocks: Audience = Field(
        "all", description="Who may read the rules about other servers: all, users, nobody."
    )
    domain_block_reasons: Audience = Field("all", description="Who may read the public reasons for them.")


class Settings(BaseSettings):
    """Everything about a node that an admin can decide at start."""

    model_config = SettingsConfigDict(
        env_prefix="HELIOGRAPH_",
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
        secret = self.media.s3_secret_access_key
        given = {
            "endpoint": self.media.s3_endpoint,
            "region": self.media.s3_region,
            "access_key_id": self.media.s3_access_key_id,
            "secret_access_key": secret.get_secret_value() if secret else None,
        }
        return {name: value for name, value in given.items() if value}

    @cached_property
    def media_url(self) -> str:
        """Base URL of served media, without a trailing slash."""
        return (self.media.public_url or f"{self.base_url}/media").rstrip("/")


def config_file() -> Path:
    """The file settings are read from: `HELIOGRAPH_CONFIG`, else `heliograph.toml` in the working folder."""
    return Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG)


def setting_fields(
    model: type[BaseModel] = Settings, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Every single setting as its path (`("mail", "smtp_host")`) and what is declared of it, in the order declared."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from setting_fields(field.annotation, (*path, name))
        else:
            yield (*path, name), field


def variable_name(path: tuple[int | str, ...]) -> str:
    """The environment variable of a setting: `HELIOGRAPH_MAIL__SMTP_HOST`."""
    return PREFIX + "__".join(str(part) for part in path).upper()


def load_settings(**overrides: object) -> Settings:
    """Read the settings.

    Raises `SettingsError` with one line per bad value, by the name the admin would set.
    """
    complaints = [*_missing_file(), *_unknown_variables()]
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        found = [_explain(item) for item in error.errors()]
        complaints += [line for line in found if line not in complaints]
    except tomllib.TOMLDecodeError as error:
        complaints.append(f"{config_file()}: {error}")
    except UnreadableSetting as error:
        complaints.append(_unreadable(error))
    if complaints:
        raise SettingsError("\n".join(complaints))
    return settings


def _missing_file() -> list[str]:
    if os.environ.get(CONFIG_VARIABLE) and not config_file().is_file():
        return [f"{CONFIG_VARIABLE}: there is no file {config_file()}"]
    return []


def _unknown_variables() -> list[str]:
    """A misspelt variable would leave a default in force without a word: name it instead."""
    known = _known_variables()
    unknown = sorted(
        name
        for name in os.environ
        if name.upper().startswith(PREFIX) and not name.upper().startswith(TEST_PREFIX) and name.upper() not in known
    )
    return [f"{name}: {_no_such_setting(name)}" for name in unknown]


def _known_variables() -> set[str]:
    sections = {variable_name(path[:length]) for path, _ in setting_fields() for length in range(1, len(path) + 1)}
    return sections | {CONFIG_VARIABLE}


def _no_such_setting(name: str) -> str:
    known = [variable.removeprefix(PREFIX) for variable in sorted(_known_variables())]
    near = get_close_matches(name.upper().removeprefix(PREFIX), known, 1, 0.7)
    return f"no such setting; did you mean {PREFIX}{near[0]}?" if near else "no such setting"


def _explain(item: Any) -> str:
    location, message = item["loc"], str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        message = _no_such_setting(variable_name(location))
    return f"{variable_name(location)}: {message}" if location else message


def _unreadable(error: UnreadableSetting) -> str:
    """pydantic-settings names the field in quotes when a value that must be JSON is none."""
    named = re.search(r'"([^"]+)"', str(error))
    return f"{variable_name((named.group(1),))}: must be written as JSON" if named else str(error)
