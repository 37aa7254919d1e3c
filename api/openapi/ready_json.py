"""What stands in fields that entities hold as ready JSON, by the name of the field."""

from __future__ import annotations

from typing import Any, Final

from api.entities.account import Account
from api.entities.status import Status

READY_JSON: Final[dict[str, Any]] = {"account": Account, "status": Status}
