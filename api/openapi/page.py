"""The OpenAPI document as people read it: what the page at `/api/docs` shows of each call and entity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from api.openapi.curl import curl_line
from api.openapi.operations import JSON, SECURITY
from api.openapi.pretty_json import pretty
from api.openapi.schemas import REFERENCE, Schema
from api.openapi.surface import METHODS
from api.pagination import CURSORS

_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_CODE: Final = re.compile(r"`([^`]+)`")
_VARIABLE: Final = re.compile(r"\{([a-z_]+)\}")
_PLACES: Final = {"path": "in the path", "query": "", "header": "header"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A line of a table of parameters or fields."""

    name: str
    place: str
    kind: Markup
    words: Markup
    default: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call answers with one status."""

    status: str
    words: Markup
    kind: Markup
    example: Markup


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as it is shown."""

    id: str
    method: str
    path: Markup
    summary: Markup
    description: list[Markup]
    access: list[Markup]
    parameters: list[Parameter]
    answers: list[Answer]
    errors: list[tuple[str, Markup]]
    curl: str
    is_paged: bool
    is_deprecated: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A capability and its calls."""

    id: str
    name: str
    description: Markup
    calls: list[Shown]


@dataclass(frozen=True, slots=True)
class Entity:
    """A struct that answers are made of."""

    name: str
    words: Markup
    fields: list[Parameter]
    example: Markup


def sections(document: dict[str, Any]) -> list[Section]:
    """The calls by capability, in the document's order."""
    found: dict[str, list[Shown]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method in METHODS:
            operation = methods.get(method.lower())
            if operation is not None:
                found[operation["tags"][0]].append(_shown(document, method, path, operation))
    return [
        Section(slug(tag["name"]), tag["name"], marked(tag["description"]), found[tag["name"]])
        for tag in document["tags"]
    ]


def entities(document: dict[str, Any]) -> list[Entity]:
    """Everything that answers are made of, by name."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    wanted = sorted(_in_answers(document) & {name for name, schema in schemas.items() if "properties" in schema})
    return [_entity(document, name, schemas[name]) for name in wanted]


def scopes(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Every scope and what it allows."""
    flows = document["components"]["securitySchemes"][SECURITY]["flows"]
    return list(flows["authorizationCode"]["scopes"].items())


def marked(text: str) -> Markup:
    """Words with `code` in them, as HTML."""
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if odd % 2 else escape(part) for odd, part in enumerate(parts)
    )


def _path(path: str) -> Markup:
    parts = _VARIABLE.split(path)
    return Markup("").join(
        Markup("<var>{{{}}}</var>").format(part) if odd % 2 else escape(part) for odd, part in enumerate(parts)
    )


def slug(name: str) -> str:
    """A name as the anchor of its section."""
    return name.lower().replace(" ", "-")


