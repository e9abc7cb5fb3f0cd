"""`catalog check --from` reports the problems that a database would cause the jobs, with their line in the catalog."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from bench.mariadb import SERVER, MariaDb, mariadb
from catalog.connections import RefusedError, connected
from catalog.database_check import ask_all, databases
from catalog.empty_frames import select_problems
from catalog.errors import SourceError
from catalog.loader import load_catalog
from local.aurora.fleet import running_fleet
from tests.catalog_folder import write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

CLUSTERS = """\
groups:
  shops:
    engine: {engine}
    database: postgres
    user: reader
    password_secret: shop/{{cluster}}
    clusters: [shop-1, shop-2]
"""
ORDERS = """\
domain: orders
tables:
  - name: Order
    extracts:
      line:
        source: order
        group: shops
        columns: {order_id: uuid, number: smallint, amount: "numeric(10,2)", body: json, due: timestamptz}
        where: |
          number > 0
          AND body ? 'live'
      buyer:
        source: buyer
        group: shops
        columns: {buyer_id: uuid, name: text}
    driving: {extract: line, cardinality: one item per row}
    select: |
      SELECT line._cluster AS _cluster,
             buyer._cluster IS NULL AS _unmatched_buyer,
             line.order_id AS orderId,
             line.number AS number,
             upper(line.body) AS body,
             buyer.name AS buyerName
      FROM line
      LEFT JOIN buyer ON buyer.buyer_id = line.order_id
    key:
      partition: {name: orderId, type: S}
      sort: {name: number, type: N}
"""
SETUP = """
CREATE ROLE reader LOGIN PASSWORD 'reader';
CREATE ROLE guest LOGIN PASSWORD 'guest';
CREATE TABLE "order" (order_id uuid, number smallint, amount numeric(10,2), body jsonb, due timestamptz);
CREATE TABLE buyer (buyer_id uuid, name text, born date);
INSERT INTO "order" VALUES (gen_random_uuid(), 1, 1, '{"live": 1}', now());
CREATE TABLE picture AS SELECT gen_random_uuid() AS buyer_id,
  (SELECT string_agg(md5((n * 10000 + k)::text), '') FROM generate_series(1, 4700) AS k) AS name
  FROM generate_series(1, 20) AS n;
