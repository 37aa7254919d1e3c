"""What an activity in somebody's outbox does: each kind calls the services that the rest of the API calls.

Every function answers with the id of the activity that other servers get.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from activitypub.parse import url_or_none
from activitypub.parse.reading import first_object, reference, text, type_among, types_of
from activitypub.vocabulary import ACTIVITY_TYPES, ACTOR_TYPES
from api import mentions
from api.activitypub import reading
from api.auth import caller
from node import clock, db, urls
from node.errors import Forbidden, Invalid, NotFound
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import Block, Follow, Like
from node.models.posts import Post
from node.scopes import covers
from node.services import accounts, blocks, follows, likes, pins, posting_defaults, posts, shares, tags

Envelope = Mapping[str, Any]
Act = Callable[[Account, Envelope], Awaitable[str]]
Towards = TypeVar("Towards", Follow, Block)


async def act(account: Account, document: Envelope) -> str:
    """Do what the document says, in the name of its owner; a bare object is published. Returns the activity's id.

    Raises `Invalid` (type, actor, object …), `Forbidden` when the token's scopes do not reach, `NotFound`.
    """
    names = types_of(document)
    if not names:
        raise Invalid("type", "is missing")
    kind = next((name for name in names if name in ACTIVITY_TYPES), None)
    if kind is None:
        document, kind = {"type": "Create", "object": document}, "Create"
    if kind not in _ACTS:
        raise Invalid("type", f"is none that is done here: {', '.join(sorted(_ACTS))}")
    if reference(document.get("actor")) not in (None, account.uri):
        raise Invalid("actor", "is not yourself")
    scope, does = _ACTS[kind]
    if scope is not None:
        _check_scope(scope)
    return await does(account, document)


def _check_scope(scope: str) -> None:
    if not covers(caller().scopes, scope):
        raise Forbidden("This action is outside the authorized scopes")


def _embedded(document: Envelope) -> Mapping[str, Any]:
    found = first_object(document.get("object"))
    if found is None:
        raise Invalid("object", "must be embedded")
    return found


async def _create(account: Account, document: Envelope) -> str:
    thing = _embedded(document)
    note = reading.note_of(account, thing)
    await mentions.make_known(reading.text_of(note, thing))
    draft = await reading.draft_of(account, note, thing, document)
    post = await posts.publish(account, await posting_defaults.filled_in(account, draft))
    return f"{post.uri}/activity"


async def _update(account: Account, document: Envelope) -> str:
    thing = _embedded(document)
    if type_among(thing, ACTOR_TYPES):
        _check_scope("write:accounts")
        if reference(thing) != account.uri:
            raise Invalid("object", "is not yourself")
        changed = await accounts.update_profile(account, reading.profile_of(thing))
        return urls.activity(account.uri, "updates", changed.version)
    _check_scope("write:statuses")
    post = await _own_post(account, document)
    note = reading.note_of(account, thing)
    await mentions.make_known(reading.text_of(note, thing))
    edited = await posts.edit(account, post.id, await reading.edit_of(account, post, note, thing))
    return f"{post.uri}#updates/{to_milliseconds(edited.edited_at or clock.now())}"


async def _delete(account: Account, document: Envelope) -> str:
    post = await _own_post(account, document)
    await posts.delete(account, post.id)
    return f"{post.uri}#delete"


async def _like(account: Account, document: Envelope) -> str:
    made = await likes.like(account, await reading.post_id(account, reference(document.get("object"))))
    return made.uri


async def _announce(account: Account, document: Envelope) -> str:
    made = await shares.share(account, await reading.post_id(account, reference(document.get("object"))))
    return made.uri


async def _follow(account: Account, document: Envelope) -> str:
    target = await reading.somebody(account, reference(document.get("object")))
    return (await follows.follow(account, target)).uri


async def _block(account: Account, document: Envelope) -> str:
    target = await reading.somebody(account, reference(document.get("object")))
    return (await blocks.block(account, target)).uri


async def _accept(account: Account, document: Envelope) -> str:
    asked = await _asked_to_follow(account, document)
    await follows.accept(account, asked.account_id)
    return f"{account.uri}#accepts/{asked.id}"


async def _reject(account: Account, document: Envelope) -> str:
    asked = await _asked_to_follow(account, document)
    if asked.accepted:
        await follows.remove_follower(account, await Account.get(id=asked.account_id))
    else:
        await follows.reject(account, asked.account_id)
    return f"{account.uri}#rejects/{asked.id}"


async def _add(account: Account, document: Envelope) -> str:
    thing = first_object(document.get("object"))
    _check_target(account, document)
    if thing is not None and type_among(thing, ("Hashtag",)):
        number = await tags.feature(account, (text(thing.get("name"), 256) or "").removeprefix("#"))
        return f"{account.uri}#featured_tags/{number}"
    post = await pins.pin(account, await reading.post_id(account, reference(document.get("object"))))
    return await _pin_uri(account, post.id)


async def _remove(account: Account, document: Envelope) -> str:
    thing = first_object(document.get("object"))
    _check_target(account, document)
    if thing is not None and type_among(thing, ("Hashtag",)):
        name = (text(thing.get("name"), 256) or "").removeprefix("#")
        await tags.unfeature(account, name)
        return f"{account.uri}#featured_tags/{name}/undo"
    post_id = await reading.post_id(account, reference(document.get("object")))
    uri = await _pin_uri(account, post_id)
    await pins.unpin(account, post_id)
    return f"{uri}/undo"


async def _pin_uri(account: Account, post_id: int) -> str:
    row = await db.fetch_one("SELECT id FROM pinned_posts WHERE account_id = ? AND post_id = ?", (account.id, post_id))
    return f"{account.uri}#pins/{row[0] if row is not None else post_id}"


async def _undo(account: Account, document: Envelope) -> str:
    """Of what is named by its id, or by its kind and object."""
    thing = first_object(document.get("object"))
    named = url_or_none(reference(document.get("object")))
    kind = type_among(thing, ("Like", "Announce", "Follow", "Block")) if thing is not None else None
    what = reference(thing.get("object")) if thing is not None else None
    for name, (scope, undo) in _UNDONE.items():
        if kind in (None, name) and (uri := await undo(account, named, what if kind else None, scope)):
            return f"{uri}/undo"
    raise NotFound


async def _unlike(account: Account, uri: str | None, what: str | None, scope: str) -> str | None:
    post_id = await reading.post_id(account, what) if what else None
    found = await Like.get_or_none(account_id=account.id, **({"post_id": post_id} if post_id else {"uri": uri}))
    if found is None:
        return None
    _check_scope(scope)
    await likes.unlike(account, found.post_id)
    return found.uri


async def _unshare(account: Account, uri: str | None, what: str | None, scope: str) -> str | None:
    post_id = await reading.post_id(account, what) if what else None
    which = {"shared_post_id": post_id} if post_id else {"uri": uri, "shared_post_id__isnull": False}
    found = await Post.get_or_none(account_id=account.id, **which)
    if found is None or found.shared_post_id is None:
        return None
    _check_scope(scope)
    await shares.unshare(account, found.shared_post_id)
    return found.uri


async def _unfollow(account: Account, uri: str | None, what: str | None, scope: str) -> str | None:
    found = await _towards(Follow, account, uri, what)
    if found is None:
        return None
    _check_scope(scope)
    await follows.unfollow(account, found.target)
    return found.uri


async def _unblock(account: Account, uri: str | None, what: str | None, scope: str) -> str | None:
    found = await _towards(Block, account, uri, what)
    if found is None:
        return None
    _check_scope(scope)
    await blocks.unblock(account, found.target)
    return found.uri


async def _towards(model: type[Towards], account: Account, uri: str | None, what: str | None) -> Towards | None:
    """What the account has made towards the one at `what`, or under `uri`, with its target."""
    target = await reading.somebody(account, what) if what else None
    which = {"target_id": target.id} if target else {"uri": uri}
    return await model.get_or_none(account_id=account.id, **which).select_related("target")


async def _own_post(account: Account, document: Envelope) -> Post:
    """The post of the account that is named. Raises `NotFound`, also for what is somebody else's."""
    uri = reference(document.get("object"))
    post = await Post.get_or_none(uri=uri, account_id=account.id, shared_post_id=None) if uri else None
    if post is None:
        raise NotFound
    return post


