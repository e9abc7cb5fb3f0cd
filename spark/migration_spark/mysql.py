"""MySQL's SQL: the select of an extract, its columns, splits and audits, and the counters of changes.

The database itself makes text of what JDBC would change: dates, tinyint(1), FLOAT and unsigned numbers. Only whole
numbers of at most 64 bits keep their type. The list of types says which SQL makes a value: column_types.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import quote

from migration_spark import session_settings
from migration_spark.column_types import MYSQL_CUTS, MYSQL_TEXT, MYSQL_TYPES, MYSQL_VALUES
from migration_spark.identifiers import quoted
from migration_spark.mysql_cuts import bisected, sampled
from migration_spark.mysql_relations import names, source
from migration_spark.splits import Size

if TYPE_CHECKING:
    from migration_spark.spec import Column, Extract

DRIVER = "com.mysql.cj.jdbc.Driver"
# This number asks the driver to pass rows on as the server sends them. A cursor would first write the whole result to
# the server's own disk, where a range of 100 GB does not fit.
# https://dev.mysql.com/doc/connector-j/en/connector-j-reference-implementation-notes.html
FETCH_SIZE = -(2**31)
# Only the witness uses cursors, for a thousand rows. While rows stream, the driver would set the session's
# net_write_timeout to ten minutes, and a reader that sorts or spills may pause for longer.
_OPTIONS = (
    "useCursorFetch=true&netTimeoutForStreamingResults=0&tinyInt1isBit=false&characterEncoding=UTF-8"
    "&sslMode=VERIFY_IDENTITY&socketFactory=certificates.MySqlSockets"
    "&connectionCollation=utf8mb4_bin&connectionTimeZone=UTC&forceConnectionTimeZoneToSession=true"
)
TYPES = MYSQL_TYPES
_WROTE = (
    *("insert", "insert_select", "replace", "replace_select", "load"),
    *("update", "update_multi", "delete", "delete_multi", "truncate"),
)

Ask = Callable[[str], "list[dict[str, Any]]"]


def url(host: str, port: int, database: str) -> str:
    """Return the JDBC URL of a clone."""
    return f"jdbc:mysql://{host}:{port}/{database}?{_OPTIONS}&sessionVariables={session_settings.mysql_variables()}"


def reading(extract: Extract) -> str:
    """Return the end of a reader's URL, by which MySqlSockets.java names the extract in errors.

    The attribute is also in performance_schema.session_connect_attrs of the clone.
    """
    return f"&connectionAttributes=extract:{quote(f'{extract.table} {extract.name}', safe='')}"


def session() -> str:
    """Return the SQL that every session begins with: the session reads one state and may not write."""
    return session_settings.mysql_statement()


def select(extract: Extract, key: str | None) -> str:
    """Return the extract's query; with `key`, each row has that column as `$place`, which splits are ranges of."""
    values = [f"{_value(column)} AS {_name(column.name)}" for column in extract.columns]
    values += [f"{_name(key)} AS `$place`"] if key else []
    return f"SELECT {', '.join(values)} FROM {_filtered(extract)}"


def audits(extract: Extract, encoding: str = "UTF8") -> list[str]:  # noqa: ARG001 - the database converts every text itself
    """Return an unsplit query that counts rows, then each column's values and the bytes of their text.

    It counts stored values: a function answers null for a value that is longer than `max_allowed_packet`.
    """
    sums = ["count(*)"]
    for column in extract.columns:
        name = _name(column.database_name)
        in_base64 = f"4 * ((octet_length({name}) + 2) DIV 3)"
        size = in_base64 if column.type == "bytes" else f"octet_length({_value(column)})"
        sums += [f"count({name})", f"coalesce(sum({size}), 0)"]
    return [f"SELECT {', '.join(f'{figure} AS c{n}' for n, figure in enumerate(sums))} FROM {_filtered(extract)}"]


def where_counts(extract: Extract) -> str:
    """Return an unsplit query without a filter, which counts all rows and those that the extract's filter keeps."""
    inside = f"count(CASE WHEN ({extract.where}\n) THEN 1 END)"
    return f"SELECT count(*) AS total, {inside} AS inside FROM {source(extract)}"


def columns(extract: Extract) -> str:
    """Return the query for the source's columns as `name` and `type`."""
    schema, table = names(extract)
    return (
        "SELECT column_name AS name, column_type AS type FROM information_schema.columns "
        f"WHERE table_schema = {schema} AND table_name = {table} ORDER BY ordinal_position"
    )


