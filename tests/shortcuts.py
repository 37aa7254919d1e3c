"""What a node in the tests' own process need not do anew for each test; nodes in processes of their own do it."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher

import federation.instance
from activitypub.signatures import generate_rsa_key
from node import passwords
from node.services import accounts, own_keys

OWN_KEYS = 8
REAL_HASHER = passwords._hasher

_made: list[str] = []
_given = 0
_lock = threading.Lock()


def take_shortcuts() -> None:
    """Use RSA keys several times for the node's own actors, and hash passwords with the least of work."""
    for module in (federation.instance, accounts, own_keys):
        module.generate_rsa_key = _one_of_a_few  # type: ignore[attr-defined]
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def _one_of_a_few() -> str:
    """A private key: another one than the seven times before. Making one takes longer than most tests."""
    global _given
    with _lock:
        _given += 1
        if len(_made) < OWN_KEYS:
            _made.append(generate_rsa_key())
            return _made[-1]
        return _made[_given % OWN_KEYS]
