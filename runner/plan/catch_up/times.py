"""Estimates of the write stop, from earlier catch-ups, the last migrations or constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.labels import CATCH_UP_PHASES
from runner.plan.catch_up.model import BaseTable, StopPhase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.live.eta import Expectation

_ASSUMED = "assumed"
# Used until a run has been timed; AWS documents no times.
_FIXED_SECONDS = {"Prepare": 60.0, "Clone": 1200.0, "Locate Spark": 30.0, "Finish": 30.0, "Destroy": 1200.0}
# The phases that migrations and catch-ups share.
_SHARED = ("Prepare", "Clone", "Locate Spark", "Bootstrap", "Compare", "Finish", "Destroy")
# The machine waits 90 s after the last write, then until recovery reaches that instant, which it does after about five
# minutes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
_EXPORT_LAG_SECONDS = 90.0 + 300.0
_EXPORT_SECONDS = 600.0  # of little data; an export's time hardly depends on the table's size
# With --verify-after, the cut-over waits a minute on both sides of the export's instant.
SETTLE_SECONDS = 90.0 + 61.0
_PROVING = ("Tables", "Compare", "Finish", "Destroy")
ASSUMED_CHANGE_PERCENT = 1.0


def stop_phases(
    catch_ups: Expectation, migrations: Expectation, tables: Sequence[BaseTable], rates: Mapping[str, float]
) -> list[StopPhase]:
    """Return the phases from the last write to the cut-over, with the source of each figure.

    `rates` are the writes a second of each table.
    """
    planned = []
    for name in dict.fromkeys(CATCH_UP_PHASES.values()):
        seconds, source = _phase(name, catch_ups, migrations, tables, rates)
        planned.append(StopPhase(name, seconds, source, proves=name in _PROVING))
    return planned


def _phase(
    name: str,
    catch_ups: Expectation,
    migrations: Expectation,
    tables: Sequence[BaseTable],
    rates: Mapping[str, float],
) -> tuple[float | None, str]:
    if name in catch_ups.seconds:
        return catch_ups.seconds[name], _runs(catch_ups, "catch-up")
    if name in _SHARED and name in migrations.seconds:
        return migrations.seconds[name], _runs(migrations, "migration")
    assumed: dict[str, tuple[float | None, str]] = {
        "Delta": (migrations.seconds.get("Compare"), f"as long as Compare: {_runs(migrations, 'migration')}"),
        "Apply": (
            max((table.changes / rates[table.table] for table in tables), default=0.0),
            f"{_ASSUMED}: the changes at the writes a second of the tables",
        ),
        "Tables": (_EXPORT_LAG_SECONDS + _EXPORT_SECONDS, f"{_ASSUMED}: recovery's lag of 5 minutes, and an export"),
    }
    seconds, source = assumed.get(name, (_FIXED_SECONDS.get(name), _ASSUMED))
    return (seconds, source) if seconds is not None else (None, "not known without an earlier run")


def _runs(expected: Expectation, kind: str) -> str:
    if expected.runs == 1:
        return f"the last successful {kind}"
    return f"the median of {expected.runs} successful {kind}s"
