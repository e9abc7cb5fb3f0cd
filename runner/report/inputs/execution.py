"""The parts of an execution that a report names: its input, and how the items of its Maps ended."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import StrictBool, StrictInt

from runner.report.inputs.base import Input, Mode, OrUnknown, Text


class Request(Input):
    """The input of an execution, which may be one that the execution refused."""

    mode: Annotated[Mode | None, OrUnknown] = None
    parallelism: Annotated[StrictInt | None, OrUnknown] = None
    requested_by: Annotated[str | None, OrUnknown] = None
    approved_by: Annotated[str | None, OrUnknown] = None
    keep_clones: Annotated[StrictBool | None, OrUnknown] = None
    jar_key: Annotated[str | None, OrUnknown] = None
    verify: object = None
    repair: object = None


class MigratedTable(Input):
    """The output of a table's Map item that succeeded."""

    name: str
    table_name: str | None = None
    table_arn: str | None = None
    import_arn: str | None = None
    imported: int | None = None
    export_arn: str | None = None
    exported: int | None = None
    manifest: str | None = None

    def then(self, newer: Self) -> Self:
        """Return this output with every field that a newer one has: a verification imports nothing."""
        return self.model_copy(update={name: getattr(newer, name) for name in newer.model_fields_set})


class FailedItem(Input):
    """The output of a Map item that failed, or of the execution's own state."""

    name: Text
    error: Text
    cause: Text
    execution: str = ""  # the ARN of the item; empty for the execution itself
