"""Introspection of a live PostgreSQL or MySQL: its schema and statistics, never its rows.

The drivers are imported on first use, as in catalog.connections.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from catalog.connections import CONNECT_SECONDS, ENGINES, first_line, mysql_options, postgres_trust, shown
from catalog.errors import SourceError
from catalog.field_types import source_name
from catalog.source_schema import Source, SourceColumn, SourceTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult

    from catalog.source_schema import Kind

Row = tuple[Any, ...]


class Ask(Protocol):
    """Answers a query with its rows."""

    def __call__(self, query: str, *values: object) -> list[Row]:
        """Return the rows of a query; `values` replace its %s."""


def describe(url: str, tables: Sequence[str] = ()) -> Source:
    """Return the schema of the database at a URL, with all its tables or the named ones.

    Raises:
        SourceError: The URL is invalid, the database refuses, or a table does not exist.
    """
    parts = urlsplit(url)
    database = parts.path.strip("/")
    if parts.scheme not in ENGINES or not database:
        raise SourceError(
            f"{shown(parts.geturl())} is not a database's URL; use postgresql://user@host:5432/database or "
            "mysql://user@host:3306/database"
        )
    source = (_postgres if ENGINES[parts.scheme] == "aurora-postgresql" else _mysql)(parts)
    if not tables:
        return source
    by_name = {table.name: table for table in source.tables}
    missing = [name for name in tables if name not in by_name]
    if missing:
        there = ", ".join(by_name) or "none"
        raise SourceError(f"{source.location} has no table {', '.join(missing)}; there are {there}")
    return replace(source, tables=tuple(by_name[name] for name in tables), chosen=True)


def _postgres(parts: SplitResult) -> Source:
    import psycopg  # noqa: PLC0415 - needed here alone

    try:
        with psycopg.connect(parts.geturl(), connect_timeout=CONNECT_SECONDS, **postgres_trust(parts)) as connection:
            connection.read_only = True

            def ask(query: str, *values: object) -> list[Row]:
                return connection.execute(query.encode(), values).fetchall()

            return Source("aurora-postgresql", shown(parts.geturl()), parts.path.strip("/"), _postgres_tables(ask))
    except psycopg.Error as error:
        raise SourceError(f"{shown(parts.geturl())}: {first_line(error)}") from error


def _postgres_tables(ask: Ask) -> tuple[SourceTable, ...]:
    tables = []
    for oid, schema, name, kind, rows, size in ask(_POSTGRES_TABLES):
        columns = tuple(SourceColumn(*row) for row in ask(_POSTGRES_COLUMNS, oid, schema, name))
        (key, is_primary) = next(iter(ask(_POSTGRES_KEY, oid)), ((), False))
        count = None if rows < 0 else int(rows)
        tables.append(
            SourceTable(
                name=_named(schema, name),
                columns=columns,
                key=tuple(key),
                has_primary_key=is_primary,
                rows=count,
                bytes_per_row=int(size) // count if count else 0,
                kind=kind,
                references=tuple(_named(*row) for row in ask(_POSTGRES_REFERENCES, oid)),
            )
        )
    return tuple(tables)


def _named(schema: str, table: str) -> str:
    return source_name("" if schema == "public" else schema, table)


def _mysql(parts: SplitResult) -> Source:
    import pymysql  # noqa: PLC0415 - needed here alone

    database = parts.path.strip("/")
    try:
        connection = pymysql.connect(**mysql_options(parts))
        with connection, connection.cursor() as cursor:

            def ask(query: str, *values: object) -> list[Row]:
                cursor.execute(query, values)
                return list(cursor.fetchall())

            ((mode,),) = ask("SELECT @@GLOBAL.sql_mode")
            zero = not {"NO_ZERO_DATE", "TRADITIONAL"} & set(str(mode).split(","))
            return Source("aurora-mysql", shown(parts.geturl()), database, _mysql_tables(ask, database), zero)
    except pymysql.Error as error:
        raise SourceError(f"{shown(parts.geturl())}: {error.args[-1]}") from error


def _mysql_tables(ask: Ask, database: str) -> tuple[SourceTable, ...]:
    tables = []
    for name, rows, bytes_per_row, kind, engine in ask(_MYSQL_TABLES, database):
        columns = tuple(
            SourceColumn(column, _text(kind), nullable == "YES", _text(collation or "").endswith("_ci"))
            for column, kind, nullable, collation in ask(_MYSQL_COLUMNS, database, name)
        )
        keys: dict[str, list[str]] = {}
        for index, column in ask(_MYSQL_KEYS, database, name):
            keys.setdefault(index, []).append(column)
        key = keys.get("PRIMARY") or next(iter(keys.values()), [])
        references = tuple(_text(other) for (other,) in ask(_MYSQL_REFERENCES, database, name))
        size = int(bytes_per_row or 0)
        tables.append(
            SourceTable(name, columns, tuple(key), "PRIMARY" in keys, rows, size, _kind(kind, engine), references)
        )
    return tuple(tables)


def _kind(table_type: str | bytes, engine: str | bytes | None) -> Kind:
    if _text(table_type) == "VIEW":
        return "view"
    return "table" if _text(engine or "InnoDB") == "InnoDB" else "table of another engine"


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


_POSTGRES_TABLES = """
WITH RECURSIVE stored AS (
  SELECT oid AS whole, oid, relkind, relpersistence FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION SELECT whole, part.oid, part.relkind, part.relpersistence
  FROM stored JOIN pg_inherits ON inhparent = stored.oid JOIN pg_class part ON part.oid = inhrelid)
