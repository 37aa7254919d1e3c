"""From what the wire said (`activitypub.types`) to what the services take."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from activitypub.parse import origin_host
from activitypub.types import Actor, Approval, Attachment, Emoji, Note, visibility
from activitypub.vocabulary import PUBLIC
from media import shown_facts
from node.models.accounts import Account
from node.models.posts import DIRECT, MEMBERS, Post
from node.services import places, polls
from node.services.accounts import MAX_ATTRIBUTION_DOMAINS as MAX_SITES
from node.services.accounts import RemoteProfile
from node.services.emojis import ReceivedEmoji
from node.services.interaction_policies import EVERYONE, FOLLOWERS, FOLLOWING, NOBODY, StatedPolicies
from node.services.posts import IncomingMedia, IncomingPost
from node.services.received_quotes import IncomingQuote

CARD_SUMMARY: Final = 500
_MIXED_LINKS: Final = ("Article", "Page", "Event", "Video", "Audio", "Image")


def remote_profile(
    actor: Actor,
    username: str,
    domain: str,
    keys: tuple[tuple[str, str], ...],
    proof_keys: tuple[tuple[str, str], ...] = (),
) -> RemoteProfile:
    """A fetched actor, its handle confirmed to be `username@domain`, with the keys it really lists.

    Endpoints that point to another host than the actor's are left out, save the inboxes: nobody but the actor can have
    named those, while a followers or featured collection elsewhere would speak for somebody else.
    """

    def own(url: str | None) -> str | None:
        return url if url is not None and origin_host(url) == origin_host(actor.id) else None

    return RemoteProfile(
        uri=actor.id,
        username=username,
        domain=domain,
        inbox_url=actor.inbox,
        actor_type=actor.type,
        url=actor.url,
        display_name=actor.name or "",
        note_html=actor.summary or "",
        fields=tuple((field.name, field.value) for field in actor.fields),
        avatar_url=actor.icon.url if actor.icon else None,
        header_url=actor.image.url if actor.image else None,
        avatar_description=(actor.icon.description or "") if actor.icon else "",
        header_description=(actor.image.description or "") if actor.image else "",
        is_private=actor.manually_approves_followers,
        discoverable=actor.discoverable,
        indexable=actor.indexable,
        shared_inbox_url=actor.shared_inbox,
        outbox_url=own(actor.outbox),
        followers_url=own(actor.followers),
        following_url=own(actor.following),
        featured_url=own(actor.featured),
        featured_tags_url=own(actor.featured_tags),
        featured_collections_url=own(actor.featured_collections),
        also_known_as=actor.also_known_as,
        moved_to_uri=actor.moved_to,
        keys=keys,
        proof_keys=proof_keys,
        created_at=actor.published,
        suspended=actor.suspended,
        memorial=actor.memorial,
        hides_public=actor.hides_public_from_anonymous,
        hides_unlisted=actor.hides_unlisted_from_anonymous,
        attribution_domains=actor.attribution_domains[:MAX_SITES],
        emojis=_emojis(actor.emojis),
    )


def incoming_post(
    note: Note,
    author: Account,
    *,
    parent: Post | None,
    mentioned: tuple[Account, ...],
    addressed: tuple[Account, ...],
    received_at: datetime,
    may_fetch_quoted: bool = True,
) -> IncomingPost:
    """A post of `author`, who has been checked to be the one it names.

    `mentioned` and `addressed` are those of its mentions and of its other addressees that are known here.
    """
    is_card = note.type in _MIXED_LINKS
    accounts = {account.uri: account.id for account in (*mentioned, *addressed)}
    return IncomingPost(
        uri=note.id,
        author=author,
        published=note.published or received_at,
        visibility=_visibility(note, author, addressed),
        content_html=_card(note) if is_card else note.content,
        url=note.url or note.id,
        spoiler_text="" if is_card else note.summary or "",
        sensitive=note.sensitive,
        language=note.language,
        updated=note.updated,
        parent=parent,
        parent_uri=note.in_reply_to if parent is None else None,
        mentions=mentioned,
        silent_mentions=addressed,
        hashtags=tuple(hashtag.name for hashtag in note.hashtags),
        media=tuple(_media(attachment, accounts) for attachment in _attachments(note)),
        place=_place(note),
        comments_disabled=not note.comments_enabled or _takes_no_replies(note),
        policies=_policies(note, author),
        quote=_quote(note, may_fetch=may_fetch_quoted),
        poll=_poll(note),
        emojis=_emojis(note.emojis),
    )


def _visibility(note: Note, author: Account, addressed: tuple[Account, ...]) -> str:
    """What is for some people who are not all named is for members (Mastodon's "limited"), and no direct message."""
    found = visibility(note, author.followers_url)
    return MEMBERS if found == DIRECT and addressed else found


def _emojis(emojis: tuple[Emoji, ...]) -> tuple[ReceivedEmoji, ...]:
    return tuple(ReceivedEmoji(emoji.name, emoji.url) for emoji in emojis)


def _card(note: Note) -> str:
    """What is not written for a timeline (articles, videos, events) is shown by its name, a summary and a link."""
    link = html.escape(note.url or note.id)
    title = html.escape(note.name or note.url or note.id)
    summary = note.summary or (note.content if len(note.content) <= CARD_SUMMARY else "")
    return f'<p><a href="{link}">{title}</a></p>{summary}'


def _attachments(note: Note) -> tuple[Attachment, ...]:
    """The pictures, the title picture of an article or event first unless it is among them."""
    image = note.image
    if image is None or any(attachment.url == image.url for attachment in note.attachments):
        return note.attachments
    if note.attachments and note.type not in _MIXED_LINKS:
        return note.attachments
    return (
        Attachment(
            "image",
            image.url,
            image.media_type,
            image.description,
            image.blurhash,
            image.focus,
            image.width,
            image.height,
        ),
        *note.attachments,
    )


def _media(attachment: Attachment, accounts: Mapping[str, int]) -> IncomingMedia:
    return IncomingMedia(
        url=attachment.url,
        kind=attachment.kind,
        media_type=attachment.media_type or "",
        description=attachment.description or "",
        blurhash=attachment.blurhash,
        width=attachment.width,
        height=attachment.height,
        focus=attachment.focus or (0.0, 0.0),
        thumbnail_url=attachment.thumbnail,
        people=tuple((accounts[seen.href], seen.x, seen.y) for seen in attachment.people if seen.href in accounts),
        duration=attachment.duration,
        camera=shown_facts.of_exif_fields(attachment.exif),
    )


def _takes_no_replies(note: Note) -> bool:
    """Whether nobody but the author may ever reply; for whom else it is, the author's server knows best."""
    approval = note.interaction_policy.can_reply
    return approval is not None and not {*approval.automatic, *approval.manual} - {note.attributed_to}


def _policies(note: Note, author: Account) -> StatedPolicies:
    can_quote = note.interaction_policy.can_quote or Approval()
    can_share = note.interaction_policy.can_announce or Approval((PUBLIC,))
    by_hand = _widest(can_quote.manual, author)
    automatic = _widest(can_quote.automatic, author)
    share = _widest((*can_share.automatic, *can_share.manual), author) if note.shares_enabled else NOBODY
    # Those who follow, or are followed, may all ask when some may: their server answers.
    return StatedPolicies(automatic, by_hand != NOBODY and automatic != EVERYONE, share)


def _widest(allowed: tuple[str, ...], author: Account) -> str:
    """The policy that lets at least these."""
    if PUBLIC in allowed:
        return EVERYONE
    if author.followers_url is not None and author.followers_url in allowed:
        return FOLLOWERS
    return FOLLOWING if author.following_url is not None and author.following_url in allowed else NOBODY


def _quote(note: Note, *, may_fetch: bool) -> IncomingQuote | None:
    return None if note.quote is None else IncomingQuote(note.quote, note.quote_authorization, may_fetch)


def _poll(note: Note) -> polls.ReceivedPoll | None:
    if note.poll is None:
        return None
    return polls.ReceivedPoll(
        tuple((option.name, option.votes) for option in note.poll.options),
        note.poll.multiple,
        note.poll.closed or note.poll.end_time,
        note.poll.voters,
    )


def _place(note: Note) -> places.NamedPlace | None:
    if note.place is None:
        return None
    return places.NamedPlace(
        note.place.name[: places.MAX_NAME], note.place.country or "", note.place.latitude, note.place.longitude
    )


__all__ = ["incoming_post", "remote_profile"]
