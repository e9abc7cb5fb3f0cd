"""Check of the catalog against the live schema of every clone, before any row is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from migration_spark.errors import ColumnsNotListed, SchemaMismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migration_spark.spec import Extract

_DIGITS = re.compile(r"^[a-z ]+\((\d+),(-?\d+)\)")
_LENGTHS = re.compile(r"\([^)]*\)")
_MOST_SHOWN = 20


def check(
    live_columns: dict[tuple[str, str], list[dict[str, Any]]], extracts: list[Extract], types: Mapping[str, Any]
) -> None:
    """Raise for all clones whose tables differ from the catalog, in a single error.

    `live_columns` holds per (source, cluster) the columns as `name` and `type`, `types` per cluster the catalog types
    that each type of its engine may have.

    Raises:
        SchemaMismatch: Names each cluster, table and column, and what to do.
    """
    problems: list[str] = []
    for extract in extracts:
        for cluster in extract.clusters:
            there = {row["name"]: str(row["type"]).lower() for row in live_columns[extract.source, cluster.name]}
            problems += [f"{cluster.name}: {text}" for text in _problems(extract, there, types[cluster.name])]
        problems += _drift(extract, live_columns)
    distinct = list(dict.fromkeys(problems))
    if distinct:
        more = f"; and {len(distinct) - _MOST_SHOWN} more" if len(distinct) > _MOST_SHOWN else ""
        raise SchemaMismatch(
            f"{'; '.join(distinct[:_MOST_SHOWN])}{more}. Correct the catalog or the source; nothing was read."
        )


def unread(live_columns: dict[tuple[str, str], list[dict[str, Any]]], extract: Extract) -> dict[str, list[str]]:
    """Return an extract's source columns that it does not read: left out by the catalog, and new ones.

    `live_columns` is as `check` takes it.
    """
    read = {column.database_name for column in extract.columns}
    names = dict.fromkeys(
        row["name"] for cluster in extract.clusters for row in live_columns[extract.source, cluster.name]
    )
    others = [str(name) for name in names if name not in read]
    return {
        "leftOut": [name for name in others if name in extract.left_out],
        "new": [name for name in others if name not in extract.left_out],
    }


def check_listed(live_columns: dict[tuple[str, str], list[dict[str, Any]]], extracts: list[Extract]) -> None:
    """Raise for sources with a column that the catalog neither reads nor leaves out.

    Raises:
        ColumnsNotListed: Names each cluster, table and column, and the edit of the catalog.
    """
    problems = []
    for extract in extracts:
        new = unread(live_columns, extract)["new"]
        for cluster in extract.clusters:
            there = {row["name"] for row in live_columns[extract.source, cluster.name]}
            names = [name for name in new if name in there]
            if names:
                problems.append(
                    f"{cluster.name}: {extract.source} has {', '.join(names)} ({extract.table}-{extract.name})"
                )
    if problems:
        more = f"; and {len(problems) - _MOST_SHOWN} more" if len(problems) > _MOST_SHOWN else ""
        raise ColumnsNotListed(
            f"{'; '.join(problems[:_MOST_SHOWN])}{more}. An official run loses no column in silence: read it "
            "(columns and select), or add it to the extract's left_out. Nothing was read."
        )


def plain(database_type: str) -> str:
    """Return a type's name without lengths, except for the two types that a length changes."""
    if re.match(r"(tinyint|bit)\(1\)$", database_type):
        return database_type
    name = re.sub(r" zerofill| character set .*| collate .*", "", _LENGTHS.sub("", database_type))
    return "bit(n)" if database_type.startswith("bit(") and name == "bit" else " ".join(name.split())


def _problems(extract: Extract, there: dict[str, str], types: Mapping[str, tuple[str, ...]]) -> list[str]:
    if not there:
        return [f"{extract.source} does not exist: name a table of another schema as schema.table"]
    problems = []
    for column in extract.columns:
        label = f"{extract.source}.{column.database_name}"
        if column.database_name not in there:
            problems.append(f"{label} is missing")
            continue
        database_type = there[column.database_name]
        accepted = types.get(plain(database_type), types.get("bit", ()) if plain(database_type) == "bit(n)" else ())
        wanted, names = column.type.split("(")[0], [name.split("(")[0] for name in accepted]
        if not accepted:
            problems.append(f"{label} is {database_type}, which has no mapping: leave it out, or cast it in a view")
        elif wanted not in names:
            problems.append(
                f"{label} is {database_type}, the catalog says {column.type}: it may be {' or '.join(names)}"
            )
        elif _is_narrower(column.type, database_type, accepted[0]):
            problems.append(f"{label} is {database_type}, which is wider than the catalog's {column.type}")
    return problems


def _is_narrower(wanted: str, database_type: str, proposed: str) -> bool:
    """Return whether the catalog's numeric cannot hold all values of the column; `proposed` is the list's type."""
    ours, theirs = _DIGITS.match(wanted), _DIGITS.match(proposed) or _DIGITS.match(database_type)
    if ours is None:
        return False
    digits, scale = int(ours[1]), int(ours[2])
    # A numeric without precision may hold anything: the read checks each value.
    return theirs is not None and (int(theirs[2]) > scale or int(theirs[1]) - int(theirs[2]) > digits - scale)


def _drift(extract: Extract, live_columns: dict[tuple[str, str], list[dict[str, Any]]]) -> list[str]:
    """Return the clusters in which a column's type differs from the first cluster's."""
    names = [cluster.name for cluster in extract.clusters]
    types = {
        name: {row["name"]: plain(str(row["type"]).lower()) for row in live_columns[extract.source, name]}
        for name in names
    }
    wanted = [column.database_name for column in extract.columns]
    return [
        f"{name}: {extract.source}.{column} is {types[name][column]}, in {names[0]} it is {types[names[0]][column]}"
        for name in names[1:]
        for column in wanted
        if column in types[name] and column in types[names[0]] and types[name][column] != types[names[0]][column]
    ]
