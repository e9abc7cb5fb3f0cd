"""The comparison reports every kind of difference, and none between equal sides."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import comparison, difference_samples, jvm_functions
from migration_spark.fingerprint_rows import Sides
from migration_spark.jvm_functions import item_text
from migration_spark.spec import KeyAttribute
from pyspark.sql import functions as F

from tests.spark.tables import bootstrapped, export_of, lines_of, read, said, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

SCHEMA = "_cluster string, id string, n decimal(20,4), tags array<string>, document string, at timestamp, ttl timestamp"
COLUMNS = {"id": "text", "n": "numeric(20,4)", "tags": "text[]", "document": "json", "at": "timestamptz"}
FIRST, SET = "S:2027-01-01T00:00:00.000001Z", 'SS:["a","b"]'
SPEC = table(COLUMNS, attributes={"tags": "SS", "document": "M", "ttl": "epoch_seconds"}, ttl="ttl")


@pytest.fixture(scope="module")
def result(spark: SparkSession) -> DataFrame:
    rows = spark.sql(
        """
        SELECT 'one' AS _cluster, concat('k', id) AS id, cast(id * 10.5 AS decimal(20,4)) AS n,
               array('b', 'a') AS tags, '{"x": 1.0, "y": [1, null], "z": "é"}' AS document,
               timestamp'2027-01-01 00:00:00.000001' AS at,
               CASE WHEN id = 9 THEN timestamp'2020-01-01 00:00:00' END AS ttl
        FROM range(10)
        """
    )
    return spark.createDataFrame(rows.collect(), SCHEMA)


def exported(result: DataFrame) -> list[dict[str, Any]]:
    return [json.loads(row[0])["Item"] for row in result.select(item_text(SPEC, result)).orderBy("id").collect()]


@pytest.fixture(params=["by buckets", "key by key"])
def compare(spark: SparkSession, result: DataFrame, request: pytest.FixtureRequest) -> Callable[..., Any]:
    def run(lines: list[str], **changes: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:  # noqa: ANN401
        spec = table(COLUMNS, **{"attributes": SPEC.attributes, "ttl": "ttl", **changes})
        known = bootstrapped(spec, result) if request.param == "by buckets" else None
        sides = Sides(spec, result, export_of(spark, lines), bootstrapped=known)
        tally, suspects, _ = comparison.tally(sides)
        return {k: v for k, v in tally.items() if v}, difference_samples.fetch(sides, tally, suspects)

    return run


def test_an_export_that_says_the_same_in_other_words_matches(result: DataFrame, compare: Callable[..., Any]) -> None:
    items = exported(result)
    for item in items:
        item["n"] = {"N": item["n"]["N"].rstrip("0").rstrip(".") or "0"}
        item["tags"] = {"SS": ["b", "a"]}
        inner = item["document"]["M"]
        item["document"] = {"M": {"z": inner["z"], "y": inner["y"], "x": {"N": "1"}}}

    tally, differences = compare(lines_of(items))

    assert tally == {"matched": 10, "source": 10, "target": 10}
    assert differences == []


@pytest.mark.parametrize(
    ("attribute", "value", "source", "target"),
    [
        ("n", {"N": "0.001"}, "N:0", "N:0.001"),
        ("n", {"S": "0.0000"}, "N:0", "S:0.0000"),
        ("n", None, "N:0", "(absent)"),
        ("at", {"S": "2027-01-01T00:00:00.000002Z"}, FIRST, "S:2027-01-01T00:00:00.000002Z"),
        ("at", {"S": "2027-01-01"}, FIRST, "S:2027-01-01"),
        ("tags", {"SS": ["a"]}, SET, 'SS:["a"]'),
        ("tags", {"L": [{"S": "a"}, {"S": "b"}]}, SET, 'L:[{"S":"a"},{"S":"b"}]'),
        ("tags", {"NULL": True}, SET, "NULL:true"),
        ("ttl", {"N": "1"}, "(absent)", "N:1"),
        ("ttl", {"S": "1"}, "(absent)", "S:1"),
        ("ttl", {"NULL": True}, "(absent)", "NULL:true"),
        ("new", {"S": "x"}, None, None),
    ],
)
def test_one_changed_attribute_is_found_and_told(
    result: DataFrame,
    compare: Callable[..., Any],
    attribute: str,
    value: dict[str, Any] | None,
    source: str | None,
    target: str | None,
) -> None:
    items = exported(result)
    items[0].pop(attribute, None)
    if value is not None:
        items[0][attribute] = value

    tally, differences = compare(lines_of(items))

    column = attribute if source else "(unknown attributes)"
    assert tally == {"matched": 9, "changed": 1, "source": 10, "target": 10, "changedAttributes": {column: 1}}
    assert differences == [
        {
            "class": "changed",
            "key": "k0",
            "column": column,
            "source": source or "(absent)",
            "target": target or attribute,
        }
    ]


def test_keys_of_two_parts_stay_apart_where_the_mark_of_a_value_is_in_them(spark: SparkSession) -> None:
    """Each part begins with the byte 1, which may also end the part before it."""
    spec = table({"id": "text", "sort": "text"}, key=(KeyAttribute("id", "S", 2048), KeyAttribute("sort", "S", 1024)))
    rows = [("one", "a\x01", "b"), ("one", "a", "\x01b"), ("one", "a\x01\x01", "b"), ("one", "a", "\x01\x01b")]
    result = spark.createDataFrame(rows, "_cluster string, id string, sort string")
    lines = [str(row[0]) for row in result.select(item_text(spec, result)).collect()]

    counts, *_ = comparison.tally(Sides(spec, result, export_of(spark, lines)))

    assert {k: v for k, v in counts.items() if v} == {"matched": 4, "source": 4, "target": 4}


def test_a_change_deep_in_a_document_is_found(result: DataFrame, compare: Callable[..., Any]) -> None:
    items = exported(result)
    items[3]["document"]["M"]["y"]["L"][1] = {"BOOL": False}

    tally, _ = compare(lines_of(items))

    assert tally["changedAttributes"] == {"document": 1}


def test_missing_extra_expired_and_undecodable_lines_are_told_apart(
    result: DataFrame, compare: Callable[..., Any]
) -> None:
    items = exported(result)
    extra = {**items[0], "id": {"S": "other"}}
    # k9's TTL has passed, so its absence is no loss; k1's is one. k2's line is cut.
    lines = [*lines_of([items[0], *items[3:9], extra]), json.dumps({"Item": items[2]})[:-20]]

    tally, differences = compare(lines)

    assert tally == {
        "matched": 7,
        "missing": 2,
        "extra": 1,
        "expired": 1,
        "undecodable": 1,
        "source": 10,
        "target": 9,
    }
    keyed = sorted((entry["class"], entry["key"]) for entry in differences if entry["class"] != "undecodable")
    assert keyed == [("extra", "other"), ("missing", "k1"), ("missing", "k2")]


@pytest.mark.parametrize("row_class", ["rejected", "missing"])
def test_a_row_that_no_item_can_be_is_never_passed_over(spark: SparkSession, result: DataFrame, row_class: str) -> None:
    """If Bootstrap rejected no row, Compare looks for none, and counts an unexpected one as missing in the export."""
    unfit = result.limit(1).withColumn("id", F.lit(""))
    rows = spark.createDataFrame(result.unionByName(unfit).collect(), SCHEMA)
    export = export_of(spark, lines_of(exported(result)))

    tally, *_ = comparison.tally(Sides(SPEC, rows, export, rejects=row_class == "rejected"))

    assert {kind: tally[kind] for kind in ("matched", row_class, "source", "target")} == {
        "matched": 10,
        row_class: 1,
        "source": 11,
        "target": 10,
    }


def test_tolerances_and_exclusions_hide_what_they_say_and_no_more(
    result: DataFrame, compare: Callable[..., Any]
) -> None:
    items = exported(result)
    items[1]["n"] = {"N": "10.51"}
    items[2]["n"] = {"N": "22"}
    items[3]["at"] = {"S": "2000-01-01T00:00:00.000000Z"}

    tally, _ = compare(lines_of(items), tolerances={"n": "0.02"}, exclude=("at",))

    assert tally["matched"] == 9
    assert tally["changedAttributes"] == {"n": 1}
    assert tally["hiddenDifferences"] == {"n": 1, "at": 1}


NUMBERS = {
    "0": "0",
    "-0": "0",
    "-0.00": "0",
    "0E-20": "0",
    "7": "7",
    "-120": "-120",
    "007.500": "7.5",
    "-000.50": "-0.5",
    "1.0": "1",
    "1.0E-7": "0.0000001",
    "1e+3": "1000",
    "1E+2": "100",
    "12.5e1": "125",
    "-1.25E1": "-12.5",
    "+5": "5",
    ".5": "0.5",
    "-.5e1": "-5",
    "5.": "5",
    "123456789012345678.00000000000000000001": "123456789012345678.00000000000000000001",
    "0.00000000000000000000000000000000000001": "0.00000000000000000000000000000000000001",
    "1E125": "1" + 125 * "0",
    "1e-130": "0." + 129 * "0" + "1",
}


def number_read(spark: SparkSession, texts: list[str]) -> list[str | None]:
    """Return the comparison's reading of each N's text."""
    result = spark.createDataFrame([], "_cluster string, id string, n bigint")
    items = read(spark, result, [{"id": {"S": "a"}, "n": {"N": text}} for text in texts])
    return [item["n"] if item else "(no item)" for item in items]


def test_a_number_has_one_text_whatever_its_notation(spark: SparkSession) -> None:
    assert number_read(spark, list(NUMBERS)) == list(NUMBERS.values())


def test_a_text_that_only_looks_like_a_number_is_none(spark: SparkSession) -> None:
    texts = [
        "1.2.3",
        "NaN",
        "",
        ".",
        "-",
        "1e",
        "e1",
        " 1",
        "1 ",
        "1\n",
        "--1",
        "0x1",
        "1_000",
        "1e999999999",
        "\u0661",
    ]

    assert number_read(spark, texts) == [None] * len(texts)


def test_documents_are_equal_whatever_the_order_of_their_keys(spark: SparkSession) -> None:
    document = '{"b": [1.50, "x\\u00e9", {"t": true}], "a": null, "n": 12345678901234567890.1, "e": {}, "l": []}'
    result = spark.createDataFrame(
        [("one", "a", document), ("one", "b", '{"a": 1}')], "_cluster string, id string, d string"
    )
    typed = {
        "e": {"M": {}},
        "n": {"N": "12345678901234567890.10"},
        "l": {"L": []},
        "a": {"NULL": True},
        "b": {"L": [{"N": "1.5"}, {"S": "xé"}, {"M": {"t": {"BOOL": True}}}]},
    }
    items = [{"id": {"S": "a"}, "d": {"M": typed}}, {"id": {"S": "b"}, "d": {"M": {"a": {"S": "1"}}}}]

    source = said(result, attributes={"d": "M"})
    target = read(spark, result, items, attributes={"d": "M"})

    assert source[0] == target[0]
    assert source[1] == {"id": "b", "d": '{"a":N:1}'}
    assert target[1] == {"id": "b", "d": '{"a":S:"1"}'}


GOOD = '{"Item":{"id":{"S":"a"}}}'


@pytest.mark.parametrize(
    "line",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"Item":{}}',
        '{"Item":null}',
        '{"Other":{"id":{"S":"a"}}}',
        GOOD[:-1],
        GOOD + GOOD,
        '{"Item":{"id":{"S":"a"}},"More":1}',
        '{"Item":{"id":"a"}}',
        '{"Item":{"id":{}}}',
        '{"Item":{"id":{"S":"a","N":"1"}}}',
        '{"Item":{"id":{"S":"a"},"id":{"S":"a"}}}',
        '{"Item":{"id":{"S":"a"},"other":{"S":"a","N":"1"}}}',
        '{"Item":{"id":{"S":"a\x01"}}}',
    ],
)
def test_a_line_that_is_no_item_is_told_as_such(spark: SparkSession, line: str) -> None:
    result = spark.createDataFrame([], "_cluster string, id string, n bigint")
    lines = spark.createDataFrame([(line,), (GOOD,)], "value string")
    marks = jvm_functions.export_marks(table({"id": "text"}), result, F.col("value"))

    assert [row[0] for row in lines.select(marks.isNotNull()).collect()] == [False, True]


def test_lines_are_kept_of_keys_that_become_known_when_all_is_planned(spark: SparkSession, result: DataFrame) -> None:
    lines = [json.dumps({"Item": item}) for item in exported(result)]
    jvm: Any = spark.sparkContext._jvm
    number = jvm.migration.SampledLines.begin(spark.sparkContext._jsc.sc())
    sides = Sides(SPEC, result, export_of(spark, lines), sampled=number)
    (hashed,) = result.where("id = 'k3'").select(jvm_functions.source_marks(SPEC, result)["k1"]).collect()
    tally, *_ = comparison.tally(
        sides, lambda: jvm.migration.SampledLines.fill(number, bytearray(struct.pack(">q", hashed[0])))
    )

    assert tally["matched"] == len(lines)
    assert jvm.migration.SampledLines.take(number) == lines[3]


def test_the_plan_of_a_comparison_grows_by_its_attributes_and_not_by_their_square(spark: SparkSession) -> None:
    def size(columns: int) -> int:
        names = [f"c{n}" for n in range(columns)]
        spec = table({"id": "text", **dict.fromkeys(names, "bigint")}, tolerances=dict.fromkeys(names[::4], "1"))
        result = spark.createDataFrame(
            [], f"_cluster string, id string, {', '.join(f'{name} bigint' for name in names)}"
        )
        rows = comparison.classified(Sides(spec, result, export_of(spark, [])))
        return len(rows._jdf.queryExecution().logical().toJSON())

    small, large = size(30), size(120)

    assert large < 5 * small
