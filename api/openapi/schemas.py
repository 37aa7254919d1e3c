"""The JSON schemas of entities and parameters, as msgspec sees the structs, with what JSON alone would not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from api.openapi.ready_json import READY_JSON
from api.openapi.words import description_of

Schema = dict[str, Any]

REFERENCE: Final = "#/components/schemas/"
ID: Final[Schema] = {"type": "string", "pattern": "^[0-9]{1,19}$"}
_LARGEST_ID: Final = 2**63 - 1


def schemas_of(types: Iterable[Any]) -> tuple[dict[Any, Schema], dict[str, Schema]]:
    """The schema of each type, and the components those refer to."""
    wanted = list(dict.fromkeys([*types, *READY_JSON.values()]))
    found, components = msgspec.json.schema_components(wanted, ref_template=REFERENCE + "{name}")
    return (
        {kind: _told(schema) for kind, schema in zip(wanted, found, strict=True)},
        {name: _told(schema) for name, schema in sorted(components.items())},
    )


def _told(schema: Any) -> Any:
    """`schema` with ids as clients write them, and with words for its properties."""
    if isinstance(schema, list):
        return [_told(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "integer" and schema.get("maximum") == _LARGEST_ID:
        return dict(ID)
    told = {key: _told(value) for key, value in schema.items()}
    for name, property_ in told.get("properties", {}).items():
        if not property_ and name in READY_JSON:
            property_["$ref"] = REFERENCE + READY_JSON[name].__name__
        words = description_of(name, told.get("title", ""))
        if words and "description" not in property_:
            property_["description"] = words
    return told


def fields_of(struct: Schema, components: dict[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """A struct of parameters flat, each under the name a query or form gives it, in Rails' brackets.

    `{poll: {options: [str]}}` is `poll[options][]`, `{fields: [{name: str}]}` is `fields[][name]`.
    """
    for name, schema in resolved(struct, components).get("properties", {}).items():
        yield from _flat(name, schema, components)


def _flat(name: str, schema: Schema, components: dict[str, Schema]) -> Iterator[tuple[str, Schema]]:
    plain = resolved(schema, components)
    if "properties" in plain:
        for inner, value in plain["properties"].items():
            yield from _flat(f"{name}[{inner}]", value, components)
        return
    if plain.get("type") != "array":
        yield name, plain
        return
    item = resolved(plain.get("items", {}), components)
    if "properties" in item:
        for inner, value in item["properties"].items():
            yield from _flat(f"{name}[][{inner}]", value, components)
    else:
        kept = {key: value for key, value in plain.items() if key in ("description",)}
        yield f"{name}[]", {"type": "array", "items": item, **kept}


def resolved(schema: Schema, components: dict[str, Schema]) -> Schema:
    """`schema` itself, without references and without `null`, which no query and no form can say."""
    if "$ref" in schema:
        return resolved(components[schema["$ref"].removeprefix(REFERENCE)], components)
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) != 1:
        return {key: value for key, value in schema.items() if key != "default" or value not in (None, "", [])}
    inner = resolved(options[0], components)
    words = {"description": schema["description"]} if "description" in schema else {}
    return {**inner, **words}
