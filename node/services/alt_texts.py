"""Alt texts that are missing: whether their owner wants to hear of it, or to post nothing without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.errors import Invalid
from node.queries import alt_texts
from node.services import preferences

OFF, WARN, REQUIRE = "off", "warn", "require"
WISHES: Final = (OFF, WARN, REQUIRE)
PREFERENCE: Final = "alt_texts"


def wish_in(kept: Mapping[str, Any]) -> str:
    """What a user's preferences say: off unless they said otherwise."""
    return str(kept.get(PREFERENCE, OFF))


async def wish_of(user_id: int) -> str:
    """What a user wants to happen when an alt text is missing."""
    return wish_in(await preferences.of_user(user_id))


async def change_wish(user_id: int, wish: str) -> None:
    """Say what is to happen when an alt text is missing. Raises `Invalid` (remind)."""
    if wish not in WISHES:
        raise Invalid("remind", "is not included in the list", code="ERR_INCLUSION")
    await preferences.change(user_id, {PREFERENCE: wish})


async def check(account_id: int, media_ids: Sequence[int]) -> None:
    """Raises `Invalid` (media_ids) unless each of these files of the account has an alt text."""
    bare = await alt_texts.missing(account_id, media_ids)
    if bare:
        named = ", ".join(str(media_id) for media_id in bare)
        said = f"Describe your pictures before you post them: {named}"
        raise Invalid("media_ids", said, code="ERR_BLANK", sentence=said)


async def check_edited(account_id: int, media_ids: Sequence[int]) -> None:
    """`check`, if the account's user posts nothing without alt texts."""
    if media_ids and wish_in(await preferences.of_account(account_id)) == REQUIRE:
        await check(account_id, media_ids)
