"""The tables of `heliograph.toml`: settings that belong together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

MEGABYTE = 1024 * 1024


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
    purge_public_url: bool = Field(
        False,
        description="Ask the cache at public_url to forget files that are deleted or no more for everybody: each is sent a PURGE request.",
    )
    s3_endpoint: OptionalText = Field(
        None,
        description="Address of an S3 store that is not Amazon's, e.g. https://s3.example.net; buckets are its paths.",
    )
    s3_public_endpoint: OptionalText = Field(
        None,
        description="Address of the S3 store as clients reach it, for uploads that go there directly; empty is s3_endpoint.",
    )
    s3_region: OptionalText = Field(None, description="Region of the S3 store; empty is AWS_REGION or us-east-1.")
    s3_access_key_id: OptionalText = Field(None, description="Key id for the S3 store; empty is AWS_ACCESS_KEY_ID.")
    s3_secret_access_key: OptionalSecret = Field(
        None, description="Secret key for the S3 store; empty is AWS_SECRET_ACCESS_KEY."
    )
    former_storage: str = Field(
        "",
        description="Where the files were kept before, while 'heliograph media move' brings them over; empty when they are all in the one place.",
    )
    former_s3_endpoint: OptionalText = Field(
        None, description="s3_endpoint of the former store. When none of the former_s3_ is set, those of s3_ count."
    )
    former_s3_region: OptionalText = Field(None, description="s3_region of the former store.")
    former_s3_access_key_id: OptionalText = Field(None, description="s3_access_key_id of the former store.")
    former_s3_secret_access_key: OptionalSecret = Field(None, description="s3_secret_access_key of the former store.")
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
    smaller_formats: bool = Field(
        True,
        description="Also make AVIF and WebP of photographs, later and where that saves bytes, and serve them to browsers that name them in Accept.",
    )
    keep_originals: bool = Field(
        True,
        description="Keep the uploaded file beside its variants: for edits, and for showing the original. Others never get it as it came.",
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