ANALYZE picture;
GRANT SELECT ON "order", buyer, picture TO reader;
GRANT SELECT (buyer_id) ON buyer TO guest;
CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
"""
NEW = "buyer has born (Order-buyer), neither read nor in left_out: an official run stops with ColumnsNotListed"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_fleet(tmp_path_factory.mktemp("check") / "aurora") as fleet:
        fleet.start_sources(["one"])
        with psycopg.connect(fleet.server("one").dsn(), autocommit=True) as connection:
            for statement in SETUP.strip().split(";\n"):
                connection.execute(statement.encode())
        yield fleet.server("one").port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    if SERVER is None:
        pytest.skip("no mariadbd on this machine; .ci/run installs one")
    with mariadb(tmp_path_factory.mktemp("mariadb")) as running:
        running.run(
            "CREATE TABLE `order` (order_id char(36), number smallint, amount decimal(10,2), body json, "
            "due timestamp NULL);"
            "CREATE TABLE buyer (buyer_id char(36), name float)"
        )
        yield running


def write(folder: Path, *changes: tuple[str, str], engine: str = "aurora-postgresql") -> Path:
    """Write a catalog with changes to its domain."""
    return write_catalog(folder, CLUSTERS.format(engine=engine), ORDERS, *changes)


def asked(folder: Path, *urls: str) -> tuple[list[str], list[str]]:
    """Return the problems of a catalog without its path, and the warnings."""
    catalog = load_catalog(folder)
    answer = ask_all(catalog, folder, databases(catalog, urls))
    return [str(problem).removeprefix(f"{folder}/domains/orders.yaml:") for problem in answer.problems], answer.warnings


def url(port: int, user: str = "reader", database: str = "postgres") -> str:
    return f"postgresql://{user}:{user}@127.0.0.1:{port}/{database}"


def address(port: int, user: str = "reader", database: str = "postgres") -> str:
    return f"postgresql://{user}@127.0.0.1:{port}/{database}"


def test_reserved_words_and_operators_of_jsonb_are_read_as_the_jobs_read_them(tmp_path: Path, port: int) -> None:
    assert asked(write(tmp_path), url(port)) == ([], [f"{address(port)}: {NEW}"])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("AND body", "AND bodi", '11:15: tables.Order.extracts.line.where: column "bodi" does not exist'),
        ("? 'live'", "@? 1", "11:20: tables.Order.extracts.line.where: operator does not exist: jsonb @? integer"),
        (
            "number > 0\n          AND body ? 'live'",
            "number = 'x'",
            '10:20: tables.Order.extracts.line.where: invalid input syntax for type smallint: "x"',
        ),
        (
            "AND body ? 'live'",
            "ORDER BY number",
            (
                '11:20: tables.Order.extracts.line.where: column "order.number" must appear in the GROUP BY clause '
                "or be used in an aggregate function"
            ),
        ),
        (
            "source: order",
            "source: orders",
            (
                "6:17: tables.Order.extracts.line.source: orders does not exist: "
                "write a table of another schema as schema.table"
            ),
        ),
        (
            "name: text}",
            "name: text, age: text}",
            "15:52: tables.Order.extracts.buyer.columns.age: buyer.age is missing",
        ),
        (
            "body: json",
            "body: bytes",
            (
                "8:84: tables.Order.extracts.line.columns.body: order.body is jsonb, the catalog says bytes: "
                "it may be json or text"
            ),
        ),
        (
            "numeric(10,2)",
            "numeric(8,2)",
            (
                "8:61: tables.Order.extracts.line.columns.amount: order.amount is numeric(10,2), which is wider than "
                "the catalog's numeric(8,2)"
            ),
        ),
    ],
    ids=["column", "operator", "value", "counted", "table", "missing", "type", "width"],
)
def test_what_the_database_refuses_is_said_in_its_words_at_the_place(
    tmp_path: Path, port: int, old: str, new: str, problem: str
) -> None:
    assert asked(write(tmp_path, (old, new)), url(port))[0] == [f"{problem} ({address(port)})"]


def test_rows_that_may_be_no_items_are_told_with_their_size(tmp_path: Path, port: int) -> None:
    folder = write(tmp_path, ("source: buyer", "source: picture"))

    assert asked(folder, url(port)) == (
        [],
        [
            (
                f"{address(port)}: a row of picture has about 154 KB on disk by the statistics, and an item has "
                "at most 400 KB (Order-buyer): larger ones are rejected"
            )
        ],
    )


def test_what_a_user_may_not_read_is_said_with_the_grant(tmp_path: Path, port: int) -> None:
    where = f"({address(port, 'guest')})"

    assert asked(write(tmp_path), url(port, "guest"))[0] == [
        (
            "6:17: tables.Order.extracts.line.source: guest may not read order_id, number, amount, body, due of "
            f"public.order: GRANT SELECT ON public.order TO guest {where}"
        ),
        (
            "13:17: tables.Order.extracts.buyer.source: guest may not read name of public.buyer: "
            f"GRANT SELECT ON public.buyer TO guest {where}"
        ),
    ]


def test_a_database_of_bytes_in_no_encoding_is_refused(tmp_path: Path, port: int) -> None:
    problems, _ = asked(write(tmp_path), url(port, database="bytes"))

    assert problems[0] == (
        "7:16: tables.Order.extracts.line.group: the database is in SQL_ASCII, whose text may be no text "
        f"({address(port, database='bytes')})"
    )


def test_each_cluster_may_have_a_database_of_its_own(tmp_path: Path, port: int) -> None:
    problems, _ = asked(write(tmp_path), f"shop-1={url(port)}", f"shop-2={url(port, 'guest')}")

    assert [problem.split(":")[0] for problem in problems] == ["6", "13"]
    assert all(address(port, "guest") in problem for problem in problems)


def test_a_database_is_only_read(port: int) -> None:
    with connected(url(port)) as connection, pytest.raises(RefusedError) as refused:
        connection.run("CREATE TEMPORARY TABLE t (i int)")

    assert (refused.value.state, refused.value.words) == (
        "25006",
        "cannot execute CREATE TABLE in a read-only transaction",
    )


@pytest.mark.parametrize(
    ("from_url", "cause"),
    [
        ("mysql://reader@127.0.0.1:3306/shop", "is of aurora-mysql, but clusters.yaml says aurora-postgresql"),
        ("shop=postgresql://u@h/d", "--from shop=…: clusters.yaml has no group or cluster with that name"),
        ("host=h password=secret", "--from needs a database's URL"),
        ("postgresql://reader:secret@127.0.0.1:1/shop", "postgresql://reader@127.0.0.1:1/shop: connection failed"),
    ],
    ids=["engine", "name", "url", "connection"],
)
def test_what_cannot_be_asked_is_said_without_a_password(tmp_path: Path, from_url: str, cause: str) -> None:
    with pytest.raises(SourceError) as refused:
        asked(write(tmp_path), from_url)

    assert cause in str(refused.value)
    assert "secret" not in str(refused.value)


def test_mysql_is_asked_in_its_own_words(tmp_path: Path, server: MariaDb) -> None:
    folder = write(tmp_path, ("body ? 'live'", "bodi = 1"), engine="aurora-mysql")
    shop = f"127.0.0.1:{server.port}/shop"
    problems, warnings = asked(folder, f"mysql://reader:{server.password}@{shop}")

    assert problems == [
        f"9:16: tables.Order.extracts.line.where: Unknown column 'bodi' in 'WHERE' (mysql://reader@{shop})",
        (
            "15:41: tables.Order.extracts.buyer.columns.name: buyer.name is float, the catalog says text: it may be "
            f"real (mysql://reader@{shop})"
        ),
    ]
    assert warnings == []


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (
            "upper(line.body)",
            "uper(line.body)",
            "22:14: tables.Order.select: Spark: [UNRESOLVED_ROUTINE] Cannot resolve",
        ),
        ("upper(line.body)", "line.number + INTERVAL 1 DAY", "22:14: tables.Order.select: Spark: [DATATYPE_MISMATCH."),
        ("upper(line.body)", "struct(line.body)", "17:13: tables.Order.select: body"),
    ],
    ids=["function", "types", "rules"],
)
def test_what_spark_refuses_of_a_select_is_said_at_its_line(
    tmp_path: Path, spark: SparkSession, old: str, new: str, cause: str
) -> None:
    folder = write(tmp_path, (old, new))
    (problem,) = select_problems(load_catalog(folder), folder, spark)

    assert str(problem).removeprefix(f"{folder}/domains/orders.yaml:").startswith(cause)


def test_selects_that_run_are_no_problem(tmp_path: Path, spark: SparkSession) -> None:
    folder = write(tmp_path)

    assert select_problems(load_catalog(folder), folder, spark) == []


def test_the_command_asks_both_and_says_what_it_asked(tmp_path: Path, port: int) -> None:
    command = [sys.executable, "-m", "catalog", "check", "--folder", str(write(tmp_path)), "--from", url(port)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout) == (0, "no problems: 1 table in orders, 2 clusters\n")
    assert [line for line in run.stderr.splitlines() if "runtime_dir" not in line and "RuntimeDir" not in line] == [
        f"{address(port)}: 2 extracts checked with LIMIT 0 as reader",
        "Spark: 1 select run on empty frames",
        f"warning: {address(port)}: {NEW}",
    ]
