"""The caller's own account: as its owner sees it, changed, with its posting defaults."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import credentials, profile
from api.entities.account import CredentialAccount
from api.entities.profile import Profile
from api.me import my_id, my_user_id
from api.responses import json_response
from api.uploads import uploaded_files
from api.v1.statuses import audience
from node.errors import Invalid
from node.models.accounts import Account, User
from node.services import accounts, preferences
from node.services.interaction_policies import Policies

blueprint = Blueprint("profile", __name__)

MAX_FIELDS = 4
PICTURES = ("avatar", "header")
_PREFERENCE_NAMES = {
    "visibility": "posting:default:visibility",
    "sensitive": "posting:default:sensitive",
    "language": "posting:default:language",
    "quote_policy": "posting:default:quote_policy",
    "media": "reading:expand:media",
    "spoilers": "reading:expand:spoilers",
    "gifs": "reading:autoplay:gifs",
}


class Preferences(msgspec.Struct, frozen=True, rename=_PREFERENCE_NAMES.get):
    """How the caller posts and reads unless they say otherwise. What is about reading is each app's own matter here."""

    visibility: str
    sensitive: bool
    language: str
    quote_policy: str
    media: str = "default"
    spoilers: bool = False
    gifs: bool = False


class FieldParameters(msgspec.Struct):
    """A line of the profile."""

    name: str = ""
    value: str = ""


class SourceParameters(msgspec.Struct):
    """Posting defaults."""

    privacy: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    quote_policy: str | None = None
    comment_policy: str | None = None
    share_policy: str | None = None
    hide_like_counts: bool | None = None
    show_originals: bool | None = None
    camera_shown: list[str] | None = None


class ProfileParameters(msgspec.Struct):
    """What changes; `avatar` and `header` come as files."""

    display_name: str | None = None
    note: str | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    hide_collections: bool | None = None
    show_media: bool | None = None
    show_media_replies: bool | None = None
    show_featured: bool | None = None
    avatar_description: str | None = None
    header_description: str | None = None
    attribution_domains: list[str] | None = None
    fields_attributes: list[FieldParameters] | None = None


class CredentialParameters(ProfileParameters):
    """What changes in the profile and in how the caller posts."""

    source: SourceParameters | None = None


@blueprint.get("/api/v1/accounts/verify_credentials")
@requires("profile", "read:accounts", "read")
@documented(CredentialAccount)
async def verify_credentials() -> Response:
    """The caller's own account."""
    return json_response(await credentials.credential_account(my_id()))


@blueprint.patch("/api/v1/accounts/update_credentials")
@requires("write:accounts")
@documented(CredentialAccount, body=CredentialParameters, files=PICTURES, errors=(422,))
async def update_credentials() -> Response:
    """Change the caller's profile and posting defaults."""
    wanted = await params.read(CredentialParameters)
    account = await acting_account()
    defaults = _posting_defaults(wanted.source)
    preferences.check_defaults(defaults)
    await _change(account, wanted)
    if wanted.source is not None:
        await preferences.change_defaults(my_user_id(), defaults)
    return json_response(await credentials.credential_account(account.id))


@blueprint.get("/api/v1/profile")
@requires("profile", "read:accounts", "read")
@documented(Profile)
async def show() -> Response:
    """The caller's profile as they typed it, to be edited."""
    return json_response(await profile.of_account(my_id()))


@blueprint.route("/api/v1/profile", methods=["PATCH", "PUT"])
@requires("write:accounts")
@documented(Profile, body=ProfileParameters, files=PICTURES, errors=(422,))
async def update() -> Response:
    """Change the caller's profile."""
    account = await acting_account()
    await _change(account, await params.read(ProfileParameters))
    return json_response(await profile.of_account(account.id))


async def _change(account: Account, wanted: ProfileParameters) -> None:
    fields, sites = wanted.fields_attributes, wanted.attribution_domains
    if fields is not None and len(fields) > MAX_FIELDS:
        raise Invalid("fields_attributes", f"can't be more than {MAX_FIELDS}", code="ERR_TOO_MANY")
    async with uploaded_files(*PICTURES) as files:
        changes = accounts.ProfileChanges(
            display_name=wanted.display_name,
            note_source=wanted.note,
            fields=None if fields is None else tuple((field.name, field.value) for field in fields if field.name),
            avatar_path=files.get("avatar"),
            header_path=files.get("header"),
            avatar_description=wanted.avatar_description,
            header_description=wanted.header_description,
            is_private=wanted.locked,
            discoverable=wanted.discoverable,
            indexable=wanted.indexable,
            hide_collections=wanted.hide_collections,
            show_media=wanted.show_media,
            show_media_replies=wanted.show_media_replies,
            show_featured=wanted.show_featured,
            attribution_domains=None if sites is None else tuple(sites),
            actor_type=None if wanted.bot is None else "Service" if wanted.bot else "Person",
        )
        await accounts.update_profile(account, changes)


@blueprint.delete("/api/v1/profile/avatar")
@requires("write:accounts")
@documented(CredentialAccount)
async def remove_avatar() -> Response:
    """Go back to no picture."""
    account = await acting_account()
    await accounts.update_profile(account, accounts.ProfileChanges(remove_avatar=True))
    return json_response(await credentials.credential_account(account.id))


@blueprint.delete("/api/v1/profile/header")
@requires("write:accounts")
@documented(CredentialAccount)
async def remove_header() -> Response:
    """Go back to no banner."""
    account = await acting_account()
    await accounts.update_profile(account, accounts.ProfileChanges(remove_header=True))
    return json_response(await credentials.credential_account(account.id))


@blueprint.get("/api/v1/preferences")
@requires("read:accounts")
@documented(Preferences)
async def posting_preferences() -> Response:
    """How the caller posts unless they say otherwise."""
    user = await User.get(id=my_user_id())
    account = await acting_account()
    defaults = credentials.preferences_of(user.preferences, account.is_private)
    return json_response(
        Preferences(
            visibility=defaults.visibility,
            sensitive=defaults.sensitive,
            language=defaults.language or user.locale,
            quote_policy=defaults.quote_policy,
        )
    )


def _posting_defaults(source: SourceParameters | None) -> preferences.PostingDefaults:
    if source is None:
        return preferences.PostingDefaults()
    return preferences.PostingDefaults(
        audience(source.privacy),
        source.sensitive,
        source.language,
        Policies(
            comment=source.comment_policy or None,
            share=source.share_policy or None,
            quote=source.quote_policy or None,
            hide_like_counts=source.hide_like_counts,
            show_originals=source.show_originals,
        ),
        source.camera_shown,
    )
