"""Rules about a table that involve several of its keys."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from catalog import determinism
from catalog.field_types import closest, is_reserved
from catalog.located_yaml import Finding, Steps
from catalog.option_rules import option_findings
from catalog.select_rules import key_findings, row_findings
from catalog.selects import read_select
from catalog.source_types import ATTRIBUTE_OF_DECLARED, attribute_type, declarable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from catalog.models import Extract, Key, KeyAttribute, Table, TableSettings
    from catalog.selects import Select

_DIALECTS = {"aurora-postgresql": "postgres", "aurora-mysql": "mysql"}


def table_findings(
    table: Table, engines: Mapping[str, str], steps: Steps, *, types_are_sure: bool = True
) -> Iterator[Finding]:
    """Yield every problem of a table; `engines` are by group, `steps` lead to the table."""
    yield from select_findings(table, engines, steps, types_are_sure=types_are_sure)
    yield from settings_findings(table, steps)


def settings_findings(table: TableSettings, steps: Steps) -> Iterator[Finding]:
    """Yield the problems of a table's settings, however its items are made."""
    yield from _indexes(table, steps)
    yield from option_findings(table, steps)


def select_findings(
    table: Table, engines: Mapping[str, str], steps: Steps, *, types_are_sure: bool = True
) -> Iterator[Finding]:
    """Yield the problems of a table's extracts and select."""
    yield from _extracts(table, engines, steps)
    yield from _driving(table, steps)
    select = read_select(table.select, table.extracts, (*steps, "select"))
    yield from select.findings
    if select.known:
        yield from _counted_columns(table, select, steps)
        yield from _named_attributes(table, select, steps)
        yield from _ttl(table, select, steps)
        wrong_types = list(_key_types(table, select, steps)) if types_are_sure else []
        if types_are_sure:
            yield from _declared_types(table, select, steps)
        yield from wrong_types
        yield from key_findings(table, select, engines, steps, passed_over={f.steps[:-1] for f in wrong_types})
    yield from row_findings(table, select, steps)
    yield from _compare(table, steps)


def _extracts(table: Table, engines: Mapping[str, str], steps: Steps) -> Iterator[Finding]:
    for name, extract in table.extracts.items():
        path = (*steps, "extracts", name)
        if extract.group not in engines:
            message = f"{extract.group!r} is not a group of clusters.yaml (there are {', '.join(sorted(engines))})"
            yield Finding((*path, "group"), message, closest(extract.group, engines))
        if extract.where:
            dialect = _DIALECTS[engines.get(extract.group) or "aurora-postgresql"]
            yield from determinism.in_text(extract.where, dialect, (*path, "where"))
        yield from _columns(extract, path)


def _columns(extract: Extract, path: Steps) -> Iterator[Finding]:
    for column in extract.columns:
        if is_reserved(column):
            message = "is a name that the jobs use: rename it here, and add this name to database_names"
            yield Finding((*path, "columns", column), message, on_key=True)
    yield from _column_names(extract, path)
    read = {extract.database_name(column) for column in extract.columns}
    for number, column in enumerate(extract.left_out):
        at = (*path, "left_out", number)
        if column in read:
            yield Finding(at, f"{column} is read as well: remove it here or from columns")
        if column in extract.left_out[:number]:
            yield Finding(at, f"{column} is listed twice")


def _column_names(extract: Extract, path: Steps) -> Iterator[Finding]:
    """Yield columns whose names Spark cannot distinguish, and database names that repeat or fit no column."""
    by_folded: dict[str, str] = {}
    for column in extract.columns:
        other = by_folded.setdefault(column.lower(), column)
        if other != column:
            message = f"is {other} for Spark, which ignores the case of names: rename it, and add it to database_names"
            yield Finding((*path, "columns", column), message, on_key=True)
    by_name: dict[str, str] = {}
    for column in extract.columns:
        other = by_name.setdefault(extract.database_name(column), column)
        if other != column:
            message = f"is the column {extract.database_name(column)} of the database, as {other} is: read it once"
            yield Finding((*path, "columns", column), message, on_key=True)
    for column in extract.database_names:
        if column not in extract.columns:
            message = f"{column!r} is not among the columns"
            yield Finding((*path, "database_names", column), message, closest(column, extract.columns), on_key=True)


def _driving(table: Table, steps: Steps) -> Iterator[Finding]:
    driving = table.driving
    if driving.extract not in table.extracts:
        message = f"{driving.extract!r} is not among the extracts {', '.join(table.extracts)}"
        yield Finding((*steps, "driving", "extract"), message, closest(driving.extract, table.extracts))
        return
    columns = table.extracts[driving.extract].columns
    for column in driving.group_by:
        if column not in columns:
            message = f"{column!r} is not a column of the extract {driving.extract}"
            yield Finding((*steps, "driving", "cardinality"), message, closest(column, columns))


