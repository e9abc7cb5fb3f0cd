"""Propose a domain's file from a live schema: what can be told is written, what a person must decide is marked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from catalog.keys import Key, propose_key
from catalog.names import is_reserved, is_source_name, is_sql_name
from catalog.source_types import catalog_type, plain
from catalog.wording import attribute_name, table_name

if TYPE_CHECKING:
    from catalog.described import Source, SourceColumn, SourceTable

DECIDE = "DECIDE:"
_LARGE_ROW_BYTES = 100 * 1024
_MANY_ROWS, _VERY_MANY_ROWS = 5_000_000, 100_000_000


@dataclass
class Proposal:
    """A domain's file, and what a person should know of it.

    Attributes:
        text: The file.
        warnings: One sentence each, led by its table or column.
    """

    text: str
    warnings: list[str] = field(default_factory=list)


def propose(source: Source, domain: str, group: str) -> Proposal:
    """Return the proposal of a domain's file for the tables of a database, all in one cluster group."""
    proposal = Proposal(_header(source, domain, group))
    for table in source.tables:
        refused = _refused(source, table)
        if refused:
            proposal.warnings.append(f"{table.name}: {refused}")
            proposal.text += f"  # {table.name}: {refused}\n"
        else:
            text, warnings = _TableProposal(source, table, group).write()
            proposal.text += text
            proposal.warnings += warnings
    return proposal


def _header(source: Source, domain: str, group: str) -> str:
    return (
        "# yaml-language-server: $schema=../../docs/schemas/domain.schema.json\n"
        f"# Proposed from {source.place}: its schema and statistics were read, none of its rows.\n"
        "# Look at each DECIDE, and hold the file against the rest with `python -m catalog check`.\n"
        f"# clusters.yaml needs the group {group}, of engine {source.engine} and database {source.database}.\n"
        f"domain: {domain}\n"
        "tables:\n"
    )


def _refused(source: Source, table: SourceTable) -> str | None:
    """Return why a table cannot be read under its own name, or None."""
    if not is_source_name(table.name):
        return "its name needs quotes: make a view with a plain name in small letters"
    if table.needs_quotes:
        return "its name is a word of SQL: make a view with another name"
    if not any(_is_readable(c.name) and catalog_type(source.engine, c.type) for c in table.columns):
        return "none of its columns can be read"
    return None


