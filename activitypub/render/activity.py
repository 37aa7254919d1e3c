"""Activities, in the forms our peers insist on.

Follow, Like and Announce name their object by a bare id (Pixelfed's validators want a URL); Accept, Reject and Undo embed the
whole inner activity (Pixelfed ignores bare ids, Threads answers 500).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from activitypub.render.actor import actor_object
from activitypub.render.contexts import ACTOR_CONTEXT, FEATURED_CONTEXT, NOTE_CONTEXT, PLAIN_CONTEXT, QUOTE_CONTEXT
from activitypub.render.interaction import quote_authorization_object
from activitypub.render.note import note_object
from activitypub.render.tombstone import tombstone_object
from activitypub.render.writing import hashtag_document, timestamp, without_nothing
from activitypub.types import Activity, Actor, Document, Hashtag, Note, QuoteAuthorization, Tombstone
from activitypub.vocabulary import PUBLIC


def render_activity(activity: Activity, context: Any = PLAIN_CONTEXT) -> Document:
    """Any activity as it is. ``context`` must cover the terms of an embedded object."""
    return {"@context": context, **activity_object(activity)}


def activity_object(activity: Activity) -> Document:
    """`render_activity` without ``@context``, to be embedded."""
    return without_nothing(
        {
            "id": activity.id,
            "type": activity.type,
            "actor": activity.actor,
            "object": _object(activity),
            "target": activity.target,
            "instrument": activity.instrument if activity.instrument_object is None else activity.instrument_object,
            "result": activity.result,
            "inReplyTo": activity.in_reply_to,
            "content": activity.content,
            "published": timestamp(activity.published),
            "to": list(activity.to) or None,
            "cc": list(activity.cc) or None,
        }
    )


def _object(activity: Activity) -> Any:
    """Several objects: those embedded where they have ids among ``object_ids``, then the anonymous ones."""
    if not activity.object_ids and not activity.objects:
        return activity.object if activity.object is not None else activity.object_id
    embedded = {document.get("id"): document for document in activity.objects}
    named: list[Any] = [embedded.get(object_id, object_id) for object_id in activity.object_ids]
    return named + [document for document in activity.objects if document.get("id") is None]


def render_create(note: Note, activity_id: str) -> Document:
    """Create of a post, addressed and dated as the post is."""
    return _with_note("Create", note, activity_id, note.published)


def render_update(changed: Note | Actor, activity_id: str, *, published: datetime | None = None) -> Document:
    """Update of a post (addressed as the post is) or of an actor (to Public and the followers)."""
    if isinstance(changed, Note):
        return _with_note("Update", changed, activity_id, published or changed.updated)
    return without_nothing(
        {
            "@context": ACTOR_CONTEXT,
            "id": activity_id,
            "type": "Update",
            "actor": changed.id,
            "published": timestamp(published),
            "to": [PUBLIC],
            "cc": [changed.followers] if changed.followers else [],
            "object": actor_object(changed),
        }
    )


def render_delete(
    deleted: Tombstone | Actor | QuoteAuthorization | str,
    activity_id: str,
    *,
    actor: str,
    to: Iterable[str],
    cc: Iterable[str] = (),
) -> Document:
    """Delete of a post (its Tombstone), of an actor, or of the stamp of a quote.

    An actor's own id is the form Mastodon sends and Lemmy requires; an `Actor` writes ``{id, type}``, which Pixelfed requires.
    """
    what: str | Document
    if isinstance(deleted, Tombstone):
        what = tombstone_object(deleted)
    elif isinstance(deleted, QuoteAuthorization):
        what = quote_authorization_object(deleted)
    elif isinstance(deleted, Actor):
        what = {"id": deleted.id, "type": deleted.type}
    else:
        what = deleted
    return {
        "@context": QUOTE_CONTEXT if isinstance(deleted, QuoteAuthorization) else PLAIN_CONTEXT,
        "id": activity_id,
        "type": "Delete",
        "actor": actor,
        "to": list(to),
        "cc": list(cc),
        "object": what,
    }


def render_follow(activity_id: str, *, actor: str, followed: str) -> Document:
    return render_activity(Activity(id=activity_id, type="Follow", actor=actor, object_id=followed))


def render_accept(
    accepted: Activity, activity_id: str, *, actor: str, result: str | None = None, to: Iterable[str] | None = None
) -> Document:
    """Accept of a Follow (or QuoteRequest, with the authorization as ``result``), embedded whole; to its sender."""
    return _answer("Accept", accepted, activity_id, actor, result, to)


def render_reject(rejected: Activity, activity_id: str, *, actor: str, to: Iterable[str] | None = None) -> Document:
    """Reject of a Follow, also after it was accepted (removes the follower), embedded whole; to its sender."""
    return _answer("Reject", rejected, activity_id, actor, None, to)


def render_undo(undone: Activity, activity_id: str) -> Document:
    """Undo of one's own Follow, Like, Announce or Block, embedded, addressed as that was."""
    return render_activity(
        Activity(
            id=activity_id,
            type="Undo",
            actor=undone.actor,
            object=_inner(undone),
            to=undone.to,
            cc=undone.cc,
        )
    )


