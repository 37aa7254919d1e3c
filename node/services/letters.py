"""What the node writes to people. Every link in a letter begins with the node's own address, never with a header's."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from node import urls
from node.mail import Letter
from node.models.accounts import User
from node.runtime import runtime


def confirm_address(user: User, username: str, *, token: str, code: str) -> Letter:
    """To someone who signed up: the link and the code that prove the address is theirs."""
    return _letter(
        user.email,
        f"{code} is your code for {_title()}",
        f"Hello {username},",
        f"your code is {code}. Or confirm your e-mail address by opening this page:",
        f"{urls.base()}/confirm-email/{token}",
        "Both work for two days. If you did not open an account here, do nothing: it will disappear by itself.",
    )


def confirm_address_in_app(user: User, username: str, *, token: str, code: str) -> Letter:
    """To someone who signed up in Pixelfed's app: a link back into it, and one for a browser."""
    address = base64.b64encode(user.email.encode()).decode()
    query = urlencode({"ut": user.id, "rt": token, "ea": address})
    return _letter(
        user.email,
        f"Confirm your address for {_title()}",
        f"Hello {username},",
        "confirm your e-mail address by opening this on the device with the app:",
        f"{urls.base()}/api/v1.1/auth/iarer?{query}",
        f"Or in any browser: {urls.base()}/confirm-email/{token}",
        f"Or with the code {code}. All work for two days. If you did not open an account here, do nothing: it will"
        " disappear by itself.",
    )


def prove_address(email: str, code: str) -> Letter:
    """To an address somebody wants to open an account with: the code that proves it is theirs."""
    return _letter(
        email,
        f"{code} is your code for {_title()}",
        "Hello,",
        f"somebody, perhaps you, wants to open an account on {_title()} with this address. The code for the app is {code}.",
        "It works for an hour. If that was not you, do nothing: there will be no account.",
    )


def address_is_taken(user: User, username: str) -> Letter:
    """To the owner of an address somebody tried to sign up with."""
    return _letter(
        user.email,
        f"You already have an account on {_title()}",
        f"Hello {username},",
        f"somebody, perhaps you, asked for a new account with this address. You have one already: @{username}.",
        f"Sign in: {urls.base()}/sign-in",
        f"Forgotten the password? {urls.base()}/forgotten-password",
        "If that was not you, there is nothing you need to do.",
    )


def reset_password(user: User, username: str, token: str) -> Letter:
    """To someone who has forgotten their password."""
    return _letter(
        user.email,
        f"A new password for {_title()}",
        f"Hello {username},",
        "choose a new password for your account on this page:",
        f"{urls.base()}/reset-password/{token}",
        "The link works once, for one hour. If you did not ask for it, do nothing: your password stays as it is.",
    )


def password_changed(user: User, username: str) -> Letter:
    """To someone whose password is another now."""
    return _letter(
        user.email,
        f"Your password for {_title()} was changed",
        f"Hello {username},",
        "the password of your account was changed just now, and other devices and apps were signed out.",
        f"If that was not you, choose a new one at once: {urls.base()}/forgotten-password",
    )


def approved(user: User, username: str) -> Letter:
    """To someone an admin has let in."""
    return _letter(
        user.email,
        f"Welcome to {_title()}",
        f"Hello {username},",
        "your account has been approved. Sign in here:",
        f"{urls.base()}/sign-in",
    )


def rejected(user: User, username: str) -> Letter:
    """To someone an admin has not let in."""
    return _letter(
        user.email,
        f"Your request to join {_title()}",
        f"Hello {username},",
        "your request for an account was not accepted, and what you told us has been deleted.",
    )


def waiting_for_approval(admin: User, username: str, reason: str) -> Letter:
    """To an admin: somebody is at the door."""
    return _letter(
        admin.email,
        f"{username} would like to join {_title()}",
        f"{username} has confirmed their e-mail address and waits for your decision.",
        f"They wrote: {reason}" if reason else "They gave no reason.",
    )


_WARNINGS = {
    "none": "a moderator of this server has a warning for you. Nothing else has been done.",
    "disable": "a moderator of this server has shut you out of your account. What you posted stays.",
    "sensitive": "a moderator of this server has marked everything you post as sensitive.",
    "silence": "a moderator of this server has limited your account: only those who follow you see what you post.",
    "suspend": "a moderator of this server has suspended your account. Nobody sees it, and you cannot use it.",
}


def warning(user: User, username: str, action: str, text: str) -> Letter:
    """To somebody about whom a moderator has decided something, in the moderator's own words if there are any."""
    words = [text] if text else []
    return _letter(
        user.email,
        f"About your account on {_title()}",
        f"Hello {username},",
        _WARNINGS[action],
        *words,
    )


def sign_in_link(token: str) -> str:
    """Where a one-time sign-in link leads."""
    return f"{urls.base()}/sign-in/link/{token}"


def _title() -> str:
    return " ".join(runtime().settings.title.split())


def _letter(to: str, subject: str, *paragraphs: str) -> Letter:
    return Letter(to, subject, "\n\n".join([*paragraphs, f"{_title()}\n{urls.base()}"]) + "\n")
