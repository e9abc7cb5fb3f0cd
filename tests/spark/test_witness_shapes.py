"""The witness on tables of every shape: joined, filtered, keyless, with repeated keys, grouped, large."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import mysql, typed_rows
from migration_spark.witness import landed, sampling
from migration_spark.witness.findings import Findings
from migration_spark.witness.sampling import draw
from pyspark.sql import functions as F

from bench.mariadb import SERVER, MariaDb, mariadb
from tests.spark.jobs import CLUSTERS, Jobs, reader
from tests.spark.tables import CLUSTER, extract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.database import CloneDatabase
    from migration_spark.spec import Column, Extract
    from pyspark.sql import SparkSession

SEED = 7
PLENTY = 1 << 26
DRIVING = {"id": "text", "hotel": "integer", "price": "numeric(9,2)", "at": "timestamp"}
REFERENCE = {"hotel": "integer", "name": "text"}
# Two rows of k1 tie, k2's older row is superseded, k3 lies beyond the filter, k4 has no hotel.
ROWS = """INSERT INTO visit VALUES ('k1', 1, 1.00, '2027-01-01'), ('k1', 1, 2.00, '2027-01-01'),
('k2', 2, 3.00, '2027-01-02 00:00:00.000001'), ('k2', 2, 4.00, '2027-01-02'), ('k3', 1, -1.00, '2027-01-01'),
('k4', 9, 5.00, '2027-01-01'), ('k5', 2, 6.00, NULL), ('k5', 2, 6.00, NULL)"""


def part(name: str, source: str, columns: dict[str, str], where: str | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "source": source,
        "group": "g",
        "columns": [{"name": column, "type": kind} for column, kind in columns.items()],
        "where": where,
        "connections": 2,
        "broadcast": False,
        "leftOut": [],
    }


@pytest.fixture(scope="module")
def visits(jobs: Jobs) -> Iterator[Jobs]:
    kept = copy.deepcopy(jobs.table)
    for cluster in CLUSTERS:
        jobs.sql(
            cluster,
            "DROP TABLE IF EXISTS visit, hotel",
            "CREATE TABLE visit (id text, hotel integer, price numeric(9,2), at timestamp)",
            "CREATE TABLE hotel (hotel integer, name text)",
        )
    jobs.sql("one", ROWS, "INSERT INTO hotel VALUES (1, 'Astoria'), (1, 'Astoria')")
    jobs.sql("two", "INSERT INTO hotel VALUES (2, 'Café')")
    jobs.table.update(
        extracts=[part("visit", "visit", DRIVING, "price > 0"), part("hotel", "hotel", REFERENCE)],
        driving={"extract": "visit", "groupBy": []},
        select=(
            "SELECT v._cluster, v.id, v.price, v.at, h.name FROM visit v "
            "LEFT JOIN (SELECT DISTINCT hotel, name FROM hotel) h ON h.hotel = v.hotel"
        ),
        attributes={"at": "epoch_seconds"},
        onDuplicateKey={"latest": "at"},
        ttl=None,
        traced=None,
        plainAttributes={},
    )
    yield jobs
    jobs.table.clear()
    jobs.table.update(kept)


def test_of_several_rows_of_a_key_the_one_that_is_the_item_is_compared(visits: Jobs) -> None:
    summary = visits.bootstrap("visits")
    assert summary["failure"] is None
    visits.export(list(visits.items("visits").values()))
    report = visits.compare("visits")

    assert (report["verdict"], report["witnessSamples"]) == ("MATCH", [])
    # Of k1 both rows tie, of k2 both lie in one second: whichever is the item, the other explains itself by it.
    assert report["witness"] == {
        "Thing-visit": {
            "one": {"rows": 7, "sampled": 7, "landed": 7, "exported": 7, "differences": 0},
            "two": {"rows": 0, "sampled": 0, "landed": 0, "exported": 0, "differences": 0},
        },
        "Thing-hotel": {
            "one": {"rows": 2, "sampled": 2, "landed": 2, "exported": 0, "differences": 0},
            "two": {"rows": 1, "sampled": 1, "landed": 1, "exported": 0, "differences": 0},
        },
    }


def test_an_older_row_in_the_newests_place_is_seen(visits: Jobs) -> None:
    items = visits.items("visits")
    items["k2"]["at"] = {"N": "1700000000"}
    visits.export(list(items.values()))
    report = visits.compare("visits")

    assert report["verdict"] == "MISMATCH"
    assert [(sample["column"], sample["key"], sample["exported"]) for sample in report["witnessSamples"]] == [
        ("at", "k2", "N:1700000000")
    ] * 2


def test_of_groups_the_raw_rows_alone_are_compared(visits: Jobs) -> None:
    visits.table.update(
        driving={"extract": "visit", "groupBy": ["id"]},
        select="SELECT max(_cluster) AS _cluster, id, sum(price) AS price FROM visit GROUP BY id",
        attributes={},
        onDuplicateKey="fail",
    )
    assert visits.bootstrap("groups")["failure"] is None
    visits.export(list(visits.items("groups").values()))
    report = visits.compare("groups")

    assert report["verdict"] == "MATCH"
    assert report["witness"]["Thing-visit"]["one"] == {
        "rows": 7,
        "sampled": 7,
        "landed": 7,
        "exported": 0,
        "differences": 0,
    }


@pytest.fixture(scope="module")
def large(jobs: Jobs) -> CloneDatabase:
    jobs.sql(
        "one",
        "DROP TABLE IF EXISTS large, halves CASCADE",
        "CREATE TABLE large (n integer, filler text)",
        "INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n",
        "CREATE TABLE halves (n integer, filler text) PARTITION BY RANGE (n)",
        "CREATE TABLE halves_low PARTITION OF halves FOR VALUES FROM (0) TO (10000)",
        "CREATE TABLE halves_high PARTITION OF halves DEFAULT",
        "INSERT INTO halves SELECT * FROM large",
        "CREATE OR REPLACE VIEW seen AS SELECT * FROM large",
        "ANALYZE",
    )
    return reader(jobs.spark, CLUSTER, jobs._fleet.server("one").port, jobs.passwords["one"])


@pytest.mark.parametrize("source", ["large", "halves", "seen"])
def test_a_thousand_rows_come_from_all_over_the_table(
    spark: SparkSession, large: CloneDatabase, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setattr(sampling, "_BLOCKS", 60)
    sample = draw(spark, large, extract({"n": "integer", "filler": "text"}, source), SEED, PLENTY)

    tenths = Counter(row[0] // 2000 for row in sample.rows)
    assert len({row[0] for row in sample.rows}) == len(sample.rows) == 1000
    assert len(tenths) >= 9


def test_the_same_seed_draws_the_same_rows_and_another_one_others(spark: SparkSession, large: CloneDatabase) -> None:
    source = extract({"n": "integer"}, "large")
    first, again, other = (draw(spark, large, source, seed, PLENTY).rows for seed in (SEED, SEED, SEED + 1))

    assert first == again
    assert set(first) != set(other)


def test_a_filter_that_leaves_few_rows_is_answered_by_a_larger_share(
    spark: SparkSession, large: CloneDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_BLOCKS", 2)
    source = replace(extract({"n": "integer"}, "large"), where="n % 15 = 0")

    assert len(draw(spark, large, source, SEED, PLENTY).rows) == 1000


def test_large_rows_end_a_sample_before_they_fill_the_memory(spark: SparkSession, large: CloneDatabase) -> None:
    rows = draw(spark, large, extract({"n": "integer", "filler": "text"}, "large"), SEED, 10_000).rows

    assert 90 <= len(rows) <= 100


mariadb_only = pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/run installs one")
MYSQL = replace(CLUSTER, engine="aurora-mysql", database="shop", user="reader")
COLUMNS = {
    "id": "text",
    "flag": "boolean",
    "bit_flag": "boolean",
    "small": "smallint",
    "unsigned_int": "bigint",
    "big": "numeric(20,0)",
    "price": "numeric(38,19)",
    "ratio32": "real",
    "ratio64": "double",
    "day": "date",
    "clock": "timestamp",
    "moment": "timestamptz",
    "blob_": "bytes",
    "document": "json",
    "kind": "text",
    "padded": "text",
    "latin": "text",
    "year_": "smallint",
    "span": "text",
    "flags": "text",
    "fixed": "bytes",
    "day_text": "text",
    "clock_text": "text",
    "long_": "text",
    "key_": "uuid",
}
THINGS = r"""
CREATE TABLE thing (id varchar(20) PRIMARY KEY, flag tinyint(1), bit_flag bit(1), small smallint,
  unsigned_int int unsigned, big bigint unsigned, price decimal(38,19), ratio32 float, ratio64 double, day date,
  clock datetime(6), moment timestamp(6) NULL, blob_ blob, document json, kind enum('a','b'), padded char(5),
  latin varchar(10) CHARACTER SET latin1, year_ year, span time(3), flags set('a','b','c'), fixed binary(4),
  day_text date, clock_text datetime(3), long_ longtext, key_ char(36));
