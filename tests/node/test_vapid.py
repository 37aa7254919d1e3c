"""The node's key for push services, and what it keeps in general."""

from __future__ import annotations

from base64 import urlsafe_b64decode

from node import vapid
from node.runtime import Runtime
from node.secrecy import kept_secret


async def test_the_key_is_made_once_and_kept(started: Runtime) -> None:
    assert await vapid.private_key() == await vapid.private_key()


async def test_browsers_are_told_an_uncompressed_point(started: Runtime) -> None:
    told = vapid.public_key(await vapid.private_key())
    point = urlsafe_b64decode(told + "=" * (-len(told) % 4))
    assert len(point) == 65 and point[0] == 4
    assert "=" not in told


async def test_a_kept_secret_is_the_same_ever_after(started: Runtime) -> None:
    assert await kept_secret("session") == await kept_secret("session") != await kept_secret("other")
