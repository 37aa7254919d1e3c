"""What was wrong with a form, as its page tells it."""

from __future__ import annotations

from dataclasses import dataclass

from node.errors import Invalid


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence for the person, and the fields of the form it is about."""

    words: str
    fields: tuple[str, ...] = ()


def problem_of(refusal: Invalid) -> Problem:
    """What a service refused."""
    if refusal.field == "base":
        return Problem(f"{refusal.reason}.")
    return Problem(f"{refusal.field.replace('_', ' ').capitalize()} {refusal.reason}.", (refusal.field,))
