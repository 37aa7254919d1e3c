"""The tables. Models hold columns and nothing else: no I/O, no JSON, no rules."""

from __future__ import annotations

from tortoise import models
from tortoise.models import Model


def _no_comments(cls: type[Model]) -> dict[str, str]:
    return {}


# Tortoise reads and parses the source of every model for `#:` comments above its columns. There are none here, and
# looking for them would be a sixth of what a process does until its first answer.
models._get_comments = _no_comments
