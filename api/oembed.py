"""oEmbed: how a shared link to a post shows it (https://oembed.com, §2.3)."""

from __future__ import annotations

import html
from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import documented
from api.finding import find_status
from api.params import InvalidParameter
from api.responses import json_response
from node import urls
from node.errors import NotFound
from node.models.media import MediaFile
from node.models.posts import Post
from node.runtime import runtime
from node.text import plain_text

blueprint = Blueprint("oembed", __name__)

WIDTH, NARROWEST, WIDEST = 400, 160, 1080
MAX_TITLE: Final = 200
CACHE_SECONDS: Final = 86_400
_SHOWN: Final = ("feed", "grid", "full")
_QUOTE: Final = (
    "max-width:540px;margin:0;padding:16px;border:1px solid #c9c4da;border-radius:8px;font-family:sans-serif"
)


class OEmbedParameters(msgspec.Struct):
    """The address of a post's page; `format` is json."""

    url: str = ""
    maxwidth: int | None = None
    maxheight: int | None = None
    format: str = "json"


class OEmbed(msgspec.Struct, frozen=True, kw_only=True):
    """A post as another site shows it: `html` needs no script. The thumbnail is missing without a picture to show."""

    type: str = "rich"
    version: str = "1.0"
    title: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    cache_age: int = CACHE_SECONDS
    html: str
    width: int
    height: int | None
    thumbnail_url: str | msgspec.UnsetType = msgspec.UNSET
    thumbnail_width: int | msgspec.UnsetType = msgspec.UNSET
    thumbnail_height: int | msgspec.UnsetType = msgspec.UNSET


class _Thumbnail(msgspec.Struct, frozen=True):
    url: str
    width: int
    height: int
    description: str


@blueprint.get("/api/oembed")
@documented(OEmbed, query=OEmbedParameters, errors=(404,))
async def show() -> Response:
    """A public post of this node, as another site may show it. XML is not spoken."""
    wanted = params.read_query(OEmbedParameters)
    if wanted.format != "json":
        raise InvalidParameter("Invalid parameter: format, only json is spoken")
    row = await find_status(wanted.url, None, ask=False) if urls.is_local(wanted.url) else None
    post = await Post.get_or_none(id=row.id).select_related("account") if row is not None else None
    if post is None or not post.is_local or post.shared_post_id is not None:
        raise NotFound
    pictures = await MediaFile.filter(post_id=post.id).order_by("position", "id")
    return json_response(
        _embedded(post, pictures, wanted), headers={"Cache-Control": f"public, max-age={CACHE_SECONDS // 24}"}
    )


def _embedded(post: Post, pictures: list[MediaFile], wanted: OEmbedParameters) -> OEmbed:
    settings = runtime().settings
    account = post.account
    name = account.display_name or account.username
    words = post.spoiler_text or plain_text(post.content)
    picture = None if post.sensitive or post.spoiler_text else _thumbnail(pictures)
    return OEmbed(
        title=words[:MAX_TITLE] or name,
        author_name=name,
        author_url=account.url or urls.profile(account.username),
        provider_name=settings.domain,
        provider_url=f"{settings.base_url}/",
        html=_markup(post, name, words, picture),
        width=min(max(wanted.maxwidth or WIDTH, NARROWEST), WIDEST),
        height=wanted.maxheight if wanted.maxheight and wanted.maxheight > 0 else None,
        thumbnail_url=picture.url if picture else msgspec.UNSET,
        thumbnail_width=picture.width if picture else msgspec.UNSET,
        thumbnail_height=picture.height if picture else msgspec.UNSET,
    )


def _thumbnail(pictures: list[MediaFile]) -> _Thumbnail | None:
    for picture in pictures:
        variant = next((picture.variants[name] for name in _SHOWN if name in picture.variants), None)
        if variant is not None:
            return _Thumbnail(urls.media(variant["key"]), variant["width"], variant["height"], picture.description)
    return None


def _markup(post: Post, name: str, words: str, picture: _Thumbnail | None) -> str:
    account = post.account
    page = html.escape(post.url or urls.post_page(account.username, post.id))
    handle = html.escape(f"@{account.username}@{runtime().settings.handle_domain}")
    lines = html.escape(words).replace("\n", "<br>")
    shown = ""
    if picture is not None:
        shown = (
            f'<a href="{page}" target="_blank" rel="noopener"><img src="{html.escape(picture.url)}"'
            f' alt="{html.escape(picture.description)}" style="max-width:100%;height:auto"></a>'
        )
    said = f"<p>{lines}</p>" if words else ""
    return (
        f'<blockquote cite="{page}" style="{_QUOTE}">{shown}{said}'
        f'<p>{html.escape(name)} (<a href="{page}" target="_blank" rel="noopener">{handle}</a>)</p></blockquote>'
    )
