"""Editing photographs, before they are posted and after: always from the original, never in place.

New pixels are new files under new keys. They are made before the transaction that names them, and the old ones are removed
by a durable job after it. What takes long is written down as wanted and done by a job; of several such wishes the last
counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from media.edits.frames import Size
from media.edits.recipe import Recipe
from media.errors import MediaBusy, MediaError, MediaFailure
from media.storage import FileMissing
from node import clock, db, jobs
from node.errors import Invalid, NotFound
from node.models.accounts import Account
from node.models.edits import PhotoEdit
from node.models.media import READY, MediaFile
from node.models.posts import Post
from node.rate_limits import Limit
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import changed_pictures, formats, marked_points, media, recipes, throttling, uploads
from node.services.recipes import FIELD, MOST_PAST, NO_RECIPE

APPLY: Final = "apply_recipe"
EDITS: Final = Limit("photo_edits", 300, 3600)
NOT_READY: Final = "can't be changed before the picture is ready"
NO_PHOTOGRAPH: Final = "are for photographs"
NO_ORIGINAL: Final = "can't be changed: this server has not kept the original of this picture"


@dataclass(frozen=True, slots=True)
class Edited:
    """How a photograph is edited: what it is shown with, what is still being worked on, how often it was asked for."""

    recipe: Recipe = NO_RECIPE
    pending: Recipe | None = None
    past: tuple[Recipe, ...] = ()
    version: int = 0
    problem: str = ""
    has_original: bool = True


@dataclass(slots=True)
class Prepared:
    """New variants of a photograph, by column, not yet named by its row; without them it is to be done later."""

    file: MediaFile
    recipe: Recipe
    made: dict[str, Any] | None = None
    stored: list[str] = field(default_factory=list)
    goes_back: bool = False
    whole: Size = (0, 0)
    """Of the upright original."""
    staying: frozenset[str] = frozenset()
    """What is marked in the picture as it is going to be (`marked_points`)."""


async def of(account: Account, media_id: int) -> Edited:
    """How one of the account's own photographs is edited. Raises `NotFound`."""
    file = await media.own(account, media_id)
    edit = await PhotoEdit.get_or_none(media_id=media_id)
    return _edited(file, edit)


def _edited(file: MediaFile, edit: PhotoEdit | None) -> Edited:
    has_original = file.original_key is not None
    if edit is None:
        return Edited(has_original=has_original)
    return Edited(
        recipe=recipes.from_row(edit.recipe),
        pending=recipes.from_row(edit.pending) if edit.pending is not None else None,
        past=tuple(recipes.from_row(recipe) for recipe in edit.past),
        version=edit.version,
        problem=edit.problem,
        has_original=has_original,
    )


async def change(account: Account, media_id: int, recipe: Recipe, *, patience: float) -> bool:
    """Show one of the account's own photographs with another recipe; the default one brings back the original.

    What takes longer than `patience`, in seconds, is done later: `False`. A post it is in counts as edited.
    Raises `NotFound`, `Invalid` (edits), `RateLimited`.
    """
    return await _change(account, media_id, recipe, patience, goes_back=False)


async def undo(account: Account, media_id: int, *, patience: float) -> bool:
    """Go back to the recipe before. Raises as `change`, and `Invalid` when there is none."""
    edited = await of(account, media_id)
    if not edited.past:
        raise Invalid(FIELD, "have nothing before them")
    return await _change(account, media_id, edited.past[-1], patience, goes_back=True)


async def _change(account: Account, media_id: int, recipe: Recipe, patience: float, *, goes_back: bool) -> bool:
    async with prepared(account, {media_id: recipe}, patience=patience) as (made,):
        made.goes_back = goes_back
        async with db.transaction():
            post = await _locked_post(made.file)
            await write(made)
            if post is not None and made.made is not None:
                await changed_pictures.note(post)
    return made.made is not None


@asynccontextmanager
async def prepared(
    account: Account, wanted: Mapping[int, Recipe], *, patience: float
) -> AsyncIterator[Sequence[Prepared]]:
    """The new variants of these photographs of the account, for a transaction within the context that calls `write` for
    each. Files nobody names in the end are removed. Raises as `change`."""
    work = [Prepared(await _editable(account, media_id), recipe) for media_id, recipe in wanted.items()]
    try:
        for item in work:
            await throttling.spend(EDITS, str(account.id))
            await _prepare(item, patience)
        yield work
    except BaseException:
        await asyncio.shield(media.delete_files([key for item in work for key in item.stored]))
        raise


async def _editable(account: Account, media_id: int) -> MediaFile:
    file = await media.own(account, media_id)
    if file.state != READY:
        raise Invalid(FIELD, NOT_READY)
    if file.kind != "image":
        raise Invalid(FIELD, NO_PHOTOGRAPH)
    if file.original_key is None:
        raise Invalid(FIELD, NO_ORIGINAL)
    return file


async def _prepare(item: Prepared, patience: float) -> None:
    try:
        item.made = await asyncio.wait_for(_make(item), patience)
    except MediaError as refusal:
        raise Invalid(FIELD, refusal.reason, sentence=refusal.reason) from None
    except FileMissing:
        raise Invalid(FIELD, NO_ORIGINAL) from None
    except (MediaBusy, TimeoutError):
        await media.delete_files(item.stored)
        item.stored.clear()


