"""A call as a line for the shell."""

from __future__ import annotations

import re
import shlex
from typing import Any, Final

from api.openapi.sample_values import VALUES

_MOST_FIELDS: Final = 3
_AUTHORIZED: Final = '-H "Authorization: Bearer $TOKEN"'
_VARIABLE: Final = re.compile(r"\{([a-z_]+)\}")


def curl_line(server: str, method: str, path: str, operation: dict[str, Any]) -> str:
    """The call with `curl`, with a token where one is needed and a few of its fields filled in."""
    examples = {
        parameter["name"]: str(parameter["example"])
        for parameter in operation.get("parameters", ())
        if "example" in parameter
    }
    address = server + _VARIABLE.sub(lambda found: examples.get(found[1], "1"), path)
    first = f"curl {address}" if method == "GET" else f"curl -X {method} {address}"
    lines = [first]
    if operation["security"] and {} not in operation["security"]:
        lines.append(_AUTHORIZED)
    return " \\\n  ".join([*lines, *_fields(operation)])


def _fields(operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        properties = content["multipart/form-data"]["schema"]["properties"]
        return [f"-F {_filled(name, schema)}" for name, schema in list(properties.items())[:2]]
    form = content.get("application/x-www-form-urlencoded", {})
    properties = form.get("schema", {}).get("properties", {})
    return [f"-d {_filled(name, schema)}" for name, schema in list(properties.items())[:_MOST_FIELDS]]


def _filled(name: str, schema: dict[str, Any]) -> str:
    if schema.get("format") == "binary":
        return f"{name}=@heron.jpg"
    bare = name.replace("[]", "").rpartition("[")[2].rstrip("]")
    inner = schema.get("items", schema)
    kind = inner.get("type")
    if "enum" in inner:
        value = str(inner["enum"][0])
    elif kind == "boolean":
        value = "true"
    elif kind in ("integer", "number"):
        value = str(schema.get("default") or 1)
    elif inner.get("pattern"):
        value = "117123456789012345"
    else:
        known = VALUES.get(bare)
        value = known if isinstance(known, str) and len(known) < 50 and "<" not in known else bare.replace("_", " ")
    return shlex.quote(f"{name}={value}")