SELECT c.oid, n.nspname, c.relname, CASE
    WHEN (SELECT bool_or(relkind = 'f') FROM stored WHERE whole = c.oid) THEN 'foreign table'
    WHEN (SELECT bool_or(relkind = 'r' AND relpersistence = 'u') FROM stored WHERE whole = c.oid) THEN 'unlogged table'
    WHEN c.relkind = 'p' THEN 'partitioned table' WHEN c.relkind = 'v' THEN 'view'
    WHEN c.relkind = 'm' THEN 'materialized view'
    WHEN EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) THEN 'child table' ELSE 'table' END,
  CASE WHEN c.relkind IN ('v', 'f') THEN -1 ELSE c.reltuples END,
  (SELECT coalesce(sum(pg_table_size(stored.oid)), 0) FROM stored WHERE whole = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
ORDER BY n.nspname <> 'public', n.nspname, c.relname"""
# A domain counts as its base type and an enum as `enum`, as in the jobs.
_POSTGRES_COLUMNS = """
WITH RECURSIVE resolved AS (
  SELECT attnum, attname::text AS name, atttypid AS type, atttypmod AS modifier, attnotnull, attcollation
  FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT attnum, name, typbasetype, typtypmod, attnotnull OR typnotnull, attcollation
  FROM resolved JOIN pg_type ON oid = type WHERE typtype = 'd')
SELECT name, CASE
    WHEN t.typtype = 'e' THEN 'enum'
    WHEN element.typtype = 'e' THEN 'enum[]'
    ELSE format_type(resolved.type, modifier) END,
  NOT attnotnull, t.typname = 'citext' OR coalesce(NOT collisdeterministic, false), coalesce(n_distinct = -1, false)
FROM resolved JOIN pg_type t ON t.oid = resolved.type
LEFT JOIN pg_stats ON (schemaname, tablename, pg_stats.attname, null_frac) = (%s, %s, name, 0) AND NOT inherited
LEFT JOIN pg_type element ON t.typcategory = 'A' AND element.oid = t.typelem
LEFT JOIN pg_collation ON pg_collation.oid = attcollation
WHERE t.typtype <> 'd' ORDER BY attnum"""
_POSTGRES_KEY = """
SELECT array(SELECT attname::text FROM unnest(indkey::int2[]) WITH ORDINALITY AS k(number, ordinal)
             JOIN pg_attribute ON attrelid = indrelid AND attnum = number ORDER BY ordinal), indisprimary
FROM pg_index WHERE indrelid = %s AND indisunique AND indisvalid AND indpred IS NULL AND indexprs IS NULL
  AND NOT EXISTS (SELECT FROM unnest(indkey::int2[]) AS number JOIN pg_attribute ON attrelid = indrelid
                  AND attnum = number WHERE NOT attnotnull)
ORDER BY NOT indisprimary, indnatts, indexrelid LIMIT 1"""
_POSTGRES_REFERENCES = """
SELECT DISTINCT n.nspname, c.relname FROM pg_constraint f JOIN pg_class c ON c.oid = f.confrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE f.conrelid = %s AND f.contype = 'f' AND NOT c.relispartition ORDER BY 1, 2"""
_MYSQL_TABLES = """
SELECT table_name, table_rows, avg_row_length, table_type, engine FROM information_schema.tables
WHERE table_schema = %s AND table_type IN ('BASE TABLE', 'VIEW') ORDER BY table_name"""
_MYSQL_COLUMNS = """
SELECT column_name, column_type, is_nullable, collation_name FROM information_schema.columns
WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position"""
_MYSQL_REFERENCES = """
SELECT DISTINCT referenced_table_name FROM information_schema.referential_constraints
WHERE constraint_schema = %s AND unique_constraint_schema = constraint_schema AND table_name = %s ORDER BY 1"""
_MYSQL_KEYS = """
SELECT s.index_name, s.column_name FROM information_schema.statistics s
WHERE s.table_schema = %s AND s.table_name = %s AND s.non_unique = 0 AND s.sub_part IS NULL
  AND NOT EXISTS (SELECT 1 FROM information_schema.statistics o WHERE o.table_schema = s.table_schema
                  AND o.table_name = s.table_name AND o.index_name = s.index_name AND o.nullable = 'YES')
ORDER BY s.index_name <> 'PRIMARY', s.index_name, s.seq_in_index"""
