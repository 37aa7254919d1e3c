"""What a service may refuse with.

    DomainError
    ├── NotFound        no such thing, or none that the asker may know of
    ├── Forbidden       it is there, but not for this asker
    ├── Invalid         a value cannot be accepted; names the field and the reason
    ├── Conflict        it clashes with what is already so
    ├── RateLimited     too often; says when to come again
    └── Unavailable     a part this needs is busy or down for the moment

The client API maps each to one HTTP status (`api/errors.py`); federation maps them to "drop" or "try again".
The message is meant for the person; context for the log travels beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

BASE = "base"


class DomainError(Exception):
    """Base of everything a service raises on purpose."""

    def __init__(self, message: str, **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.context = context


class NotFound(DomainError):
    """The thing does not exist, or the asker may not know that it does: both read alike."""

    def __init__(self, message: str = "Record not found", **context: object) -> None:
        super().__init__(message, **context)


class Forbidden(DomainError):
    """The asker is known and may not do this."""

    def __init__(self, message: str = "This action is not allowed", **context: object) -> None:
        super().__init__(message, **context)


class Invalid(DomainError):
    """A value was refused.

    `field` is the name the person or client knows it by; `reason` completes the sentence "<field> …", or is a whole
    sentence when the field is `BASE`: the thing as such was refused. `code` is Mastodon's machine word for it
    (`ERR_TAKEN`, `ERR_BLANK`, `ERR_TOO_SHORT` …); `sentence` is the whole message where it is not made of field and
    reason. `refusals` are all that were made at once (`Refusals`), the first being this one.
    """

    def __init__(
        self, field: str, reason: str, *, code: str = "ERR_INVALID", sentence: str | None = None, **context: object
    ) -> None:
        subject = "" if field == BASE else f"{field.replace('_', ' ').capitalize()} "
        self.fault = f"{subject}{reason}"
        super().__init__(sentence or f"Validation failed: {self.fault}", **context)
        self.field = field
        self.reason = reason
        self.code = code
        self.refusals: tuple[Invalid, ...] = (self,)


class Refusals:
    """What is refused of a form, gathered, so that all of it is told at once."""

    def __init__(self) -> None:
        self._found: list[Invalid] = []

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note the `Invalid` that is raised inside, and go on after it."""
        try:
            yield
        except Invalid as refusal:
            self._found.append(refusal)

    def check(self) -> None:
        """Raises one `Invalid` for all that was noted."""
        if not self._found:
            return
        first = self._found[0]
        sentence = f"Validation failed: {', '.join(refusal.fault for refusal in self._found)}"
        refused = Invalid(first.field, first.reason, code=first.code, sentence=sentence)
        refused.refusals = tuple(self._found)
        raise refused


class KeysUnreadable(Exception):
    """The private keys of this node are sealed with another secret key than it has now."""

    def __init__(self) -> None:
        super().__init__(
            "the private keys in the database are sealed with another secret key: set HELIOGRAPH_SECRET_KEY to what it"
            " was; if it is lost, 'heliograph user rotate-keys --everyone' makes new keys"
        )


class Conflict(DomainError):
    """What is asked for clashes with the present state."""


class RateLimited(DomainError):
    """Asked too often; `retry_after` in seconds."""

    def __init__(self, retry_after: float, message: str = "Too many requests") -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A part that is needed is busy or down; the same call may succeed later."""