async def _make(item: Prepared) -> dict[str, Any]:
    async with scratch_folder() as folder:
        await runtime().storage.fetch(item.file.original_key or "", folder / "original")
        made, item.whole = await uploads.make_edited(folder / "original", item.stored, item.recipe)
    return {name: made[name] for name in ("variants", "width", "height", "sha256", "blurhash")}


async def write(item: Prepared, *, within: int | None = None) -> None:
    """Name the new variants and let go of the old ones, or write down that it is still to be done; in the caller's
    transaction. Raises `NotFound` when the photograph is gone, or not in the post it is to be `within`."""
    file = await _locked(item.file.id)
    if within is not None and file.post_id != within:
        raise NotFound
    edit = await PhotoEdit.get_or_none(media_id=file.id) or PhotoEdit(media_id=file.id, version=0)
    edit.version += 1
    edit.changed_at = clock.now()
    edit.problem = ""
    edit.pending = recipes.to_row(item.recipe) if item.made is None else None
    if item.made is not None:
        await _replace(file, item, edit)
        _take_up(edit, item)
    elif item.goes_back:
        edit.past = _without(edit.past, item.recipe)
    await edit.save()
    if item.made is None:
        await jobs.enqueue(
            APPLY,
            {
                "media_id": file.id,
                "version": edit.version,
                "goes_back": item.goes_back,
                "staying": sorted(item.staying),
            },
        )


def _take_up(edit: PhotoEdit, item: Prepared) -> None:
    before, now = recipes.from_row(edit.recipe), item.recipe
    if item.goes_back:
        edit.past = _without(edit.past, item.recipe)
    elif not before.same_as(now):
        edit.past = [*edit.past, recipes.to_row(before)][-MOST_PAST:]
    edit.recipe = recipes.to_row(now)
    edit.look = now.look


def _without(past: list[dict[str, Any]], last: Recipe) -> list[dict[str, Any]]:
    """The past without its last recipe, if it still is this one: somebody else may have gone back meanwhile."""
    return past[:-1] if past and recipes.from_row(past[-1]).same_as(last) else past


async def _replace(file: MediaFile, item: Prepared, edit: PhotoEdit) -> None:
    """Name the new variants; `edit` still says what the old ones showed."""
    made = item.made or {}
    old = media.keys_of(file.variants)
    await MediaFile.filter(id=file.id).update(hidden=False, **made)
    await marked_points.follow(file, item.whole, recipes.from_row(edit.recipe), item.recipe, item.staying)
    if old:
        await jobs.enqueue(media.PURGE, {"keys": old})
    await formats.make_soon(file.id, made["variants"])


async def _locked(media_id: int) -> MediaFile:
    """The row as it is now, which nobody else changes until the transaction ends."""
    await media.lock(media_id)
    return await media.known(media_id)


async def _locked_post(file: MediaFile) -> Post | None:
    """The post the photograph is in. It is locked before the photograph, as by everybody who edits a post."""
    row = await db.fetch_one(
        f"SELECT id FROM posts WHERE id = (SELECT post_id FROM media_files WHERE id = ?){db.for_update()}", (file.id,)
    )
    return await Post.get(id=row[0]) if row is not None else None


async def _apply(payload: dict[str, Any]) -> None:
    """The job: do what was put off, unless something else has been asked for since."""
    edit = await PhotoEdit.get_or_none(media_id=payload["media_id"], version=payload["version"])
    file = await MediaFile.get_or_none(id=payload["media_id"])
    if edit is None or edit.pending is None or file is None:
        return
    item = Prepared(file, recipes.from_row(edit.pending), staying=frozenset(payload.get("staying", ())))
    try:
        item.made = await _make(item)
        is_taken_up = await _settle(item, edit.version, goes_back=payload["goes_back"])
    except MediaBusy:
        raise jobs.RetryLater(media.BUSY_SECONDS, "every media worker is busy") from None
    except (MediaError, FileMissing, MediaFailure) as problem:
        await media.delete_files(item.stored)
        if isinstance(problem, MediaFailure) and clock.now() - edit.changed_at < media.TRIED_FOR:
            raise
        await PhotoEdit.filter(id=edit.id, version=edit.version).update(pending=None, problem=str(problem)[:255])
    except BaseException:
        await asyncio.shield(media.delete_files(item.stored))
        raise
    else:
        if not is_taken_up:
            await media.delete_files(item.stored)


async def _settle(item: Prepared, version: int, *, goes_back: bool) -> bool:
    """Name what the job has made, unless the photograph is gone or meant to be different by now."""
    assert item.made is not None
    async with db.transaction():
        post = await _locked_post(item.file)
        try:
            file = await _locked(item.file.id)
        except NotFound:
            return False
        edit = await PhotoEdit.get_or_none(media_id=file.id, version=version)
        if edit is None or edit.pending is None:
            return False
        await _replace(file, item, edit)
        edit.pending = None
        if goes_back:  # The recipe it goes back to left the past when it was asked for.
            edit.recipe, edit.look = recipes.to_row(item.recipe), item.recipe.look
        else:
            _take_up(edit, item)
        await edit.save()
        if post is not None:
            await changed_pictures.note(post)
    return True


jobs.register(APPLY, _apply, queue=uploads.QUEUE)
