"""The jobs connect only to servers that an authority of the release has signed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from migration_spark.errors import DatabaseError
from pyspark.sql import functions as F

from bench.mariadb import SERVER, mariadb
from local.certificates import Authority, authority
from tests.spark.jobs import reader
from tests.spark.tables import CLUSTER, extract

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from tests.spark.jobs import Jobs

MYSQL = replace(CLUSTER, engine="aurora-mysql", database="shop", user="reader")
needs_mariadb = pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/run installs one")
ASKED = "SELECT version, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
FIX = "the release trusts the authorities in spark/certificates/authorities.pem for servers that they name"


def issued(folder: Path, wrong: str) -> tuple[Path, Path]:
    """Return a certificate that every connection must reject."""
    folder.mkdir(exist_ok=True)
    if wrong == "host":
        return authority().issue(folder, ("192.0.2.1", "clone.example.org"))
    return Authority(folder / "other").issue(folder)


def test_every_connection_to_postgresql_is_encrypted(jobs: Jobs) -> None:
    jobs.fill({"one": [], "two": []})
    assert jobs.clone("one").query(ASKED) == [{"version": "TLSv1.3", "client_dn": None}]
    jobs.sql(
        "one",
        "DROP VIEW IF EXISTS own_session",
        "CREATE VIEW own_session AS SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    )
    rows = jobs.clone("one").read(extract({"version": "text"}, "own_session"))

    assert [row["version"] for row in rows.collect()] == ["TLSv1.3"]


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [("authority", "PKIX path"), ("host", "The hostname 127.0.0.1 could not be verified")],
)
def test_a_postgresql_server_that_nobody_vouches_for_is_refused(
    jobs: Jobs, tmp_path: Path, wrong: str, cause: str
) -> None:
    server = jobs._fleet.server("two")
    shown, secret = issued(tmp_path, wrong)
    kept = {name: (server.folder / name).read_bytes() for name in (shown.name, secret.name)}
    try:
        for path in (shown, secret):
            (server.folder / path.name).write_bytes(path.read_bytes())
        jobs.sql("two", "SELECT pg_reload_conf()")
        with pytest.raises(DatabaseError, match=cause) as raised:
            jobs.clone("two").query("SELECT 1")
        assert FIX in str(raised.value)
    finally:
        for name, content in kept.items():
            (server.folder / name).write_bytes(content)
        jobs.sql("two", "SELECT pg_reload_conf()")


@needs_mariadb
def test_every_connection_to_mysql_is_encrypted(spark: SparkSession, tmp_path: Path) -> None:
    with mariadb(tmp_path) as server:
        server.run("CREATE TABLE thing (id varchar(9)); INSERT INTO thing VALUES ('a')")
        database = reader(spark, MYSQL, server.port, server.password)
        (cipher,) = database.query("SHOW STATUS LIKE 'Ssl_version'")
        assert cipher["Value"] == "TLSv1.3"
        server.run("ALTER USER reader@localhost REQUIRE SSL")
        rows = database.read(replace(extract({"id": "text"}), clusters=(MYSQL,)))

        assert rows.agg(F.count("*")).collect()[0][0] == 1


@needs_mariadb
@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ("authority", "PKIX path"),
        ("host", "No subject alternative names matching IP address 127.0.0.1 found"),
    ],
)
def test_a_mysql_server_that_nobody_vouches_for_is_refused(
    spark: SparkSession, tmp_path: Path, wrong: str, cause: str
) -> None:
    with mariadb(tmp_path, issued(tmp_path / "shown", wrong)) as server:
        with pytest.raises(DatabaseError, match=cause) as raised:
            reader(spark, MYSQL, server.port, server.password).query("SELECT 1")
        assert FIX in str(raised.value)


@needs_mariadb
def test_a_mysql_server_without_tls_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    with mariadb(tmp_path, tls=False) as server, pytest.raises(DatabaseError, match="SSL"):
        reader(spark, MYSQL, server.port, server.password).query("SELECT 1")