def render_like(activity_id: str, *, actor: str, liked: str, to: Iterable[str] = ()) -> Document:
    return render_activity(Activity(id=activity_id, type="Like", actor=actor, object_id=liked, to=tuple(to)))


def render_announce(
    activity_id: str, *, actor: str, announced: str, published: datetime, to: Iterable[str], cc: Iterable[str]
) -> Document:
    """Announce of a public or unlisted post: to Public, cc followers and author."""
    return render_activity(
        Activity(
            id=activity_id,
            type="Announce",
            actor=actor,
            object_id=announced,
            published=published,
            to=tuple(to),
            cc=tuple(cc),
        )
    )


def render_block(activity_id: str, *, actor: str, blocked: str) -> Document:
    return render_activity(Activity(id=activity_id, type="Block", actor=actor, object_id=blocked))


def render_flag(
    activity_id: str, *, actor: str, reported: str, posts: Iterable[str] = (), comment: str = ""
) -> Document:
    """A report: ``actor`` is the instance actor, ``reported`` the account; it stands first, before its posts."""
    document = render_activity(
        Activity(id=activity_id, type="Flag", actor=actor, object_ids=(reported, *posts), content=comment)
    )
    document["to"] = [reported]
    return document


def render_move(activity_id: str, *, actor: str, target: str, to: Iterable[str]) -> Document:
    """The old account (actor and object alike) moves to ``target``."""
    return render_activity(
        Activity(id=activity_id, type="Move", actor=actor, object_id=actor, target=target, to=tuple(to))
    )


def render_add(activity_id: str, *, actor: str, added: str | Hashtag, target: str, to: Iterable[str]) -> Document:
    """A post pinned, or a hashtag shown on a profile: ``target`` is the actor's ``featured``."""
    return _moved("Add", activity_id, actor, added, target, to)


def render_remove(activity_id: str, *, actor: str, removed: str | Hashtag, target: str, to: Iterable[str]) -> Document:
    """A post unpinned, a hashtag shown no longer."""
    return _moved("Remove", activity_id, actor, removed, target, to)


def _moved(kind: str, activity_id: str, actor: str, what: str | Hashtag, target: str, to: Iterable[str]) -> Document:
    return render_activity(
        Activity(
            id=activity_id,
            type=kind,
            actor=actor,
            object_id=None if isinstance(what, Hashtag) else what,
            object=hashtag_document(what) if isinstance(what, Hashtag) else None,
            target=target,
            to=tuple(to),
        ),
        NOTE_CONTEXT if isinstance(what, Hashtag) else PLAIN_CONTEXT,
    )


def _with_note(kind: str, note: Note, activity_id: str, published: datetime | None) -> Document:
    return without_nothing(
        {
            "@context": NOTE_CONTEXT,
            "id": activity_id,
            "type": kind,
            "actor": note.attributed_to,
            "published": timestamp(published),
            "to": list(note.to),
            "cc": list(note.cc),
            "object": note_object(note),
        }
    )


def _answer(
    kind: str, answered: Activity, activity_id: str, actor: str, result: str | None, to: Iterable[str] | None
) -> Document:
    return render_activity(
        Activity(
            id=activity_id,
            type=kind,
            actor=actor,
            object=_inner(answered),
            result=result,
            to=(answered.actor,) if to is None else tuple(to),
        ),
        {"QuoteRequest": QUOTE_CONTEXT, "FeatureRequest": FEATURED_CONTEXT}.get(answered.type, PLAIN_CONTEXT),
    )


def _inner(activity: Activity) -> Mapping[str, Any]:
    """The inner activity by id, type, actor and the bare id of its object: never what a stranger embedded in it."""
    return without_nothing(
        {
            "id": activity.id,
            "type": activity.type,
            "actor": activity.actor,
            "object": activity.object_id,
            "instrument": activity.instrument,
        }
    )
