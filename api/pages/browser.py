"""A browser at the node's pages: its session cookie, and forms that only our own pages can send."""

from __future__ import annotations

import hashlib
import hmac
from typing import cast

from markupsafe import Markup
from quart import Response, g, request

from api.client_address import client_address
from node.models.accounts import User
from node.models.credentials import BrowserSession
from node.runtime import runtime
from node.secrecy import new_token
from node.services import sessions

MAX_FIELD = 10_000
VISITOR_SECONDS = 24 * 3600


def _is_secure() -> bool:
    return runtime().settings.base_url.startswith("https://")


def session_cookie() -> str:
    """The name of the session cookie; over https one that no other host and no plain connection can set."""
    return "__Host-heliograph_session" if _is_secure() else "heliograph_session"


def visitor_cookie() -> str:
    """The name of the cookie that binds forms to a browser before anybody signed in."""
    return "__Host-heliograph_visitor" if _is_secure() else "heliograph_visitor"


async def session() -> BrowserSession | None:
    """The session of this browser, with its user and account; `None` when nobody is signed in."""
    if "browser_session" not in g:
        token = request.cookies.get(session_cookie(), "")
        g.browser_session = await sessions.find(token) if token else None
    return cast("BrowserSession | None", g.browser_session)


async def sign_in(user: User, response: Response) -> Response:
    """Sign `user` in with `response`: always a new session, so that one slipped in before is worth nothing."""
    await sessions.end_by_token(request.cookies.get(session_cookie(), ""))
    token = await sessions.begin(user, user_agent=request.headers.get("User-Agent", ""), ip_address=client_address())
    _set_cookie(response, session_cookie(), token, int(sessions.LIFETIME.total_seconds()))
    _delete_cookie(response, visitor_cookie())
    return response


async def sign_out(response: Response) -> Response:
    """End this browser's session with `response`."""
    await sessions.end_by_token(request.cookies.get(session_cookie(), ""))
    _delete_cookie(response, session_cookie())
    return response


def csrf_token() -> Markup:
    """The hidden field that makes a form ours: bound to this browser's cookie, which other sites cannot read."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(_csrf(_browser_secret()))


def _browser_secret() -> str:
    known = request.cookies.get(session_cookie()) or request.cookies.get(visitor_cookie()) or g.get("new_visitor")
    if known:
        return str(known)
    g.new_visitor = new_token()
    return str(g.new_visitor)


def _csrf(secret: str) -> str:
    return hmac.new(runtime().secret_key, f"csrf:{secret}".encode(), hashlib.sha256).hexdigest()


async def form() -> dict[str, str]:
    """The fields of the form that was sent, one value each, without the NULs that a database refuses."""
    return {name: value[:MAX_FIELD].replace("\0", "") for name, value in (await request.form).items()}


async def sent_by_us() -> bool:
    """Whether the form of this request came from a page of ours in this same browser."""
    secret = request.cookies.get(session_cookie()) or request.cookies.get(visitor_cookie()) or ""
    sent = (await form()).get("csrf_token", "")
    return bool(secret) and hmac.compare_digest(sent.encode(), _csrf(secret).encode())


def remember_visitor(response: Response) -> None:
    """Give a browser nobody is signed in with the cookie its forms are bound to, if a form was made."""
    if "new_visitor" in g:
        _set_cookie(response, visitor_cookie(), g.new_visitor, VISITOR_SECONDS)


def _set_cookie(response: Response, name: str, value: str, max_age: int) -> None:
    response.set_cookie(name, value, max_age=max_age, path="/", secure=_is_secure(), httponly=True, samesite="Lax")


def _delete_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=_is_secure(), httponly=True, samesite="Lax")