def _counted_columns(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    path = (*steps, "select")
    if "_cluster" not in select.columns:
        yield Finding(path, f"must return the driving row's cluster: {table.driving.extract}._cluster AS _cluster")
    references = set(table.extracts) - {table.driving.extract} if table.driving.extract in table.extracts else set()
    for name in table.extracts:
        if name in references and f"_unmatched_{name}" not in select.columns:
            wanted = f"{name}._cluster IS NULL AS _unmatched_{name}"
            yield Finding(path, f"must return `{wanted}`: rows without their reference are counted")


def _named_attributes(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    """Yield attributes that the table names but the select does not return."""
    named: list[tuple[Steps, str]] = [
        ((*path, role, "name"), attribute.name) for path, key in _keys(table) for role, attribute in _roles(key)
    ]
    named += [(("attributes", name), name) for name in table.attributes]
    named += [(("compare", "tolerances", name), name) for name in table.compare.tolerances]
    named += [(("compare", "exclude", n), name) for n, name in enumerate(table.compare.exclude)]
    named += [(("catch_up", "version", n), name) for n, name in enumerate(table.catch_up.version)]
    if table.ttl:
        named.append((("ttl",), table.ttl))
    if not isinstance(table.on_duplicate_key, str):
        named.append((("on_duplicate_key", "latest"), table.on_duplicate_key.latest))
    returned = [name for name in select.columns if not name.startswith("_")]
    for path, name in named:
        if name not in returned:
            is_key = path[-1] == name
            message = f"{name!r} is not a column that the select returns"
            yield Finding((*steps, *path), message, closest(name, returned), on_key=is_key)


def _declared_types(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    for name, declared in table.attributes.items():
        column = select.columns.get(name)
        allowed = declarable(declared)
        # Every number may be declared N as well, which it is anyway; the jobs refuse what is none.
        if column is not None and declared != "N" and column not in allowed:
            message = f"is declared {declared}, but its column is {column}; that takes {' or '.join(allowed)}"
            yield Finding((*steps, "attributes", name), message)


def _key_types(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for path, key in _keys(table):
        for role, attribute in _roles(key):
            at = (*steps, *path, role, "type")
            declared = table.attributes.get(attribute.name)
            column = select.columns.get(attribute.name)
            returned = ATTRIBUTE_OF_DECLARED[declared] if declared else column and attribute_type(column)
            if returned and returned != attribute.type:
                yield Finding(at, f"is {attribute.type}, but the select returns {attribute.name} as {returned}")
            elif seen.setdefault(attribute.name, attribute.type) != attribute.type:
                yield Finding(at, f"is {attribute.type}, but {attribute.name} is {seen[attribute.name]} in another key")


def _indexes(table: TableSettings, steps: Steps) -> Iterator[Finding]:
    names = [index.name for index in table.indexes]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Finding((*steps, "indexes", number, "name"), f"{name!r} is another index's name already")
    for path, key in _keys(table):
        if key.sort is not None and key.sort.name == key.partition.name:
            yield Finding((*steps, *path, "sort", "name"), "is the partition key already")


def _ttl(table: Table, select: Select, steps: Steps) -> Iterator[Finding]:
    if table.ttl in select.columns and table.attributes.get(table.ttl) != "epoch_seconds":
        yield Finding((*steps, "ttl"), f"needs `attributes: {{{table.ttl}: epoch_seconds}}`")


def _compare(table: Table, steps: Steps) -> Iterator[Finding]:
    keys = {attribute.name for attribute in table.key.attributes}
    for number, name in enumerate(table.compare.exclude):
        if name in keys:
            yield Finding(
                (*steps, "compare", "exclude", number), f"{name} is part of the key, by which items are found"
            )
    for name, tolerance in table.compare.tolerances.items():
        path = (*steps, "compare", "tolerances", name)
        try:
            limit = Decimal(tolerance)
        except InvalidOperation:
            yield Finding(path, f"is {tolerance!r}, but must be a number")
            continue
        if not limit.is_finite() or limit < 0:
            yield Finding(path, f"is {tolerance}, but must be at least 0")


def _keys(table: TableSettings) -> Iterator[tuple[Steps, Key]]:
    yield ("key",), table.key
    for number, index in enumerate(table.indexes):
        yield ("indexes", number), index


def _roles(key: Key) -> Iterator[tuple[str, KeyAttribute]]:
    yield "partition", key.partition
    if key.sort is not None:
        yield "sort", key.sort
