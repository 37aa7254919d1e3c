"""What can go wrong with a file, told apart by whose fault it is."""

from __future__ import annotations


class MediaError(Exception):
    """The file is refused. `reason` is a whole sentence that can be shown to the person who sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __reduce__(self) -> tuple[type[MediaError], tuple[str]]:
        return type(self), (self.reason,)


class MediaBusy(Exception):
    """As many files wait for a worker as are allowed to; nothing was done, trying again later helps."""


class MediaFailure(Exception):
    """The server's own fault, not the file's: the disk is full, a worker does not start."""
