"""Row and byte estimates of the databases, read only from clones that can be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from catalog.authorities import authorities
from catalog.field_types import source_parts
from runner.account.lookups import CLONE_SUFFIX, reason
from runner.errors import UnreachableError
from runner.plan.checks.clones import unproven

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catalog.models import Cluster, Extract
    from runner.account.lookups import Account

_CONNECT_SECONDS = 3
_STATEMENT_SECONDS = 5
_MYSQL_QUESTION = (
    "SELECT table_rows, avg_row_length FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
)
Figures = dict[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True)
class Server:
    """A clone's server and its read-only user."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Statistics:
    """Rows and bytes of one clone by table and extract, or the reason why they are missing."""

    cluster: str
    figures: Figures = field(default_factory=dict)
    reason: str = ""


def statistics(account: Account, cluster: Cluster) -> Statistics:
    """Return the planner's estimates of a cluster's clone for each extract; never connect to a source."""
    clone = account.rds_clusters.get(cluster.identifier + CLONE_SUFFIX)
    if clone is None:
        return Statistics(cluster.identifier, reason="there is no clone yet")
    doubt = unproven(account, cluster, clone)
    if doubt or clone["Status"] != "available" or not clone.get("DBClusterMembers"):
        return Statistics(cluster.identifier, reason=f"its clone cannot be asked: {doubt or clone['Status']}")
    try:
        secret = account.client("secretsmanager").get_secret_value(SecretId=cluster.password_secret)
    except (ClientError, BotoCoreError) as error:
        return Statistics(cluster.identifier, reason=f"the reader's password cannot be read: {reason(error)}")
    wanted = {
        (table.name, name): extract
        for table in account.domain.selects
        for name, extract in table.extracts.items()
        if extract.group == cluster.group
    }
    server = Server(
        clone["Endpoint"], int(clone["Port"]), cluster.database, cluster.user, str(secret.get("SecretString", ""))
    )
    ask = _ask_mysql if cluster.engine == "aurora-mysql" else _ask_postgresql
    try:
        return Statistics(cluster.identifier, ask(server, wanted))
    except UnreachableError as error:
        why = f"its clone cannot be asked from here, where only the jobs may enter it: {error}"
        return Statistics(cluster.identifier, reason=why)


def _ask_postgresql(server: Server, wanted: Mapping[tuple[str, str], Extract]) -> Figures:
    # Database clients are imported only if there is a clone to query.
    import psycopg  # noqa: PLC0415

    try:
        with psycopg.connect(
            host=server.host,
            port=server.port,
            dbname=server.database,
            user=server.user,
            password=server.password,
            connect_timeout=_CONNECT_SECONDS,
            client_encoding="utf8",  # queries contain names in any alphabet, whatever the database's encoding
            sslmode="verify-full",
            sslrootcert=authorities(),
            options=f"-c statement_timeout={_STATEMENT_SECONDS * 1000}",
        ) as connection:
            return {key: _planned(connection.execute(_question(extract)).fetchone()) for key, extract in wanted.items()}
    except psycopg.Error as error:
        raise UnreachableError((str(error).strip().splitlines() or [type(error).__name__])[0]) from error


def _ask_mysql(server: Server, wanted: Mapping[tuple[str, str], Extract]) -> Figures:
    import pymysql  # noqa: PLC0415

    figures: Figures = {}
    try:
        with (
            pymysql.connect(
                host=server.host,
                port=server.port,
                database=server.database,
                user=server.user,
                password=server.password,
                connect_timeout=_CONNECT_SECONDS,
                ssl_ca=authorities(),
                ssl_verify_cert=True,
                ssl_verify_identity=True,
                read_timeout=_STATEMENT_SECONDS,
            ) as connection,
            connection.cursor() as cursor,
        ):
            for key, extract in wanted.items():
                schema, table = source_parts(extract.source)
                cursor.execute(_MYSQL_QUESTION, (schema or server.database, table))
                rows, width = cursor.fetchone() or (None, None)
                if rows is not None:  # a view has no statistics
                    figures[key] = int(rows), int(rows) * int(width)
    except pymysql.MySQLError as error:
        raise UnreachableError(str(error)) from error
    return figures


def _question(extract: Extract) -> bytes:
    """Return the query: the planner scales pg_class to the table's current size and applies filters."""
    columns = ", ".join(_quoted(extract.database_name(name)) for name in extract.columns)
    source = ".".join(_quoted(part) for part in source_parts(extract.source) if part)
    where = f" WHERE {extract.where}" if extract.where else ""
    return f"EXPLAIN (FORMAT JSON) SELECT {columns} FROM {source}{where}".encode()  # noqa: S608 - the catalog's own


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _planned(answer: Any) -> tuple[int, int]:  # noqa: ANN401 - a row with one JSON document
    plan = answer[0][0]["Plan"]
    rows = int(plan["Plan Rows"])
    return rows, rows * int(plan["Plan Width"])
