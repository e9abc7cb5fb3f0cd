"""Refusals: why a table's items must not be imported, by the names that the state machine knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migration_spark.spec import Table

Facts = dict[str, Any]


def first_refusal(tables: tuple[Table, ...], facts: dict[str, Facts]) -> dict[str, str] | None:
    """Return the first reason for not importing, as {error, cause}, or None."""
    for table in tables:
        refusal = _refusal(table, facts[table.name])
        if refusal:
            error, what, remedy = refusal
            return {"error": error, "cause": f"{table.name}: {what}. {remedy}. Nothing was imported."}
    return None


def _refusal(table: Table, facts: Facts) -> tuple[str, str, str] | None:
    """Return error, what is wrong and what corrects it."""
    if facts["unreadable"] and (table.latest or table.group_by):
        rule = "on_duplicate_key: latest" if table.latest else "group by"
        what = (
            f"{facts['unreadable']} rows of {table.driving} cannot be read ({_samples(facts, 'reject')}), and with "
            f"{rule} nobody can tell which items they belong to, whatever max_rejects allows"
        )
        return "RowsRejected", what, "Correct the source or the types in the catalog"
    if facts["rejected"] > table.max_rejects:
        what = f"{facts['rejected']} rows cannot become items ({_samples(facts, 'reject')})"
        return "RowsRejected", what, _allow("max_rejects")
    if facts["filtered"] > table.max_filtered:
        samples = f" ({_samples(facts, 'filtered')})" if facts["filteredSamples"] else ""
        what = f"the select drops {facts['filtered']} rows of {table.driving}{samples}"
        return "RowsFiltered", what, f"Join with LEFT JOIN, or {_allow('max_filtered', 'allow')}"
    if facts["duplicateKeys"]:
        what = f"{facts['duplicateKeys']} rows share a key ({_samples(facts, 'duplicate')})"
        return "DuplicateKeys", what, _allow("on_duplicate_key")
    if facts["supersededKeys"] and not table.accept_collisions:
        what = (
            f"{facts['supersededKeys']} keys of the source gave way to other ones of the same item key "
            f"({_samples(facts, 'collision')})"
        )
        return "KeysCollide", what, f"Make the key of all its source columns, or {_allow('accept_collisions', 'allow')}"
    if facts["unmatched"] > table.max_unmatched:
        return "RowsUnmatched", f"{facts['unmatched']} rows lack their reference", _allow("max_unmatched")
    if facts["items"] == 0 and not table.allow_empty:
        return "EmptyTable", "no item was made", _allow("allow_empty")
    return None


def _samples(facts: Facts, kind: str) -> str:
    return "; ".join(facts[f"{kind}Samples"])


def _allow(setting: str, verb: str = "Correct the source, or allow") -> str:
    return f"{verb} it in the catalog with {setting}"
