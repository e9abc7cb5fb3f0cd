"""Hold the catalog against the live schema of every clone, before anything is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from migration_spark.errors import ColumnsNotListed, SchemaMismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migration_spark.spec import Extract

_DIGITS = re.compile(r"^[a-z ]+\((\d+),(-?\d+)\)")
_LENGTHS = re.compile(r"\([^)]*\)")
_TOLD = 20


def check(
    found: dict[tuple[str, str], list[dict[str, Any]]], extracts: list[Extract], types: Mapping[str, Any]
) -> None:
    """Refuse clones whose tables are not what the catalog says, all of them at once.

    `found` holds per (source, cluster) its columns as `name` and `type`, `types` per cluster what each type of its
    engine may be called in the catalog.

    Raises:
        SchemaMismatch: Names each cluster, table and column, and what to do.
    """
    problems: list[str] = []
    for extract in extracts:
        for cluster in extract.clusters:
            there = {row["name"]: str(row["type"]).lower() for row in found[extract.source, cluster.name]}
            problems += [f"{cluster.name}: {told}" for told in _problems(extract, there, types[cluster.name])]
        problems += _drift(extract, found)
    told = list(dict.fromkeys(problems))
    if told:
        more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        raise SchemaMismatch(f"{'; '.join(told[:_TOLD])}{more}. Correct the catalog or the source; nothing was read.")


def unread(found: dict[tuple[str, str], list[dict[str, Any]]], extract: Extract) -> dict[str, list[str]]:
    """Return an extract's source columns that are not read: left out by the catalog, and listed nowhere.

    `found` is what `check` takes.
    """
    read = {column.database_name for column in extract.columns}
    names = dict.fromkeys(row["name"] for cluster in extract.clusters for row in found[extract.source, cluster.name])
    others = [str(name) for name in names if name not in read]
    return {
        "leftOut": [name for name in others if name in extract.left_out],
        "new": [name for name in others if name not in extract.left_out],
    }


def check_listed(found: dict[tuple[str, str], list[dict[str, Any]]], extracts: list[Extract]) -> None:
    """Refuse sources that have a column which the catalog neither reads nor leaves out.

    Raises:
        ColumnsNotListed: Names each cluster, table and column, and the edit of the catalog.
    """
    problems = []
    for extract in extracts:
        new = unread(found, extract)["new"]
        for cluster in extract.clusters:
            there = {row["name"] for row in found[extract.source, cluster.name]}
            names = [name for name in new if name in there]
            if names:
                problems.append(
                    f"{cluster.name}: {extract.source} has {', '.join(names)} ({extract.table}-{extract.name})"
                )
    if problems:
        more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
        raise ColumnsNotListed(
            f"{'; '.join(problems[:_TOLD])}{more}. An official run loses no column in silence: read it (columns and "
            "select), or add it to the extract's left_out. Nothing was read."
        )


def plain(database_type: str) -> str:
    """Return a type's name without lengths, but for the two whose length makes them another type."""
    if re.match(r"(tinyint|bit)\(1\)$", database_type):
        return database_type
    name = re.sub(r" zerofill| character set .*| collate .*", "", _LENGTHS.sub("", database_type))
    return "bit(n)" if database_type.startswith("bit(") and name == "bit" else " ".join(name.split())


def _problems(extract: Extract, there: dict[str, str], types: Mapping[str, tuple[str, ...]]) -> list[str]:
    if not there:
        return [f"{extract.source} is not there: name a table of another schema as schema.table"]
    problems = []
    for column in extract.columns:
        place = f"{extract.source}.{column.database_name}"
        if column.database_name not in there:
            problems.append(f"{place} is missing")
            continue
        given = there[column.database_name]
        accepted = types.get(plain(given), types.get("bit", ()) if plain(given) == "bit(n)" else ())
        wanted, names = column.type.split("(")[0], [name.split("(")[0] for name in accepted]
        if not accepted:
            problems.append(f"{place} is {given}, which has no mapping: leave it out, or cast it in a view")
        elif wanted not in names:
            problems.append(f"{place} is {given}, the catalog says {column.type}: it may be {' or '.join(names)}")
        elif _is_narrower(column.type, given, accepted[0]):
            problems.append(f"{place} is {given}, which is wider than the catalog's {column.type}")
    return problems


def _is_narrower(wanted: str, given: str, proposed: str) -> bool:
    """Return whether a numeric of the catalog cannot hold all that the column can; `proposed` is the list's type."""
    ours, theirs = _DIGITS.match(wanted), _DIGITS.match(proposed) or _DIGITS.match(given)
    if ours is None:
        return False
    digits, scale = int(ours[1]), int(ours[2])
    # A numeric without precision may hold anything: each value is looked at when it is read.
    return theirs is not None and (int(theirs[2]) > scale or int(theirs[1]) - int(theirs[2]) > digits - scale)


def _drift(extract: Extract, found: dict[tuple[str, str], list[dict[str, Any]]]) -> list[str]:
    """Name the clusters in which a column has another type than in the first."""
    names = [cluster.name for cluster in extract.clusters]
    types = {
        name: {row["name"]: plain(str(row["type"]).lower()) for row in found[extract.source, name]} for name in names
    }
    wanted = [column.database_name for column in extract.columns]
    return [
        f"{name}: {extract.source}.{column} is {types[name][column]}, in {names[0]} it is {types[names[0]][column]}"
        for name in names[1:]
        for column in wanted
        if column in types[name] and column in types[names[0]] and types[name][column] != types[names[0]][column]
    ]
