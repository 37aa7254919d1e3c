"""Mastodon.py takes whatever a server sends. This does not: every field its types promise has to be there and be it.

What was added to Mastodon after the version the node declares is promised by nobody; if it is there, it must fit too.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
import typing
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Union, get_args, get_origin

from mastodon import return_types, types_base
from mastodon.types_base import AttribAccessDict, MaybeSnowflakeIdType

from api.entities.instance import MASTODON_COMPATIBLE

NAMESPACE = {**vars(types_base), **vars(return_types), "datetime": datetime}

NOT_HERE = {
    ("Instance", "contact_account"): "no account is named as the contact",
    ("InstanceContact", "account"): "no account is named as the contact",
    **{
        ("Application", field): "a status names its application, no more"
        for field in ("id", "vapid_key", "redirect_uri", "redirect_uris", "scopes")
    },
    ("ExtendedDescription", "updated_at"): "nobody has written one",
    ("AdminDimensionData", "value"): "the library's slip: the version of a program is no number",
    ("Report", "rules_ids"): "the library's slip: its name is rule_ids",
}
"""What is rightly null or absent, and why."""

MISTYPED = {
    ("FilterResult", "filter"): "a filter of the second version, not of the first",
    ("AdminReport", "account"): "the account as moderators see it, as in the other fields of a report",
    ("AdminReport", "target_account"): "the account as moderators see it",
}
"""Where the library names the wrong type."""

_ADDED = re.compile(r"\* (\d+)\.(\d+)\.(\d+): added")
_OPTIONAL = re.compile(r"\((?:optional|nullable)\)")

Version = tuple[int, ...]


def shortcomings(value: Any, path: str = "") -> list[str]:
    """Each promised field of an entity, however deep, that is missing or of another type."""
    if isinstance(value, list):
        return [fault for index, item in enumerate(value) for fault in shortcomings(item, f"{path}[{index}]")]
    if not isinstance(value, AttribAccessDict) or type(value) is AttribAccessDict:
        return []
    return list(_faults(value, path or type(value).__name__))


def _faults(entity: AttribAccessDict, path: str) -> Iterator[str]:
    name = type(entity).__name__
    described = _described().get(name, {})
    for field, hint in _hints(type(entity)).items():
        present = entity.get(field)
        if present is None:
            if _is_promised(described.get(field, "")) and not _is_optional(hint) and (name, field) not in NOT_HERE:
                yield f"{path}.{field} is missing"
        elif not _fits(present, hint):
            yield f"{path}.{field} is {type(present).__name__}, not {hint}"
        elif (name, field) not in MISTYPED:
            yield from shortcomings(present, f"{path}.{field}")


@functools.cache
def _hints(entity_type: type) -> dict[str, Any]:
    written = inspect.get_annotations(entity_type)
    stated = {field: hint.strip("\"'") if isinstance(hint, str) else hint for field, hint in written.items()}
    return {
        field: eval(hint, NAMESPACE) if isinstance(hint, str) else hint
        for field, hint in stated.items()
        if not field.startswith("_")
    }


@functools.cache
def _described() -> dict[str, dict[str, str]]:
    """What the library says of each field, by entity: the text below it in its source."""
    found: dict[str, dict[str, str]] = {}
    for entity in ast.parse(inspect.getsource(return_types)).body:
        if not isinstance(entity, ast.ClassDef):
            continue
        for field, below in zip(entity.body, entity.body[1:], strict=False):
            if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                continue
            if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                found.setdefault(entity.name, {})[field.target.id] = str(below.value.value)
    return found


def _is_promised(description: str) -> bool:
    added = _ADDED.search(description)
    if added is None or _OPTIONAL.search(description):
        return False
    since: Version = tuple(int(part) for part in added.groups())
    return since <= tuple(int(part) for part in MASTODON_COMPATIBLE.split("."))


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) is Union and type(None) in get_args(hint)


def _fits(value: Any, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin is Union:
        return any(_fits(value, part) for part in get_args(hint) if part is not type(None))
    if hint is Any or isinstance(hint, str | typing.ForwardRef):
        return True
    if origin is not None:
        return isinstance(value, list | dict)
    if hint is float:
        return isinstance(value, int | float)
    if hint is MaybeSnowflakeIdType:
        return isinstance(value, MaybeSnowflakeIdType) and str(value).isdigit()
    return isinstance(value, hint)
