"""The worker process: `python -m media.worker NICENESS MEMORY_BYTES`, orders on stdin, replies on stdout.

It bounds itself (memory, priority, size of files, time of one order), so that a decoder gone wild takes only
itself down even when the server that started it is no longer there. It ends when stdin does.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import BinaryIO, Final

from media.errors import MediaError
from media.orders import LENGTH_BYTES, Failed, Made, Order, PhotoDone, PictureDone, Refused, Reply, frame, read_order
from media.variants import ProcessedPhoto

_MAX_FILE_BYTES: Final = 256 * 1024 * 1024
_GRACE_SECONDS: Final = 5.0


def main() -> None:
    niceness, memory_bytes = (int(argument) for argument in sys.argv[1:3])
    _bound_this_process(niceness, memory_bytes)
    # Replies get a descriptor of their own: a library that prints to stdout must not garble them.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _work(sys.stdin.buffer, replies)


def _bound_this_process(niceness: int, memory_bytes: int) -> None:
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MAX_FILE_BYTES, _MAX_FILE_BYTES))
    # macOS does not know a limit of the address space.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # Ctrl-C on the server's terminal reaches the whole group; the server ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(orders: BinaryIO, replies: BinaryIO) -> None:
    while len(prefix := orders.read(LENGTH_BYTES)) == LENGTH_BYTES:
        order = read_order(orders.read(int.from_bytes(prefix, "big")))
        signal.setitimer(signal.ITIMER_REAL, order.time_limit + _GRACE_SECONDS)
        reply = _perform(order)
        signal.setitimer(signal.ITIMER_REAL, 0)
        replies.write(frame(reply))
        replies.flush()


def _perform(order: Order) -> Reply:
    try:
        return _performed(order)
    except MediaError as error:
        return Refused(error.reason)
    except Exception:
        return Failed(traceback.format_exc(limit=8))


def _performed(order: Order) -> Reply:
    from media.image import TASKS

    source, out_dir = Path(order.source), Path(order.out_dir)
    if order.task in TASKS:
        result = TASKS[order.task](source, out_dir, order.limits)
        return PhotoDone(result) if isinstance(result, ProcessedPhoto) else PictureDone(result)
    from media.edits.tasks import EDIT_TASKS

    if order.task in EDIT_TASKS:
        return Made(EDIT_TASKS[order.task](source, out_dir, order.limits, order.options))
    from media.video.tasks import FILM_TASKS

    return Made(FILM_TASKS[order.task](source, out_dir, order.limits, order.options))


if __name__ == "__main__":
    main()
