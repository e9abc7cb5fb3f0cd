"""PostgreSQL: extract SQL whose values are text made by the database, its types, splits, audits and change counters.

What JDBC would bend (numeric, float, date, timestamp, json, arrays) leaves the database as text; only whole numbers,
booleans and text keep their type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from migration_spark.spec import MOMENT_BYTES

if TYPE_CHECKING:
    from migration_spark.spec import Column, Extract

DRIVER = "org.postgresql.Driver"
# JDBC would also send its own; these make text output independent of the server's configuration.
_SETTINGS = (
    "TimeZone=UTC",
    "DateStyle=ISO",
    "IntervalStyle=iso_8601",
    "extra_float_digits=1",
    "bytea_output=hex",
    r"default_transaction_isolation=repeatable\%20read",
    "default_transaction_read_only=on",
)
_SMALLEST_SPLIT_BLOCKS = 64  # half a megabyte: below it a split costs more than it saves
_SHIFT_BLOCKS = 7
_DATE_BYTES = 10
_WHOLE = ("smallint", "integer", "bigint")
# What a column's type may be called in the catalog; https://www.postgresql.org/docs/current/datatype.html
_TEXT = ("text",)
TYPES: dict[str, tuple[str, ...]] = {
    "smallint": _WHOLE,
    "integer": _WHOLE[1:],
    "bigint": _WHOLE[2:],
    "numeric": ("numeric",),
    "real": ("real", "double"),
    "double precision": ("double",),
    "boolean": ("boolean",),
    "date": ("date", "text"),
    "timestamp without time zone": ("timestamp", "text"),
    "timestamp with time zone": ("timestamptz", "text"),
    "uuid": ("uuid", "text"),
    "bytea": ("bytes",),
    "json": ("json", "text"),
    "jsonb": ("json", "text"),
    "text": _TEXT,
    "character varying": _TEXT,
    "character": _TEXT,
    "citext": _TEXT,
    "name": _TEXT,
    "enum": _TEXT,
    "time without time zone": _TEXT,
    "time with time zone": _TEXT,
    "interval": _TEXT,
    "bit": _TEXT,
    "bit varying": _TEXT,
    "inet": _TEXT,
    "cidr": _TEXT,
    "macaddr": _TEXT,
    "macaddr8": _TEXT,
    "xml": _TEXT,
}
_WHOLE_ARRAYS = {f"{name}[]": ("bigint[]", "text[]") for name in _WHOLE}
_TEXT_ARRAYS = ("text", "character varying", "character", "citext", "name", "uuid", "numeric", "enum")
TYPES = {**TYPES, **_WHOLE_ARRAYS, **{f"{name}[]": ("text[]",) for name in _TEXT_ARRAYS}}

Ask = Callable[[str], "list[dict[str, Any]]"]


def url(host: str, port: int, database: str) -> str:
    """Return the JDBC URL of a clone."""
    options = "%20".join(f"-c%20{setting}" for setting in _SETTINGS)
    return f"jdbc:postgresql://{host}:{port}/{database}?ApplicationName=migration&readOnly=true&options={options}"


def session() -> str:
    """Return the SQL that every session begins with; the URL has said everything."""
    return ""


def select(extract: Extract, key: str | None) -> str:
    """Return the extract's query, with the row's place as `_place` where splits (`key`) name it."""
    values = [f'{_value(column)} AS "{column.name}"' for column in extract.columns]
    values += [f"{key} AS _place"] if key else []
    return f"SELECT {', '.join(values)} FROM {_source(extract)}"


def audit(extract: Extract) -> str:
    """Return one unsplit query: rows, then per column the values that are there and their bytes as text."""
    sums = ["count(*)"]
    for column in extract.columns:
        name, size = f'"{column.name}"', _bytes(column)
        sums += [f"count({name})", f"coalesce(sum({size}), 0)"]
    return f"SELECT {', '.join(f'{figure} AS c{n}' for n, figure in enumerate(sums))} FROM {_source(extract)}"


def _bytes(column: Column) -> str:
    """Return how many bytes a value's text has; what all have alike is not written out to be measured."""
    name = f'"{column.name}"'
    measured = f"octet_length(({_value(column)})::text)"
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
    """Return the query for the source's columns as `name` and `type`: domains as what they are made of."""
    return f"""
        WITH RECURSIVE found AS (
          SELECT attnum, attname::text AS name, atttypid AS type, atttypmod AS modifier FROM pg_attribute
          WHERE attrelid = '{extract.source}'::regclass AND attnum > 0 AND NOT attisdropped
          UNION ALL
          SELECT attnum, name, typbasetype, typtypmod FROM found JOIN pg_type ON oid = type WHERE typtype = 'd')
        SELECT name, CASE
            WHEN pg_type.typtype = 'e' THEN 'enum'
            WHEN element.typtype = 'e' THEN 'enum[]'
            ELSE format_type(found.type, modifier) END AS type
        FROM found JOIN pg_type ON pg_type.oid = found.type
        LEFT JOIN pg_type AS element ON pg_type.typcategory = 'A' AND element.oid = pg_type.typelem
        WHERE pg_type.typtype <> 'd' ORDER BY attnum"""


