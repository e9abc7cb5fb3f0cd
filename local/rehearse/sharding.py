"""Division of loaded rows over the clusters of each group, and checks of the tables against the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from migration_spark import postgres
from migration_spark.spec import read_spec
from psycopg import sql
from psycopg.rows import dict_row

from catalog.field_types import closest, source_name
from catalog.spec import build_spec
from local.aurora.fleet import MYSQL
from local.errors import DataError
from local.rehearse.csv_files import name_of
from local.rehearse.source_columns import check_columns

if TYPE_CHECKING:
    from catalog.models import Catalog, Cluster, Domain
    from local.aurora.fleet import Fleet
    from local.aurora.server import PostgresServer

_TABLES = """SELECT CASE WHEN schemaname = 'public' THEN '' ELSE schemaname END, name FROM (
  SELECT schemaname, tablename AS name FROM pg_tables UNION ALL SELECT schemaname, viewname FROM pg_views) AS found
  WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"""


def check_source_tables(domain: Domain, server: PostgresServer, database: str) -> None:
    """Check that a database has all source tables of the domain.

    Raises:
        DataError: The message has the missing ones.
    """
    sources = dict.fromkeys(extract.source for table in domain.selects for extract in table.extracts.values())
    with psycopg.connect(server.dsn(database)) as connection:
        missing = [_no_table(connection, source) for source in sources if not _is_there(connection, source)]
    if missing:
        raise DataError("; ".join(missing))


def check_tables(catalog: Catalog, domain: str, fleet: Fleet, clusters: tuple[Cluster, ...]) -> None:
    """Check the tables of PostgreSQL's clusters against the catalog by the rules of the Spark jobs.

    Raises:
        DataError: A table or column is missing or of another type; the message has all of them.
    """
    spec = read_spec(build_spec(catalog, domain), domain)
    databases = {
        cluster.identifier: fleet.server(cluster.identifier).dsn(cluster.database)
        for cluster in clusters
        if cluster.engine != MYSQL
    }
    extracts = [e for table in spec.tables for e in table.extracts if all(c.name in databases for c in e.clusters)]
    columns, missing = {}, []
    for identifier, dsn in databases.items():
        _refuse_bytes(identifier, dsn)
    for extract in extracts:
        for cluster in extract.clusters:
            with psycopg.connect(databases[cluster.name]) as connection:
                if _is_there(connection, extract.source):
                    cursor = connection.cursor(row_factory=dict_row)
                    columns[extract.source, cluster.name] = cursor.execute(
                        postgres.columns(extract).encode()
                    ).fetchall()
                else:
                    missing.append(f"{cluster.name}: {_no_table(connection, extract.source)}")
    check_columns(columns, extracts, dict.fromkeys(databases, postgres.TYPES), missing)


def _refuse_bytes(identifier: str, dsn: str) -> None:
    """Refuse a database whose encoding is unknown, because the jobs cannot read its text."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        wrong = postgres.encoding_problem(
            postgres.encoding(lambda statement: connection.execute(statement.encode()).fetchall())
        )
    if wrong:
        raise DataError(
            f"{identifier}: {wrong}: load it into a database with an encoding and dump that (pg_dump -E UTF8)"
        )


def divide_rows(domain: Domain, fleet: Fleet, clusters: tuple[Cluster, ...], split: str | None) -> None:
    """Delete the rows of other clusters from each cluster, after all rows were loaded into every cluster.

    In a group of several clusters, the hash of the `split` column decides which cluster keeps a row. Without a `split`
    the first cluster keeps all rows.

    Raises:
        DataError: A table of such a group lacks the column, or its rows cannot be deleted.
    """
    groups: dict[str, list[Cluster]] = {}
    for cluster in clusters:
        groups.setdefault(cluster.group, []).append(cluster)
    for group, members in groups.items():
        sources = sorted({e.source for t in domain.selects for e in t.extracts.values() if e.group == group})
        if len(members) == 1:
            continue
        for number, cluster in enumerate(members):
            with psycopg.connect(fleet.server(cluster.identifier).dsn(cluster.database), autocommit=True) as connection:
                # Otherwise the server would check foreign keys between such tables row by row.
                connection.execute("SET session_replication_role = replica")
                for source in sources:
                    _keep_own(connection, cluster, source, (split, number, len(members)))


def _keep_own(
    connection: psycopg.Connection, cluster: Cluster, source: str, share: tuple[str | None, int, int]
) -> None:
    split, number, count = share
    if split is None:
        keeps: sql.Composable = sql.SQL("true" if number == 0 else "false")
    else:
        if split not in _columns(connection, source):
            raise DataError(
                f"SPLIT={split}: {source} has no such column, and each of the {count} clusters of the group "
                f"{cluster.group} would have all its rows; it has {', '.join(_columns(connection, source))}. "
                "Name a column that all tables of the group have, or use a folder with a dump per cluster"
            )
        keeps = sql.SQL("coalesce(mod(abs(hashtextextended({}::text, 0)::numeric), {}), 0) = {}").format(
            sql.Identifier(split), sql.Literal(count), sql.Literal(number)
        )
    try:
        connection.execute(sql.SQL("DELETE FROM {} WHERE NOT ({})").format(name_of(source), keeps))
        connection.execute(sql.SQL("VACUUM (FULL, ANALYZE) {}").format(name_of(source)))
    except psycopg.Error as error:
        raise DataError(
            f"{source} cannot be divided over the clusters of the group {cluster.group}: {error.diag.message_primary}; "
            "use a folder with a dump per cluster"
        ) from error


def _is_there(connection: psycopg.Connection, source: str) -> bool:
    return connection.execute("SELECT to_regclass(%s)", [_text_of(connection, source)]).fetchall() != [(None,)]


def _text_of(connection: psycopg.Connection, source: str) -> str:
    return name_of(source).as_string(connection)


def _no_table(connection: psycopg.Connection, source: str) -> str:
    there = [source_name(schema, name) for schema, name in connection.execute(_TABLES)]
    like = closest(source, there)
    hint = f"did you mean {like}?" if like else f"there are {', '.join(there) or 'no tables'}"
    return f"the loaded data have no table {source}; {hint}"


def _columns(connection: psycopg.Connection, source: str) -> list[str]:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "ORDER BY attnum",
        [_text_of(connection, source)],
    )
    return [str(name) for (name,) in rows]
