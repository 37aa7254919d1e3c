"""How many deliveries are under way: those whose host answers promptly, and counted apart those that linger.

A host that takes its time, or never answers, would otherwise hold the places of all the others: sixteen such hosts
with four deliveries each, and nobody else is sent anything. Both counts are bounded.
"""

from __future__ import annotations

from dataclasses import dataclass

LINGERING_PER_PROMPT = 2
"""How many may linger for each that may be under way promptly: waiting for an answer costs a socket and little else."""


@dataclass(slots=True, eq=False)
class Slot:
    """The place of one attempt."""

    lingers: bool


class Slots:
    """`prompt` places, and `LINGERING_PER_PROMPT` times as many for those that linger."""

    def __init__(self, prompt: int) -> None:
        self._room = {False: prompt, True: prompt * LINGERING_PER_PROMPT}
        self._waiting: dict[Slot, None] = {}

    def has_room(self, lingers: bool) -> bool:
        """Whether another one may begin."""
        return self._room[lingers] > 0

    def take(self, lingers: bool) -> Slot:
        """Begin; the caller has seen that there is room."""
        self._room[lingers] -= 1
        return Slot(lingers)

    def step_aside(self, slot: Slot) -> None:
        """The attempt turns out to linger: its prompt place is free, as soon as there is one among the lingering."""
        if slot.lingers:
            return
        self._waiting[slot] = None
        self._let_step_aside()

    def give_back(self, slot: Slot) -> None:
        """The attempt is over."""
        self._room[slot.lingers] += 1
        self._waiting.pop(slot, None)
        self._let_step_aside()

    def _let_step_aside(self) -> None:
        while self._waiting and self._room[True] > 0:
            slot = next(iter(self._waiting))
            del self._waiting[slot]
            slot.lingers = True
            self._room[True] -= 1
            self._room[False] += 1
