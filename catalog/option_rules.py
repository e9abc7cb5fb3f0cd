"""Rules about options of a table that depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.located_yaml import Finding, Steps
from catalog.table_options import ON_DEMAND_WARM_READ, ON_DEMAND_WARM_WRITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.models import TableSettings


def option_findings(table: TableSettings, steps: Steps) -> Iterator[Finding]:
    """Yield the problems with a table's billing and warm throughput."""
    if table.billing_mode == "PROVISIONED":
        yield from _provisioned(table, steps)
    else:
        yield from _on_demand(table, steps)
    yield from _warm(table, steps)


def _provisioned(table: TableSettings, steps: Steps) -> Iterator[Finding]:
    if table.capacity is None:
        yield Finding((*steps, "billing_mode"), "PROVISIONED needs `capacity: {read: …, write: …}`")
    if table.on_demand_maximum is not None:
        message = "is for on-demand tables: remove it, or billing_mode: PROVISIONED"
        yield Finding((*steps, "on_demand_maximum"), message, on_key=True)


def _on_demand(table: TableSettings, steps: Steps) -> Iterator[Finding]:
    message = "needs `billing_mode: PROVISIONED`; an on-demand table has no capacity of its own"
    if table.capacity is not None:
        yield Finding((*steps, "capacity"), message, on_key=True)
    for number, index in enumerate(table.indexes):
        if index.capacity is not None:
            yield Finding((*steps, "indexes", number, "capacity"), message, on_key=True)


def _warm(table: TableSettings, steps: Steps) -> Iterator[Finding]:
    """Yield a warm throughput that is lower than the table's initial one."""
    if table.warm_throughput is None:
        return
    least = {"read": ON_DEMAND_WARM_READ, "write": ON_DEMAND_WARM_WRITE}
    why = "an on-demand table has initially"
    if table.billing_mode == "PROVISIONED":
        capacity = table.capacity
        least = {"read": capacity.read, "write": capacity.write} if capacity is not None else {}
        why = "the table's capacity is"
    for unit, units in least.items():
        warm = getattr(table.warm_throughput, unit)
        if warm < units:
            message = f"is {warm}, but must be at least {units}, as {why}: raise it, or remove warm_throughput"
            yield Finding((*steps, "warm_throughput", unit), message)
