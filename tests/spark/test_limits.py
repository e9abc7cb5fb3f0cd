"""Bootstrap rejects exactly the rows whose items DynamoDB would refuse."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from migration_spark.jvm_functions import export_texts, item_text, rejection, source_texts
from migration_spark.spec import KeyAttribute
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from local.aws.dynamodb.limits import MAX_ITEM_BYTES, item_bytes, refusal
from tests.dynamodb.cases import cases
from tests.dynamodb.verdicts import is_accepted
from tests.spark.tables import table
from tests.spark.test_property import documents, texts, written_json

if TYPE_CHECKING:
    from migration_spark.spec import Table
    from pyspark.sql import SparkSession

    from tests.dynamodb.items import Case

ROWS = [case for case in cases() if case.columns]


@dataclass(frozen=True)
class Judged:
    """The jobs' results for a case's row: its line, the reason for its rejection, and its attributes on each side."""

    line: str
    reason: str | None
    source: list[str | None]
    target: list[str | None] | None


def shape(case: Case) -> tuple[Any, ...]:
    """Return the common values of a table's rows."""
    columns = case.columns or {}
    return case.table, tuple((name, column.sql_type, column.declared) for name, column in columns.items())


def spec_of(case: Case) -> Table:
    columns = case.columns or {}
    kind = {"binary": "B", "number": "N"}.get(case.table, "S")
    key = [KeyAttribute("id", kind, 2048)]
    key += [KeyAttribute("sort", "S", 1024)] if case.table == "sorted" else []
    return table(
        dict.fromkeys(columns, "text"),
        key=tuple(key),
        index_keys=(KeyAttribute("other", "S", 2048),) if case.table == "indexed" else (),
        attributes={name: column.declared for name, column in columns.items() if column.declared},
    )


def judged(spark: SparkSession, alike: list[Case]) -> dict[str, Judged]:
    """Return the jobs' results for each case's row."""
    columns = alike[0].columns or {}
    fields = [StructField(name, _parse_datatype_string(column.sql_type)) for name, column in columns.items()]
    schema = StructType([*fields, StructField("_case", _parse_datatype_string("string"))])
    rows = [(*[column.value for column in (case.columns or {}).values()], case.name) for case in alike]
    result = spark.createDataFrame(rows, schema)
    spec = spec_of(alike[0])
    line = item_text(spec, result)
    texts = (source_texts(spec, result), export_texts(spec, result, line))
    judgements = result.select("_case", line, rejection(spec, result), *texts).collect()
    return {name: Judged(*judgement) for name, *judgement in judgements}


@pytest.fixture(scope="module")
def judgements(spark: SparkSession) -> dict[str, Judged]:
    groups: dict[tuple[Any, ...], list[Case]] = defaultdict(list)
    for case in ROWS:
        groups[shape(case)].append(case)
    return {name: judgement for alike in groups.values() for name, judgement in judged(spark, alike).items()}


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name[:60])
def test_a_row_is_rejected_if_and_only_if_dynamodb_refuses_its_item(judgements: dict[str, Judged], case: Case) -> None:
    judgement = judgements[case.name]

    assert (judgement.reason is None) == is_accepted(case.name), judgement.reason
    if judgement.reason is None:
        item = {name: value for name, value in case.item.items() if value is not None}
        assert json.loads(judgement.line)["Item"] == item


@pytest.mark.parametrize("case", [case for case in ROWS if is_accepted(case.name)], ids=lambda case: case.name[:60])
def test_what_dynamodb_takes_is_the_same_on_both_sides_of_a_comparison(
    judgements: dict[str, Judged], case: Case
) -> None:
    judgement = judgements[case.name]
    present = [name in case.item and case.item[name] is not None for name in case.columns or {}]

    assert judgement.source == judgement.target
    assert [text is not None for text in judgement.source] == present


numbers = st.one_of(
    st.text("0123456789.eE+-", max_size=8),
    st.builds("{}{}e{}".format, st.sampled_from(["", "-", "+"]), st.integers(0, 10**40), st.integers(-180, 140)),
    st.builds("{}.{}".format, st.integers(-(10**20), 10**20), st.text("0123456789", max_size=22)),
    st.builds("0.{}{}".format, st.integers(0, 140).map("0".__mul__), st.integers(0, 99)),
)
# Shrinking takes minutes, since each try is a Spark job of its own.
QUICK = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@QUICK
@given(st.lists(numbers, min_size=300, max_size=300))
def test_rows_and_the_embedded_dynamodb_hold_the_same_numbers(spark: SparkSession, batch: list[str]) -> None:
    result = spark.createDataFrame([("k", text) for text in batch], "id string, x string").coalesce(1)
    reasons = result.select(rejection(table({"id": "text", "x": "numeric"}, attributes={"x": "N"}), result)).collect()

    is_held = {text: reason is None for text, (reason,) in zip(batch, reasons, strict=True)}
    assert is_held == {text: refusal({"id": {"S": "k"}, "x": {"N": text}}, {}, set()) is None for text in batch}


held = st.integers(-(10**37), 10**37) | st.decimals(-(10**15), 10**15, places=7).map(str)
sized = st.tuples(
    st.none() | held.map(str),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) >= 1e-130),
    st.none() | st.decimals(-(10**18), 10**18, places=19, allow_nan=False),
    st.none() | st.lists(st.none() | texts, max_size=4),
    st.none() | st.lists(texts, max_size=4),
    st.none() | st.dictionaries(texts.filter(bool), documents, max_size=4).map(written_json),
    st.none() | st.datetimes(),
)
SIZED = (
    "free string, whole bigint, ratio double, exact decimal(38,19), words array<string>, chosen array<string>, "
    "document string, moment timestamp"
)
DECLARED = {"free": "N", "chosen": "SS", "document": "M"}


@QUICK
@given(st.lists(sized, min_size=40, max_size=40))
def test_an_item_of_whatever_attributes_is_measured_to_the_byte(
    spark: SparkSession, batch: list[tuple[Any, ...]]
) -> None:
    names = ["id", *[part.split()[0] for part in SIZED.split(", ")], "padding"]
    spec = table(dict.fromkeys(names, "text"), attributes=DECLARED)
    rows = spark.createDataFrame([("k", *row, 0) for row in batch], f"id string, {SIZED}, missing int").coalesce(1)
    alone = rows.withColumn("padding", F.lit("")).drop("missing")
    lines = [row[0] for row in alone.select(item_text(spec, alone)).collect()]
    missing = [MAX_ITEM_BYTES - item_bytes(json.loads(line)["Item"]) for line in lines]

    for more, expected in ((0, None), (1, f"item larger than {MAX_ITEM_BYTES} bytes")):
        padded_rows = [("k", *row, count + more) for row, count in zip(batch, missing, strict=True)]
        padded = spark.createDataFrame(padded_rows, rows.schema).coalesce(1)
        padded = padded.withColumn("padding", F.expr("repeat('p', missing)")).drop("missing")
        reasons = [row[0] for row in padded.select(rejection(spec, padded)).collect()]
        assert reasons == [expected] * len(batch)
