"""The schema that `python -m catalog init` reads of live databases: PostgreSQL, and MariaDB if installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest

from bench.mariadb import SERVER, mariadb
from catalog.authorities import VARIABLE
from catalog.connections import mysql_trust, postgres_trust
from catalog.errors import SourceError
from catalog.introspection import describe
from catalog.source_schema import Source, SourceColumn, SourceTable

if TYPE_CHECKING:
    from local.aurora.server import PostgresServer

C = SourceColumn
POSTGRES = """
CREATE DOMAIN code AS varchar(5) NOT NULL;
CREATE TYPE mood AS ENUM ('good');
CREATE SCHEMA shop;
CREATE TABLE shop.item (
  a smallint, b code, moods mood[], price numeric(9,2), at timestamptz, title text, fixed char(3),
  PRIMARY KEY (b, a));
CREATE TABLE "order" (id bigint NOT NULL, other int NOT NULL UNIQUE, third int UNIQUE);
CREATE VIEW seen AS SELECT id FROM "order";
CREATE TABLE parts (id int PRIMARY KEY, n text) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
INSERT INTO parts SELECT n, repeat('x', 100) FROM generate_series(0, 9) AS n;
ANALYZE;
"""
MYSQL = """
CREATE TABLE thing (
  id bigint unsigned NOT NULL, kind varchar(9) NOT NULL, flag tinyint(1), doc longtext, d date, price decimal(9,2),
  PRIMARY KEY (kind, id));
CREATE TABLE keyless (a int NOT NULL, b int, UNIQUE (b), UNIQUE some (a));
"""


@pytest.fixture(scope="module")
def url(server: PostgresServer) -> str:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute(POSTGRES.encode())
    return f"postgresql://postgres:{server.password}@127.0.0.1:{server.port}/postgres"


def test_postgresql_tells_its_tables_keys_and_types(url: str) -> None:
    source = describe(url)

    assert (source.engine, source.database, source.allows_zero_dates) == ("aurora-postgresql", "postgres", False)
    assert source.location == url.replace(url.split(":")[2].split("@", maxsplit=1)[0], "").replace(":@", "@")
    assert source.tables == (
        SourceTable(
            "order",
            (C("id", "bigint", nullable=False), C("other", "integer", nullable=False), C("third", "integer")),
            ("other",),
            has_primary_key=False,
            rows=0,
        ),
        SourceTable(
            "parts",
            (C("id", "integer", nullable=False), C("n", "text")),
            ("id",),
            rows=10,
            bytes_per_row=1638,
            kind="partitioned table",
        ),
        SourceTable("seen", (C("id", "bigint"),), has_primary_key=False, kind="view"),
        SourceTable(
            "shop.item",
            (
                C("a", "smallint", nullable=False),
                C("b", "character varying(5)", nullable=False),
                C("moods", "enum[]"),
                C("price", "numeric(9,2)"),
                C("at", "timestamp with time zone"),
                C("title", "text"),
                C("fixed", "character(3)"),
            ),
            ("b", "a"),
            rows=0,
        ),
    )


def test_tables_are_taken_by_name_in_the_order_asked_for(url: str) -> None:
    assert [table.name for table in describe(url, ["shop.item", "parts"]).tables] == ["shop.item", "parts"]
    with pytest.raises(SourceError, match=r"has no table part; there are order, parts, seen, shop\.item"):
        describe(url, ["part"])


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("oracle://x@y/z", r"oracle://x@y/z is not a database's URL; use postgresql://user@host:5432/database or"),
        ("postgresql://me@127.0.0.1:5432", r"is not a database's URL"),
        ("postgresql://me:secret@127.0.0.1:1/d", r"^postgresql://me@127\.0\.0\.1:1/d: .*refused"),
        ("mysql://me:secret@127.0.0.1:1/d", r"^mysql://me@127\.0\.0\.1:1/d: Can't connect to MySQL server"),
    ],
)
def test_a_database_that_cannot_be_asked_is_named_without_its_password(address: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as refused:
        describe(address)

    assert "secret" not in str(refused.value)


@pytest.mark.skipif(SERVER is None, reason="MariaDB is not installed")
def test_mysql_tells_its_tables_keys_and_types(tmp_path: Path) -> None:
    with mariadb(tmp_path) as server:
        server.run(MYSQL)
        source = describe(f"mysql://reader:{server.password}@127.0.0.1:{server.port}/shop")

    assert source == Source(
        "aurora-mysql",
        f"mysql://reader@127.0.0.1:{server.port}/shop",
        "shop",
        (
            SourceTable(
                "keyless",
                (C("a", "int(11)", nullable=False), C("b", "int(11)")),
                ("a",),
                has_primary_key=False,
                rows=0,
            ),
            SourceTable(
                "thing",
                (
                    C("id", "bigint(20) unsigned", nullable=False),
                    C("kind", "varchar(9)", nullable=False, ignores_case=True),
                    C("flag", "tinyint(1)"),
                    C("doc", "longtext", ignores_case=True),
                    C("d", "date"),
                    C("price", "decimal(9,2)"),
                ),
                ("kind", "id"),
                rows=0,
            ),
        ),
        allows_zero_dates=True,
    )


@pytest.mark.parametrize(
    ("host", "proven"),
    [("c.cluster-x.eu-west-1.rds.amazonaws.com", True), ("127.0.0.1", False), ("rds.amazonaws.com.example.org", False)],
)
def test_a_server_of_rds_must_prove_itself(host: str, proven: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - a case
    monkeypatch.delenv(VARIABLE, raising=False)
    parts = urlsplit(f"postgresql://me@{host}/d")
    path = str(Path("spark/certificates/authorities.pem").resolve())

    assert postgres_trust(parts) == ({"sslmode": "verify-full", "sslrootcert": path} if proven else {})
    mysql = {"ssl_ca": path, "ssl_verify_cert": True, "ssl_verify_identity": True}
    assert mysql_trust(parts) == (mysql if proven else {})
