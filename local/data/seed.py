"""Seed of the nine PostgreSQL source clusters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from local.data.rows import SHARES, Row, properties, rate_plans, rows_of
from local.data.schema import MAIN, MAIN_DATABASE, PARTITION, PARTITION_DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.aurora.fleet import Fleet

PROPERTY_COLUMNS = {"base_rate": 0, "inventory": 0, "restriction": 1, "allotment": 1}
_BATCH = 20_000


def seed(fleet: Fleet, main: str, partitions: list[str], rows: int) -> None:
    """Create all tables and fill them with about `rows` rows in total."""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda name: _create(fleet, name, PARTITION_DATABASE, PARTITION), partitions))
    _create(fleet, main, MAIN_DATABASE, MAIN)
    counts = {table: max(20, rows * share // 100) for table, share in SHARES.items()}
    with psycopg.connect(fleet.server(main).dsn(MAIN_DATABASE)) as connection:
        _copy(connection, "property", properties(rows))
        _copy(connection, "rate_plan", rate_plans())
        for table in ("base_rate_association", "restriction_association"):
            _copy(connection, table, rows_of(table, counts[table]))
    connections = [psycopg.connect(fleet.server(name).dsn(PARTITION_DATABASE)) for name in partitions]
    for table, column in PROPERTY_COLUMNS.items():
        _spread(connections, table, column, rows_of(table, counts[table]))
    for connection in connections:
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
        connection.close()


def _create(fleet: Fleet, identifier: str, database: str, schema: str) -> None:
    with psycopg.connect(fleet.server(identifier).dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    with psycopg.connect(fleet.server(identifier).dsn(database)) as connection:
        connection.execute(schema.encode())


def _spread(connections: list[psycopg.Connection], table: str, column: int, rows: Iterable[Row]) -> None:
    """Copy each row to the partition of its property."""
    batches: list[list[Row]] = [[] for _ in connections]
    for row in rows:
        partition = row[column] % len(connections)
        batches[partition].append(row)
        if len(batches[partition]) >= _BATCH:
            _copy(connections[partition], table, batches[partition])
            batches[partition] = []
    for connection, batch in zip(connections, batches, strict=True):
        _copy(connection, table, batch)


def _copy(connection: psycopg.Connection, table: str, rows: Iterable[Row]) -> None:
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
