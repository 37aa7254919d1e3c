"""Opening an account inside Pixelfed's app: the letter leads back into the app, which then gets its token.

How many may do so, and who is let in, is as with every other way to sign up (`node/services/sign_up.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from node.errors import Forbidden, NotFound
from node.models.accounts import Account, User
from node.models.credentials import Application
from node.rate_limits import Limit
from node.runtime import runtime
from node.services import accounts, oauth, one_time_secrets, proven_addresses, sign_up
from node.services.oauth import IssuedToken
from node.services.sign_up import SignUp
from node.services.throttling import spend
from node.text import clean_line

SCOPES: Final = ("read", "write", "follow", "push")
NAME: Final = "Pixelfed"
REDIRECT: Final = "urn:ietf:wg:oauth:2.0:oob"
REFUSED: Final = "Invalid tokens"

SIGN_UPS_PER_IP: Final = Limit("app_sign_ups_per_ip", 10, 1800)
CONFIRMATIONS_PER_IP: Final = Limit("app_confirmations_per_ip", 20, 1800)


def is_open() -> bool:
    """Whether accounts are opened in the app: it cannot ask for an invitation."""
    return runtime().settings.registrations.mode in ("open", "approval")


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


@dataclass(frozen=True, slots=True)
class Arrival:
    """An account opened with a proven address, and its app's token; `client_secret` of an app registered for it."""

    account: Account
    token: IssuedToken
    application: Application
    client_secret: str | None


async def arrive(
    form: SignUp, name: str, *, application: Application | None = None, scopes: list[str] | None = None
) -> Arrival:
    """Open an account for somebody whose address is proven (`proven_addresses.is_proven`), and use the proof up.

    `name` is shown with the account. Without an `application` one is registered. Raises what `sign_up` raises: that the
    address is taken, when the proof was used for another account meanwhile.
    """
    user = await sign_up.sign_up(replace(form, is_proven=True))
    await proven_addresses.use_up(form.email)
    account, shown = await accounts.get(user.account_id), clean_line(name)[: accounts.MAX_DISPLAY_NAME]
    account = await accounts.update_profile(account, accounts.ProfileChanges(display_name=shown))
    secret = None
    if application is None:
        registered = await oauth.register(NAME, [REDIRECT], SCOPES)
        application, secret = registered.application, registered.client_secret
    return Arrival(account, await oauth.token_for_new_user(application.id, user, scopes), application, secret)
