"""The plan of a table of parts: each part has its own reads, and the import reads the objects of all parts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.loader import load_catalog
from catalog.models import Catalog, Domain, Part, PartedTable
from runner.plan import quotas, sizes
from tests.unit.runner.plan.fake_account import account, manifest

if TYPE_CHECKING:
    from runner.account.lookups import Account

PREFIXES = {"BaseRate": "RATE#", "BaseRateAssociation": "SOLD#"}


def parted() -> Account:
    """Return an account whose domain rates combines its two selects into a single table."""
    catalog = load_catalog()
    rates = catalog.domains["rates"]
    parts = tuple(
        Part.model_construct(
            **{name: getattr(table, name) for name in Part.model_fields if name not in ("name", "key_prefix")},
            name=table.name.lower(),
            key_prefix={"rateKey": PREFIXES[table.name]},
        )
        for table in rates.selects
    )
    table = PartedTable(name="Rates", key=rates.tables[0].key, parts=parts)
    domain = Domain.model_construct(name="rates", tables=(table,), job_timeout_minutes=720)
    made = account()
    return replace(made, catalog=Catalog.model_construct(clusters=catalog.clusters, domains={"rates": domain}))


def test_each_part_is_sized_by_what_an_earlier_run_wrote_of_it() -> None:
    made, earlier = parted(), manifest()
    audit = {f"Rates.{name[0].lower()}{name[1:]}": figures for name, figures in earlier.content["audit"].items()}
    audit = {name.replace("baseRate", "baserate").replace("Association", "association"): f for name, f in audit.items()}
    tables = earlier.content["tables"]
    parts = {name.lower(): facts for name, facts in tables.items()}
    whole = {"Rates": {"rowsRead": 9000, "items": 4500, "files": [], "prefix": "p/Rates/", "parts": parts}}
    earlier = replace(earlier, content={**earlier.content, "audit": audit, "tables": whole}, imported_bytes={})

    rate, association = sizes.tables(made, sizes.reads(made, [], earlier), earlier, vcpu=4)

    assert [(plan.table, plan.name, plan.items, plan.stored_bytes) for plan in (rate, association)] == [
        ("Rates.baserate", "Rates-rehearsal", 4000, 80_000),
        ("Rates.baserateassociation", "Rates-rehearsal", 500, 10_000),
    ]


def test_the_import_of_a_table_reads_the_objects_of_all_its_parts() -> None:
    made = parted()
    planned = [
        sizes.TablePlan(f"Rates.{n}", "Rates", 1, 1, 1, objects, "") for n, objects in enumerate((30_000, 25_000))
    ]
    totals = sizes.Totals(2, 2, 2, 2, 55_000, at_most=False)

    largest = next(q for q in quotas.data_quotas(made, planned, totals) if q.name == "S3 objects of the largest import")

    assert (largest.needed, largest.limit) == (55_000, 50_000)
