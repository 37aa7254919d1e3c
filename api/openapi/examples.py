"""One realistic example of every entity, made from its struct: each field has the value its name usually has.

An example that is made cannot fall behind its struct; the tests read each one back through the struct's own decoder.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import inspect

from api.openapi.ready_json import READY_JSON
from api.openapi.sample_values import IN_STRUCT, LEFT_OUT, LISTS_LEFT_EMPTY, MAPPINGS, NULL, VALUES

_DEEPEST: Final = 5
_LEFT_OUT: Final = object()


def example_of(kind: Any) -> Any:
    """A value of type `kind`, as JSON has it."""
    return _value(inspect.type_info(kind), "", "", ())


def _value(kind: inspect.Type, field: str, owner: str, inside: tuple[type, ...]) -> Any:
    if isinstance(kind, inspect.Metadata):
        shown = (kind.extra_json_schema or {}).get("examples")
        return shown[0] if shown else _value(kind.type, field, owner, inside)
    chosen = IN_STRUCT.get((owner, field), _LEFT_OUT)
    if chosen is not _LEFT_OUT:
        return chosen
    if isinstance(kind, inspect.UnionType):
        return _of_union(kind, field, owner, inside)
    if isinstance(kind, inspect.StructType):
        return _of_struct(kind, inside)
    if isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.SetType | inspect.FrozenSetType):
        return _of_list(kind, field, owner, inside)
    if isinstance(kind, inspect.TupleType):
        return [_value(item, field, owner, inside) for item in kind.item_types]
    if isinstance(kind, inspect.DictType):
        key = MAPPINGS.get(field, "en")
        return {key: _value(kind.value_type, "", owner, inside)}
    return _scalar(kind, field)


def _scalar(kind: inspect.Type, field: str) -> Any:
    if isinstance(kind, inspect.RawType):
        return example_of(READY_JSON[field]) if field in READY_JSON else {}
    if isinstance(kind, inspect.NoneType):
        return None
    if isinstance(kind, inspect.LiteralType):
        return kind.values[0]
    if isinstance(kind, inspect.EnumType):
        return next(iter(kind.cls)).value
    known = VALUES.get(field, _LEFT_OUT)
    if isinstance(kind, inspect.BoolType):
        return known if isinstance(known, bool) else False
    if isinstance(kind, inspect.IntType):
        return known if isinstance(known, int) and not isinstance(known, bool) else max(kind.ge or 0, 3)
    if isinstance(kind, inspect.FloatType):
        return known if isinstance(known, float) else 0.5
    if isinstance(kind, inspect.StrType):
        return known if isinstance(known, str) else _text(field)
    return known if known is not _LEFT_OUT else {}


def _text(field: str) -> str:
    """What a field without a usual value probably looks like."""
    if field.endswith("_id") or field == "id":
        return "117123456789012345"
    if field.endswith("_at"):
        return "2026-11-22T07:41:12.345Z"
    if field.endswith(("_url", "url", "uri")):
        return "https://heliograph.example/@aurora"
    return field.replace("_", " ")


def _of_union(kind: inspect.UnionType, field: str, owner: str, inside: tuple[type, ...]) -> Any:
    options = [option for option in kind.types if not isinstance(option, inspect.NoneType)]
    nullable = len(options) < len(kind.types)
    if nullable and (field in NULL or any(_is_inside(option, inside) for option in options)):
        return None
    return _value(options[0], field, owner, inside)


def _of_struct(kind: inspect.StructType, inside: tuple[type, ...]) -> dict[str, Any]:
    within = (*inside, kind.cls)
    found: dict[str, Any] = {}
    if kind.tag_field is not None:
        found[kind.tag_field] = kind.tag
    for field in kind.fields:
        if not field.required and (
            field.encode_name in LEFT_OUT or len(within) > _DEEPEST or _is_inside(field.type, within)
        ):
            continue
        found[field.encode_name] = _value(field.type, field.encode_name, kind.cls.__name__, within)
    return found


def _of_list(kind: Any, field: str, owner: str, inside: tuple[type, ...]) -> list[Any]:
    if field in LISTS_LEFT_EMPTY or _is_inside(kind.item_type, inside):
        return []
    return [_value(kind.item_type, field, owner, inside)]


def _is_inside(kind: inspect.Type, inside: tuple[type, ...]) -> bool:
    if isinstance(kind, inspect.ListType):
        return _is_inside(kind.item_type, inside)
    if isinstance(kind, inspect.UnionType):
        return any(_is_inside(option, inside) for option in kind.types)
    return isinstance(kind, inspect.StructType) and kind.cls in inside
