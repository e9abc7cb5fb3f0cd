"""Seed of the nine MySQL source clusters: the same rows as for PostgreSQL."""

from __future__ import annotations

import itertools
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from local.data.mysql_schema import MAIN, PARTITION
from local.data.rows import SHARES, Row, properties, rate_plans, rows_of
from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE
from local.data.seed import PROPERTY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pymysql.connections import Connection

    from local.aurora.fleet import Fleet

_BATCH = 5_000


def seed(fleet: Fleet, main: str, partitions: list[str], rows: int) -> None:
    """Create all tables and fill them with about `rows` rows in total."""
    counts = {table: max(20, rows * share // 100) for table, share in SHARES.items()}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: _create(fleet, name, PARTITION_DATABASE, PARTITION), partitions))
        _create(fleet, main, MAIN_DATABASE, MAIN)
        # Python generates the rows in this process; the second thread waits for the servers.
        filling = pool.submit(_fill_main, fleet, main, rows, counts)
        _fill_partitions(fleet, partitions, counts)
        filling.result()


def _fill_main(fleet: Fleet, main: str, rows: int, counts: dict[str, int]) -> None:
    with fleet.mysql_server(main).connect(MAIN_DATABASE) as connection:
        _insert(connection, "property", properties(rows))
        _insert(connection, "rate_plan", rate_plans())
        for table in ("base_rate_association", "restriction_association"):
            _insert(connection, table, rows_of(table, counts[table]))
        _analyse(connection)


def _fill_partitions(fleet: Fleet, partitions: list[str], counts: dict[str, int]) -> None:
    """Insert each row into the partition of its property."""
    connections = [fleet.mysql_server(name).connect(PARTITION_DATABASE) for name in partitions]
    for table, column in PROPERTY_COLUMNS.items():
        for batch in _batches(rows_of(table, counts[table])):
            for number, connection in enumerate(connections):
                own = [row for row in batch if row[column] % len(connections) == number]
                _insert(connection, table, own)
    for connection in connections:
        _analyse(connection)
        connection.close()


def _create(fleet: Fleet, identifier: str, database: str, schema: str) -> None:
    with fleet.mysql_server(identifier).connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database}")
        connection.select_db(database)
        for statement in schema.split(";"):
            if statement.strip():
                cursor.execute(statement)


def _insert(connection: Connection[Any], table: str, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor:
        for batch in _batches(rows):
            places = ", ".join(["%s"] * len(batch[0]))
            cursor.executemany(
                f"INSERT INTO {table} VALUES ({places})",  # noqa: S608 - no value of a caller's
                [tuple(map(_value, row)) for row in batch],
            )


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while batch := list(itertools.islice(left, _BATCH)):
        yield batch


def _value(value: object) -> object:
    """Return a value in the form that MySQL's driver accepts."""
    if isinstance(value, uuid.UUID):
        return str(value)
    return json.dumps(value) if isinstance(value, list) else value


def _analyse(connection: Connection[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        names = ", ".join(str(name) for (name,) in cursor.fetchall())
        cursor.execute(f"ANALYZE TABLE {names}")
