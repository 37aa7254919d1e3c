"""What was wrong with a form, as its page tells it."""

from __future__ import annotations

from dataclasses import dataclass

from node.errors import BASE, Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence for the person, and the fields of the form it is about."""

    words: str
    fields: tuple[str, ...] = ()


def problem_of(refusal: Invalid | Conflict) -> Problem:
    """What a service refused."""
    if isinstance(refusal, Conflict):
        return Problem(refusal.message)
    fields = tuple(dict.fromkeys(fault.field for fault in refusal.refusals if fault.field != BASE))
    return Problem(" ".join(f"{fault.fault}." for fault in refusal.refusals), fields)
