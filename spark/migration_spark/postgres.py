"""PostgreSQL's SQL: the select of an extract, its columns, splits and audits, and the counters of changes.

The database itself makes text of what JDBC would change (numeric, float, date, timestamp, json, arrays). Only whole
numbers, booleans and text keep their type. The list of types says which SQL makes a value: column_types.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import quote

from migration_spark import session_settings
from migration_spark.column_types import POSTGRES_TEXT, POSTGRES_TYPES, POSTGRES_VALUES
from migration_spark.identifiers import quoted
from migration_spark.postgres_relations import below, oid, source, stored
from migration_spark.spec import MOMENT_BYTES
from migration_spark.splits import Size, even_cuts
from migration_spark.volatile_sql import without_parameters

if TYPE_CHECKING:
    from migration_spark.spec import Column, Extract

DRIVER = "org.postgresql.Driver"
FETCH_SIZE = None  # by the size of a row: a cursor holds that many rows on this side, and none on the server's
_SMALLEST_SPLIT_BLOCKS = 64  # half a megabyte: below it a split costs more than it saves
_SHIFT_BLOCKS = 7
_DATE_BYTES = 10
_FIRST_WITH_RANGES = 140_000  # before PostgreSQL 14, a range of blocks is a filter of a whole scan
TYPES = POSTGRES_TYPES
_MOST_FIGURES = 1_600

Ask = Callable[[str], "list[dict[str, Any]]"]


def url(host: str, port: int, database: str) -> str:
    """Return the JDBC URL of a clone."""
    options = session_settings.postgres_options()
    # https://jdbc.postgresql.org/documentation/ssl/
    tls = "sslmode=verify-full&sslfactory=certificates.PostgresSockets"
    return f"jdbc:postgresql://{host}:{port}/{database}?ApplicationName=migration&readOnly=true&{tls}&options={options}"


def reading(extract: Extract) -> str:
    """Return the end of a reader's URL, by which PostgresSockets.java names the extract in errors."""
    return f"&sslfactoryarg={quote(f'{extract.table} {extract.name}', safe='')}"


def session() -> str:
    """Return the SQL that every session begins with."""
    return session_settings.postgres_statement()


def select(extract: Extract, key: str | None) -> str:
    """Return the extract's query; with `key`, each row has its position as `$place`, which splits are ranges of."""
    values = [f"{_value(column)} AS {quoted(column.name, chr(34))}" for column in extract.columns]
    values += [f'{key} AS "$place"'] if key else []
    return f"SELECT {', '.join(values)} FROM {_filtered(extract)}"


def audits(extract: Extract, encoding: str = "UTF8") -> list[str]:
    """Return unsplit queries that count rows, then each column's values and the bytes of their text in UTF-8.

    A wide table takes several queries: a result has at most 1,664 columns, and so has each partial result of a
    parallel scan.
    https://www.postgresql.org/docs/current/limits.html
    """
    sums = ["count(*)"]
    for column in extract.columns:
        sums += [f"count({_name(column)})", f"coalesce(sum({_bytes(column, encoding)}), 0)"]
    sums = [f"{figure} AS c{n}" for n, figure in enumerate(sums)]
    parts = [", ".join(sums[first : first + _MOST_FIGURES]) for first in range(0, len(sums), _MOST_FIGURES)]
    return [f"SELECT {part} FROM {_filtered(extract)}" for part in parts]


def where_counts(extract: Extract) -> str:
    """Return an unsplit query without a filter, which counts all rows and those that the extract's filter keeps."""
    inside = f"count(*) FILTER (WHERE ({without_parameters(extract.where or 'true')}\n))"
    return f"SELECT count(*) AS total, {inside} AS inside FROM {source(extract)}"


def _bytes(column: Column, encoding: str) -> str:
    """Return SQL of the bytes of a value's text; the SQL writes no text whose length the type decides."""
    name, text = _name(column), f"({_value(column)})::text"
    measured = f"octet_length({text})" if encoding == "UTF8" else f"octet_length(convert_to({text}, 'UTF8'))"
    moment = (
        f"CASE WHEN {name} BETWEEN '0001-01-01 00:00:00' AND '9999-12-31 23:59:59.999999' THEN {MOMENT_BYTES} "
        f"ELSE {measured} END"
    )
    known = {
        "bytes": f"4 * ((octet_length({name}) + 2) / 3)",
        "boolean": f"CASE WHEN {name} THEN 4 WHEN NOT {name} THEN 5 END",
        "date": f"CASE WHEN {name} BETWEEN '0001-01-01' AND '9999-12-31' THEN {_DATE_BYTES} ELSE {measured} END",
        "timestamp": moment,
        "timestamptz": moment,
    }
    return known.get(column.type, measured)


