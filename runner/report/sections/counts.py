"""The counts of a table or of a part in the report, and the equations between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.labels import compared_keys
from runner.report.inputs.comparison import ComparedTable
from runner.report.model.counts import Check, Counts

if TYPE_CHECKING:
    from runner.report.inputs.execution import MigratedTable
    from runner.report.inputs.manifest import WrittenTable


def count(written: WrittenTable, migrated: MigratedTable, compared: ComparedTable | None) -> Counts:
    """Return every count; one that is not known is None, never 0."""
    compared = compared or ComparedTable()
    return Counts(
        rows_read=written.rows_read,
        items=written.items,
        rejected=written.rejected,
        superseded=written.superseded,
        filtered=written.filtered,
        unmatched=written.unmatched,
        duplicate_keys=written.duplicate_keys,
        expirable=written.expirable,
        superseded_keys=written.superseded_keys,
        keys_without_item=written.keys_without_item,
        imported=migrated.imported,
        exported=compared.exported if migrated.exported is None else migrated.exported,
        compared=compared_keys(dict(compared)),
        matched=compared.matched,
        changed=compared.changed,
        missing=compared.missing,
        extra=compared.extra,
        duplicate=compared.duplicate,
        undecodable=compared.undecodable,
        expired=compared.expired,
    )


def checks(counts: Counts) -> tuple[Check, ...]:
    """Return the equations between the counts, as far as all of their counts are known."""
    candidates = [
        (("rowsRead",), ("items", "rejected", "superseded", "filtered"), "every row read is an item or accounted for"),
        # The tables of a catch-up, and those created empty, have no import.
        *(
            [(("items",), ("exported", "expired"), "every item was exported, or had expired")]
            if counts.imported is None
            else [
                (("items",), ("imported",), "every item was imported"),
                (("imported",), ("exported", "expired"), "every imported item was exported, or had expired"),
            ]
        ),
        (("items",), ("matched", "expired"), "every item is equal in the clones and in the export, or had expired"),
    ]
    known = counts.model_dump(by_alias=True, exclude_none=True)
    return tuple(
        Check(
            name=name,
            left={key: known[key] for key in left},
            right={key: known[key] for key in right},
            holds=sum(known[key] for key in left) == sum(known[key] for key in right),
        )
        for left, right, name in candidates
        if known.keys() >= {*left, *right}
    )
