"""Division of loaded rows over the clusters of MySQL, and checks of the tables against the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymysql
from migration_spark import mysql
from migration_spark.spec import read_spec
from pymysql.cursors import DictCursor

from catalog.field_types import closest, source_name, source_parts
from catalog.spec import build_spec
from local.aurora.fleet import MYSQL
from local.errors import DataError
from local.rehearse.source_columns import check_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

    from catalog.models import Catalog, Cluster, Domain
    from local.aurora.fleet import Fleet
    from local.aurora.mariadb import MariaDbServer


def check_source_tables(domain: Domain, server: MariaDbServer, database: str) -> None:
    """Check that a database has all source tables of the domain.

    Raises:
        DataError: The message has the missing ones.
    """
    with server.connect(database) as connection, connection.cursor() as cursor:
        there = _tables(cursor)
    missing = [source for source in _sources(domain) if source_parts(source)[1] not in there]
    if missing:
        raise DataError("; ".join(_no_table(source, there) for source in missing))


def check_tables(catalog: Catalog, domain: str, fleet: Fleet, clusters: Iterable[Cluster]) -> None:
    """Check the tables of MySQL's clusters against the catalog by the rules of the Spark jobs.

    Raises:
        DataError: A table or column is missing or of another type; the message has all of them.
    """
    spec = read_spec(build_spec(catalog, domain), domain)
    by_name = {cluster.identifier: cluster for cluster in clusters if cluster.engine == MYSQL}
    extracts = [e for table in spec.tables for e in table.extracts if all(c.name in by_name for c in e.clusters)]
    columns, missing = {}, []
    for extract in extracts:
        for cluster in extract.clusters:
            server, database = fleet.mysql_server(cluster.name), by_name[cluster.name].database
            with server.connect(database, cursorclass=DictCursor) as connection, connection.cursor() as cursor:
                cursor.execute(mysql.columns(extract))
                rows = list(cursor.fetchall())
            if rows:
                columns[extract.source, cluster.name] = rows
                continue
            with server.connect(database) as connection, connection.cursor() as cursor:
                missing.append(f"{cluster.name}: {_no_table(extract.source, _tables(cursor))}")
    check_columns(columns, extracts, dict.fromkeys(by_name, mysql.TYPES), missing)


def rename_database(server: MariaDbServer, old: str, new: str) -> None:
    """Rename a database by moving its tables, because MySQL cannot rename one."""
    with server.connect(old) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {_quoted(new)}")
        cursor.execute("SET SESSION foreign_key_checks = 0")
        cursor.execute("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
        moved = [f"{_quoted(old)}.{_quoted(name)} TO {_quoted(new)}.{_quoted(name)}" for name, _ in cursor.fetchall()]
        if moved:
            cursor.execute(f"RENAME TABLE {', '.join(moved)}")
        cursor.execute(f"DROP DATABASE {_quoted(old)}")


def divide_rows(domain: Domain, fleet: Fleet, clusters: Iterable[Cluster], split: str | None) -> None:
    """Delete the rows of other clusters from each cluster, after all rows were loaded into every cluster.

    In a group of several clusters, the hash of the `split` column decides which cluster keeps a row. Without a `split`
    the first cluster keeps all rows.

    Raises:
        DataError: A table of such a group lacks the column.
    """
    groups: dict[str, list[Cluster]] = {}
    for cluster in clusters:
        groups.setdefault(cluster.group, []).append(cluster)
    for group, members in groups.items():
        if len(members) == 1:
            continue
        for number, cluster in enumerate(members):
            with fleet.mysql_server(cluster.identifier).connect(cluster.database) as connection:
                for source in _sources(domain, group):
                    _keep_own(connection, cluster, source_parts(source)[1], (split, number, len(members)))


def _keep_own(connection: Connection[Any], cluster: Cluster, table: str, share: tuple[str | None, int, int]) -> None:
    split, number, count = share
    name = _quoted(table)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION foreign_key_checks = 0")  # else the server would check them row by row
        if split is None:
            keeps = "TRUE" if number == 0 else "FALSE"
        else:
            cursor.execute(f"SHOW COLUMNS FROM {name}")
            columns = [str(column[0]) for column in cursor.fetchall()]
            if split not in columns:
                raise DataError(
                    f"SPLIT={split}: {table} has no such column, and each of the {count} clusters of the group "
                    f"{cluster.group} would have all its rows; it has {', '.join(columns)}. "
                    "Name a column that all tables of the group have, or use a folder with a dump per cluster"
                )
            keeps = f"coalesce(crc32({_quoted(split)}) % {count}, 0) = {number}"
        try:
            cursor.execute(f"DELETE FROM {name} WHERE NOT ({keeps})")  # noqa: S608 - names are quoted
            cursor.execute(f"OPTIMIZE TABLE {name}")
        except pymysql.Error as error:
            raise DataError(
                f"{table} cannot be divided over the clusters of the group {cluster.group}: {error.args[-1]}; "
                "use a folder with a dump per cluster"
            ) from error


def analyse(server: MariaDbServer, database: str) -> None:
    """Update the server's statistics of every table."""
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
        names = [_quoted(name) for name, _ in cursor.fetchall()]
        if names:
            cursor.execute(f"ANALYZE TABLE {', '.join(names)}")


def _sources(domain: Domain, group: str | None = None) -> list[str]:
    extracts = [extract for table in domain.selects for extract in table.extracts.values()]
    return sorted({extract.source for extract in extracts if group in (None, extract.group)})


def _tables(cursor: Cursor) -> list[str]:
    cursor.execute("SHOW TABLES")
    return [str(name) for (name,) in cursor.fetchall()]


def _no_table(source: str, tables: list[str]) -> str:
    there = [source_name("", name) for name in tables]
    like = closest(source, there)
    hint = f"did you mean {like}?" if like else f"there are {', '.join(there) or 'no tables'}"
    return f"the loaded data have no table {source}; {hint}"


def _quoted(name: str) -> str:
    return "`{}`".format(name.replace("`", "``"))
