"""DynamoDB tables of several parts: the jobs' counts of each part, added up for the table.

A document has an entry for each DynamoDB table. For a table of parts it holds the sums, and each part's counts below
`parts`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable

from pyspark.sql import functions as F

from migration_spark.errors import RowsNotConserved
from migration_spark.fingerprint_rows import LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyspark.sql import Column as Expression

    from migration_spark.export import Export
    from migration_spark.spec import Table

Facts = dict[str, Any]
Owner = tuple[str, str]
_WORD = 1 << 64  # a sum of hashes wraps around


def by_target(tables: Iterable[Table]) -> dict[str, list[Table]]:
    """Return the selects of each DynamoDB table, in the spec's order."""
    targets: dict[str, list[Table]] = {}
    for table in tables:
        targets.setdefault(table.target, []).append(table)
    return targets


def owner(table: Table) -> Owner:
    """Return the DynamoDB table of a select, and its part, empty for a table without parts."""
    return table.target, table.part


def nested(
    owners: dict[str, Owner], facts: dict[str, Facts], added: Callable[[str, dict[str, Facts]], Facts]
) -> dict[str, Facts]:
    """Return the facts by DynamoDB table; `added` makes a table's facts from its name and its parts' facts."""
    document: dict[str, Facts] = {}
    parts: dict[str, dict[str, Facts]] = {}
    for name, (target, part) in owners.items():
        if part:
            parts.setdefault(target, {})[part] = facts[name]
            document[target] = {}  # keeps the order; filled below, when all parts are known
        else:
            document[target] = facts[name]
    return {**document, **{target: {**added(target, own), "parts": own} for target, own in parts.items()}}


def without_parts(document: dict[str, Facts]) -> dict[str, Facts]:
    """Return only the facts per DynamoDB table: the state machine's variables have no room for parts."""
    return {name: {key: fact for key, fact in facts.items() if key != "parts"} for name, facts in document.items()}


def of_table(document: dict[str, Facts], table: Table) -> Facts:
    """Return a table's or a part's facts from a document of `nested`.

    Raises:
        KeyError: The document does not have the table or part.
    """
    facts: Facts = document[table.target]["parts"][table.part] if table.part else document[table.name]
    return facts


def total(facts: Sequence[Facts], name: str) -> int | None:
    """Return the sum of a count over parts, None if it is unknown for a part."""
    counts = [own[name] for own in facts]
    return None if None in counts else sum(counts)


def written(parts: dict[str, Facts], prefix: str) -> Facts:
    """Return Bootstrap's facts of a table, added up over its parts; `prefix` is that of the table's objects."""
    facts = list(parts.values())
    sums = {name: total(facts, name) for name, value in facts[0].items() if _is_count(name, value)}
    lists = {name: [entry for own in facts for entry in own[name]] for name in facts[0] if _is_list(name)}
    files = [{**file, "name": f"{part}/{file['name']}"} for part, own in parts.items() for file in own["files"]]
    return {
        **sums,
        **lists,
        "keySum": _wrapped(sum(own["keySum"] for own in facts)),
        "traced": all(own["traced"] for own in facts),
        "key": facts[0]["key"],
        "files": files,
        "prefix": prefix,
        "clusters": _clusters(facts),
    }


def _is_count(name: str, value: object) -> bool:
    return name == "supersededKeys" or (name != "keySum" and type(value) is int)


def _is_list(name: str) -> bool:
    return name == "rejects" or name.endswith(("Samples", "Hashes"))


def _wrapped(number: int) -> int:
    return (number + _WORD // 2) % _WORD - _WORD // 2


def _clusters(facts: Sequence[Facts]) -> Facts:
    """Return counts by cluster, of each name that all parts with the cluster have."""
    clusters: dict[str, dict[str, int]] = {}
    for name in dict.fromkeys(name for own in facts for name in own["clusters"]):
        counts = [own["clusters"][name] for own in facts if name in own["clusters"]]
        clusters[name] = {
            count: sum(own[count] for own in counts) for count in counts[0] if all(count in own for own in counts)
        }
    return clusters


def exports_of(tables: Sequence[Table], exports: dict[str, Export]) -> dict[str, Export]:
    """Return each table's or part's lines of the exports; a part's number of items is unknown.

    A line belongs to the part whose prefixes its key begins with. All other lines, even those that are not items,
    belong to the table's first part, so that each line has exactly one part.
    """
    lines: dict[str, Export] = {}
    for target, selects in by_target(tables).items():
        export = exports[target]
        if not selects[0].part:
            lines[target] = export
            continue
        others = [_begins(table) for table in selects[1:]]
        first = F.lit(True)
        for other in others:
            first &= ~other
        for table, condition in zip(selects, (first, *others)):
            lines[table.name] = replace(export, items=None, lines=export.lines.where(condition))
    return lines


def _begins(table: Table) -> Expression:
    """Return an expression: whether a line's key begins with the part's prefixes."""
    condition = F.lit(True)
    for part in table.key:
        if part.prefix:
            value = F.get_json_object(F.col(LINE), f"$['Item']['{part.name}']['S']")
            condition &= F.coalesce(value.startswith(part.prefix), F.lit(False))
    return condition


def check_exported(tables: Sequence[Table], lines: dict[str, int], exports: dict[str, Export]) -> None:
    """Compare the lines read of a table, or of all its parts, with the export's count.

    Raises:
        RowsNotConserved: A line belongs to no part, or to two.
    """
    for target, selects in by_target(tables).items():
        items = exports[target].items
        read = sum(lines[table.name] for table in selects)
        if items is not None and read != items:
            raise RowsNotConserved(f"{target}: {items} items were exported, but {read} were read")
