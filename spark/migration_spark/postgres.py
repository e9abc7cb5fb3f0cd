"""PostgreSQL: extract SQL whose values are text made by the database, splits, audits and change counters.

What JDBC would bend (numeric, float, date, timestamp, json, arrays) leaves the database as text; only whole numbers,
booleans and text keep their type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migration_spark.spec import Column, Extract

DRIVER = "org.postgresql.Driver"
# JDBC would also send its own; these make text output independent of the server's configuration.
_SESSION = "-c%20TimeZone=UTC%20-c%20DateStyle=ISO%20-c%20extra_float_digits=1%20-c%20bytea_output=hex"
_WHOLE = ("smallint", "integer", "bigint")
_SMALLEST_SPLIT_BLOCKS = 64  # half a megabyte: below it a split costs more than it saves
_MOMENT = "YYYY-MM-DD HH24:MI:SS.US"


def url(host: str, port: int, database: str) -> str:
    """Return the JDBC URL of a clone."""
    return f"jdbc:postgresql://{host}:{port}/{database}?ApplicationName=migration&readOnly=true&options={_SESSION}"


def select(extract: Extract) -> str:
    """Return the extract's query with the row's place as `_ctid`, for splits to name."""
    values = ", ".join(f'{_value(column)} AS "{column.name}"' for column in extract.columns)
    return f"SELECT {values}, ctid AS _ctid FROM {_source(extract)}"


def audit(extract: Extract) -> str:
    """Return one unsplit query: rows, then per column the values that are there and their bytes as text."""
    sums = [
        f"count({_value(column)}), coalesce(sum(octet_length(({_value(column)})::text)), 0)"
        for column in extract.columns
    ]
    return f"SELECT {', '.join(['count(*)', *sums])} FROM {_source(extract)}"


def blocks(extract: Extract) -> str:
    """Return the query for the table's size in blocks; nothing for what has no blocks of its own, like a view."""
    return (
        "SELECT CASE WHEN relkind IN ('r', 'm') THEN pg_relation_size(oid) / current_setting('block_size')::int END "
        f"FROM pg_class WHERE oid = '{extract.source}'::regclass"
    )


def splits(size_blocks: int | None, wanted: int, shift_blocks: int = 0) -> list[str]:
    """Return predicates that cut the table into ranges of blocks; together they are true for every row.

    `shift_blocks` moves the cuts: the comparison reads the same rows through other ranges.
    """
    count = min(wanted, (size_blocks or 0) // _SMALLEST_SPLIT_BLOCKS)
    if count < 2 or size_blocks is None:  # noqa: PLR2004 - one range needs no cut
        return ["true"]
    cuts = sorted({min(size_blocks, size_blocks * n // count + shift_blocks) for n in range(1, count)})
    bounds: list[int | None] = [None, *cuts, None]
    return [_range(low, high) for low, high in zip(bounds, bounds[1:])]


def counters(extract: Extract) -> str:
    """Return the query for the rows inserted, updated and deleted since the clone's statistics began."""
    return (
        "SELECT coalesce(sum(n_tup_ins), 0), coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_del), 0) "
        f"FROM pg_stat_user_tables WHERE relid = '{extract.source}'::regclass"
    )


def _source(extract: Extract) -> str:
    return f"{extract.source} WHERE {extract.where}" if extract.where else extract.source


def _range(low: int | None, high: int | None) -> str:
    parts = [f"_ctid >= '({low},0)'::tid"] if low is not None else []
    parts += [f"_ctid < '({high},0)'::tid"] if high is not None else []
    return " AND ".join(parts) or "true"


def _value(column: Column) -> str:
    name = f'"{column.name}"'
    special = {
        "text": f"{name}::text",
        "boolean": name,
        "json": f"{name}::jsonb::text",
        "bytes": f"replace(encode({name}, 'base64'), E'\\n', '')",
        "text[]": f"to_jsonb({name})::text",
        "date": _finite(name, f"{name}::text"),
        "timestamp": _finite(name, f"to_char({name}, '{_MOMENT}')"),
        "timestamptz": _finite(name, f"to_char({name} AT TIME ZONE 'UTC', '{_MOMENT}')"),
    }
    if column.type in _WHOLE:
        return f"{name}::bigint"
    return special.get(column.type, f"{name}::text")


def _finite(name: str, text: str) -> str:
    # Infinity and years before Christ keep their own text, which no date can be read from: the row is rejected by name.
    return f"CASE WHEN isfinite({name}) AND {name} >= '0001-01-01' THEN {text} ELSE {name}::text END"
