"""How others find us: WebFinger, host-meta, NodeInfo."""

from __future__ import annotations

from typing import Literal
from urllib.parse import unquote, urlsplit

import orjson
from quart import Blueprint, Response, request

from activitypub.nodeinfo import media_type_of, render_nodeinfo, render_nodeinfo_links
from activitypub.types import NodeInfo, WebFinger
from activitypub.webfinger import render_host_meta, render_webfinger, webfinger_of
from federation import ready
from federation.answers import json_error
from federation.fetching import VERSION
from node import db, urls
from node.models.accounts import LOCAL, Account
from node.queries import instance
from node.runtime import runtime

blueprint = Blueprint("federation_wellknown", __name__)

MAX_RESOURCE = 2048


@blueprint.get("/.well-known/webfinger")
async def get_webfinger() -> Response:
    """RFC 7033, for handles, actor ids and profile pages of accounts here, and for the node itself (FEP-d556)."""
    resource = request.args.get("resource", "").strip()
    if not resource or len(resource) > MAX_RESOURCE:
        return _open(json_error(400, "resource is missing or too long"))
    kind, value = _read_resource(unquote(resource) if "%" in resource else resource)
    if kind == "bad":
        return _open(json_error(400, "resource is neither an acct: nor an http URL"))
    account = await _find(kind, value)
    if account is None:
        return _open(json_error(404, "no such account here"))
    if account.suspended_by_origin:
        return _open(json_error(410, "the account is gone"))
    body = orjson.dumps(render_webfinger(_webfinger(account)))
    ready.keep_webfinger(request.query_string.decode("latin-1"), account.id, body)
    return Response(body, headers=dict(ready.WEBFINGER_HEADERS))


@blueprint.get("/.well-known/host-meta")
async def get_host_meta() -> Response:
    """RFC 6415; readable from every origin, since clients look for the API's domain here."""
    template = f"{urls.base()}/.well-known/webfinger?resource={{uri}}"
    return _open(Response(render_host_meta(template), content_type="application/xrd+xml; charset=utf-8"))


@blueprint.get("/.well-known/nodeinfo")
async def get_nodeinfo_links() -> Response:
    """Where the two versions are, and the instance actor (FEP-2677)."""
    versions: tuple[Literal["2.0", "2.1"], ...] = ("2.1", "2.0")
    links = render_nodeinfo_links(
        {version: f"{urls.base()}/nodeinfo/{version}" for version in versions}, urls.instance_actor()
    )
    return _open(Response(orjson.dumps(links), content_type="application/json"))


@blueprint.get("/nodeinfo/2.0")
async def get_nodeinfo_20() -> Response:
    """NodeInfo 2.0."""
    return await _nodeinfo("2.0")


@blueprint.get("/nodeinfo/2.1")
async def get_nodeinfo_21() -> Response:
    """NodeInfo 2.1."""
    return await _nodeinfo("2.1")


async def _nodeinfo(version: Literal["2.0", "2.1"]) -> Response:
    settings = runtime().settings
    counts = await instance.counts()
    document = render_nodeinfo(
        NodeInfo(
            version=version,
            software_name="heliograph",
            software_version=VERSION,
            open_registrations=settings.registrations.mode in ("open", "approval"),
            users_total=counts.users,
            users_active_month=counts.active_month,
            users_active_half_year=counts.active_half_year,
            local_posts=counts.posts,
            local_comments=counts.comments,
            node_name=settings.title,
            node_description=settings.description,
            staff_accounts=await _staff(),
        )
    )
    return _open(Response(orjson.dumps(document), content_type=media_type_of(version)))


async def _staff() -> tuple[str, ...]:
    rows = await db.fetch_all(
        "SELECT a.uri FROM users u JOIN accounts a ON a.id = u.account_id"
        " WHERE u.role IN ('admin', 'moderator') AND a.suspended_at IS NULL ORDER BY u.id LIMIT 50"
    )
    return tuple(row[0] for row in rows)


def _read_resource(resource: str) -> tuple[str, str]:
    """What is asked for: ("handle", user name), ("uri", id or page) or ("bad", …)."""
    settings = runtime().settings
    lowered = resource.lower()
    if lowered.startswith(("http://", "https://")):
        return "uri", resource.rstrip("/") if resource.count("/") == 3 else resource
    handle = resource[5:] if lowered.startswith("acct:") else resource
    name, _, host = handle.removeprefix("@").rpartition("@")
    is_name = ":" not in name or name.lower() == settings.domain  # The node itself goes by its host, port and all.
    if not name or not host or not is_name or "/" in handle:
        return "bad", ""
    return ("handle", name.lower()) if settings.is_own_domain(host) else ("elsewhere", "")


async def _find(kind: str, value: str) -> Account | None:
    if kind == "handle":
        return await Account.get_or_none(username_key=value, domain=LOCAL)
    if kind != "uri":
        return None
    if value == urls.base():
        value = urls.instance_actor()
    account = await Account.get_or_none(uri=value, domain=LOCAL)
    if account is not None or not value.startswith(f"{urls.base()}/@"):
        return account
    name = urlsplit(value).path.removeprefix("/@")
    return await Account.get_or_none(username_key=name.lower(), domain=LOCAL)


def _webfinger(account: Account) -> WebFinger:
    return webfinger_of(
        urls.handle(account.username), account.uri, profile_url=account.url or urls.profile(account.username)
    )


def _open(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def forget_everything() -> None:
    """Empty the memory of this process."""
    instance.forget_all()