class _TableProposal:
    """One table's part of the file."""

    def __init__(self, source: Source, table: SourceTable, group: str) -> None:
        self._source = source
        self._table = table
        self._group = group
        self._extract = table.name.rpartition(".")[2]
        self._warnings: list[str] = []
        self._types = {
            column.name: kind
            for column in table.columns
            if _is_readable(column.name) and (kind := catalog_type(source.engine, column.type))
        }

    def write(self) -> tuple[str, list[str]]:
        """Return the table's YAML, and the warnings."""
        table = self._table
        key = propose_key(table, self._types, self._extract)
        self._warnings += [f"{table.name}: {told}" for told in key.warnings]
        if table.bytes_per_row > _LARGE_ROW_BYTES:
            self._warn("", f"a row has about {table.bytes_per_row // 1024} KB, and an item at most 400 KB")
        lines = [
            f"  - name: {table_name(self._extract)}",
            "    extracts:",
            f"      {_yaml(self._extract)}:",
            f"        source: {table.name}",
            f"        group: {self._group}",
            f"        connections: {self._connections()}",
            "        columns:",
            *[self._column(column) for column in table.columns],
            *self._left_out(),
            f"    driving: {{extract: {self._extract}, cardinality: one item per row}}",
            "    select: |",
            *self._select(key),
            *[f"    # {DECIDE} {told}" for told in key.warnings],
            "    key:",
            f"      partition: {{name: {key.partition.name}, type: {key.partition.type}}}",
        ]
        if key.sort is not None:
            lines.append(f"      sort: {{name: {key.sort.name}, type: {key.sort.type}}}")
        lines += self._attributes(key)
        lines += [
            f"    # stream: {table_name(self._extract)}-Stream   # for the changes of an official run's table",
            "",
        ]
        return "\n".join(lines) + "\n", self._warnings

    def _select(self, key: Key) -> list[str]:
        columns = [f"{self._extract}._cluster AS _cluster", *[f"{sql} AS {name}" for name, sql in key.made.items()]]
        columns += [f"{self._extract}.{name} AS {attribute_name(name)}" for name in self._types]
        first, *others = [f"{column}," for column in columns[:-1]] + columns[-1:]
        return [
            f"      SELECT {first}",
            *[f"             {column}" for column in others],
            f"      FROM {self._extract}",
        ]

    def _attributes(self, key: Key) -> list[str]:
        documents = [name for name, kind in self._types.items() if kind == "json" and name not in key.columns]
        if not documents:
            return []
        named = ", ".join(f"{attribute_name(name)}: M" for name in documents)
        return [f"    attributes: {{{named}}}   # {DECIDE} M for objects, L for arrays; without it the text as S"]

    def _column(self, column: SourceColumn) -> str:
        kind = self._types.get(column.name)
        if kind is None:
            why = f"{column.type} has no mapping: leave it out, or cast it in a view"
            if is_reserved(column.name):
                why = "its name is one that the jobs use: leave it out, or rename it in a view"
            elif not is_sql_name(column.name):
                why = "its name needs quotes: leave it out, or give it a plain name in small letters in a view"
            self._warn(column.name, why)
            return f"          # {_one_line(column.name)}: {_one_line(why)}"
        notes = self._notes(column, kind)
        for note in notes:
            self._warn(column.name, note)
        told = f"   # {DECIDE} {'; '.join(notes)}" if notes else ""
        return f"          {_yaml(column.name)}: {kind}{told}"

    def _left_out(self) -> list[str]:
        left_out = [_yaml(column.name) for column in self._table.columns if column.name not in self._types]
        return [f"        left_out: [{', '.join(left_out)}]"] if left_out else []

    def _notes(self, column: SourceColumn, kind: str) -> list[str]:
        """Return what a person should think of before a column is moved as proposed."""
        given = plain(column.type.lower())
        notes = []
        if given in ("character", "char"):
            notes.append("the padding is no part of the value")
        if given == "tinyint(1)":
            notes.append("values but 0 and 1 are rejected; smallint if it counts")
        if given == "longtext":
            notes.append("json if it holds documents")
        if kind in ("date", "timestamp", "timestamptz") and self._source.allows_zero_dates:
            notes.append(
                "the server allows zero dates, which are rejected; as text the select can say what they become"
            )
        if kind == "timestamp" and self._source.engine == "aurora-postgresql":
            notes.append("it has no time zone and is taken for UTC")
        if kind == "numeric":
            notes.append("it may have any digits and moves as text; `attributes: {…: N}` if 38 are enough")
        if kind in ("text[]", "bigint[]"):
            sets = "SS" if kind == "text[]" else "NS"
            notes.append(f"moves as a list; `attributes: {{…: {sets}}}` if order and repeats mean nothing")
        return notes

    def _connections(self) -> str:
        """Say how many connections read the table at once, and how the jobs cut it for that."""
        rows = self._table.rows or 0
        about = "rows not counted" if self._table.rows is None else f"about {rows:,} rows"
        many = 8 if rows >= _VERY_MANY_ROWS else 4 if rows >= _MANY_ROWS else 2
        if self._source.engine == "aurora-postgresql":
            return f"{many}   # {about}, cut by blocks"
        first = self._table.key[0] if self._table.key and self._table.has_primary_key else None
        if first is not None and re.match(r"(tiny|small|medium|big)?int", self._table.column(first).type.lower()):
            return f"{many}   # {about}, cut by ranges of {first}"
        return f"1   # {about}, not cut: its primary key does not begin with a whole number"

    def _warn(self, column: str, told: str) -> None:
        place = f"{self._table.name}.{column}" if column else self._table.name
        self._warnings.append(f"{place}: {told}")


def _is_readable(column: str) -> bool:
    return is_sql_name(column) and not is_reserved(column)


def _yaml(name: str) -> str:
    """Return a name as YAML reads it back: quoted where it would be another value, as `on` and `null` would."""
    plain_name = re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and yaml.safe_load(name) == name
    return name if plain_name else json.dumps(name, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