SET time_zone = '+02:00';
INSERT INTO thing VALUES ('full', 1, b'1', -7, 4294967295, 18446744073709551615,
  1234567890123456789.0000000000000000001, 7.038531e-26, 0.1, '2027-02-28', '1999-12-31 23:59:59.999999',
  '2027-07-01 12:00:00.123456', 0x00FFFE, '{"n": 1.50, "s": "é 🥂", "l": [true, null]}', 'b', 'ab', 'é', 2027,
  '100:30:00.5', 'c,a', 0x00FF, '2027-01-01', '2027-01-01 00:00:00.5', 'é', UUID());
INSERT INTO thing (id, day, clock, ratio32, ratio64, day_text, clock_text, price)
  VALUES ('ends', '9999-12-31', '0001-01-01 00:00:00', -0e0, -0e0, '0001-01-01', '9999-12-31 23:59:59.999', -0.5);
INSERT INTO thing (id, ratio32, span, clock_text) VALUES ('plain', 33554433, '12:30:00', '2027-01-01 00:00:00');
INSERT INTO thing (id) VALUES ('nulls');
INSERT INTO thing (id, span) VALUES ('unseen', '-100:30:00.5');
INSERT INTO thing (id, flag) VALUES ('odd two', 2);
INSERT INTO thing (id, day) VALUES ('odd day', '0000-00-00');
INSERT INTO thing (id, clock) VALUES ('odd month', '2027-00-01 00:00:00');
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    with mariadb(tmp_path_factory.mktemp("mariadb")) as running:
        running.run(THINGS)
        yield running


