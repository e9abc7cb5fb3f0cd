"""The comparison finds every kind of difference, and no difference where there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import canonical, comparison, samples
from migration_spark.comparison import Sides
from migration_spark.encode import item_text
from migration_spark.export import Export
from pyspark.sql import functions as F

from tests.spark.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

SCHEMA = "_cluster string, id string, n decimal(20,4), tags array<string>, document string, at timestamp, ttl timestamp"
COLUMNS = {"id": "text", "n": "numeric(20,4)", "tags": "text[]", "document": "json", "at": "timestamptz"}
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


@pytest.fixture
def compare(spark: SparkSession, result: DataFrame) -> Callable[..., Any]:
    def run(lines: list[str], **changes: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:  # noqa: ANN401
        spec = table(COLUMNS, **{"attributes": SPEC.attributes, "ttl": "ttl", **changes})
        frame = spark.createDataFrame([(line,) for line in lines], "value string").coalesce(1)
        parsed = spark.read.schema("Item map<string,map<string,string>>, _corrupt string").option(
            "columnNameOfCorruptRecord", "_corrupt"
        )
        sides = Sides(spec, result, Export(len(lines), 1_700_000_000, parsed.json(frame.rdd.map(lambda row: row[0]))))
        source, target = comparison.source_values(sides), comparison.target_values(sides)
        rows = comparison.joined(sides, source, target)
        found = comparison.tally(sides, rows)
        return {k: v for k, v in found.items() if v}, samples.fetch(sides, rows, source, target)

    return run


def lines_of(items: list[dict[str, Any]]) -> list[str]:
    return [json.dumps({"Item": item}) for item in items]


def test_an_export_that_says_the_same_in_other_words_matches(result: DataFrame, compare: Callable[..., Any]) -> None:
    items = exported(result)
    for item in items:
        item["n"] = {"N": item["n"]["N"].rstrip("0").rstrip(".") or "0"}
        item["tags"] = {"SS": ["b", "a"]}
        inner = item["document"]["M"]
        item["document"] = {"M": {"z": inner["z"], "y": inner["y"], "x": {"N": "1"}}}

    found, differences = compare(lines_of(items))

    assert found == {"matched": 10, "source": 10, "target": 10}
    assert differences == []


@pytest.mark.parametrize(
    ("attribute", "value", "source", "target"),
    [
        ("n", {"N": "0.001"}, "N:0", "N:1e-3"),
        ("n", {"S": "0.0000"}, "N:0", "S:0.0000"),
        ("n", None, "N:0", "(absent)"),
        ("at", {"S": "2027-01-01T00:00:00.000002Z"}, "S:1798761600000001", "S:1798761600000002"),
        ("at", {"S": "2027-01-01"}, "S:1798761600000001", "S:2027-01-01"),
        ("tags", {"SS": ["a"]}, "SS:1:a,1:b", "SS:1:a"),
        ("tags", {"L": [{"S": "a"}, {"S": "b"}]}, "SS:1:a,1:b", 'L:[{"S":"a"},{"S":"b"}]'),
        ("tags", {"NULL": True}, "SS:1:a,1:b", "NULL:true"),
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

    found, differences = compare(lines_of(items))

    column = attribute if source else "(unknown attributes)"
    assert found == {"matched": 9, "changed": 1, "source": 10, "target": 10, "changedAttributes": {column: 1}}
    assert differences == [
        {
            "class": "changed",
            "key": "k0",
            "column": column,
            "source": source or "(absent)",
            "target": target or attribute,
        }
    ]


def test_a_change_deep_in_a_document_is_found(result: DataFrame, compare: Callable[..., Any]) -> None:
    items = exported(result)
    items[3]["document"]["M"]["y"]["L"][1] = {"BOOL": False}

    found, _ = compare(lines_of(items))

    assert found["changedAttributes"] == {"document": 1}


def test_missing_extra_expired_and_undecodable_lines_are_told_apart(
    result: DataFrame, compare: Callable[..., Any]
) -> None:
    items = exported(result)
    extra = {**items[0], "id": {"S": "other"}}
    # k9's TTL has passed, so its absence is no loss; k1's is one. k2's line is cut.
    lines = [*lines_of([items[0], *items[3:9], extra]), json.dumps({"Item": items[2]})[:-20]]

    found, differences = compare(lines)

    assert found == {
        "matched": 7,
        "missing": 2,
        "extra": 1,
        "expired": 1,
        "undecodable": 1,
        "source": 10,
        "target": 9,
    }
    told = sorted((entry["class"], entry["key"]) for entry in differences if entry["class"] != "undecodable")
    assert told == [("extra", "other"), ("missing", "k1"), ("missing", "k2")]


def test_tolerances_and_exclusions_hide_what_they_say_and_no_more(
    result: DataFrame, compare: Callable[..., Any]
) -> None:
    items = exported(result)
    items[1]["n"] = {"N": "10.51"}
    items[2]["n"] = {"N": "22"}
    items[3]["at"] = {"S": "2000-01-01T00:00:00.000000Z"}

    found, _ = compare(lines_of(items), tolerances={"n": "0.02"}, exclude=("at",))

    assert found["matched"] == 9
    assert found["changedAttributes"] == {"n": 1}
    assert found["hiddenDifferences"] == {"n": 1, "at": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0"),
        ("-0.00", "0"),
        ("7", "7e0"),
        ("-120", "-12e1"),
        ("007.500", "75e-1"),
        ("1.0E-7", "1e-7"),
        ("1e+3", "1e3"),
        ("+5", "5e0"),
        (".5", "5e-1"),
        ("123456789012345678.00000000000000000001", "12345678901234567800000000000000000001e-20"),
        ("1E130", "1e130"),
        ("1.2.3", "1.2.3"),
        ("NaN", "NaN"),
        ("", ""),
    ],
)
def test_numbers_are_equal_if_and_only_if_their_canonical_text_is(
    spark: SparkSession, text: str, expected: str
) -> None:
    given = spark.createDataFrame([(text,)], "t string")

    assert given.select(canonical.number(F.col("t"))).collect() == [(expected,)]
    assert canonical.numbers(given, ["t"]).select("t").collect() == [(expected,)]


def test_documents_are_equal_whatever_the_order_of_their_keys() -> None:
    plain = canonical.plain_document('{"b": [1.50, "x", {"t": true}], "a": null, "n": 12345678901234567890.1}')
    typed = canonical.typed_document(
        '{"n":{"N":"12345678901234567890.10"},"a":{"NULL":true},'
        '"b":{"L":[{"N":"1.5"},{"S":"x"},{"M":{"t":{"BOOL":true}}}]}}'
    )

    assert plain == typed
    assert canonical.typed_document('{"a":{"S":"1"}}') != canonical.plain_document('{"a": 1}')