def encoding(ask: Ask) -> str | None:
    """Return what is wrong with the database's encoding, or None."""
    (found,) = ask("SELECT current_setting('server_encoding') AS encoding")
    return "the database is in SQL_ASCII, whose text may be no text" if found["encoding"] == "SQL_ASCII" else None


def splits(ask: Ask, extract: Extract, wanted: int, *, shifted: bool) -> tuple[str | None, list[str]]:
    """Return what `_place` is, and predicates on it that cut the table into ranges; together they hold for every row.

    Blocks need no index and know no null, and as many rows lie in each whatever the ids are. `shifted` moves the cuts:
    the comparison reads the same rows through other ranges. What has no blocks of its own, like a view, is not cut.
    """
    (found,) = ask(
        "SELECT CASE WHEN relkind IN ('r', 'm') THEN pg_relation_size(oid) / current_setting('block_size')::int "
        f"ELSE 0 END AS blocks FROM pg_class WHERE oid = '{extract.source}'::regclass"
    )
    size = int(found["blocks"])
    count = min(wanted, size // _SMALLEST_SPLIT_BLOCKS)
    shift = _SHIFT_BLOCKS if shifted else 0
    cuts = sorted({min(size, size * n // count + shift) for n in range(1, count)}) if count > 1 else []
    bounds: list[int | None] = [None, *cuts, None]
    return ("ctid", [_range(low, high) for low, high in zip(bounds, bounds[1:])]) if cuts else (None, ["true"])


def row_bytes(ask: Ask, extract: Extract) -> int:
    """Return about how many bytes a row takes on disk, by the table's statistics; 0 where there are none."""
    (found,) = ask(
        "SELECT CASE WHEN relkind IN ('r', 'm') AND reltuples > 0 THEN (pg_table_size(oid) / reltuples)::bigint "
        f"ELSE 0 END AS size FROM pg_class WHERE oid = '{extract.source}'::regclass"
    )
    return int(found["size"])


def counters(ask: Ask, extract: Extract) -> list[int]:
    """Return the rows inserted, updated and deleted in the source since the clone's statistics began."""
    (found,) = ask(
        "SELECT coalesce(sum(n_tup_ins), 0) AS i, coalesce(sum(n_tup_upd), 0) AS u, coalesce(sum(n_tup_del), 0) AS d "
        f"FROM pg_stat_user_tables WHERE relid = '{extract.source}'::regclass"
    )
    return [int(str(value)) for value in found.values()]


def _source(extract: Extract) -> str:
    return f"{extract.source} WHERE {extract.where}" if extract.where else extract.source


def _range(low: int | None, high: int | None) -> str:
    parts = [f"_place >= '({low},0)'::tid"] if low is not None else []
    parts += [f"_place < '({high},0)'::tid"] if high is not None else []
    return " AND ".join(parts)


def _value(column: Column) -> str:
    name = f'"{column.name}"'
    special = {
        "boolean": name,
        "bytes": f"replace(encode({name}, 'base64'), E'\\n', '')",
        "text[]": f"({name}::text[])::text",
        **dict.fromkeys(_WHOLE, f"{name}::bigint"),
    }
    return special.get(column.type, f"{name}::text")
