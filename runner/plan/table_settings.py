"""The optional settings of the domain's tables, from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.plan.facts import Capacity, TableSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.models import AnyTable
    from catalog.table_options import Capacity as CatalogCapacity
    from runner.account.lookups import Account


def table_settings(account: Account) -> list[TableSettings]:
    """Return each table's settings; a rehearsal enables no stream and no deletion protection."""
    return [_settings(account, table) for table in account.domain.tables]


def not_counted(account: Account) -> Iterator[str]:
    """Return the settings that the cost estimate leaves out, in words."""
    for table in account.domain.tables:
        name = account.table_name(table.name)
        if table.billing_mode == "PROVISIONED":
            yield f"the provisioned capacity of {name}, which costs from its import on"
        if table.table_class != "STANDARD":
            yield f"the class {table.table_class} of {name}: its storage costs less, its reads and writes more"
        if table.warm_throughput is not None:
            yield f"the warm throughput of {name}, which is paid for once"
        if table.kms_key is not None:
            yield f"the KMS requests of {name}"


def _settings(account: Account, table: AnyTable) -> TableSettings:
    official = account.request.mode == "official"
    prefix = account.tags.get("migration:stream-prefix", "")
    return TableSettings(
        table=table.name,
        name=account.table_name(table.name),
        billing_mode=table.billing_mode,
        capacity=_capacity(table.capacity),
        on_demand_maximum=_capacity(table.on_demand_maximum),
        warm_throughput=_capacity(table.warm_throughput),
        table_class=table.table_class,
        kms_key=table.kms_key,
        stream=prefix + table.stream if official and table.stream else None,
        deletion_protection=official and table.deletion_protection,
    )


def _capacity(wanted: CatalogCapacity | None) -> Capacity | None:
    return None if wanted is None else Capacity(wanted.read, wanted.write)
