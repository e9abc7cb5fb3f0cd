"""The jobs refuse, by name, a source that the reader sees only in part or that a clone does not carry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from migration_spark import visibility
from migration_spark.errors import AuditMismatch, SourceNotCloned, SourceNotVisible
from migration_spark.visibility import Doubt, Look, Source

from local.aurora.fleet import running_fleet
from tests.spark.jobs import reader
from tests.spark.tables import CLUSTER, extract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.database import CloneDatabase
    from pyspark.sql import SparkSession

READER = "reader"
SETUP = f"""
CREATE ROLE {READER} LOGIN PASSWORD 'reader';
CREATE ROLE app_owner;
CREATE TABLE plain (id bigint, note text, secret text);
INSERT INTO plain SELECT n, 'n', 's' FROM generate_series(1, 20) AS n;
ANALYZE plain;
CREATE TABLE policed (id bigint, hidden boolean);
INSERT INTO policed SELECT n, n % 5 < 2 FROM generate_series(1, 20) AS n;
ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
ALTER TABLE policed OWNER TO app_owner;
CREATE POLICY not_hidden ON policed FOR SELECT USING (NOT hidden);
CREATE TABLE forced (id bigint);
ALTER TABLE forced ENABLE ROW LEVEL SECURITY;
ALTER TABLE forced FORCE ROW LEVEL SECURITY;
ALTER TABLE forced OWNER TO {READER};
CREATE TABLE owned (id bigint);
ALTER TABLE owned ENABLE ROW LEVEL SECURITY;
ALTER TABLE owned OWNER TO {READER};
CREATE VIEW owners_view AS SELECT id FROM policed;
ALTER VIEW owners_view OWNER TO app_owner;
CREATE VIEW invokers_view WITH (security_invoker = true) AS SELECT id FROM policed;
CREATE ROLE other_owner;
GRANT SELECT ON policed TO other_owner;
CREATE VIEW others_view AS SELECT id FROM policed;
ALTER VIEW others_view OWNER TO other_owner;
CREATE UNLOGGED TABLE scratch (id bigint);
CREATE VIEW over_scratch AS SELECT id FROM scratch;
CREATE TABLE parted (id bigint, note text) PARTITION BY LIST (note);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_b PARTITION OF parted FOR VALUES IN ('b') PARTITION BY RANGE (id);
CREATE UNLOGGED TABLE parted_b1 PARTITION OF parted_b DEFAULT;
CREATE TABLE parent (id bigint);
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE far () INHERITS (parent) SERVER elsewhere;
CREATE SEQUENCE counter;
CREATE MATERIALIZED VIEW unfilled AS SELECT id FROM plain WITH NO DATA;
CREATE MATERIALIZED VIEW filled AS SELECT id, current_user AS who FROM plain;
CREATE VIEW mine AS SELECT id FROM plain WHERE note = current_user;
CREATE VIEW recent AS SELECT id FROM plain WHERE now() > '2020-01-01';
CREATE VIEW over_recent AS SELECT id FROM (SELECT id FROM recent) AS r;
CREATE VIEW a_few AS SELECT id FROM plain TABLESAMPLE BERNOULLI (50);
CREATE FUNCTION allowed(bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 > 1';
CREATE FUNCTION odd(bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 1';
CREATE VIEW by_function AS SELECT id FROM plain WHERE allowed(id);
CREATE VIEW whole AS SELECT id, to_char(id, '99') AS shown, concat(note, 'x') AS note FROM plain WHERE odd(id);
CREATE VIEW roles AS SELECT oid::bigint AS id FROM pg_roles;
CREATE SCHEMA shut;
CREATE TABLE shut.inside (id bigint);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER};
REVOKE SELECT ON plain FROM {READER};
GRANT SELECT (id, note) ON plain TO {READER};
"""


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_fleet(tmp_path_factory.mktemp("visibility") / "aurora") as fleet:
        fleet.start_sources(["one"])
        with psycopg.connect(fleet.server("one").dsn(), autocommit=True) as connection:
            connection.execute(SETUP)
        yield fleet.server("one").dsn()


@pytest.fixture(scope="module")
def database(spark: SparkSession, dsn: str) -> CloneDatabase:
    port = int(psycopg.conninfo.conninfo_to_dict(dsn)["port"])
    return reader(spark, replace(CLUSTER, user=READER), port, READER)


def look(database: CloneDatabase, source: str, where: str | None = None, **columns: str) -> Look:
    (answer,) = database.look([replace(extract(columns or {"id": "bigint"}, source), where=where)])
    return answer


NOT_CLONED = {
    "scratch": "public.scratch is unlogged, and a clone may come up without its rows: "
    "ALTER TABLE public.scratch SET LOGGED",
    "over_scratch": "public.scratch is unlogged, and a clone may come up without its rows: "
    "ALTER TABLE public.scratch SET LOGGED",
    "parted": "public.parted_b1 is unlogged, and a clone may come up without its rows: "
    "ALTER TABLE public.parted_b1 SET LOGGED",
    "parent": "public.far is a foreign table, whose rows lie elsewhere: read it where they lie",
}
CHANGING = (
    "which may hide other rows from each reader or each day: name the table under it, or a view without, in the catalog"
)
POLICED = (
    '(ERROR: query would be affected by row-level security policy for table "policed"): '
    "let reader read it whole, with all that it is made of"
)
NOT_VISIBLE = {
    "policed": "public.policed has row-level security, which hides rows from reader: "
    "ALTER ROLE reader BYPASSRLS, or GRANT app_owner TO reader",
    "forced": "public.forced has row-level security, which hides rows from reader: ALTER ROLE reader BYPASSRLS",
    "invokers_view": f"invokers_view is not wholly readable {POLICED}",
    "others_view": f"others_view is not wholly readable {POLICED}",
    "counter": "public.counter is a sequence: name a table or a view in the catalog",
    "unfilled": "public.unfilled was never filled: REFRESH MATERIALIZED VIEW public.unfilled",
    "mine": f"public.mine depends on the user, the date or the time, {CHANGING}",
    "recent": f"public.recent depends on now(), {CHANGING}",
    "over_recent": f"public.recent depends on now(), {CHANGING}",
    "a_few": f"public.a_few depends on TABLESAMPLE, {CHANGING}",
    "by_function": f"public.by_function depends on allowed(), {CHANGING}",
    "shut.inside": "reader may not use the schema shut: GRANT USAGE ON SCHEMA shut TO reader",
    "pg_catalog.pg_class": "pg_catalog.pg_class shows every reader other rows: "
    "name a table or a view of your own in the catalog",
}


@pytest.mark.parametrize(("source", "text"), NOT_CLONED.items())
def test_what_a_clone_does_not_carry_is_refused(database: CloneDatabase, source: str, text: str) -> None:
    assert look(database, source).doubts == (Doubt(text, is_cloned=False),)


@pytest.mark.parametrize(("source", "text"), NOT_VISIBLE.items())
def test_what_cannot_be_proven_whole_is_refused(database: CloneDatabase, source: str, text: str) -> None:
    assert look(database, source).doubts == (Doubt(text),)


def test_a_view_of_the_servers_own_catalogs_is_refused(database: CloneDatabase) -> None:
    texts = [doubt.text for doubt in look(database, "roles").doubts]

    assert any(text.startswith("pg_catalog.pg_authid shows every reader other rows") for text in texts)


@pytest.mark.parametrize(
    ("source", "kind", "estimate"),
    [
        ("plain", "table", 20),
        ("owned", "table", None),
        ("owners_view", "view", None),
        ("whole", "view", None),
        ("filled", "materialized view", None),
        ("nothing_there", None, None),
    ],
)
def test_what_can_be_proven_whole_is_accepted(
    database: CloneDatabase, source: str, kind: str | None, estimate: int | None
) -> None:
    answer = look(database, source)

    assert (answer.source, answer.doubts) == (Source(kind, estimate) if kind else None, ())


def test_columns_that_the_reader_may_not_read_are_named(database: CloneDatabase) -> None:
    assert look(database, "plain", id="bigint", note="text").doubts == ()
    assert look(database, "plain", id="bigint", secret="text").doubts == (
        Doubt("reader may not read secret of public.plain: GRANT SELECT ON public.plain TO reader"),
    )
    # A column that only the filter reads is found by the database itself.
    assert "permission denied for table plain" in look(database, "plain", "secret = 's'").doubts[0].text


def test_a_filter_that_depends_on_who_asks_or_when_is_refused(database: CloneDatabase) -> None:
    assert look(database, "plain", "note = current_user AND id > random()").doubts == (
        Doubt(f"the where of Thing-thing depends on current_user, random, {CHANGING}"),
    )


def test_a_filter_that_cannot_be_run_is_told_in_the_databases_words(database: CloneDatabase) -> None:
    answer = look(database, "plain", "note <> ")

    assert answer.doubts == ()
    assert "syntax error" in answer.failure


def test_masks_and_damaged_pages_are_refused(dsn: str, database: CloneDatabase) -> None:
    mask = (
        "public.{} may show reader masked values, since pg_columnmask is installed: GRANT rds_superuser TO reader and "
    )
    mask += "read tables, not views, or DROP EXTENSION pg_columnmask"
    with psycopg.connect(dsn, autocommit=True) as connection:
        # Aurora's extension is not here: its entry alone is what is looked for.
        connection.execute(
            "INSERT INTO pg_extension "
            "SELECT 99999, 'pg_columnmask', extowner, extnamespace, false, '1' FROM pg_extension"
        )
        try:
            assert [look(database, source).doubts for source in ("plain", "owned", "whole")] == [
                (Doubt(mask.format("plain")),),
                (),
                (Doubt(mask.format("plain")),),
            ]
            connection.execute(f"CREATE ROLE rds_superuser; GRANT rds_superuser TO {READER}")
            assert look(database, "plain").doubts == ()
            assert look(database, "whole").doubts == (Doubt(mask.format("plain")),)
        finally:
            connection.execute("DELETE FROM pg_extension WHERE oid = 99999; DROP ROLE IF EXISTS rds_superuser")
        connection.execute(f"ALTER ROLE {READER} SET zero_damaged_pages = on")
        try:
            assert look(database, "plain").doubts == (
                Doubt(
                    "public.plain would be read without the rows of damaged pages: "
                    "switch zero_damaged_pages and ignore_checksum_failure off"
                ),
            )
        finally:
            connection.execute(f"ALTER ROLE {READER} RESET zero_damaged_pages")


def test_a_policy_is_an_error_in_every_session_and_hides_nothing(dsn: str, database: CloneDatabase) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {READER} SET row_security = on")
        seen = "SELECT count(*) FROM policed"
        connection.execute(f"SET ROLE {READER}")
        assert connection.execute(seen).fetchone() == (12,)
    policed = extract({"id": "bigint"}, "policed")
    with pytest.raises(Exception, match="row-level security"):
        database.read(policed).collect()
    with pytest.raises(Exception, match="row-level security"):
        database.audit(policed)


def test_every_clone_is_asked_before_the_first_is_refused() -> None:
    looks = {
        "one": [Look(None, (Doubt("a is hidden"),)), Look(Source("table", 3), ())],
        "two": [Look(None, (Doubt("b is unlogged", is_cloned=False), Doubt("a is hidden")))],
    }
    with pytest.raises(SourceNotCloned) as raised:
        visibility.check(looks)
    assert str(raised.value) == (
        "one: a is hidden; two: b is unlogged; two: a is hidden. Nothing was read. A clone keeps what its source had: "
        "after a change of the source, release the clones and start a new run"
    )
    with pytest.raises(SourceNotVisible, match="one: a is hidden"):
        visibility.check({"one": looks["one"]})
    visibility.check({"one": looks["one"][1:]})


@pytest.mark.parametrize(
    ("source", "rows", "warnings"),
    [
        (Source("table", 20_000), 20_000, []),
        (Source("table", 20_000), 9_000, ["9,000 rows, its statistics say 20,000"]),
        (Source("partitioned table", 5), 10_000, ["10,000 rows, its statistics say 5"]),
        (Source("table", 900), 0, []),
        (Source("table", None), 10_000, []),
        (Source("view", None), 0, []),
    ],
)
def test_rows_are_held_against_the_owners_statistics(source: Source, rows: int, warnings: list[str]) -> None:
    texts = visibility.check_estimates(extract({"id": "bigint"}), {"one": source}, {"one": rows})

    assert texts == [f"warning: thing in the clone of one has {text}" for text in warnings]


def test_a_large_table_that_shows_no_row_is_refused() -> None:
    with pytest.raises(SourceNotVisible, match="one: thing shows no row, but its statistics say 1,000 rows"):
        visibility.check_estimates(extract({"id": "bigint"}), {"one": Source("table", 1_000)}, {"one": 0})


def test_a_filter_is_counted_without_it_and_must_agree(database: CloneDatabase) -> None:
    filtered: Any = replace(extract({"id": "bigint"}, "plain"), where="id > 5 -- all but a few")
    counts = {"one": database.where_counts(filtered)}

    assert visibility.where_facts(filtered, counts, {"one": 15}) == {
        "condition": "id > 5 -- all but a few",
        "clusters": {"one": {"inside": 15, "outside": 5}},
    }
    with pytest.raises(AuditMismatch, match="15 rows of plain in the clone of one hold its where, but 14 were read"):
        visibility.where_facts(filtered, counts, {"one": 14})
