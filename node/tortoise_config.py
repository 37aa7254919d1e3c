"""What `tortoise -c node.tortoise_config.CONFIG makemigrations` reads when a model has changed."""

from __future__ import annotations

import importlib
import inspect

from tortoise.models import Model

from node.db import MODELS, orm_config
from node.settings import load_settings

CONFIG = orm_config(load_settings())

# Docstrings are for readers of the code: as comments of tables they would make a migration of every reworded line.
for module_name in MODELS:
    for _, model in inspect.getmembers(importlib.import_module(module_name), inspect.isclass):
        if issubclass(model, Model) and model is not Model:
            model._meta.table_description = ""
