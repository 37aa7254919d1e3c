"""What the pool and its workers say to each other: length-prefixed MessagePack, decoded into these types.

Not pickle: a worker reads hostile files all day, and what comes back from one must not be able to run code.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from media.probe import Limits
from media.variants import ProcessedPhoto, Variant

MAX_MESSAGE: Final = 1 << 20
LENGTH_BYTES: Final = 4

PictureTask = Literal["photo", "avatar", "header", "emoji"]
FilmTask = Literal["probe_film", "poster", "still", "look", "cover", "waveform", "unroll"]
EditTask = Literal["edited_photo", "proxy", "preview", "strip", "smaller_files", "original_view"]
TaskName = PictureTask | FilmTask | EditTask


class Order(msgspec.Struct, frozen=True):
    """Work for a worker: paths on this machine; the worker ends itself after `time_limit` seconds."""

    task: TaskName
    source: str
    out_dir: str
    limits: Limits
    time_limit: float
    options: bytes = b""
    """What the task is told besides: MessagePack of the task's own type, empty for those that have none."""


class PhotoDone(msgspec.Struct, frozen=True, tag="photo"):
    photo: ProcessedPhoto


class PictureDone(msgspec.Struct, frozen=True, tag="picture"):
    picture: Variant


class Made(msgspec.Struct, frozen=True, tag="made"):
    """What a task with options answers: MessagePack of the task's own type."""

    value: bytes


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The file is not acceptable; `reason` is for the person who sent it."""

    reason: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Something other than the file went wrong; `detail` is for the log."""

    detail: str


Reply = PhotoDone | PictureDone | Made | Refused | Failed

_encoder: Final = msgspec.msgpack.Encoder()
_orders: Final[msgspec.msgpack.Decoder[Order]] = msgspec.msgpack.Decoder(Order)
_replies: Final[msgspec.msgpack.Decoder[Reply]] = msgspec.msgpack.Decoder(Reply)


def frame(message: Order | Reply) -> bytes:
    """The message as it goes over the pipe."""
    data = _encoder.encode(message)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def read_order(data: bytes) -> Order:
    return _orders.decode(data)


def read_reply(data: bytes) -> Reply:
    """Raises msgspec.MsgspecError when a worker sent nonsense."""
    return _replies.decode(data)
