"""Refusals of a real database keep its message, and name the clone, the extract and the remedy."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark.arguments import Clone
from migration_spark.database import CloneDatabase, union
from migration_spark.database_refusals import as_job_error, refusals
from migration_spark.errors import DatabaseError
from migration_spark.remedies import Subject
from migration_spark.witness.sampling import draw
from migration_spark.witness.table_witness import TableWitness
from pyspark.sql import functions as F

from bench.mariadb import SERVER, MariaDb, mariadb
from local.ports import free_port
from tests.spark.jobs import CLUSTERS, passwords, reader
from tests.spark.tables import CLUSTER, extract
from tests.spark.test_fail_fast import COLUMNS, FAILS, MAKE
from tests.spark.test_mysql import MYSQL
from tests.spark.test_sources import sourced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.spec import Extract
    from pyspark.sql import SparkSession

    from tests.spark.jobs import Jobs

BIG = extract(COLUMNS, "big")
needs_mariadb = pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/run installs one")


@pytest.fixture
def domain(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.setattr(jobs, "table", {**jobs.table, "attributes": {}, "ttl": None})
    jobs.sql("one", MAKE.format(rows="(1, 'a'), (7, 'b')"))
    jobs.sql("two", MAKE.format(rows="(2, 'c')"))
    sourced(jobs, "big", COLUMNS, select="thing.id, thing.note")
    return jobs


def read_by_tasks(databases: list[CloneDatabase], source: Extract) -> None:
    """Read clones together, as both jobs do."""
    clones = {database.subject.address: database.subject for database in databases}
    with refusals(Subject("one or two", "", "", source.table, source.name, source.source), clones):
        union([database.read(source) for database in databases]).collect()


@pytest.mark.parametrize(
    ("where", "words", "remedy"),
    [
        (FAILS, "ERROR: division by zero (SQLSTATE 22012). A value does not fit an expression of Thing.thing", ""),
        (
            "id * 9223372036854775807 > 0",
            "SQLSTATE 22003, code 0; its words may quote a row and stay in the bucket, in failures/. A value does not",
            "correct the row in the source cluster",
        ),
        (
            "pg_cancel_backend(pg_backend_pid()) AND pg_sleep(5) IS NOT NULL",
            "ERROR: canceling statement due to user request (SQLSTATE 57014). Somebody or a timeout ended",
            "a limit of statements in the parameter group of one",
        ),
        (
            "pg_terminate_backend(pg_backend_pid()) AND pg_sleep(5) IS NOT NULL",
            "FATAL: terminating connection due to administrator command (SQLSTATE 57P01). Look at the events",
            "the clone of one in RDS",
        ),
        ("idd > 1", 'ERROR: column "idd" does not exist', "Correct Thing.thing in the catalog, then deploy"),
        (
            "id >",
            "ERROR: syntax error at ",
            "python -m catalog check --from URL",
        ),
    ],
    ids=["division", "overflow", "cancelled", "ended", "column", "syntax"],
)
def test_what_postgresql_refuses_is_named_by_driver_and_tasks_alike(
    domain: Jobs, where: str, words: str, remedy: str
) -> None:
    wanted = replace(BIG, where=where)
    databases = [domain.clone(name) for name in CLUSTERS]
    # The same error in both: of clone one alone, where it depends on a row.
    if where == FAILS:
        domain.sql("two", "DELETE FROM big")
    asked: list[Any] = [
        lambda: databases[0].audit(wanted),
        lambda: read_by_tasks(databases[:1], wanted),
        lambda: draw(domain.spark, databases[0], wanted, 1, 1024),
    ]
    for ask in asked:
        with pytest.raises(DatabaseError) as raised:
            ask()
        assert str(raised.value).startswith(f"{databases[0].subject}, Thing.thing (source big): {words}")
        assert remedy in str(raised.value)


def test_the_clone_that_refused_is_named_among_those_that_are_read_together(domain: Jobs) -> None:
    databases = [domain.clone(name) for name in CLUSTERS]
    domain.sql("one", "DELETE FROM big")
    domain.sql("two", "INSERT INTO big VALUES (7, 'fails')")
    with pytest.raises(DatabaseError) as raised:
        read_by_tasks(databases, replace(BIG, where=FAILS))

    assert str(raised.value).startswith(f"the clone of two at {databases[1].subject.address}, Thing.thing (source big)")


def test_compare_names_the_clone_and_the_table(domain: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    assert domain.bootstrap("refused")["failure"] is None
    domain.export(list(domain.items_by("id", "refused").values()))
    domain.table["extracts"] = [{**extract, "where": FAILS} for extract in domain.table["extracts"]]
    # The witness would meet it as well.
    for step in ("_draw_all", "_expect", "_look_up"):
        monkeypatch.setattr(TableWitness, step, lambda _: None)
    with pytest.raises(DatabaseError) as raised:
        domain.compare("refused")

    subject = domain.clone("one").subject
    assert str(raised.value).startswith(f"the clone of one at {subject.address}, Thing.thing: ERROR: division by zero")


def test_an_error_that_nobody_named_is_named_at_the_end(domain: Jobs) -> None:
    clone = domain.clone("one")
    with pytest.raises(Exception, match="division by zero") as raised:
        clone.read(replace(BIG, where=FAILS)).collect()
    assert not isinstance(raised.value, DatabaseError)
    error = as_job_error(raised.value, "r1")

    assert isinstance(error, DatabaseError)
    named_all = f"a clone at {clone.subject.address}, Thing.thing: ERROR: division by zero (SQLSTATE 22012). "
    assert str(error).startswith(named_all)
    assert str(error).endswith("Resume with: migrate resume r1")


def test_an_error_of_spark_alone_stays_what_it_is(spark: SparkSession) -> None:
    with pytest.raises(Exception, match="planted") as raised:
        spark.range(1).select(F.raise_error(F.lit("planted"))).collect()

    assert as_job_error(raised.value, "r1") is raised.value


def test_a_reader_without_a_privilege_a_login_or_a_session_is_named(domain: Jobs) -> None:
    domain.sql(
        "one",
        "DROP ROLE IF EXISTS nobody_yet",
        "CREATE ROLE nobody_yet LOGIN PASSWORD 'nothing'",
    )
    server = domain._fleet.server("one")
    cluster = replace(CLUSTER, user="nobody_yet")
    clone = reader(domain.spark, cluster, server.port, "nothing")
    for ask in (lambda: clone.audit(BIG), lambda: clone.rows(BIG, domain.clone("one").cuts(BIG))):
        with pytest.raises(DatabaseError, match=r"permission denied for table big \(SQLSTATE 42501\)") as raised:
            ask()
        assert "GRANT SELECT ON big TO nobody_yet" in str(raised.value)
        assert ", Thing.thing (source big): " in str(raised.value)
    domain.sql("one", "ALTER ROLE nobody_yet CONNECTION LIMIT 0")
    with pytest.raises(DatabaseError, match=r"too many connections for role .*SQLSTATE 53300.*max_connections"):
        clone.query("SELECT 1")
    with pytest.raises(DatabaseError, match=r"SQLSTATE 28P01.*Set the secret of one to the password of nobody_yet"):
        reader(domain.spark, cluster, server.port, "wrong").query("SELECT 1")


@pytest.mark.parametrize(("host", "words"), [("127.0.0.1", "refused"), ("nowhere.invalid", "UnknownHostException")])
@pytest.mark.parametrize("engine", ["aurora-postgresql", "aurora-mysql"])
def test_a_server_that_cannot_be_reached_is_named(spark: SparkSession, engine: str, host: str, words: str) -> None:
    port = free_port()
    with passwords(spark, {"one": "any"}):
        gone = CloneDatabase(spark, replace(CLUSTER, engine=engine), Clone("one", host, port, ""))
    with pytest.raises(DatabaseError, match=words) as raised:
        gone.query("SELECT 1")

    assert str(raised.value).startswith(f"the clone of one at {host}:{port}: ")
    assert "Its security group must let the workers in" in str(raised.value)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    with mariadb(tmp_path_factory.mktemp("refusing")) as running:
        running.run(
            "CREATE TABLE big (id bigint PRIMARY KEY, note text); INSERT INTO big VALUES (1, 'a'), (7, 'b'); "
            "CREATE TABLE other (id bigint); "
            "CREATE USER nobody_yet@localhost IDENTIFIED BY 'nothing' WITH MAX_USER_CONNECTIONS 1; "
            "GRANT SELECT ON shop.other TO nobody_yet@localhost"
        )
        yield running


@needs_mariadb
@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("id * 18446744073709551615 > 0", ", code 1690; its words may quote a row and stay in the bucket"),
        ("idd > 1", "Unknown column 'idd' in "),
        ("id >", "You have an error in your SQL syntax"),
    ],
    ids=["overflow", "column", "syntax"],
)
def test_what_mysql_refuses_is_named_by_driver_and_tasks_alike(
    spark: SparkSession, shop: MariaDb, where: str, words: str
) -> None:
    database = reader(spark, MYSQL, shop.port, shop.password)
    wanted = replace(BIG, clusters=(MYSQL,), where=where)
    for ask in (lambda: database.audit(wanted), lambda: read_by_tasks([database], wanted)):
        with pytest.raises(DatabaseError) as raised:
            ask()
        said = str(raised.value).removeprefix(f"{database.subject}, Thing.thing (source big): ")
        assert words in said[:100]
        assert "in the catalog, then deploy" in said


@needs_mariadb
def test_a_reader_of_mysql_without_a_privilege_a_login_or_a_session_is_named(
    spark: SparkSession, shop: MariaDb
) -> None:
    cluster = replace(MYSQL, user="nobody_yet")
    clone = reader(spark, cluster, shop.port, "nothing")
    wanted = replace(BIG, clusters=(cluster,))
    with pytest.raises(DatabaseError, match=r"denied .*SQLSTATE 42000, error 1142.*GRANT SELECT ON big TO nobody_yet"):
        clone.audit(wanted)
    with clone.connected(), pytest.raises(DatabaseError, match=r"error 1226\).*Raise max_connections"):
        clone.query("SELECT 1")
    with pytest.raises(DatabaseError, match=r"SQLSTATE 28000, error 1045\).*Set the secret of one"):
        reader(spark, cluster, shop.port, "wrong").query("SELECT 1")
    with pytest.raises(DatabaseError, match=r"denied .*error 1044\)|error 1049\)"):
        reader(spark, replace(cluster, database="nowhere"), shop.port, "nothing").query("SELECT 1")


@needs_mariadb
def test_a_mysql_server_that_is_lost_while_tasks_read_it_is_named(spark: SparkSession, shop: MariaDb) -> None:
    database = reader(spark, MYSQL, shop.port, shop.password)
    wanted = replace(BIG, clusters=(MYSQL,), where="sleep(20) = 0")
    killer = threading.Thread(target=_kill_readers, args=(shop,))
    killer.start()
    with pytest.raises(DatabaseError) as raised:
        read_by_tasks([database], wanted)
    killer.join()

    assert str(raised.value).startswith(f"{database.subject}, Thing.thing (source big): ")
    assert "Look at the events of the clone of one in RDS" in str(raised.value)


def _kill_readers(server: MariaDb) -> None:
    """End the session that sleeps; one that only asks for columns has the same text, but another state."""
    find = "SELECT id FROM information_schema.processlist WHERE info LIKE '%sleep(20)%' AND state = 'User sleep'"
    while not (sessions := server.run(find).split()[1:]):
        time.sleep(0.1)
    for session in sessions:
        server.run(f"KILL {session}")
