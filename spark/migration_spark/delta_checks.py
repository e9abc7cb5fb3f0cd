"""Checks of Delta's counts before it writes anything: no line is lost, and no bound is exceeded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migration_spark.errors import BaseNotFound, ExportDamaged, RowsNotConserved, TooManyChanges, TooManyDeletions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migration_spark.arguments import Arguments
    from migration_spark.spec import Table

CHANGES = ("inserted", "updated", "deleted")
CLASSES = (*CHANGES, "unchanged")
_WHOLE = 100


@dataclass(frozen=True)
class ExpectedSides:
    """Expected items of each side, and whether the base is an export."""

    base: int
    items: int
    is_export: bool


def check_sums(
    table: str, counts: dict[str, int], expected: ExpectedSides, *, unreadable: tuple[int, int], repeated: int
) -> None:
    """Compare the classes with both sides, and both sides with the items written or exported.

    Raises:
        BaseNotFound: Lines of the proven run's items are not items.
        ExportDamaged: Lines of the export are not items.
        RowsNotConserved: The sums differ, or a side has a key twice.
    """
    if unreadable[0]:
        damaged = ExportDamaged if expected.is_export else BaseNotFound
        advice = "export the table again" if expected.is_export else "start an official run"
        raise damaged(f"{table}: {unreadable[0]} lines of the base are not items; {advice}")
    if unreadable[1]:
        raise RowsNotConserved(f"{table}: {unreadable[1]} lines that Bootstrap wrote are not items; start a new run")
    if repeated:
        raise RowsNotConserved(f"{table}: {repeated} keys are in the base or in the items more than once")
    updated, unchanged = counts["updated"], counts["unchanged"]
    for side, others, wanted in (
        ("base", counts["deleted"] + updated + unchanged, expected.base),
        ("items", counts["inserted"] + updated + unchanged, expected.items),
    ):
        if not others == counts[side] == wanted:
            raise RowsNotConserved(
                f"{table}: the {side} should be {wanted} items; {counts[side]} were read, and the classes make {others}"
            )


def check_bounds(arguments: Arguments, tables: Sequence[tuple[Table, dict[str, int]]]) -> None:
    """Raise if a table has more changes than its bounds allow, in percent of its items; an empty table has no bound.

    Raises:
        TooManyDeletions: Names every table with its figures, and the command that allows them.
        TooManyChanges: The same.
    """
    for bound, error, what in (
        ("delete", TooManyDeletions, "deleted"),
        ("change", TooManyChanges, "put or deleted"),
    ):
        beyond = [share for table, counts in tables for share in _beyond(bound, table, counts, arguments)]
        if beyond:
            words = "; ".join(f"{share.words} would be {what}, {share.allowed:g} % may be" for share in beyond)
            most = math.ceil(max(share.percent for share in beyond))
            raise error(
                f"{words}. Nothing was written. If the source is right, allow it once: {_command(arguments)} "
                f"--max-{bound}-percent {most}. To allow it from now on, raise catch_up.max_{bound}_percent of the "
                "table in the catalog, deploy, and start a new run"
            )


@dataclass(frozen=True)
class _Share:
    words: str
    percent: float
    allowed: float


def _beyond(bound: str, table: Table, counts: dict[str, int], arguments: Arguments) -> Iterator[_Share]:
    """Yield a table's share of changes if it exceeds its bound."""
    differences = arguments.differences
    once = getattr(differences, f"max_{bound}_percent") if differences else None
    allowed = getattr(table, f"max_{bound}_percent") if once is None else once
    number = counts["deleted"] if bound == "delete" else sum(counts[kind] for kind in CHANGES)
    base = counts["base"]
    if base and number * _WHOLE > allowed * base:
        percent = number * _WHOLE / base
        yield _Share(f"{table.name}: {number} of {base} items ({percent:.3g} %)", percent, allowed)


def _command(arguments: Arguments) -> str:
    is_catch_up = arguments.differences and arguments.differences.base
    if is_catch_up:
        return f"migrate catch-up --domain {arguments.domain} --run-id {arguments.run}"
    return f"migrate repair {arguments.run}"
