"""The documents of Delta."""

from __future__ import annotations

from runner.report.inputs.base import Input
from runner.report.inputs.manifest import Identity


class TableCounts(Input):
    """The items of a table by what is to happen to them."""

    base: int | None = None
    items: int | None = None
    inserted: int | None = None
    updated: int | None = None
    deleted: int | None = None
    unchanged: int | None = None


class ChangesSummary(Identity):
    """changes/<domain>/<run>/<attempt>/summary.json."""

    phases: dict[str, int | float] = {}
    tables: dict[str, TableCounts] = {}


class Base(Input):
    """The base of the changes: a proven run, or for a repair an export, which has no run."""

    run: str | None = None


class ChangesManifest(Input):
    """changes/<domain>/<run>/<attempt>/manifest.json."""

    base: Base | None = None


class NewestAttempt(Input):
    """changes/<domain>/<run>/newest.json."""

    attempt: str | None = None
