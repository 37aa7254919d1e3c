"""Settings Pixelfed's apps keep with the account, to find them again on the next device."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities.encoding import iso
from api.me import my_user_id
from api.responses import json_response
from node import clock
from node.errors import Invalid
from node.models.fields import to_milliseconds
from node.services import app_settings

blueprint = Blueprint("pixelfed_app_settings", __name__)

WEB: Final = "pixelfed_web"
APP: Final = "pixelfed_app"
THEMES: Final = ("light", "dark", "system")


class WebSettings(msgspec.Struct, frozen=True):
    """What was set so far, and nothing else."""

    enable_reblogs: bool | msgspec.UnsetType = msgspec.UNSET
    hide_reblog_banner: bool | msgspec.UnsetType = msgspec.UNSET


class WebSetting(msgspec.Struct):
    """`field`: `enable_reblogs` or `hide_reblog_banner`."""

    field: str = ""
    value: bool | None = None


class Timelines(msgspec.Struct, frozen=True):
    """Which timelines of everybody are shown, and whether counts are."""

    show_public: bool = False
    show_network: bool = False
    hide_likes_shares: bool = False


class Media(msgspec.Struct, frozen=True):
    """How pictures are shown."""

    hide_public_behind_cw: bool = True
    always_show_cw: bool = False
    show_alt_text: bool = False


class Appearance(msgspec.Struct, frozen=True):
    """How the app looks; `theme` is light, dark or system."""

    links_use_in_app_browser: bool = True
    theme: str = "system"


class Common(msgspec.Struct, frozen=True):
    """What all of Pixelfed's apps share."""

    timelines: Timelines = Timelines()
    media: Media = Media()
    appearance: Appearance = Appearance()


class AppSettings(msgspec.Struct, frozen=True):
    """The settings of the caller's apps; `id` is their account's."""

    id: str
    username: str
    updated_at: str | None
    common: Common


class NewAppSettings(msgspec.Struct):
    """The settings, whole."""

    common: Common | None = None


@blueprint.get("/api/pixelfed/v1/web/settings")
@requires("read:accounts")
@documented(WebSettings)
async def web_settings() -> Response:
    """What the caller set for the web app."""
    return json_response(await app_settings.kept(my_user_id(), WEB))


@blueprint.post("/api/pixelfed/v1/web/settings")
@requires("write:accounts")
@documented(list[int], body=WebSetting, errors=(422,))
async def set_web_setting() -> Response:
    """Set one thing for the web app. Answers `[200]`."""
    wanted = await params.read(WebSetting)
    if wanted.field not in WebSettings.__struct_fields__:
        raise Invalid("field", "is not included in the list", code="ERR_INCLUSION")
    if wanted.value is None:
        raise Invalid("value", "can't be blank", code="ERR_BLANK")
    await app_settings.keep(my_user_id(), WEB, {wanted.field: wanted.value})
    return json_response(b"[200]")


@blueprint.get("/api/pixelfed/v1/app/settings")
@requires("read:accounts")
@documented(AppSettings)
async def own_app_settings() -> Response:
    """The settings of the caller's apps."""
    kept = await app_settings.kept(my_user_id(), APP)
    return await _shown(params.convert(kept.get("common", {}), Common), kept.get("updated_at"))


@blueprint.post("/api/pixelfed/v1/app/settings")
@requires("write:accounts")
@documented(AppSettings, body=NewAppSettings, errors=(422,))
async def set_app_settings() -> Response:
    """Keep other settings for the caller's apps."""
    wanted = (await params.read(NewAppSettings)).common
    if wanted is None:
        raise Invalid("common", "can't be blank", code="ERR_BLANK")
    if wanted.appearance.theme not in THEMES:
        raise Invalid("theme", "is not included in the list", code="ERR_INCLUSION")
    now = to_milliseconds(clock.now())
    kept = {"common": msgspec.to_builtins(wanted), "updated_at": now}
    await app_settings.keep(my_user_id(), APP, kept)
    return await _shown(wanted, now)


async def _shown(common: Common, updated_at: int | None) -> Response:
    me = await acting_account()
    return json_response(
        AppSettings(str(me.id), me.username, iso(updated_at) if updated_at is not None else None, common)
    )
