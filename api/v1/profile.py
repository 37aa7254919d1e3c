"""The caller's own account: as its owner sees it, changed, with its posting defaults."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.entities import credentials
from api.me import my_id, my_user_id
from api.responses import json_response
from api.uploads import uploaded_files
from api.v1.statuses import audience
from node.errors import Invalid
from node.models.accounts import User
from node.services import accounts, preferences

blueprint = Blueprint("profile", __name__)

MAX_FIELDS = 4


class FieldParameters(msgspec.Struct):
    """A line of the profile."""

    name: str = ""
    value: str = ""


class SourceParameters(msgspec.Struct):
    """Posting defaults."""

    privacy: str | None = None
    sensitive: bool | None = None
    language: str | None = None


class ProfileParameters(msgspec.Struct):
    """What changes; `avatar` and `header` come as files."""

    display_name: str | None = None
    note: str | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    hide_collections: bool | None = None
    avatar_description: str | None = None
    header_description: str | None = None
    fields_attributes: list[FieldParameters] | None = None
    source: SourceParameters | None = None


@blueprint.get("/api/v1/accounts/verify_credentials")
@requires("profile", "read:accounts", "read")
async def verify_credentials() -> Response:
    """The caller's own account."""
    return json_response(await credentials.credential_account(my_id()))


@blueprint.patch("/api/v1/accounts/update_credentials")
@requires("write:accounts")
async def update_credentials() -> Response:
    """Change the caller's profile and posting defaults."""
    wanted = await params.read(ProfileParameters)
    account = await acting_account()
    fields = wanted.fields_attributes
    if fields is not None and len(fields) > MAX_FIELDS:
        raise Invalid("fields_attributes", f"can't be more than {MAX_FIELDS}", code="ERR_TOO_MANY")
    async with uploaded_files("avatar", "header") as files:
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
            actor_type=None if wanted.bot is None else "Service" if wanted.bot else "Person",
        )
        defaults = _posting_defaults(wanted.source)
        preferences.check_defaults(defaults)
        await accounts.update_profile(account, changes)
    if wanted.source is not None:
        await preferences.change_defaults(my_user_id(), defaults)
    return json_response(await credentials.credential_account(account.id))


@blueprint.delete("/api/v1/profile/avatar")
@requires("write:accounts")
async def remove_avatar() -> Response:
    """Go back to no picture."""
    account = await acting_account()
    await accounts.update_profile(account, accounts.ProfileChanges(remove_avatar=True))
    return json_response(await credentials.credential_account(account.id))


@blueprint.delete("/api/v1/profile/header")
@requires("write:accounts")
async def remove_header() -> Response:
    """Go back to no banner."""
    account = await acting_account()
    await accounts.update_profile(account, accounts.ProfileChanges(remove_header=True))
    return json_response(await credentials.credential_account(account.id))


@blueprint.get("/api/v1/preferences")
@requires("read:accounts")
async def posting_preferences() -> Response:
    """How the caller posts unless they say otherwise."""
    user = await User.get(id=my_user_id())
    account = await acting_account()
    defaults = credentials.preferences_of(user.preferences, account.is_private)
    return json_response(
        {
            "posting:default:visibility": defaults.visibility,
            "posting:default:sensitive": defaults.sensitive,
            "posting:default:language": defaults.language,
            "posting:default:quote_policy": "nobody",
            "reading:expand:media": "default",
            "reading:expand:spoilers": False,
            "reading:autoplay:gifs": False,
        }
    )


def _posting_defaults(source: SourceParameters | None) -> preferences.PostingDefaults:
    if source is None:
        return preferences.PostingDefaults()
    return preferences.PostingDefaults(audience(source.privacy), source.sensitive, source.language)
