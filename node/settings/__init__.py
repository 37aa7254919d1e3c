"""The one typed Settings object: from the environment (`HELIOGRAPH_*`), then `heliograph.toml`, then defaults.

Nested names are joined with two underscores in the environment (`HELIOGRAPH_MAIL__SMTP_HOST`).
A bad value stops the start and is named.
"""

from __future__ import annotations

from node.settings.loading import SettingsError, load_settings, setting_fields, variable_name
from node.settings.model import Settings, config_file
from node.settings.sections import MEGABYTE, RegistrationSettings

__all__ = [
    "MEGABYTE",
    "RegistrationSettings",
    "Settings",
    "SettingsError",
    "config_file",
    "load_settings",
    "setting_fields",
    "variable_name",
]