def _shown(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Shown:
    responses: dict[str, Any] = operation["responses"]
    is_paged = any("Link" in answer.get("headers", {}) for answer in responses.values())
    parameters = [*_parameters(operation), *_body_parameters(operation)]
    if is_paged:
        parameters = [parameter for parameter in parameters if parameter.name not in CURSORS]
    paragraphs = [part.replace("\n", " ") for part in operation.get("description", "").split("\n\n") if part]
    return Shown(
        operation["operationId"],
        method,
        _path(path),
        marked(operation["summary"]),
        [marked(paragraph) for paragraph in paragraphs],
        _access(operation["security"]),
        parameters,
        [_answer(document, status, answer) for status, answer in responses.items() if status < "400"],
        [(status, _error(document, answer)) for status, answer in responses.items() if status >= "400"],
        curl_line(document["servers"][0]["url"], method, path, operation),
        is_paged,
        bool(operation.get("deprecated")),
    )


def _access(security: list[dict[str, list[str]]]) -> list[Markup]:
    """Who may call, in a few words each."""
    scopes = [scope for option in security for scope in option.get(SECURITY, ())]
    chips = [Markup("<code>{}</code>").format(scope) for scope in scopes]
    if not security:
        return [Markup("no token needed")]
    if {} in security:
        return [Markup("no token needed"), *([Markup("with one: ") + Markup(" or ").join(chips)] if chips else [])]
    return [Markup(" or ").join(chips) if chips else Markup("any token")]


def _parameters(operation: dict[str, Any]) -> Iterator[Parameter]:
    for parameter in operation.get("parameters", ()):
        yield _line(parameter["name"], parameter["schema"], _PLACES[parameter["in"]], parameter.get("description", ""))


def _body_parameters(operation: dict[str, Any]) -> Iterator[Parameter]:
    content = operation.get("requestBody", {}).get("content", {})
    form = content.get(_MULTIPART) or content.get(_FORM) or {}
    for name, schema in form.get("schema", {}).get("properties", {}).items():
        yield _line(name, schema, "", schema.get("description", ""))


def _line(name: str, schema: Schema, place: str, words: str) -> Parameter:
    default = schema.get("default")
    shown = "" if default in (None, "", [], {}) else str(default).lower() if isinstance(default, bool) else str(default)
    return Parameter(name, place, kind_of(schema), marked(words), "" if shown == "false" else shown)


def kind_of(schema: Schema) -> Markup:
    """The type of a schema in words, with links to entities."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        return Markup('<a href="/api/docs/entities#{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(kind_of(option) for option in schema["anyOf"])
    if "enum" in schema:
        return Markup(" or ").join(Markup("<code>{}</code>").format(value) for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return Markup("list of ") + kind_of(schema.get("items", {}))
    if schema.get("format") == "binary":
        return Markup("file")
    if schema.get("pattern", "").startswith("^[0-9]"):
        return Markup("id")
    words = {"string": "text", "integer": "number", "number": "number", "boolean": "true or false", "object": "object"}
    return escape(words.get(kind, kind) if isinstance(kind, str) else "anything")


def _answer(document: dict[str, Any], status: str, answer: dict[str, Any]) -> Answer:
    content = answer.get("content", {})
    described = content.get(JSON)
    if described is None:
        return Answer(
            status, marked(answer["description"]), Markup("").join(escape(kind) for kind in content), Markup("")
        )
    schema = described["schema"]
    return Answer(
        status,
        marked(answer["description"]),
        kind_of(schema),
        pretty(_example(document, described), schema, document["components"]["schemas"]),
    )


def _example(document: dict[str, Any], described: dict[str, Any]) -> Any:
    if "example" in described:
        return described["example"]
    name = described["examples"]["usual"]["$ref"].rpartition("/")[2]
    return document["components"]["examples"][name]["value"]


def _error(document: dict[str, Any], answer: dict[str, Any]) -> Markup:
    reference: str | None = answer.get("$ref")
    shared = document["components"]["responses"]
    return marked((shared[reference.rpartition("/")[2]] if reference else answer)["description"])


def _entity(document: dict[str, Any], name: str, schema: Schema) -> Entity:
    required = set(schema.get("required", ()))
    fields = [
        _line(field, inner, "" if field in required else "may be missing", inner.get("description", ""))
        for field, inner in schema["properties"].items()
    ]
    example = document["components"]["examples"].get(name)
    shown = (
        pretty(example["value"], {"$ref": REFERENCE + name}, document["components"]["schemas"])
        if example is not None
        else Markup("")
    )
    return Entity(name, marked(schema.get("description", "")), fields, shown)


def _in_answers(document: dict[str, Any]) -> set[str]:
    """The names of all schemas that answers refer to, directly or not."""
    schemas = document["components"]["schemas"]
    waiting = [
        answer.get("content")
        for methods in document["paths"].values()
        for operation in methods.values()
        for answer in operation["responses"].values()
    ]
    found = {"Error", "ErrorDetail"}
    while waiting:
        for name in _references(waiting.pop()) - found:
            found.add(name)
            waiting.append(schemas[name])
    return found


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = part.get("$ref")
        here = {own.removeprefix(REFERENCE)} if isinstance(own, str) and own.startswith(REFERENCE) else set()
        return here.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()
