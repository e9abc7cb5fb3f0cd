"""A table's part of a proposed domain file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml

from catalog import connection_count
from catalog.case_style import Naming, name_all, quoted
from catalog.key_proposal import Key, Part, propose_key
from catalog.source_types import MOMENTS, by_name, catalog_type, database_entry

if TYPE_CHECKING:
    from catalog.source_schema import Source, SourceColumn, SourceTable

DECIDE = "DECIDE:"
LARGE_ROW_BYTES = 100 * 1024
_EXPIRES = re.compile(
    r"expir|delete_?after|purge|time_?to_?live|\bttl\b|valid_?(until|to)|(discard|remove)_?(at|on|after)", re.IGNORECASE
)


class TableProposal:
    """Writes one table's part of the file.

    Attributes:
        types: The catalog's types of the readable columns, by the database's names.
        warnings: One sentence each about what a person should check.
    """

    def __init__(self, source: Source, table: SourceTable, group: str, name: str) -> None:
        self._source = source
        self._table = table
        self._group = group
        self._name = name
        self.warnings: list[str] = []
        self.types = {c.name: kind for c in table.columns if (kind := catalog_type(source.engine, c.type))}
        self._naming: Naming = name_all(table.name, self.types)

    def write(self) -> str:
        """Return the table's YAML, and fill in the warnings."""
        table, extract = self._table, self._naming.extract
        key = propose_key(table, self.types, self._naming)
        self.warnings += [f"{table.name}: {warning}" for warning in key.warnings]
        if table.bytes_per_row > LARGE_ROW_BYTES:
            self._warn("", f"a row has about {table.bytes_per_row // 1024} KB, and an item at most 400 KB")
        lines = [
            f"  - name: {as_yaml(self._name)}",
            "    extracts:",
            f"      {as_yaml(extract)}:",
            f"        source: {as_yaml(table.name)}",
            f"        group: {self._group}",
            f"        connections: {connection_count.connections(table, self._source.engine)}",
            "        columns:",
            *[self._column(column) for column in table.columns],
            *self._database_names(),
            *self._left_out(),
            f"    driving: {{extract: {as_yaml(extract)}, cardinality: one item per row}}",
            "    select: |",
            *self._select(key),
            *[f"    # {DECIDE} {warning}" for warning in key.warnings],
            "    key:",
            f"      partition: {_part(key.partition)}",
            *([f"      sort: {_part(key.sort)}"] if key.sort is not None else []),
            *self._attributes(key),
            *self._ttl(key),
            f"    # stream: {self._name}-Stream   # for the changes of an official run's table",
            "",
        ]
        return "\n".join(lines) + "\n"

    def _select(self, key: Key) -> list[str]:
        naming = self._naming
        columns = [f"{quoted(naming.extract)}._cluster AS _cluster"]
        columns += [f"{sql} AS {quoted(name)}" for name, sql in key.made.items()]
        columns += [f"{naming.sql(name)} AS {quoted(naming.attributes[name])}" for name in self.types]
        first, *others = [f"{column}," for column in columns[:-1]] + columns[-1:]
        return [
            f"      SELECT {first}",
            *[f"             {column}" for column in others],
            f"      FROM {quoted(naming.extract)}",
        ]

    def _attributes(self, key: Key) -> list[str]:
        documents = [name for name, kind in self.types.items() if kind == "json" and name not in key.columns]
        if not documents:
            return []
        named = ", ".join(f"{as_yaml(self._naming.attributes[name])}: M" for name in documents)
        return [f"    attributes: {{{named}}}   # {DECIDE} M for objects, L for arrays; without it the text as S"]

    def _ttl(self, key: Key) -> list[str]:
        """Propose the time to live only as a comment, because DynamoDB deletes items by it."""
        named = [name for name, kind in self.types.items() if kind in MOMENTS and _EXPIRES.search(name)]
        named = [name for name in named if name not in key.columns]
        if not named:
            return []
        attribute = self._naming.attributes[named[0]]
        why = f"`attributes: {{{attribute}: epoch_seconds}}` and this, if DynamoDB should delete items by it"
        return [f"    # ttl: {as_yaml(attribute)}   # {DECIDE} {why}"]

    def _column(self, column: SourceColumn) -> str:
        kind = self.types.get(column.name)
        if kind is None:
            why = f"{column.type} has no mapping: leave the column out, or cast it in a view"
            self._warn(column.name, why)
            return f"          # {single_line(column.name)}: {single_line(why)}"
        notes = self._notes(column, kind)
        for note in notes:
            self._warn(column.name, note)
        comment = f"   # {DECIDE} {'; '.join(notes)}" if notes else ""
        return f"          {as_yaml(self._naming.columns[column.name])}: {kind}{comment}"

    def _database_names(self) -> list[str]:
        others = [f"{as_yaml(ours)}: {as_yaml(name)}" for name, ours in self._naming.columns.items() if ours != name]
        return [f"        database_names: {{{', '.join(others)}}}"] if others else []

    def _left_out(self) -> list[str]:
        left_out = [as_yaml(column.name) for column in self._table.columns if column.name not in self.types]
        return [f"        left_out: [{', '.join(left_out)}]"] if left_out else []

    def _notes(self, column: SourceColumn, kind: str) -> list[str]:
        """Return what a person should check before a column is migrated as proposed."""
        entry = database_entry(self._source.engine, column.type)
        notes = [entry.remark] if entry is not None and entry.remark else []
        if kind in MOMENTS and self._source.allows_zero_dates:
            notes.append("the server allows zero dates, which are rejected; as text, the select can replace them")
        remark = by_name(kind).remark
        return [*notes, remark] if remark else notes

    def _warn(self, column: str, text: str) -> None:
        column_name = f"{self._table.name}.{column}" if column else self._table.name
        self.warnings.append(f"{column_name}: {text}")


def as_yaml(name: str) -> str:
    """Return a name as YAML reads it back: quoted if YAML would read another value, as for `on` and `null`."""
    plain_name = re.fullmatch(r"[A-Za-z_][\w.-]*", name, re.ASCII) and yaml.safe_load(name) == name
    return name if plain_name else json.dumps(name, ensure_ascii=False)


def single_line(text: str) -> str:
    """Return a text as one line."""
    return " ".join(text.split())


def _part(part: Part) -> str:
    return f"{{name: {as_yaml(part.name)}, type: {part.type}}}"
