"""The read-only user of a source cluster, with its own password."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from local.aurora.mariadb import MariaDbServer

if TYPE_CHECKING:
    from catalog.models import Cluster
    from local.aurora.fleet import Fleet


def create_reader(fleet: Fleet, cluster: Cluster) -> str:
    """Create the read-only user of a cluster, generate its password and return it."""
    password = secrets.token_urlsafe(18)
    server = fleet.running(cluster.identifier)
    if isinstance(server, MariaDbServer):
        _create_in_mysql(server, cluster, password)
    else:
        _create_in_postgres(server.dsn(cluster.database), cluster, password)
    return password


def _create_in_postgres(dsn: str, cluster: Cluster, password: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        role = sql.Identifier(cluster.user)
        is_there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [cluster.user]).fetchone()
        verb = sql.SQL("ALTER" if is_there else "CREATE")  # a dump may have brought it
        connection.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, role, sql.Literal(password)))
        connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(role))


def _create_in_mysql(server: MariaDbServer, cluster: Cluster, password: str) -> None:
    """Create the user as in docs/sources.md, with TLS required."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", [cluster.user, password])
        database = "`{}`".format(cluster.database.replace("`", "``"))
        cursor.execute(f"GRANT SELECT, SHOW VIEW ON {database}.* TO %s@'%%'", [cluster.user])
