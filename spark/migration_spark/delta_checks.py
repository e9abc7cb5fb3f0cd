"""What must hold of Delta's counts before anything is written: no line is lost, and no bound is exceeded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migration_spark.errors import BaseNotFound, ExportDamaged, RowsNotConserved, TooManyChanges, TooManyDeletions

if TYPE_CHECKING:
    from migration_spark.arguments import Differences
    from migration_spark.spec import Table

_WHOLE = 100


@dataclass(frozen=True)
class Expected:
    """How many items each side should be, and whether the base is an export."""

    base: int
    items: int
    is_export: bool


def check_sums(
    table: str, counts: dict[str, int], expected: Expected, *, unreadable: tuple[int, int], repeated: int
) -> None:
    """Hold the classes against both sides, and both sides against what was written or exported.

    Raises:
        BaseNotFound: Lines of the proven run's items are no items.
        ExportDamaged: Lines of the export are no items.
        RowsNotConserved: The sums differ, or a key is there twice.
    """
    if unreadable[0]:
        damaged = ExportDamaged if expected.is_export else BaseNotFound
        advice = "export the table again" if expected.is_export else "start an official run"
        raise damaged(f"{table}: {unreadable[0]} lines of the base are no items; {advice}")
    if unreadable[1]:
        raise RowsNotConserved(f"{table}: {unreadable[1]} lines that Bootstrap wrote are no items; start a new run")
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


def check_bounds(table: Table, counts: dict[str, int], given: Differences) -> None:
    """Refuse more changes of a table than are allowed, in percent of its items; an empty table may be filled.

    Raises:
        TooManyDeletions: Says how many, and what allows them.
        TooManyChanges: The same.
    """
    base = counts["base"]
    if not base:
        return
    deleted = counts["deleted"]
    changed = counts["inserted"] + counts["updated"] + deleted
    for number, most, named, what, error in (
        (deleted, given.max_delete_percent, "delete", "deleted", TooManyDeletions),
        (changed, given.max_change_percent, "change", "put or deleted", TooManyChanges),
    ):
        allowed = getattr(table, f"max_{named}_percent") if most is None else most
        if number * _WHOLE > allowed * base:
            percent = number * _WHOLE / base
            raise error(
                f"{table.name}: {number} of {base} items ({percent:.3g} %) would be {what}, and {allowed:g} % are "
                f"allowed; nothing was written. If the source is right, resume with --max-{named}-percent "
                f"{_next(percent)}, or raise catch_up.max_{named}_percent of the table in the catalog for later runs"
            )


def _next(percent: float) -> str:
    """Return a bound that allows a share: the next whole percent."""
    return f"{int(percent) + 1}"
