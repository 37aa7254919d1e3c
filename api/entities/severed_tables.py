"""The follows somebody lost by a severance, as rows of the files Mastodon exports and imports."""

from __future__ import annotations

from node.services import severances


async def following(account_id: int, loss_id: int) -> list[tuple[str, ...]]:
    """Whom the account followed. Raises `NotFound`."""
    rows = await severances.lost_follows(account_id, loss_id, followers=False)
    return [
        ("Account address", "Show boosts", "Notify on new posts", "Languages"),
        *(
            (
                f"{row.username}@{row.domain}",
                _flag(row.show_shares),
                _flag(row.notify),
                ", ".join((row.languages or "").split()),
            )
            for row in rows
        ),
    ]


async def followers(account_id: int, loss_id: int) -> list[tuple[str, ...]]:
    """Who followed the account. Raises `NotFound`."""
    rows = await severances.lost_follows(account_id, loss_id, followers=True)
    return [("Account address",), *((f"{row.username}@{row.domain}",) for row in rows)]


def _flag(value: bool) -> str:
    return "true" if value else "false"
