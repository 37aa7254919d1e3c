"""What a client writes in an activity, as what our services take: whom and what it names, drafts, edits, profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from activitypub.parse import ParseError, parse_note
from activitypub.parse.reading import addressees, flag, natural_text, objects, text, type_among
from activitypub.types import Attachment, Note
from activitypub.vocabulary import NOTE_TYPES, PUBLIC
from api import finding
from node import clock, urls
from node.errors import Invalid, NotFound
from node.models.accounts import Account
from node.models.media import MediaFile
from node.models.posts import DIRECT, FOLLOWERS, UNLISTED, Post
from node.models.posts import PUBLIC as FOR_EVERYBODY
from node.services import media, polls
from node.services.accounts import ProfileChanges
from node.services.posts import Draft, Edit
from node.text import find_mentions, plain_text

MAX_ADDRESSEES: Final = 50
MAX_UNPOSTED: Final = 100
MAX_FIELDS: Final = 20
_NAMELESS: Final = "new"


def note_of(account: Account, document: Mapping[str, Any]) -> Note:
    """The post in an object, which need not say yet who wrote it and has no id. Raises `Invalid`."""
    if type_among(document, NOTE_TYPES) not in ("Note", "Question"):
        raise Invalid("type", "is none that can be published: Note, or Question for a poll")
    author = document.get("attributedTo", account.uri)
    if author != account.uri:
        raise Invalid("attributedTo", "is not yourself")
    given = document.get("id")
    named = {**document, "attributedTo": account.uri, "id": given or f"{account.uri}/{_NAMELESS}"}
    try:
        return parse_note(named)
    except ParseError as error:
        raise Invalid("object", str(error)) from None


async def draft_of(account: Account, note: Note, document: Mapping[str, Any], envelope: Mapping[str, Any]) -> Draft:
    """What is to be published. Who is addressed in the activity or its object is named in the text if it does not yet.

    Raises `Invalid` (to, bto, inReplyTo, quote, attachment), `NotFound` for what may not be seen.
    """
    for blind in ("bto", "bcc", "audience"):
        if document.get(blind) or envelope.get(blind):
            raise Invalid(blind, "is not taken: say openly in to and cc who gets it")
    to = {*note.to, *addressees(envelope.get("to"))}
    cc = {*note.cc, *addressees(envelope.get("cc"))}
    written = text_of(note, document)
    return Draft(
        text=await _naming(account, written, to | cc),
        media_ids=await media_ids(account, note.attachments),
        parent_id=await _post_id(account, note.in_reply_to, "inReplyTo"),
        spoiler_text=note.summary or "",
        sensitive=note.sensitive or None,
        visibility=_visibility(account, to, cc),
        language=note.language,
        place_name=note.place.name if note.place else None,
        comments_disabled=not note.comments_enabled,
        quoted_post_id=await _post_id(account, note.quote, "quote"),
        poll=_poll(note),
    )


async def edit_of(account: Account, post: Post, note: Note, document: Mapping[str, Any]) -> Edit:
    """What changes in a post: what the object holds; the rest stays. Raises `Invalid`."""
    says = document.keys()
    return Edit(
        text=text_of(note, document) if says & {"content", "contentMap", "source"} else None,
        spoiler_text=(note.summary or "") if says & {"summary", "summaryMap"} else None,
        sensitive=note.sensitive if "sensitive" in says else None,
        language=note.language,
        media_ids=await media_ids(account, note.attachments, post) if "attachment" in says else None,
        poll=_poll(note),
    )


def profile_of(document: Mapping[str, Any]) -> ProfileChanges:
    """What changes in a profile: what the object holds; the rest stays."""
    says = document.keys()
    rows = [row for row in objects(document.get("attachment"), MAX_FIELDS) if type_among(row, ("PropertyValue",))]
    summary = natural_text(document, "summary", 100_000)
    return ProfileChanges(
        display_name=(natural_text(document, "name", 10_000) or "") if "name" in says else None,
        note_source=plain_text(summary or "") if "summary" in says else None,
        fields=tuple(
            (text(row.get("name"), 2_000) or "", plain_text(text(row.get("value"), 2_000) or "")) for row in rows
        )
        if "attachment" in says
        else None,
        is_private=flag(document.get("manuallyApprovesFollowers")) if "manuallyApprovesFollowers" in says else None,
        discoverable=flag(document.get("discoverable")) if "discoverable" in says else None,
        indexable=flag(document.get("indexable")) if "indexable" in says else None,
    )


def text_of(note: Note, document: Mapping[str, Any]) -> str:
    """The words as they were typed (`source`), else those a reader sees of the HTML."""
    source = document.get("source")
    typed = text(source.get("content"), 500_000) if isinstance(source, Mapping) else None
    return typed if typed is not None else plain_text(note.content)


async def media_ids(account: Account, attachments: tuple[Attachment, ...], post: Post | None = None) -> tuple[int, ...]:
    """The account's own uploads behind these, by where they are served: those that wait for a post, and those in the
    `post` that is changed. What is said of them is noted.

    Raises `Invalid` (attachment) for pictures that are elsewhere: they have to be uploaded first.
    """
    if not attachments:
        return ()
    own = MediaFile.filter(account_id=account.id)
    files = await own.filter(post_id=None).order_by("-id").limit(MAX_UNPOSTED)
    if post is not None:
        files += await own.filter(post_id=post.id)
    by_url = {urls.media(variant["key"]): file for file in files for variant in file.variants.values()}
    by_id = {file.id: file for file in files}
    found: list[int] = []
    for attachment in attachments:
        file = by_url.get(attachment.url) or by_id.get(urls.closed_file_id(attachment.url) or 0)
        if file is None:
            raise Invalid("attachment", "is no picture you uploaded here for it")
        if attachment.description or attachment.focus:
            await media.describe(account, file.id, description=attachment.description, focus=attachment.focus)
        found.append(file.id)
    return tuple(found)


async def post_id(account: Account, address: str | None) -> int:
    """The post at an address, if the account may see it. Raises `NotFound`."""
    row = await finding.find_status(address, account.id, ask=True) if address else None
    if row is None:
        raise NotFound
    return int(row.id)


async def somebody(account: Account, address: str | None) -> Account:
    """The account at an address. Raises `NotFound`."""
    row = await finding.find_account(address, account.id, ask=True) if address else None
    if row is None:
        raise NotFound
    return await Account.get(id=row.id)


async def _post_id(account: Account, address: str | None, field: str) -> int | None:
    if address is None:
        return None
    try:
        return await post_id(account, address)
    except NotFound:
        raise Invalid(field, "is no post that you can see") from None


def _visibility(account: Account, to: set[str], cc: set[str]) -> str:
    """Mastodon's convention, as everybody reads it."""
    if PUBLIC in to:
        return FOR_EVERYBODY
    if PUBLIC in cc:
        return UNLISTED
    return FOLLOWERS if urls.followers(account.uri) in to | cc else DIRECT


async def _naming(account: Account, written: str, addressed: Iterable[str]) -> str:
    """The text with everybody addressed named in it."""
    people = sorted(set(addressed) - {PUBLIC, urls.followers(account.uri), account.uri})
    if len(people) > MAX_ADDRESSEES:
        raise Invalid("to", f"names more than {MAX_ADDRESSEES}")
    named = set(find_mentions(written))
    missing = []
    for uri in people:
        try:
            person = await somebody(account, uri)
        except NotFound:
            raise Invalid("to", f"names nobody who is known: {uri[:200]}") from None
        if (person.username_key, person.domain) not in named:
            missing.append(f"@{person.username}@{person.domain}" if person.domain else f"@{person.username}")
    return " ".join([*missing, written]) if missing else written


def _poll(note: Note) -> polls.NewPoll | None:
    if note.poll is None:
        return None
    options = tuple(option.name for option in note.poll.options)
    return polls.NewPoll(options, _seconds_until(note.poll.end_time), note.poll.multiple)


def _seconds_until(moment: datetime | None) -> int | None:
    return None if moment is None else int((moment - clock.now()).total_seconds())
