"""Ids in parameters."""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number of ours; clients send and get it as a string."""
