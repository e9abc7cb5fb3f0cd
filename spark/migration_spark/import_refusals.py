"""Reasons for which a table's items must not be imported, by the error names that the state machine knows.

A cause names tables, columns, clusters, counts and hashes of keys. The keys themselves stay in manifest.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migration_spark.spec import Table

Facts = dict[str, Any]


def first_refusal(tables: tuple[Table, ...], facts: dict[str, Facts]) -> dict[str, str] | None:
    """Return the first reason against the import, as {error, cause}, or None."""
    for table in tables:
        refusal = _refusal(table, facts[table.name])
        if refusal:
            error, what, remedy = refusal
            return {"error": error, "cause": f"{table.name}: {what}. {remedy}. Nothing was imported."}
    return None


def _refusal(table: Table, facts: Facts) -> tuple[str, str, str] | None:
    """Return the error's name, the problem and its correction."""
    if facts["unreadable"] and (table.latest or table.group_by):
        rule = "on_duplicate_key: latest" if table.latest else "group by"
        what = (
            f"{facts['unreadable']} rows of {table.driving} cannot be read ({_reasons(facts)}), and with "
            f"{rule} it is unknown which items they belong to, whatever max_rejects allows"
        )
        return "RowsRejected", what, "Correct the source or the types in the catalog"
    if facts["rejected"] > table.max_rejects:
        what = f"{facts['rejected']} rows cannot become items ({_reasons(facts)})"
        return "RowsRejected", what, _allow("max_rejects")
    if facts["filtered"] > table.max_filtered:
        hashes = f" ({_hashes(facts, 'filtered')})" if facts["filteredHashes"] else ""
        what = f"the select drops {facts['filtered']} rows of {table.driving}{hashes}"
        return "RowsFiltered", what, f"Join with LEFT JOIN, or {_allow('max_filtered', 'allow')}"
    if facts["duplicateKeys"]:
        what = f"{facts['duplicateKeys']} rows share a key ({_hashes(facts, 'duplicate')})"
        return "DuplicateKeys", what, _allow("on_duplicate_key")
    if facts["supersededKeys"] and not table.accept_collisions:
        what = (
            f"{facts['supersededKeys']} source keys were superseded by others with the same item key "
            f"({_hashes(facts, 'collision')})"
        )
        return "KeysCollide", what, f"Make the key of all its source columns, or {_allow('accept_collisions', 'allow')}"
    if facts["unmatched"] > table.max_unmatched:
        return "RowsUnmatched", f"{facts['unmatched']} rows lack their reference", _allow("max_unmatched")
    if facts["items"] == 0 and not table.allow_empty:
        return "EmptyTable", "no items were written", _allow("allow_empty")
    return None


def _reasons(facts: Facts) -> str:
    """Return the reasons for rejected rows, which name only columns and limits."""
    return "; ".join(facts["rejectSamples"])


def _hashes(facts: Facts, kind: str) -> str:
    return "; ".join(facts[f"{kind}Hashes"])


def _allow(setting: str, verb: str = "Correct the source, or allow") -> str:
    return f"{verb} it in the catalog with {setting}"
