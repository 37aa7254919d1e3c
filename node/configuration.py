"""The settings shown to people: a table of what is in force and where it came from, and a sample file.

Secrets, and passwords inside addresses, never leave this module readable.
"""

from __future__ import annotations

import json
import os
import textwrap
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from node.settings import Settings, config_file, setting_fields, variable_name

MASK = "********"
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """One setting: its names in the environment and the file, its value (masked), where that came from, what it is."""

    variable: str
    key: str
    value: str
    source: str
    description: str


def settings_in_force(settings: Settings) -> list[SettingInForce]:
    """Every setting of `settings`, in the order they are declared."""
    variables = {name.upper() for name in os.environ}
    file = _file_values()
    return [
        SettingInForce(
            variable_name(path),
            ".".join(path),
            _shown(_value(settings, path)),
            _source(path, variables, file),
            field.description or "",
        )
        for path, field in setting_fields()
    ]


def sample_file() -> str:
    """A `heliograph.toml` with every setting described, commented out at its default."""
    lines = [
        "# Settings of a Heliograph node. Every line shows a default; take the # away to change it.",
        "# The same can be set in the environment: port is HELIOGRAPH_PORT, smtp_host of [mail] is",
        "# HELIOGRAPH_MAIL__SMTP_HOST. The environment wins over this file.",
    ]
    section: tuple[str, ...] = ()
    for path, field in setting_fields():
        if path[:-1] != section:
            section = path[:-1]
            lines += ["", f"[{'.'.join(section)}]"]
        lines.append("")
        lines += [f"# {line}" for line in textwrap.wrap(field.description or "", _WIDTH)]
        lines.append(f"#{path[-1]} = {_toml(field.default)}")
    return "\n".join(lines) + "\n"


def without_password(url: str) -> str:
    """An address with the password in it, if any, masked."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", f":{MASK}@")).geturl()


def _file_values() -> dict[str, Any]:
    path = config_file()
    return tomllib.loads(path.read_text()) if path.is_file() else {}


def _source(path: tuple[str, ...], variables: set[str], file: dict[str, Any]) -> str:
    for length in range(len(path), 0, -1):
        if variable_name(path[:length]) in variables:
            return variable_name(path[:length])
    values: Any = file
    for name in path:
        if not isinstance(values, dict) or name not in values:
            return "default"
        values = values[name]
    return str(config_file())


def _value(settings: BaseModel, path: tuple[str, ...]) -> Any:
    value: Any = settings
    for name in path:
        value = getattr(value, name)
    return value


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return MASK
    if value is None or value == "":
        return "–"
    if isinstance(value, str) and "://" in value:
        return without_password(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _toml(value: Any) -> str:
    if value is None:
        return '""'
    if isinstance(value, Path):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)
