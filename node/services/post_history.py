"""What a post was before it was edited."""

from __future__ import annotations

from node.models.media import MediaFile
from node.models.polls import Poll
from node.models.posts import Post, PostEdit


async def keep(post: Post) -> None:
    """Write down how `post` looks now, under the moment since when it does. Call it before the edit."""
    media = await MediaFile.filter(post_id=post.id).order_by("position").values("id", "description")
    poll = await Poll.get_or_none(post_id=post.id)
    await PostEdit.create(
        post_id=post.id,
        content=post.content,
        spoiler_text=post.spoiler_text,
        sensitive=post.sensitive,
        media=[{"id": str(item["id"]), "description": item["description"]} for item in media],
        poll_options=poll.options if poll is not None else None,
        created_at=post.edited_at or post.created_at,
    )