@pytest.fixture(scope="module")
def database(spark: SparkSession, server: MariaDb) -> CloneDatabase:
    return reader(spark, MYSQL, server.port, server.password)


def of(columns: dict[str, str], source: str) -> Extract:
    return replace(extract(columns, source), clusters=(MYSQL,))


def looked_at(spark: SparkSession, database: CloneDatabase, source: Extract) -> Findings:
    """Compare a sample with the rows that the jobs read, as if they had landed."""
    findings = Findings()
    samples = [draw(spark, database, source, SEED, PLENTY)]
    raw = typed_rows.typed(database.read(source), source)
    landed.compare(source, samples, raw, findings)
    return findings


@mariadb_only
def test_the_witness_is_silent_about_every_type_of_mysql(spark: SparkSession, database: CloneDatabase) -> None:
    findings = looked_at(spark, database, of(COLUMNS, "thing"))

    assert findings.samples == []
    assert findings.counts == {("thing", "one"): Counter(landed=5)}


@mariadb_only
def test_what_is_misread_of_any_type_of_mysql_is_seen(
    spark: SparkSession, database: CloneDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "_value", faulty)
    findings = looked_at(spark, database, of(COLUMNS, "thing"))

    assert {sample["column"] for sample in findings.samples} == set(COLUMNS) - {"id"}


def faulty(column: Column) -> str:
    """Return SQL that misreads every type but the key's."""
    name = f"`{column.name}`"
    special = {
        "boolean": f"IF({name} > 1, '2', CAST(1 - {name} AS CHAR))",
        "smallint": f"CAST({name} + 1 AS SIGNED)",
        "bigint": f"CAST({name} - 1 AS SIGNED)",
        "numeric(20,0)": f"CAST({name} - 1 AS CHAR)",
        "numeric(38,19)": f"CAST({name} + 1 AS CHAR)",
        "real": f"CAST({name} AS CHAR)",  # six digits
        "double": f"CAST({name} * 2 AS CHAR)",
        "date": f"CAST({name} - INTERVAL 1 DAY AS CHAR)",
        "timestamp": f"DATE_FORMAT({name}, '%Y-%m-%d %H:%i:00')",
        "timestamptz": f"DATE_FORMAT({name} + INTERVAL 2 HOUR, '%Y-%m-%d %H:%i:%s.%f')",
        "bytes": f"TO_BASE64(CONCAT({name}, 'x'))",
        "json": f"CONCAT('[', {name}, ']')",
        "uuid": f"UPPER({name})",
        "text": name if column.name == "id" else f"CONCAT({name}, '!')",
    }
    return special[column.type]


