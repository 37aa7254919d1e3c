"""A migration that only adds: tables, columns, indexes, and statements about rows.

Tortoise copies the state of all models before each operation and renders it anew after it, a fifth of a second every
time: for a hundred operations nearly half a minute in which a node says nothing. What only adds can be told all its
models once, in their last shape.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tortoise.migrations import Migration
from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class Additions(Migration):
    """Operations are `CreateModel` (with every field and index it is to have), `AddField` and `AddIndex` of models that
    were there before, and `RunSQL`, which may name what stands above it.
    """

    async def apply(
        self,
        state: State,
        *,
        dry_run: bool = False,
        schema_editor: BaseSchemaEditor | None = None,
        collect_sql: bool = False,
    ) -> State:
        """Change the state, then, unless this is a dry run, the database. Returns the same state."""
        operations = [operation for operation in self.operations if isinstance(operation, TortoiseOperation)]
        unrendered = _Unrendered(models=state.models, apps=state.apps)
        for operation in operations:
            operation.state_forward(self.app_label, unrendered)
        state.apps = state.apps.clone(model_states=state.models)
        state.validate_relations_initialized()
        if schema_editor is not None and not dry_run:
            for operation in operations:
                await operation.database_forward(self.app_label, state, state, schema_editor)
        return state


@dataclass
class _Unrendered(State):
    """The state while it is being changed: its models are not made anew after each change."""

    def reload_model(self, app_label: str, model_name: str) -> None:
        """Later, all at once."""

    def reload_models(self, model_tuples: Iterable[tuple[str, str]]) -> None:
        """Later, all at once."""
