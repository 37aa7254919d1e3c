"""Files of other servers: whose they are, what is kept of them, and for how long.

Fetching them is `federation.remote_media`'s; here are the rows, and the files in the storage that they name.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from node import clock, db, jobs, urls
from node.errors import NotFound
from node.ids import new_id
from node.queries.closed_files import ReadableFile
from node.runtime import runtime
from node.services import domains, media

ATTACHMENT, THUMBNAIL, AVATAR, HEADER, EMOJI = "attachment", "thumbnail", "avatar", "header", "emoji"
ORIGINAL, SMALL, FILM = "original", "small", "film"
SHAPES: Final = (ORIGINAL, SMALL, FILM)
"""`FILM` is a picture that moves, made a film; `ORIGINAL` then is its first frame."""
_CLOSED: Final = {
    "origin": (ATTACHMENT, ORIGINAL),
    "origin-small": (ATTACHMENT, SMALL),
    "origin-film": (ATTACHMENT, FILM),
    "origin-thumbnail": (THUMBNAIL, ORIGINAL),
}
"""What a file of another server is called where it is not for everybody: of which kind and in which shape."""
ERROR_LENGTH: Final = 300
DAY: Final = 86_400_000
LONGEST_WAIT: Final = 7 * 86_400
_BATCH: Final = 200
_USE_NOTED_AFTER: Final = DAY

_OF_POST = (
    "SELECT m.{column}, a.domain FROM media_files m JOIN posts p ON p.id = m.post_id"
    " JOIN accounts a ON a.id = m.account_id WHERE m.id = ? AND a.suspended_at IS NULL AND a.domain <> ''"
    " AND p.visibility IN ('public', 'unlisted') AND p.held_for IS NULL"
)
_OF_ACCOUNT = "SELECT {column}, domain FROM accounts WHERE id = ? AND suspended_at IS NULL AND domain <> ''"
_SUBJECTS: Final = {
    ATTACHMENT: _OF_POST.format(column="remote_url"),
    THUMBNAIL: _OF_POST.format(column="thumbnail_remote_url"),
    AVATAR: _OF_ACCOUNT.format(column="avatar_remote_url"),
    HEADER: _OF_ACCOUNT.format(column="header_remote_url"),
    EMOJI: "SELECT remote_url, domain FROM custom_emojis WHERE id = ? AND disabled = FALSE AND domain <> ''",
}
_STILL_THERE: Final = {
    ATTACHMENT: "SELECT 1 FROM media_files m WHERE m.id = c.subject_id AND m.post_id IS NOT NULL",
    THUMBNAIL: "SELECT 1 FROM media_files m WHERE m.id = c.subject_id AND m.post_id IS NOT NULL",
    AVATAR: "SELECT 1 FROM accounts a WHERE a.id = c.subject_id AND a.avatar_remote_url IS NOT NULL",
    HEADER: "SELECT 1 FROM accounts a WHERE a.id = c.subject_id AND a.header_remote_url IS NOT NULL",
    EMOJI: "SELECT 1 FROM custom_emojis e WHERE e.id = c.subject_id AND e.remote_url IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A file of another server that somebody here may see: at `url`, belonging to somebody of `domain`."""

    kind: str
    id: int
    url: str
    domain: str

    @property
    def key(self) -> str:
        """One word for it."""
        return f"{self.kind} {self.id}"

    @property
    def url_hash(self) -> str:
        return hashlib.sha256(self.url.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file in the storage, checked, of a fixed media type."""

    key: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file of a post turned out to be: `kind` is a media file's, `seconds` those of what moves."""

    kind: str
    width: int
    height: int
    blurhash: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """What is kept of a subject: files by shape, or none and, after a failure, when to try again (seconds)."""

    files: Mapping[str, KeptFile]
    attempts: int = 0
    next_try_at: float | None = None
    error: str = ""

    def file(self, shape: str) -> KeptFile | None:
        """The file of that shape; a recording has one only."""
        return self.files.get(shape) or self.files.get(ORIGINAL)

    @property
    def is_given_up(self) -> bool:
        """Whether it failed so lately that it is not asked for again yet."""
        return self.next_try_at is not None and self.next_try_at > clock.timestamp()


@dataclass(frozen=True, slots=True)
class Usage:
    """How much is kept of files of one domain."""

    domain: str
    files: int
    bytes: int
    failed: int


async def find(kind: str, subject_id: int, token: str) -> Subject:
    """What an address of ours stands for. Raises `NotFound` unless this node made that address for what is there now,
    when nothing is shown of its owner or no pictures are taken from their domain, and for a file that is not for
    everybody (`closed_subject`)."""
    statement = _SUBJECTS.get(kind)
    row = await db.fetch_one(statement, (subject_id,)) if statement else None
    if row is None or not row[0]:
        raise NotFound
    subject = Subject(kind, subject_id, row[0], row[1])
    if not hmac.compare_digest(urls.remote_file_token(kind, subject_id, subject.url).encode(), token.encode()):
        raise NotFound
    await _check_taken(subject.domain)
    return subject


def closed_variant(kind: str, shape: str) -> str:
    """What that kind and shape is called in the address of a file that is not for everybody."""
    return next(name for name, known in _CLOSED.items() if known == (kind, shape))


async def closed_subject(variant: str, file: ReadableFile) -> tuple[Subject, str]:
    """What a reader who may have it asks for by this name, and its shape. Raises `NotFound`."""
    if variant not in _CLOSED:
        raise NotFound
    kind, shape = _CLOSED[variant]
    url = file.remote_url if kind == ATTACHMENT else file.thumbnail_remote_url
    if not url or not file.domain:
        raise NotFound
    await _check_taken(file.domain)
    return Subject(kind, file.id, url, file.domain), shape


async def _check_taken(domain: str) -> None:
    if await domains.is_suspended(domain) or await domains.rejects_media(domain):
        raise NotFound


async def copy_of(subject: Subject) -> Copy | None:
    """What is kept of it, from the address it has now. Notes, once a day, that it was looked at."""
    row = await db.fetch_one(
        "SELECT files, attempts, next_try_at, error, used_at, id FROM remote_copies"
        " WHERE kind = ? AND subject_id = ? AND url_hash = ?",
        (subject.kind, subject.id, subject.url_hash),
    )
    if row is None:
        return None
    files = _files(row[0])
    if files and row[4] < _now() - _USE_NOTED_AFTER:
        await db.execute("UPDATE remote_copies SET used_at = ? WHERE id = ?", (_now(), row[5]))
    return Copy(files, row[1], None if row[2] is None else row[2] / 1000, row[3])


async def keep(subject: Subject, files: Mapping[str, KeptFile]) -> None:
    """Write down what was fetched; files of an earlier copy go."""
    stated = {shape: {"key": file.key, "type": file.media_type, "bytes": file.size} for shape, file in files.items()}
    size = sum(file.size for file in {file.key: file for file in files.values()}.values())
    async with db.transaction():
        await _let_go("kind = ? AND subject_id = ?", (subject.kind, subject.id))
        await db.execute(
            "INSERT INTO remote_copies (id, kind, subject_id, url_hash, domain, files, size, attempts, error,"
            " next_try_at, used_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '', NULL, ?, ?)",
            (
                *(new_id(), subject.kind, subject.id, subject.url_hash, subject.domain),
                *(orjson.dumps(stated).decode(), size, _now(), _now()),
            ),
        )


async def learn(subject: Subject, seen: Seen) -> None:
    """Note of a picture or film of a post what its server did not say of it, or not rightly; then the post is shown
    anew."""
    async with db.transaction():
        row = await db.fetch_one(
            "UPDATE media_files SET width = ?, height = ?, blurhash = COALESCE(blurhash, ?), kind = ?,"
            " duration = COALESCE(duration, ?)"
            " WHERE id = ? AND (width IS NULL OR height IS NULL OR blurhash IS NULL OR kind <> ?) RETURNING post_id",
            (seen.width, seen.height, seen.blurhash, seen.kind, seen.seconds, subject.id, seen.kind),
        )
        if row is not None:
            await db.execute("UPDATE posts SET version = version + 1 WHERE id = ?", (row[0],))


async def note_failure(subject: Subject, reason: str, *, first_wait: float) -> None:
    """Write down that it could not be had: it is asked for again after a pause, twice as long each time."""
    known = await copy_of(subject)
    attempts = min((known.attempts if known else 0) + 1, 30)
    wait = min(first_wait * 2.0 ** (attempts - 1), LONGEST_WAIT)
    async with db.transaction():
        await _let_go("kind = ? AND subject_id = ?", (subject.kind, subject.id))
        await db.execute(
            "INSERT INTO remote_copies (id, kind, subject_id, url_hash, domain, files, size, attempts, error,"
            " next_try_at, used_at, created_at) VALUES (?, ?, ?, ?, ?, '{}', 0, ?, ?, ?, ?, ?)",
            (
                *(new_id(), subject.kind, subject.id, subject.url_hash, subject.domain, attempts),
                *(reason[:ERROR_LENGTH], _now() + int(wait * 1000), _now(), _now()),
            ),
        )


async def usage(limit: int) -> list[Usage]:
    """The domains of which most is kept."""
    rows = await db.fetch_all(
        "SELECT domain, SUM(CASE WHEN attempts = 0 THEN 1 ELSE 0 END), SUM(size),"
        " SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END) FROM remote_copies"
        " GROUP BY domain ORDER BY SUM(size) DESC, domain LIMIT ?",
        (limit,),
    )
    return [Usage(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]


async def total() -> tuple[int, int]:
    """How many files of other servers are kept, and their bytes."""
    row = await db.fetch_one("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM remote_copies WHERE attempts = 0")
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


async def prune_kept() -> int:
    """Remove what the settings do not want kept any more; periodic. Returns how many."""
    settings = runtime().settings.media
    return await prune(days=settings.remote_keep_days, most_bytes=settings.remote_keep_bytes)


async def prune(*, days: int | None = None, most_bytes: int | None = None) -> int:
    """Remove what nobody looked at for `days`, what belongs to nothing any more, and, while more than `most_bytes` are
    kept, what was unused for longest. Whoever looks at it again has it fetched again. Returns how many went."""
    removed = 0
    for kind, still_there in _STILL_THERE.items():
        removed += await _let_go_all(f"kind = ? AND NOT EXISTS ({still_there})", (kind,))
    if days is not None:
        removed += await _let_go_all("used_at < ?", (_now() - days * DAY,))
    while most_bytes is not None and (excess := (await total())[1] - most_bytes) > 0:
        went = await _let_go_oldest(excess)
        if not went:
            break
        removed += went
    return removed


async def forget(domain: str) -> int:
    """Remove all that is kept of one domain. Returns how many."""
    return await _let_go_all("domain = ?", (domains.normalise(domain),))


async def forget_pictures(media_ids: Sequence[int]) -> None:
    """Remove what is kept of these pictures, whose post is gone or has them no longer, in the caller's transaction."""
    if media_ids:
        marks = db.marks(media_ids)
        await _let_go(f"kind IN (?, ?) AND subject_id IN ({marks})", (ATTACHMENT, THUMBNAIL, *media_ids))


async def forget_profile(account_id: int) -> None:
    """Remove what is kept of the avatar and header of somebody who is gone, in the caller's transaction."""
    await _let_go("kind IN (?, ?) AND subject_id = ?", (AVATAR, HEADER, account_id))


async def _let_go_oldest(excess: int) -> int:
    """Of those unused for longest, as many as make up `excess` bytes, a batch at most."""
    rows = await db.fetch_all(
        "SELECT id, size FROM remote_copies WHERE size > 0 ORDER BY used_at, id LIMIT ?", (_BATCH,)
    )
    chosen: list[int] = []
    for row in rows:
        if excess <= 0:
            break
        chosen.append(row[0])
        excess -= int(row[1])
    if not chosen:
        return 0
    async with db.transaction():
        return await _let_go(f"id IN ({db.marks(chosen)})", chosen)


async def _let_go_all(where: str, parameters: tuple[Any, ...]) -> int:
    removed = 0
    while True:
        async with db.transaction():
            went = await _let_go(f"id IN (SELECT c.id FROM remote_copies c WHERE {where} LIMIT {_BATCH})", parameters)
        removed += went
        if went < _BATCH:
            return removed


async def _let_go(where: str, parameters: Any) -> int:
    """Delete these rows and have the files they name removed, in the caller's transaction."""
    rows = await db.fetch_all(f"DELETE FROM remote_copies WHERE {where} RETURNING files", tuple(parameters))
    keys = sorted({file.key for row in rows for file in _files(row[0]).values()})
    if keys:
        await jobs.enqueue(media.PURGE, {"keys": keys})
    return len(rows)


def _files(text: str | bytes | dict[str, Any]) -> dict[str, KeptFile]:
    stated = text if isinstance(text, dict) else orjson.loads(text)
    return {shape: KeptFile(file["key"], file["type"], file["bytes"]) for shape, file in stated.items()}


def _now() -> int:
    return int(clock.timestamp() * 1000)