@mariadb_only
@pytest.mark.parametrize("source", ["many", "many_seen"])
def test_a_thousand_rows_of_mysql_come_from_all_over_the_table(
    spark: SparkSession, server: MariaDb, database: CloneDatabase, source: str
) -> None:
    server.run(
        "DROP VIEW IF EXISTS many_seen; DROP TABLE IF EXISTS many; CREATE TABLE many (n bigint PRIMARY KEY); "
        "INSERT INTO many SELECT seq FROM seq_1_to_20000; ANALYZE TABLE many; "
        "CREATE VIEW many_seen AS SELECT * FROM many"
    )
    sample = draw(spark, database, of({"n": "bigint"}, source), SEED, PLENTY)

    assert len({row[0] for row in sample.rows}) == len(sample.rows) == 1000
    assert len(Counter(row[0] // 2000 for row in sample.rows)) >= 10
    assert sample.key == (("n",) if source == "many" else ())


def test_a_row_that_was_not_landed_is_seen_and_the_nearest_one_shown(
    spark: SparkSession, large: CloneDatabase, jobs: Jobs
) -> None:
    jobs.sql(
        "one", "DROP TABLE IF EXISTS few", "CREATE TABLE few (n integer, t text)", "INSERT INTO few VALUES (1, 'a')"
    )
    source = extract({"n": "integer", "t": "text"}, "few")
    samples, findings = [draw(spark, large, source, SEED, PLENTY)], Findings()
    rows = typed_rows.typed(large.read(source), source).withColumn("t", F.lit("b"))
    landed.compare(source, samples, rows, findings)
    nothing = Findings()
    landed.compare(source, samples, rows.where("n > 1"), nothing)

    row = {"extract": "thing", "cluster": "one", "key": "n=1, t=a"}
    assert findings.samples == [{**row, "column": "t", "clone": "a", "landed": "b"}]
    assert nothing.samples == [{**row, "column": "(no such row)", "clone": "n=1, t=a", "landed": "(no such row)"}]


def test_a_row_without_a_primary_key_is_found_by_the_items_key_and_its_difference_shown(
    spark: SparkSession, large: CloneDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landed, "_nearest", lambda *_: pytest.fail("the row was not found by its key"))
    source = extract({"n": "integer", "filler": "text"}, "large")
    samples, findings = [draw(spark, large, source, SEED, PLENTY)], Findings()
    rows = typed_rows.typed(large.read(source), source).withColumn("filler", F.lit("y"))
    landed.compare(source, samples, rows, findings, ("n",))

    assert findings.counts == {("thing", "one"): Counter(landed=1000, differences=1000)}
    assert {(sample["column"], sample["landed"]) for sample in findings.samples} == {("filler", "y")}


def test_a_row_without_any_key_is_found_by_all_of_its_values(
    spark: SparkSession, large: CloneDatabase, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landed, "_nearest", lambda *_: pytest.fail("the row was not found by its values"))
    jobs.sql(
        "one",
        "DROP TABLE IF EXISTS kinds",
        "CREATE TABLE kinds (flag boolean, day date, ratio double precision, blob bytea, words text[], wholes bigint[],"
        " wide numeric(38,20), slim numeric(9,2), clock timestamp, moment timestamptz, key uuid, small smallint)",
        r"INSERT INTO kinds VALUES (true, '1582-10-10', -0.0, '\x00ff', ARRAY['é', NULL], ARRAY[7, NULL], 1e-20, 1.5,"
        " '0001-01-01 00:00:00.000001', '2027-03-28 02:30:00+01', '0b0e7a52-4d0e-4a2f-9d9c-6a3c1f0a7e11', -1),"
        " (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    )
    kinds = {"flag": "boolean", "day": "date", "ratio": "double", "blob": "bytes", "words": "text[]"}
    kinds |= {"wholes": "bigint[]", "wide": "numeric(38,20)", "slim": "numeric(9,2)", "clock": "timestamp"}
    kinds |= {"moment": "timestamptz", "key": "uuid", "small": "smallint"}
    source, findings = extract(kinds, "kinds"), Findings()
    landed.compare(
        source, [draw(spark, large, source, SEED, PLENTY)], typed_rows.typed(large.read(source), source), findings
    )

    assert findings.counts == {("thing", "one"): Counter(landed=2)}
