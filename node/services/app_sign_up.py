"""Opening an account inside Pixelfed's app: the letter leads back into the app, which then gets its token.

How many may do so, and who is let in, is as with every other way to sign up (`node/services/sign_up.py`).
"""

from __future__ import annotations

from typing import Final

from node.errors import Forbidden, NotFound
from node.models.accounts import User
from node.rate_limits import Limit
from node.services import oauth, one_time_secrets, sign_up
from node.services.oauth import IssuedToken
from node.services.sign_up import SignUp
from node.services.throttling import spend

SCOPES: Final = ("read", "write", "follow", "push")
NAME: Final = "Pixelfed"
REDIRECT: Final = "urn:ietf:wg:oauth:2.0:oob"
REFUSED: Final = "Invalid tokens"

SIGN_UPS_PER_IP: Final = Limit("app_sign_ups_per_ip", 10, 1800)
CONFIRMATIONS_PER_IP: Final = Limit("app_confirmations_per_ip", 20, 1800)


async def sign_up_in_app(form: SignUp, *, ip_address: str) -> User:
    """`sign_up` for somebody in the app. Raises what it raises, and `RateLimited`."""
    await spend(SIGN_UPS_PER_IP, ip_address)
    return await sign_up.sign_up(form)


async def confirm_in_app(user_id: str, token: str, email: str, *, ip_address: str) -> IssuedToken:
    """Confirm an address with what the letter's link carried; returns the app's token.

    Raises `Forbidden` alike for everything that does not fit together, `RateLimited`.
    """
    await spend(CONFIRMATIONS_PER_IP, ip_address)
    try:
        owner = await one_time_secrets.owner(one_time_secrets.CONFIRM_EMAIL, token)
    except NotFound:
        raise Forbidden(REFUSED) from None
    if str(owner.id) != user_id or owner.email_key != email.strip().lower():
        raise Forbidden(REFUSED)
    user = await sign_up.confirm_by_link(token)
    registered = await oauth.register(NAME, [REDIRECT], SCOPES)
    return await oauth.token_for_new_user(registered.application.id, user)
