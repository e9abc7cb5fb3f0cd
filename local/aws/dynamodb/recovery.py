"""Point-in-time recovery: its window, and the items of a table at an instant.

moto's window ends when recovery is enabled, and moto keeps no earlier items. AWS's window ends about five minutes
before now, and AWS exports the items of any instant in it:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoveryDescription.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX
from moto.dynamodb.models import DynamoDBBackend

from local.aws.active import active
from local.aws.dynamodb.items import text
from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.dynamodb.models.table import Table

_BEHIND_SECONDS = 300


class InvalidExportTimeError(JsonRESTError):  # type: ignore[misc]  # moto has no types
    """The instant of an export is outside of the recovery window."""

    def __init__(self, instant: float, window: tuple[float, float]) -> None:
        since, until = window
        super().__init__(
            f"{ERROR_TYPE_PREFIX}InvalidExportTimeException",
            f"The ExportTime {instant} is outside of the point in time recovery window, {since} to {until}",
        )


def install() -> None:
    """Describe the recovery window, and keep the item that each write replaces."""
    describe = DynamoDBBackend.describe_continuous_backups

    def describe_continuous_backups(self: Any, table_name: str) -> dict[str, Any]:
        backups = describe(self, table_name)
        recovery = backups["PointInTimeRecoveryDescription"]
        if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
            return dict(backups)
        reached = window(self.get_table(table_name))[1]
        return {**backups, "PointInTimeRecoveryDescription": {**recovery, "LatestRestorableDateTime": reached}}

    replace(DynamoDBBackend, "describe_continuous_backups", describe_continuous_backups)
    for name in ("put_item", "update_item", "delete_item"):
        replace(DynamoDBBackend, name, _journaling(getattr(DynamoDBBackend, name)))


def is_recoverable(table: Table) -> bool:
    """Return whether recovery is enabled."""
    return bool(table.continuous_backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED")


def window(table: Table) -> tuple[float, float]:
    """Return the begin and end of the recovery window, in seconds of the epoch."""
    since = float(table.continuous_backups["PointInTimeRecoveryDescription"]["EarliestRestorableDateTime"])
    return since, max(since, time.time() - _BEHIND_SECONDS * active().time_scale)


def check(table: Table, instant: float) -> None:
    """Check that an instant is in the recovery window.

    Raises:
        InvalidExportTimeError: It is earlier or later than the window.
    """
    since, until = window(table)
    if not since <= instant <= until:
        raise InvalidExportTimeError(instant, (since, until))


def lines_at(table: Table, instant: float) -> list[bytes]:
    """Return the items at an instant, each as one line of DynamoDB JSON."""
    earlier: dict[Any, bytes | None] = {}
    for moment, key, line in reversed(_journal(table)):
        if moment <= instant:
            break
        earlier[key] = line
    kept = [text(item) for item in table.all_items() if (item.hash_key, item.range_key) not in earlier]
    return [*kept, *(line for line in earlier.values() if line is not None)]


def _journal(table: Table) -> list[tuple[float, Any, bytes | None]]:
    """Return for each write its time, the key, and the earlier item, if there was one."""
    journal: list[tuple[float, Any, bytes | None]] = table.__dict__.setdefault("embedded_journal", [])
    return journal


def _journaling(write: Callable[..., Any]) -> Callable[..., Any]:
    """Return a write of the backend that keeps the replaced item if the table can be recovered."""

    def call(self: Any, table_name: str, item: dict[str, Any], *rest: Any, **named: Any) -> Any:
        table = self.get_table(table_name)
        # The write itself refuses an item without its key.
        if not is_recoverable(table) or not {part["AttributeName"] for part in table.schema} <= item.keys():
            return write(self, table_name, item, *rest, **named)
        key = self.get_keys_value(table, item)
        before = table.get_item(*key)
        line = None if before is None else text(before)
        answer = write(self, table_name, item, *rest, **named)
        _journal(table).append((time.time(), key, line))
        return answer

    return call
