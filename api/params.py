"""Parameters as clients send them: JSON, form, multipart or query, with Rails' brackets, into one typed struct.

`media_ids[]=1&media_ids[]=2`, `poll[options][]=a`, `fields_attributes[0][name]=x` and the same as JSON all read alike.
Unknown parameters are ignored, as Mastodon does; wrong types are refused with 400 and the parameter's name.
"""

from __future__ import annotations

import functools
import re
import types
import typing
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
import orjson
from quart import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

MAX_PARAMETERS = 1000
MAX_DEPTH = 5

Params = TypeVar("Params", bound=msgspec.Struct)

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_TRUE = frozenset(("true", "1", "t", "on", "yes"))
_FALSE = frozenset(("false", "0", "f", "off", "no"))


class InvalidParameter(Exception):
    """A parameter has the wrong type or the request's body cannot be read: answered with 400."""


async def read(params: type[Params]) -> Params:
    """The request's parameters as a `params` struct; JSON counts in any request. Raises `InvalidParameter`."""
    values = nested(list(request.args.items(multi=True)))
    if request.method in ("POST", "PUT", "PATCH", "DELETE") or request.mimetype == "application/json":
        values = {**values, **await _body()}
    return convert(values, params)


def read_query(params: type[Params]) -> Params:
    """The query's parameters alone, for calls that have no body. Raises `InvalidParameter`."""
    return convert(nested(list(request.args.items(multi=True))), params)


async def _body() -> dict[str, Any]:
    if request.mimetype == "application/json":
        body = await request.get_data()
        if not body:
            return {}
        try:
            values = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise InvalidParameter("The body is not valid JSON") from None
        if not isinstance(values, dict):
            raise InvalidParameter("The body must be a JSON object")
        return values
    if request.mimetype == "application/x-www-form-urlencoded":
        return nested(_pairs(await request.get_data()))
    try:
        form = await request.form
    except RequestEntityTooLarge:
        raise
    except (ValueError, BadRequest):
        raise InvalidParameter("The body could not be read") from None
    return nested(list(form.items(multi=True)))


def _pairs(form: str | bytes) -> list[tuple[str, str]]:
    """A form's pairs in the order they were sent, which says what belongs to which item of a list."""
    text = form if isinstance(form, str) else form.decode(errors="replace")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise InvalidParameter("Too many parameters") from None


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Flat pairs with bracketed names as nested dicts and lists; repeated names keep every value.

    >>> nested([("a[]", "1"), ("a[]", "2"), ("b[0][name]", "x"), ("c", "3")])
    {'a': ['1', '2'], 'b': {'0': {'name': 'x'}}, 'c': '3'}
    """
    if len(pairs) > MAX_PARAMETERS:
        raise InvalidParameter("Too many parameters")
    result: dict[str, Any] = {}
    for name, value in pairs:
        _place(result, _path(name), value)
    return result


def _path(name: str) -> list[str]:
    start = name.find("[")
    if start <= 0:
        return [name]
    path = [name[:start], *_BRACKETS.findall(name[start:])]
    if len(path) > MAX_DEPTH:
        raise InvalidParameter(f"Invalid parameter: {name[:64]}")
    return path


def _place(target: dict[str, Any], path: list[str], value: str) -> None:
    key, rest = path[0], path[1:]
    if not rest:
        present = target.get(key)
        target[key] = value if present is None else [*present, value] if isinstance(present, list) else [present, value]
    elif rest in ([""], ["", ""]):  # Mastodon.py writes `id[][]`.
        present = target.setdefault(key, [])
        target[key] = [*present, value] if isinstance(present, list) else [present, value]
    else:
        inner = target.get(key)
        if rest[0] == "":
            _place_in_list(target, key, rest[1:], value)
            return
        if not isinstance(inner, dict):
            inner = target[key] = {}
        _place(inner, rest, value)


def _place_in_list(target: dict[str, Any], key: str, rest: list[str], value: str) -> None:
    """`a[][name]=x&a[][value]=y`: a name seen before begins the next item."""
    items = target.setdefault(key, [])
    if not isinstance(items, list):
        items = target[key] = [items]
    if not items or not isinstance(items[-1], dict) or rest[0] in items[-1]:
        items.append({})
    _place(items[-1], rest, value)


def convert(values: dict[str, Any], params: type[Params]) -> Params:
    """Plain nested values as a struct, forgiving what forms cannot say. Raises `InvalidParameter`."""
    try:
        return msgspec.convert(_fitted(values, params), params, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidParameter(f"Invalid parameter: {error}") from None


@functools.cache
def _hints(params: type) -> dict[str, Any]:
    return {field.encode_name: typing.get_type_hints(params)[field.name] for field in msgspec.structs.fields(params)}


def _fitted(values: dict[str, Any], params: type) -> dict[str, Any]:
    hints = _hints(params)
    fitted = {name: _fit(value, hints[name]) for name, value in values.items() if name in hints}
    return {name: value for name, value in fitted.items() if value is not msgspec.UNSET}


def _fit(value: Any, hint: Any) -> Any:
    """Bend a form's value to what `hint` wants: one value to a list, "" to nothing, "on" to true, {"0": …} to a list."""
    if isinstance(value, str) and "\x00" in value:
        raise InvalidParameter("Invalid parameter: no text contains the character U+0000")
    options = typing.get_args(hint) if typing.get_origin(hint) in (types.UnionType, typing.Union) else (hint,)
    wanted = next((option for option in options if option not in (types.NoneType, msgspec.UnsetType)), str)
    origin = typing.get_origin(wanted) or wanted
    if origin in (list, tuple):
        items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
        arguments = typing.get_args(wanted)
        return [_fit(item, arguments[0] if arguments else Any) for item in items if item is not None]
    if isinstance(value, list) and origin in (str, int, float, bool) and value:
        value = value[-1]
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and isinstance(value, dict):
        return _fitted(value, wanted)
    if isinstance(value, str) and origin in (int, float, bool):
        if value == "":
            return msgspec.UNSET
        if origin is bool and value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
    if origin is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if value is None and types.NoneType not in options:
        return msgspec.UNSET
    return value
