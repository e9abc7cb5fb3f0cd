"""Benchmark of reading tables with clustered and with even ids, which must take the same time."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from migration_spark.arguments import Clone
from migration_spark.database import CloneDatabase
from migration_spark.spec import Cluster, Column, Extract

from bench.fixture import Contest, open_fixture, to_nowhere
from bench.mariadb import SERVER, mariadb

if TYPE_CHECKING:
    from bench.fixture import Fixture
    from bench.mariadb import MariaDb

EVEN = "even ids"
# Of ten ids, one is anywhere in the range, and nine are adjacent at its beginning.
_TABLES = {
    EVEN: ("even_ids", "{n} * 1000"),
    "90 % in one range": ("skewed_ids", "CASE {n} % 10 WHEN 0 THEN {n} * 1000 ELSE {n} END"),
}
_SHAPES = {"narrow": (1, 4), "wide": (50, 100)}  # rows are divided by, columns
_TEXT_BYTES = 500


def main(count: int, rounds: int) -> None:
    """Time the reading of even and of skewed tables, narrow and wide, of both engines."""
    with open_fixture(1) as fixture, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for shape, (divided, columns) in _SHAPES.items():
            rows = count // divided
            _fill_postgres(fixture, rows, columns)
            cluster = Cluster(name="one", group="g", engine="aurora-postgresql", database="postgres", user="postgres")
            database = CloneDatabase(fixture.spark, cluster, Clone("one", "127.0.0.1", fixture.port, ""))
            _contest(database, f"skew-postgresql-{shape}", rows, columns, rounds)
        if SERVER is None:
            print("no mariadbd on this machine: MySQL is left out")
            return
        with mariadb(Path(folder)) as server:
            fixture.spark.conf.set("spark.migration.password.two", server.password)
            cluster = Cluster(name="two", group="g", engine="aurora-mysql", database="shop", user="reader")
            database = CloneDatabase(fixture.spark, cluster, Clone("two", "127.0.0.1", server.port, ""))
            for shape, (divided, columns) in _SHAPES.items():
                rows = count // divided
                _fill_mysql(server, rows, columns)
                _contest(database, f"skew-mysql-{shape}", rows, columns, rounds)


def _fill_postgres(fixture: Fixture, rows: int, columns: int) -> None:
    with psycopg.connect(fixture.dsn, autocommit=True) as connection:
        for name, id_sql in _TABLES.values():
            texts = ", ".join(
                f"repeat(md5((n + {number})::text), {_TEXT_BYTES // 32}) AS c{number}" for number in range(columns)
            )
            select = f"SELECT {id_sql.format(n='n')} AS id, {texts} FROM generate_series(1::bigint, {rows}) n"  # noqa: S608 - names of this file
            connection.execute(f"DROP TABLE IF EXISTS {name}".encode())
            connection.execute(f"CREATE TABLE {name} AS {select}".encode())
            connection.execute(f"ANALYZE {name}".encode())


def _fill_mysql(server: MariaDb, rows: int, columns: int) -> None:
    for name, id_sql in _TABLES.values():
        made = ", ".join(f"c{number} varchar({_TEXT_BYTES})" for number in range(columns))
        texts = ", ".join(f"repeat(md5(seq + {number}), {_TEXT_BYTES // 32})" for number in range(columns))
        select = f"SELECT {id_sql.format(n='seq')}, {texts} FROM seq_1_to_{rows}"  # noqa: S608 - names of this file
        server.run(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (id bigint PRIMARY KEY, {made}) CHARSET latin1")
        server.run(f"INSERT INTO {name} {select}; ANALYZE TABLE {name}")


def _contest(database: CloneDatabase, name: str, rows: int, columns: int, rounds: int) -> None:
    contest = Contest(name, rows, rounds)
    contest.run({label: partial(_read, database, table, columns) for label, (table, _) in _TABLES.items()})
    contest.report(EVEN)


def _read(database: CloneDatabase, table: str, columns: int) -> None:
    names = {"id": "bigint", **{f"c{number}": "text" for number in range(columns)}}
    extract = Extract(
        table="Thing",
        name="thing",
        source=table,
        clusters=(database.cluster,),
        columns=tuple(Column(name, kind) for name, kind in names.items()),
        where=None,
        connections=2,
        broadcast=False,
    )
    to_nowhere(database.read(extract))