async def _asked_to_follow(account: Account, document: Envelope) -> Follow:
    """The Follow of the account that is named by its id, or by its actor. Raises `NotFound`."""
    thing = first_object(document.get("object"))
    uri, actor = reference(document.get("object")), reference(thing.get("actor")) if thing is not None else None
    found = await Follow.get_or_none(uri=uri, target_id=account.id) if uri else None
    if found is None and actor is not None:
        found = await Follow.get_or_none(target_id=account.id, account_id=(await reading.somebody(account, actor)).id)
    if found is None:
        raise NotFound
    return found


def _check_target(account: Account, document: Envelope) -> None:
    if reference(document.get("target")) not in (f"{account.uri}/featured", f"{account.uri}/featured_tags"):
        raise Invalid("target", "is none of your collections that can be changed: featured, featured_tags")


_ACTS: Final[dict[str, tuple[str | None, Act]]] = {
    "Accept": ("write:follows", _accept),
    "Add": ("write:accounts", _add),
    "Announce": ("write:statuses", _announce),
    "Block": ("write:blocks", _block),
    "Create": ("write:statuses", _create),
    "Delete": ("write:statuses", _delete),
    "Follow": ("write:follows", _follow),
    "Like": ("write:favourites", _like),
    "Reject": ("write:follows", _reject),
    "Remove": ("write:accounts", _remove),
    "Undo": (None, _undo),
    "Update": (None, _update),
}
"""The scope each kind needs; of those with none, it depends on what is undone or changed."""
_UNDONE: Final = {
    "Like": ("write:favourites", _unlike),
    "Announce": ("write:statuses", _unshare),
    "Follow": ("write:follows", _unfollow),
    "Block": ("write:blocks", _unblock),
}
