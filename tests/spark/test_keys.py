"""Keys are equal as in DynamoDB: in Bootstrap's refusals, in the choice of the latest row, and in Compare's pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import jvm_functions, writing
from migration_spark.import_refusals import first_refusal
from migration_spark.keys import duplicate_samples, superseded_keys
from migration_spark.redaction import Sample, key_hash
from migration_spark.spec import Column, Extract, KeyAttribute

from tests.spark.jobs import COLUMNS, Jobs, selects, thing
from tests.spark.tables import extract, table

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

PRICE = table(
    {"code": "numeric", "amount": "integer"}, key=(KeyAttribute("code", "N", 2048),), attributes={"code": "N"}
)


def written(spark_rows: DataFrame, folder: Path, spec: Any = PRICE) -> writing.Written:  # noqa: ANN401 - a table
    rows = writing.prepared(spec, spark_rows)
    return writing.write_items(spec, rows, 2, str(folder), ["one", "two"])


@pytest.mark.parametrize(
    ("kind", "first", "other", "same"),
    [
        ("string", "1.0", "1.00", True),
        ("string", "1", "1e0", True),
        ("string", "0", "-0.000", True),
        ("string", "1200", "12e2", True),
        ("string", "0.1", "0.10000000000000000000000000000000000001", False),
        ("double", 0.0, -0.0, True),
        ("double", 0.1, 0.10000000000000002, False),
        ("bigint", 9007199254740993, 9007199254740992, False),
    ],
)
def test_a_number_is_one_key_in_all_its_writings(
    spark: SparkSession,
    tmp_path: Path,
    kind: str,
    first: float | str,
    other: float | str,
    *,
    same: bool,
) -> None:
    rows = spark.createDataFrame(
        [("one", first, 1), ("two", other, 3), ("one", type(first)(5), 2)], f"_cluster string, code {kind}, amount int"
    )

    totals = written(rows, tmp_path / "out").totals

    assert (totals["item"], totals["duplicate"]) == ((1, 2) if same else (3, 0))


def test_writings_of_one_number_in_two_clusters_are_duplicate_keys_before_the_import(
    spark: SparkSession, tmp_path: Path
) -> None:
    source = [("one", "1.0", 1), ("one", "2", 2), ("two", "1.00", 3), ("two", "3", 4)]
    rows = spark.createDataFrame(source, "_cluster string, code string, amount int")
    totals = written(rows, tmp_path / "out").totals

    assert (totals["item"], totals["duplicate"]) == (2, 2)
    assert duplicate_samples(writing.prepared(PRICE, rows)) == [
        Sample("1.0 = 1.00 in one, two", "key d0ff5974b6aa in one, two")
    ]


def test_a_row_that_shares_its_key_with_a_rejected_one_is_a_duplicate(spark: SparkSession, tmp_path: Path) -> None:
    """Their order is unknown, so the accepted row alone must not become an item."""
    spec = table({"id": "text", "ratio": "double"})
    source = [("one", "a", 1.0), ("two", "a", float("nan")), ("two", "b", 1.0), ("two", None, 1.0), ("one", None, 1.0)]
    rows = spark.createDataFrame(source, "_cluster string, id string, ratio double")
    totals = written(rows, tmp_path / "out", spec).totals

    assert (totals["item"], totals["rejected"], totals["duplicate"]) == (1, 3, 1)
    assert duplicate_samples(writing.prepared(spec, rows)) == [Sample("a in one, two", "key ca978112ca1b in one, two")]


@pytest.mark.parametrize(
    ("attributes", "kind", "expected"), [({"at": "epoch_seconds"}, "N", (1, 2)), ({}, "S", (3, 0))]
)
def test_moments_are_one_key_if_they_are_written_as_one(
    spark: SparkSession, tmp_path: Path, attributes: dict[str, str], kind: str, expected: tuple[int, int]
) -> None:
    spec = table({"at": "timestamptz"}, key=(KeyAttribute("at", kind, 2048),), attributes=attributes)
    texts = [
        ("one", "2027-01-01 00:00:00.000001"),
        ("two", "2027-01-01 00:00:00.999999"),
        ("one", "2026-12-31 23:59:59"),
    ]
    rows = spark.createDataFrame(texts, "_cluster string, at string").selectExpr(
        "_cluster", "cast(at AS timestamp) AS at"
    )

    totals = written(rows, tmp_path / "out", spec).totals

    assert (totals["item"], totals["duplicate"]) == expected


def test_keys_of_two_parts_are_told_apart_wherever_one_ends(spark: SparkSession, tmp_path: Path) -> None:
    parts = (KeyAttribute("id", "S", 2048), KeyAttribute("sort", "B", 1024))
    spec = table({"id": "text", "sort": "bytes"}, key=parts)
    source = [("one", "ab", b"c"), ("one", "a", b"bc"), ("two", "a", b"b"), ("two", "a ", b"b"), ("two", "A", b"b")]
    # Each part begins with the byte 1, which may also end the part before it.
    source += [("one", "a\x01", b"b"), ("one", "a", b"\x01b"), ("one", "a\x01\x01", b"b"), ("one", "a", b"\x01\x01b")]
    rows = spark.createDataFrame(source, "_cluster string, id string, sort binary")

    assert written(rows, tmp_path / "out", spec).totals["item"] == 9


KEY_SCHEMA = (
    "_cluster string, id string, version int, _source_key struct<a: string, b: string, at: timestamp_ntz, n: string>"
)


def source_table(**changes: Any) -> Any:  # noqa: ANN401 - fields of a table
    source = extract({"a": "text", "b": "text", "at": "timestamp", "n": "numeric"})
    return table({"id": "text", "version": "integer"}, extracts=(source,), latest="version", **changes)


def collided(spark: SparkSession, *keys: str, **changes: Any) -> tuple[int, list[Sample]]:  # noqa: ANN401 - of a table
    """Return the number of superseded source keys, for rows of the same item key, the newest first."""
    rows = " UNION ALL ".join(
        f"SELECT 'one' AS _cluster, 'k' AS id, {-n} AS version, struct({key}) AS _source_key"
        for n, key in enumerate(keys)
    )
    spec = source_table(**changes)
    return superseded_keys(writing.prepared(spec, spark.sql(rows)), 1)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["'a' AS a, 'b' AS b"] * 3, 0),
        (["'a' AS a, NULL AS b", "NULL AS a, 'a' AS b"], 1),
        (["'a' AS a, '' AS b", "'a' AS a, CAST(NULL AS string) AS b"], 1),
        (["'a' AS a, 'b#c' AS b", "'a#b' AS a, 'c' AS b", "'a#b' AS a, 'c' AS b", "'x' AS a, 'y' AS b"], 2),
        (["timestamp'2027-01-01 00:00:00.000001' AS at", "timestamp'2027-01-01 00:00:00.000002' AS at"], 1),
        (["'1.0' AS n", "'1.00' AS n", "'1' AS n"], 0),
        (["'NaN' AS n", "'Infinity' AS n"], 1),
        (["'1.0' AS a", "'1.00' AS a"], 1),
        (["'x' AS a, 1 AS a", "'x' AS a, 2 AS a"], 1),
    ],
    ids=["one key", "null first", "empty", "separator", "microseconds", "a number", "no number", "a text", "one name"],
)
def test_different_source_keys_that_gave_way_are_counted(spark: SparkSession, keys: list[str], expected: int) -> None:
    assert collided(spark, *keys)[0] == expected


def test_the_winners_own_older_rows_are_no_collision(spark: SparkSession) -> None:
    keys = ["'a' AS a", "'a' AS a", "'b' AS a", "'a' AS a", "'b' AS a"]
    values = 'k has 2 source keys, among them {"a":"a"} and {"a":"b"}'
    assert collided(spark, *keys) == (1, [Sample(values, "key 8254c329a928 has 2 source keys")])


def test_keys_that_collide_are_refused_unless_the_catalog_accepts_them(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    jobs.sql("one", "UPDATE thing SET title = NULL WHERE id = 'k01'", "UPDATE thing SET title = 'x', note = NULL")
    columns = ", ".join(COLUMNS).replace("id,", "concat_ws('#', title, note) AS id,", 1)
    for name, text in selects("FROM thing", columns).items():
        monkeypatch.setitem(jobs.table, name, text.replace("struct(thing.id)", "struct(thing.title, thing.id)"))
    monkeypatch.setitem(jobs.table, "onDuplicateKey", {"latest": "ratio"})
    failure = jobs.bootstrap("collide")["failure"]

    assert failure["error"] == "KeysCollide"
    assert failure["cause"].startswith(
        f"Thing: 1 source keys were superseded by others with the same item key ({key_hash('x')} has 2 source keys)"
    )
    monkeypatch.setitem(jobs.table, "acceptCollisions", True)  # noqa: FBT003 - a value
    summary = jobs.bootstrap("collide")
    assert (summary["failure"], summary["tables"]["Thing"]["supersededKeys"]) == (None, 1)


def test_source_keys_that_nobody_knows_are_not_said_to_be_none(spark: SparkSession, tmp_path: Path) -> None:
    rows = spark.sql("SELECT 'one' AS _cluster, 'k' AS id, explode(array(1, 2)) AS version")
    spec = source_table()

    assert written(rows, tmp_path / "out", spec).totals["collides"] == 0
    facts = {"unreadable": 0, "rejected": 0, "filtered": 0, "duplicateKeys": 0, "supersededKeys": None, "unmatched": 0}
    assert first_refusal((spec,), {"Thing": {**facts, "items": 1}}) is None


def test_both_jobs_have_one_identity_of_a_key(spark: SparkSession) -> None:
    columns = (Column("code", "numeric"), Column("amount", "integer"))
    spec = table(
        {"code": "numeric", "amount": "integer"},
        extracts=(Extract(**{**vars(extract({})), "columns": columns}),),
        key=PRICE.key,
        attributes={"code": "N"},
    )
    codes = ["1", "1.0", "1e0", "10", "-0", "0", "0.0"]
    rows = spark.createDataFrame([("one", code, 1) for code in codes], "_cluster string, code string, amount int")
    marks = jvm_functions.source_marks(spec, rows)
    identities = rows.select(jvm_functions.key_hash(spec, rows).alias("hash"), marks["k1"].alias("k1")).collect()

    assert len({row["hash"] for row in identities}) == len({row["k1"] for row in identities}) == 3
    assert len({(row["hash"], row["k1"]) for row in identities}) == 3
