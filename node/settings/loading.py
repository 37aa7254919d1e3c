"""Reading the settings, with every fault named as the admin would set it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsError as UnreadableSetting

from node.settings.model import CONFIG_VARIABLE, PREFIX, Settings, config_file

TEST_PREFIX = "HELIOGRAPH_TEST_"
"""Variables that tell the tests of the project where servers are; no settings of a node."""


class SettingsError(Exception):
    """The configuration cannot be used; the message names every bad value."""


def setting_fields(
    model: type[BaseModel] = Settings, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Every single setting as its path (`("mail", "smtp_host")`) and what is declared of it, in the order declared."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from setting_fields(field.annotation, (*path, name))
        else:
            yield (*path, name), field


def variable_name(path: tuple[int | str, ...]) -> str:
    """The environment variable of a setting: `HELIOGRAPH_MAIL__SMTP_HOST`."""
    return PREFIX + "__".join(str(part) for part in path).upper()


def load_settings(**overrides: object) -> Settings:
    """Read the settings.

    Raises `SettingsError` with one line per bad value, by the name the admin would set.
    """
    complaints = [*_missing_file(), *_unknown_variables()]
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        found = [_explain(item) for item in error.errors()]
        complaints += [line for line in found if line not in complaints]
    except tomllib.TOMLDecodeError as error:
        complaints.append(f"{config_file()}: {error}")
    except UnreadableSetting as error:
        complaints.append(_unreadable(error))
    if complaints:
        raise SettingsError("\n".join(complaints))
    return settings


def _missing_file() -> list[str]:
    if os.environ.get(CONFIG_VARIABLE) and not config_file().is_file():
        return [f"{CONFIG_VARIABLE}: there is no file {config_file()}"]
    return []


def _unknown_variables() -> list[str]:
    """A misspelt variable would leave a default in force without a word: name it instead."""
    known = _known_variables()
    unknown = sorted(
        name
        for name in os.environ
        if name.upper().startswith(PREFIX) and not name.upper().startswith(TEST_PREFIX) and name.upper() not in known
    )
    return [f"{name}: {_no_such_setting(name)}" for name in unknown]


def _known_variables() -> set[str]:
    sections = {variable_name(path[:length]) for path, _ in setting_fields() for length in range(1, len(path) + 1)}
    return sections | {CONFIG_VARIABLE}


def _no_such_setting(name: str) -> str:
    known = [variable.removeprefix(PREFIX) for variable in sorted(_known_variables())]
    near = get_close_matches(name.upper().removeprefix(PREFIX), known, 1, 0.7)
    return f"no such setting; did you mean {PREFIX}{near[0]}?" if near else "no such setting"


def _explain(item: Any) -> str:
    location, message = item["loc"], str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        message = _no_such_setting(variable_name(location))
    return f"{variable_name(location)}: {message}" if location else message


def _unreadable(error: UnreadableSetting) -> str:
    """pydantic-settings names the field in quotes when a value that must be JSON is none."""
    named = re.search(r'"([^"]+)"', str(error))
    return f"{variable_name((named.group(1),))}: must be written as JSON" if named else str(error)
