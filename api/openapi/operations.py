"""One call as an OpenAPI operation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from api.documentation import Access, Operation
from api.openapi import errors
from api.openapi.examples import example_of
from api.openapi.schemas import ID, REFERENCE, Schema, fields_of
from api.openapi.surface import Call

JSON: Final = "application/json"
SECURITY: Final = "OAuth2"
_PAGE: Final = "text/html"
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_RATE_LIMITS: Final = {
    name: {"$ref": f"#/components/headers/{name}"}
    for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
}
_CURSORS: Final = {
    "max_id": "Only what is older than this id.",
    "since_id": "Only what is newer than this id, the newest first.",
    "min_id": "Only what is newer than this id, what follows it directly first.",
}
_NOTHING: Final = Operation({200: None})


class Dictionary:
    """The schemas and examples of every type that calls take and answer."""

    def __init__(self, schemas: dict[Any, Schema], components: dict[str, Schema]) -> None:
        self._schemas = schemas
        self.components = components
        self.examples: dict[str, Any] = {}

    def schema(self, kind: Any) -> Schema:
        """The schema of a type, or of one of several."""
        if isinstance(kind, tuple):
            return {"anyOf": [self._schemas[one] for one in kind]}
        return self._schemas[kind]

    def content(self, kind: Any) -> dict[str, Any]:
        """A media type object: the schema, and an example that all answers of this type share."""
        if isinstance(kind, tuple):
            return {**self.content(kind[0]), "schema": self.schema(kind)}
        schema = self._schemas[kind]
        name = _name_of(schema)
        if name is None:
            return {"schema": schema, "example": example_of(kind)}
        if name not in self.examples:
            self.examples[name] = {"value": example_of(kind)}
        return {"schema": schema, "examples": {"usual": {"$ref": f"#/components/examples/{name}"}}}

    def fields(self, kind: type[msgspec.Struct]) -> Iterable[tuple[str, Schema]]:
        """The parameters of a struct, flat, by their names in queries and forms."""
        return fields_of(self._schemas[kind], self.components)


def _name_of(schema: Schema) -> str | None:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    if schema.get("type") == "array":
        item = _name_of(schema.get("items", {}))
        return f"{item}List" if item is not None else None
    return None


def types_of(call: Call) -> Iterable[Any]:
    """Every type a call takes or answers."""
    operation = call.operation
    if operation is None:
        return ()
    answers = [kind for kind in operation.answers.values() if kind is not None]
    several = [one for kind in answers for one in (kind if isinstance(kind, tuple) else (kind,))]
    return [*several, *(kind for kind in (operation.query, operation.body) if kind is not None)]


def operation_of_call(call: Call, tag: str, known: Dictionary) -> dict[str, Any]:
    """The operation object of a call (OpenAPI 3.1 §4.8.10)."""
    operation = call.operation or _NOTHING
    summary, description = call.description
    described: dict[str, Any] = {"operationId": call.operation_id, "tags": [tag], "summary": summary}
    if description:
        described["description"] = description
    parameters = [*_path_parameters(call), *_query_parameters(call, operation, known), *_headers(operation)]
    if parameters:
        described["parameters"] = parameters
    if (operation.body is not None or operation.files) and call.method != "DELETE":
        described["requestBody"] = _body(operation, known)
    described["responses"] = {**_answers(call, operation, known), **_errors(call, operation)}
    described["security"] = _security(call.access)
    if operation.deprecated is not None:
        described["deprecated"] = True
    return described


def _path_parameters(call: Call) -> Iterable[dict[str, Any]]:
    for name, kind in call.variables:
        schema = ID if kind == "id" else {"type": "integer"} if kind == "int" else {"type": "string"}
        example = "117123456789012345" if kind == "id" else "2026" if kind == "int" else "heron"
        yield {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _query_parameters(call: Call, operation: Operation, known: Dictionary) -> Iterable[dict[str, Any]]:
    structs = [operation.query] if operation.query is not None else []
    if call.method == "DELETE" and operation.body is not None:
        structs.append(operation.body)
    fields = dict(field for struct in structs for field in known.fields(struct))
    if operation.paged is not None:
        default, greatest = operation.paged
        fields = {name: schema for name, schema in fields.items() if name != "limit"}
        for name, schema in fields.items():
            yield _in_query(name, schema)
        yield _in_query(
            "limit",
            {
                "type": "integer",
                "minimum": 0,
                "default": default,
                "description": f"How many, at most {greatest}; a greater wish is cut down.",
            },
        )
        for name, words in _CURSORS.items():
            if name not in fields:
                yield _in_query(name, {**ID, "description": words})
        return
    for name, schema in fields.items():
        yield _in_query(name, schema)


def _in_query(name: str, schema: Schema) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key not in ("description", "title")}
    parameter: dict[str, Any] = {"name": name, "in": "query", "schema": plain}
    if schema.get("description"):
        parameter["description"] = schema["description"]
    return parameter


def _headers(operation: Operation) -> Iterable[dict[str, Any]]:
    for name, words in operation.headers.items():
        yield {"name": name, "in": "header", "description": words, "schema": {"type": "string"}}


def _body(operation: Operation, known: Dictionary) -> dict[str, Any]:
    fields = dict(known.fields(operation.body)) if operation.body is not None else {}
    files = {name: {"type": "string", "format": "binary"} for name in operation.files}
    content: dict[str, Any] = {}
    if operation.body is not None:
        content[JSON] = {"schema": known.schema(operation.body)}
        content[_FORM] = {"schema": {"type": "object", "properties": fields}}
    if files:
        content[_MULTIPART] = {"schema": {"type": "object", "properties": {**files, **fields}}}
    return {"content": content}


def _answers(call: Call, operation: Operation, known: Dictionary) -> dict[str, Any]:
    return {str(status): _answer(call, operation, status, kind, known) for status, kind in operation.answers.items()}


def _answer(call: Call, operation: Operation, status: int, kind: Any, known: Dictionary) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _WORDS.get(status, "Done.")}
    headers = dict(_RATE_LIMITS) if call.path.startswith("/api/") else {}
    if operation.paged is not None:
        headers["Link"] = {"$ref": "#/components/headers/Link"}
    if operation.deprecated is not None:
        headers["Deprecation"] = {"$ref": "#/components/headers/Deprecation"}
    if headers:
        described["headers"] = headers
    if kind is not None:
        described["content"] = {JSON: known.content(kind)}
    elif operation.media_type != JSON:
        described["content"] = {operation.media_type: {"schema": {"type": "string"}}}
    return described


_WORDS: Final = {
    200: "Done.",
    202: "Accepted; it is still being worked on.",
    204: "Done, and nothing to say.",
    206: "Part of it, or not all of it yet.",
    301: "It is elsewhere.",
    302: "It is elsewhere for now.",
    303: "See elsewhere.",
    304: "Nothing changed.",
    307: "It is elsewhere for now.",
    422: "The parameters were understood and refused.",
}


def _errors(call: Call, operation: Operation) -> dict[str, Any]:
    statuses = set(operation.errors)
    access = call.access
    takes_something = operation.query or operation.body or operation.files or operation.paged
    if takes_something:
        statuses.add(400)
    if call.variables:
        statuses.add(404)
    if access is not None:
        statuses |= {401, 403}
        if access.token and access.person:
            statuses.add(422)
    if call.path.startswith("/api/"):
        statuses.add(429)
    statuses -= operation.answers.keys()
    if operation.media_type == _PAGE:
        return {str(status): errors.on_a_page(status) for status in sorted(statuses)}
    return {str(status): errors.reference_of(status) for status in sorted(statuses)}


def _security(access: Access | None) -> list[dict[str, list[str]]]:
    """Alternatives: any one scope is enough; nothing at all is when the call serves everyone."""
    if access is None:
        return []
    tokens = [{SECURITY: [scope]} for scope in access.scopes] or [{SECURITY: []}]
    return tokens if access.token else [{}, *tokens]