def columns(extract: Extract) -> str:
    """Return the query for the source's columns as `name` and `type`; the type of a domain is its base type."""
    return f"""
        WITH RECURSIVE base AS (
          SELECT attnum, attname::text AS name, atttypid AS type, atttypmod AS modifier FROM pg_attribute
          WHERE attrelid = {oid(extract)} AND attnum > 0 AND NOT attisdropped
          UNION ALL
          SELECT attnum, name, typbasetype, typtypmod FROM base JOIN pg_type ON oid = type WHERE typtype = 'd')
        SELECT name, CASE
            WHEN pg_type.typtype = 'e' THEN 'enum'
            WHEN element.typtype = 'e' THEN 'enum[]'
            ELSE format_type(base.type, modifier) END AS type
        FROM base JOIN pg_type ON pg_type.oid = base.type
        LEFT JOIN pg_type AS element ON pg_type.typcategory = 'A' AND element.oid = pg_type.typelem
        WHERE pg_type.typtype <> 'd' ORDER BY attnum"""


def encoding(ask: Ask) -> str:
    """Return the encoding of the database."""
    (row,) = ask("SELECT current_setting('server_encoding') AS encoding")
    return str(row["encoding"])


def encoding_problem(name: str) -> str | None:
    """Return the problem with the database's encoding, or None."""
    return "the database is in SQL_ASCII, whose text may be no text" if name == "SQL_ASCII" else None


def splits(ask: Ask, extract: Extract, wanted: int, *, shifted: bool) -> tuple[str | None, list[str]]:
    """Return the SQL of `$place`, and predicates on it that cut the table into ranges; every row meets one of them.

    Ranges are of blocks, which need no index and have no null, and each block has about as many rows whatever the ids
    are. A range of a partitioned table, or of one that others inherit from, holds the same blocks of each partition.
    `shifted` moves the cuts, so that the comparison reads the same rows through other ranges. A source without blocks
    of its own, such as a view, is not cut.
    """
    relations = ask(
        f"{stored(extract)} SELECT pg_relation_size(stored.oid) / current_setting('block_size')::int AS blocks "
        "FROM stored JOIN pg_class ON pg_class.oid = stored.oid WHERE relkind IN ('r', 'm')"
    )
    sizes = [int(relation["blocks"]) for relation in relations]
    count = min(wanted, sum(sizes) // _SMALLEST_SPLIT_BLOCKS)
    cuts = even_cuts(sizes, count, _SHIFT_BLOCKS if shifted else 0) if count > 1 else []
    bounds: list[int | None] = [None, *cuts, None]
    return ("ctid", [_range(low, high) for low, high in zip(bounds, bounds[1:])]) if cuts else (None, ["true"])


def size(ask: Ask, extract: Extract) -> Size:
    """Return the source's size by its statistics: bytes, those of its long values included, and rows."""
    (statistics,) = ask(
        f"{stored(extract)} SELECT coalesce(sum(pg_table_size(stored.oid)), 0)::bigint AS bytes, "
        "coalesce(sum(greatest(reltuples, 0)), 0)::bigint AS rows, "
        "current_setting('server_version_num')::int AS version "
        "FROM stored JOIN pg_class ON pg_class.oid = stored.oid WHERE relkind IN ('r', 'm')"
    )
    has_ranges = int(statistics["version"]) >= _FIRST_WITH_RANGES
    return Size(int(statistics["bytes"]), int(statistics["rows"]), has_ranges)


def row_bytes(ask: Ask, extract: Extract) -> int:
    """Return about how many bytes a row takes on disk by the table's statistics, or 0 without statistics."""
    (statistics,) = ask(
        f"{stored(extract)} SELECT coalesce((sum(pg_table_size(stored.oid)) / nullif(sum(reltuples), 0))::bigint, 0) "
        "AS size FROM stored JOIN pg_class ON pg_class.oid = stored.oid WHERE relkind IN ('r', 'm') AND reltuples > 0"
    )
    return int(statistics["size"])


def counters(ask: Ask, extract: Extract) -> list[int]:
    """Return the rows inserted, updated and deleted in all tables of the source since the statistics began."""
    (counts,) = ask(
        f"{below(extract)} SELECT coalesce(sum(n_tup_ins), 0) AS i, coalesce(sum(n_tup_upd), 0) AS u, "
        "coalesce(sum(n_tup_del), 0) AS d FROM pg_stat_user_tables JOIN below ON oid = relid"
    )
    return [int(str(value)) for value in counts.values()]


def running(mark: str) -> str:
    """Return the query for the `id` of every other session of this role whose statement begins with `mark`."""
    return (
        "SELECT pid AS id FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid() "
        f"AND starts_with(query, '{mark}')"
    )


def ending(session: int) -> str:
    """Return the statement that ends a session; https://www.postgresql.org/docs/current/functions-admin.html."""
    return f"SELECT pg_terminate_backend({session})"


def _filtered(extract: Extract) -> str:
    return f"{source(extract)} WHERE {without_parameters(extract.where)}" if extract.where else source(extract)


def _name(column: Column) -> str:
    return quoted(column.database_name, '"')


def _range(low: int | None, high: int | None) -> str:
    parts = [f"\"$place\" >= '({low},0)'::tid"] if low is not None else []
    parts += [f"\"$place\" < '({high},0)'::tid"] if high is not None else []
    return " AND ".join(parts)


def _value(column: Column) -> str:
    return POSTGRES_VALUES.get(column.type, POSTGRES_TEXT).format(_name(column))