def encoding(ask: Ask) -> str:  # noqa: ARG001 - every text is converted to UTF-8 by the database
    """Return the encoding that texts are counted in."""
    return "UTF8"


def encoding_problem(name: str) -> None:
    """Return None: no encoding is refused."""


def splits(ask: Ask, extract: Extract, wanted: int, *, shifted: bool) -> tuple[str | None, list[str]]:
    """Return the column of `$place`, and predicates on it that cut the table into ranges; every row meets one of them.

    If the primary key begins with a whole number, the range that the optimizer estimates fullest is cut in the middle,
    again and again, however unevenly the ids lie. If it begins with a text or a moment, the table is cut at values of
    a sample, which takes a scan of the table. Other tables are not cut. `shifted` moves the cuts, so that the
    comparison reads the same rows through other ranges.
    """
    schema, table = names(extract)
    first_columns = ask(
        "SELECT k.column_name AS name, c.data_type AS type, t.table_rows AS size "
        "FROM information_schema.key_column_usage k "
        "JOIN information_schema.columns c ON c.table_schema = k.table_schema AND c.table_name = k.table_name "
        "AND c.column_name = k.column_name "
        "JOIN information_schema.tables t ON t.table_schema = k.table_schema AND t.table_name = k.table_name "
        f"WHERE k.table_schema = {schema} AND k.table_name = {table} AND k.constraint_name = 'PRIMARY' "
        "AND k.ordinal_position = 1"
    )
    facts = first_columns[0] if first_columns else {}
    cuts: list[str] = []
    if facts.get("type") in MYSQL_CUTS["ranges"]:
        cuts = bisected(ask, source(extract), str(facts["name"]), wanted, shifted=shifted)
    elif facts.get("type") in MYSQL_CUTS["sample"]:
        cuts = sampled(ask, source(extract), facts, wanted, shifted=shifted)
    bounds = [None, *cuts, None]
    ranges = [_range(low, high) for low, high in zip(bounds, bounds[1:])]
    return (str(facts["name"]), ranges) if cuts else (None, ["true"])


def size(ask: Ask, extract: Extract) -> Size:
    """Return the source's size by the server's statistics."""
    schema, table = names(extract)
    statistics = ask(
        "SELECT coalesce(data_length, 0) AS size, coalesce(table_rows, 0) AS amount "
        f"FROM information_schema.tables WHERE table_schema = {schema} AND table_name = {table}"
    )
    if not statistics:
        return Size(0, 0)
    return Size(int(str(statistics[0]["size"])), int(str(statistics[0]["amount"])))


def counters(ask: Ask, extract: Extract) -> list[int]:  # noqa: ARG001 - the server counts statements, not a table's rows
    """Return the number of statements that the clone has run, for each kind of statement that writes."""
    names = ", ".join(f"'Com_{name}'" for name in _WROTE)
    counts = {row["Variable_name"]: row["Value"] for row in ask(f"SHOW GLOBAL STATUS WHERE Variable_name IN ({names})")}
    return [int(counts.get(f"Com_{name}", 0)) for name in _WROTE]


def running(mark: str) -> str:
    """Return the query for the `id` of every other session of this account whose statement begins with `mark`.

    An account sees its own: https://dev.mysql.com/doc/refman/8.0/en/information-schema-processlist-table.html
    """
    return (
        "SELECT id AS id FROM information_schema.processlist WHERE id <> connection_id() "
        f"AND user = substring_index(user(), '@', 1) AND left(info, {len(mark)}) = '{mark}'"
    )


def ending(session: int) -> str:
    """Return the statement that ends a session."""
    return f"KILL {session}"


def _filtered(extract: Extract) -> str:
    return f"{source(extract)} WHERE {extract.where}" if extract.where else source(extract)


def _name(column: str) -> str:
    return quoted(column, "`")


def _range(low: str | None, high: str | None) -> str:
    parts = [f"`$place` >= {low}"] if low is not None else []
    parts += [f"`$place` < {high}"] if high is not None else []
    # A key is never null, but no row may be lost if one is.
    return " AND ".join(parts) if low is not None else f"({' AND '.join(parts)} OR `$place` IS NULL)"


def _value(column: Column) -> str:
    return MYSQL_VALUES.get(column.type, MYSQL_TEXT).format(_name(column.database_name))
