"""On a real MariaDB, the jobs refuse a partly visible source, and no server setting changes a value."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import schema
from migration_spark.audit import check_audit
from migration_spark.visibility import Doubt, Look, Source

from bench.mariadb import SERVER, MariaDb, mariadb
from tests.spark.jobs import reader
from tests.spark.tables import CLUSTER, counted, extract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.database import CloneDatabase
    from migration_spark.spec import Extract
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/run installs one")

READER = replace(CLUSTER, engine="aurora-mysql", database="shop", user="limited")
SETUP = r"""
CREATE TABLE plain (id bigint PRIMARY KEY, note varchar(20), secret varchar(20));
INSERT INTO plain SELECT seq, 'n', 's' FROM seq_1_to_20;
ANALYZE TABLE plain;
CREATE TABLE parted (id bigint PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4;
CREATE TABLE hidden (id bigint PRIMARY KEY);
CREATE TABLE `order` (id bigint PRIMARY KEY, `select` varchar(9));
INSERT INTO `order` VALUES (1, 'x'), (2, 'y');
CREATE TABLE in_memory (id bigint) ENGINE = MEMORY;
CREATE TABLE in_isam (id bigint) ENGINE = MyISAM;
CREATE TABLE columns_only (id bigint PRIMARY KEY, later varchar(9));
CREATE VIEW over_memory AS SELECT id FROM in_memory;
CREATE VIEW twice_over AS SELECT m.id FROM plain p JOIN (SELECT id FROM over_memory) m ON m.id = p.id;
CREATE VIEW mine AS SELECT id FROM plain WHERE note = current_user();
CREATE VIEW recent AS SELECT id FROM plain WHERE now() > '2020-01-01';
CREATE VIEW over_recent AS SELECT id FROM recent;
CREATE VIEW over_hidden AS SELECT id FROM hidden;
CREATE VIEW unseen AS SELECT id FROM plain;
CREATE FUNCTION allowed(x bigint) RETURNS boolean DETERMINISTIC RETURN x > 1;
CREATE VIEW by_function AS SELECT id FROM plain WHERE allowed(id);
CREATE VIEW whole AS SELECT id, concat(note, ' now() `a`.`b`') AS note FROM plain WHERE id > 5;
CREATE USER limited@localhost IDENTIFIED BY 'limited';
GRANT SELECT, SHOW VIEW ON shop.plain TO limited@localhost;
"""
READABLE = ("parted", "order", "in_memory", "in_isam", "over_memory", "twice_over", "mine", "recent", "over_recent")
MORE = ("over_hidden", "by_function", "whole")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    with mariadb(tmp_path_factory.mktemp("mariadb")) as running:
        running.run(SETUP)
        for name in (*READABLE, *MORE):
            running.run(f"GRANT SELECT, SHOW VIEW ON shop.`{name}` TO limited@localhost")
        running.run("GRANT SELECT ON shop.unseen TO limited@localhost")
        running.run("GRANT SELECT (id) ON shop.columns_only TO limited@localhost")
        running.run("GRANT EXECUTE ON shop.* TO limited@localhost")
        yield running


@pytest.fixture(scope="module")
def database(spark: SparkSession, server: MariaDb) -> CloneDatabase:
    return reader(spark, READER, server.port, "limited")


def of(source: str, where: str | None = None, **columns: str) -> Extract:
    wanted = extract(columns or {"id": "bigint"}, source)
    return replace(wanted, clusters=(READER,), where=where)


def look(database: CloneDatabase, source: str, where: str | None = None) -> Look:
    (answer,) = database.look([of(source, where)])
    return answer


CHANGING = (
    "which may hide other rows from each reader or each day: name the table under it, or a view without, in the catalog"
)
MEMORY = Doubt(
    "shop.in_memory is in the engine MEMORY, which a clone does not carry: ALTER TABLE shop.in_memory ENGINE = InnoDB",
    is_cloned=False,
)
DOUBTS = {
    "in_memory": MEMORY,
    "over_memory": MEMORY,
    "twice_over": MEMORY,
    "in_isam": Doubt(
        "shop.in_isam is in the engine MyISAM, which a clone does not carry: ALTER TABLE shop.in_isam ENGINE = InnoDB",
        is_cloned=False,
    ),
    "mine": Doubt(f"shop.mine depends on current_user, {CHANGING}"),
    "recent": Doubt(f"shop.recent depends on current_timestamp, {CHANGING}"),
    "over_recent": Doubt(f"shop.recent depends on current_timestamp, {CHANGING}"),
    "by_function": Doubt(f"shop.by_function depends on allowed(), {CHANGING}"),
    "over_hidden": Doubt(
        "shop.hidden, which the view shop.over_hidden reads, cannot be seen: GRANT SELECT ON shop.hidden TO limited"
    ),
    "unseen": Doubt("limited may not see the query of the view shop.unseen: GRANT SHOW VIEW ON shop.unseen TO limited"),
}


@pytest.mark.parametrize(("source", "doubt"), DOUBTS.items())
def test_what_cannot_be_proven_whole_is_refused(database: CloneDatabase, source: str, doubt: Doubt) -> None:
    assert look(database, source).doubts == (doubt,)


@pytest.mark.parametrize("source", ["columns_only", "hidden", "never_made"])
def test_a_table_that_is_not_wholly_granted_is_refused(database: CloneDatabase, source: str) -> None:
    (doubt,) = look(database, source).doubts

    assert doubt.text.startswith(f"shop.{source} is not wholly readable (")
    assert doubt.text.endswith(f"): GRANT SELECT ON shop.{source} TO limited")


@pytest.mark.parametrize(("source", "kind"), [("plain", "table"), ("parted", "table"), ("whole", "view")])
def test_what_can_be_proven_whole_is_accepted(database: CloneDatabase, source: str, kind: str) -> None:
    answer = look(database, source, "id <> 3")

    assert (answer.source, answer.doubts) == (Source(kind, {"plain": 20, "parted": 4}.get(source)), ())
    assert database.where_counts(of(source, "id <> 3 # but one")) == {"plain": [20, 19], "parted": [0, 0]}.get(
        source, [15, 15]
    )


def test_a_filter_that_depends_on_who_asks_or_when_is_refused(database: CloneDatabase) -> None:
    assert look(database, "plain", "note = current_user() AND id > @@sql_mode").doubts == (
        Doubt(f"the where of Thing-thing depends on current_user, @@sql_mode, {CHANGING}"),
    )


def test_a_table_with_a_word_of_sql_for_its_name_is_read_whole(database: CloneDatabase) -> None:
    words = of("order", None, id="bigint", select="text")

    assert look(database, "order").doubts == ()
    assert sorted(tuple(row)[:2] for row in database.read(words).collect()) == [(1, "x"), (2, "y")]
    landed = check_audit(words, counted(words, database.read(words)), {"one": database.audit(words)})
    assert landed.rows == {"one": 2}


def test_columns_that_are_not_read_are_known_also_where_a_select_would_not_show_them(
    server: MariaDb, database: CloneDatabase
) -> None:
    server.run(
        "CREATE TABLE shy (id bigint PRIMARY KEY, made bigint AS (id + 1), unseen bigint INVISIBLE DEFAULT 1, x int); "
        "GRANT SELECT ON shop.shy TO limited@localhost"
    )
    shy = replace(of("shy"), left_out=("made",))

    assert schema.unread({("shy", "one"): database.columns(shy)}, shy) == {
        "leftOut": ["made"],
        "new": ["unseen", "x"],
    }


HOSTILE = {
    "sql_mode": "'PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE'",
    "time_zone": "'+09:00'",
    "lc_time_names": "'de_DE'",
    "sql_select_limit": "1",
    "max_join_size": "1",
    "sql_auto_is_null": "1",
    "div_precision_increment": "0",
    "group_concat_max_len": "4",
    "default_week_format": "3",
    "max_statement_time": "0.001",
    "character_set_client": "latin1",
    "character_set_results": "latin1",
    "collation_connection": "utf8mb4_general_ci",
    "tx_isolation": "'READ-UNCOMMITTED'",
    "init_connect": "'SET time_zone = ''+05:00'', sql_mode = ''ORACLE'''",
}


def test_no_setting_of_the_server_changes_a_value(server: MariaDb, database: CloneDatabase) -> None:
    server.run(
        r"""CREATE TABLE settled (id bigint PRIMARY KEY, padded char(5), moment timestamp NULL, body text, price double,
        document longtext);
        SET time_zone = '+00:00';
        INSERT INTO settled VALUES (1, 'ab', '2027-07-01 12:00:00', 'a\nb', 10, '{"p": "\\ud83e\\udd42"}'),
        (2, 'é', NULL, 'x"y', 3, '{"h": "\\ud83e"}');
        GRANT SELECT ON shop.settled TO limited@localhost"""
    )
    columns = {"id": "bigint", "padded": "text", "moment": "timestamptz", "body": "text", "price": "double"}
    where = r"""body IN ("a\nb", 'x"y') AND (NOT id BETWEEN -5 AND -3) AND (0 || id) AND price / 3 > 0.3333
        AND CAST(id AS CHAR) <> 'A'"""
    source = of("settled", where, **columns, document="json")
    before, audited = texts(database, source), database.audit(source)
    kept = dict.fromkeys(HOSTILE, "DEFAULT") | {"time_zone": "'SYSTEM'", "init_connect": "''", "sql_mode": "''"}
    try:
        server.run("; ".join(f"SET GLOBAL {name} = {value}" for name, value in HOSTILE.items()))
        # Who does not set them again reads other values; the server's administrator is spared init_connect.
        bent = server.run("SELECT char_length(padded), moment FROM settled WHERE id = 1")
        after = texts(database, source)
        assert (database.audit(source), database.where_counts(source)) == (audited, [2, 2])
        assert database.query("SELECT @@sql_mode AS m, @@time_zone AS z, @@collation_connection AS c") == [
            {"m": "", "z": "+00:00", "c": "utf8mb4_bin"}
        ]
    finally:
        server.run("; ".join(f"SET GLOBAL {name} = {value}" for name, value in kept.items()))

    assert before == [
        (1, "ab", "2027-07-01 12:00:00.000000", "a\nb", "10", r'{"p": "\ud83e\udd42"}'),
        (2, "é", None, 'x"y', "3", r'{"h": "\ud83e"}'),
    ]
    assert after == before
    assert bent.splitlines()[1] == "5\t2027-07-01 21:00:00"


def texts(database: CloneDatabase, source: Extract) -> list[tuple[Any, ...]]:
    """Return the database's texts of a source."""
    return sorted(tuple(row)[:-1] for row in database.read(source).collect())
