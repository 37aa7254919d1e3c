"""Mastodon's Profile: an account as its owner edits it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities import account, tag
from api.entities.account import Account, Field
from api.entities.encoding import encode
from api.entities.tag import FeaturedTag
from node.errors import NotFound
from node.models.accounts import Account as AccountRow
from node.queries import accounts, hashtags
from node.queries.hashtags import FeaturedRow


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Words as they were typed, and as they are shown (`formatted_…`, HTML); pictures are null where there is none."""

    id: str
    display_name: str
    note: str
    fields: list[Field]
    formatted_note: str
    formatted_fields: list[Field]
    avatar: str | None
    avatar_static: str | None
    avatar_description: str
    header: str | None
    header_static: str | None
    header_description: str
    locked: bool
    bot: bool
    hide_collections: bool
    discoverable: bool
    indexable: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    attribution_domains: list[str]
    featured_tags: list[FeaturedTag]


async def of_account(account_id: int) -> bytes:
    """The profile of a local account. Raises `NotFound`."""
    rows = await accounts.details([account_id])
    row = await AccountRow.get_or_none(id=account_id)
    if not rows or row is None:
        raise NotFound
    (shown,) = await account.render(rows)
    return encode(_profile(shown, row, await hashtags.featured(account_id)))


def _profile(shown: Account, row: AccountRow, featured: Sequence[FeaturedRow]) -> Profile:
    avatar = shown.avatar if row.avatar_key is not None else None
    header = shown.header if row.header_key is not None else None
    return Profile(
        id=shown.id,
        display_name=shown.display_name,
        note=row.note_source,
        fields=[account.field(stored, as_written=True) for stored in row.fields_],
        formatted_note=shown.note,
        formatted_fields=shown.fields,
        avatar=avatar,
        avatar_static=avatar,
        avatar_description=shown.avatar_description,
        header=header,
        header_static=header,
        header_description=shown.header_description,
        locked=shown.locked,
        bot=shown.bot,
        hide_collections=shown.hide_collections,
        discoverable=shown.discoverable,
        indexable=shown.indexable,
        show_media=shown.show_media,
        show_media_replies=shown.show_media_replies,
        show_featured=shown.show_featured,
        attribution_domains=row.attribution_domains,
        featured_tags=[tag.featured(one) for one in featured],
    )
