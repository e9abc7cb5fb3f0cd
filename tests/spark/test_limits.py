"""Rows are rejected if, and only if, DynamoDB would refuse their items."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark.functions import export_texts, item_text, rejection, source_texts
from migration_spark.spec import KeyAttribute
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from tests.dynamodb.cases import cases
from tests.dynamodb.verdicts import is_accepted
from tests.spark.tables import table

if TYPE_CHECKING:
    from migration_spark.spec import Table
    from pyspark.sql import SparkSession

    from tests.dynamodb.items import Case

ROWS = [case for case in cases() if case.columns]


@dataclass(frozen=True)
class Judged:
    """What the jobs make of a case's row: its line, why it is rejected, and its attributes as each side reads them."""

    line: str
    reason: str | None
    source: list[str | None]
    target: list[str | None] | None


def shape(case: Case) -> tuple[Any, ...]:
    """Return what rows of one table have in common."""
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
    """Return what becomes of each case's row."""
    columns = alike[0].columns or {}
    fields = [StructField(name, _parse_datatype_string(column.sql_type)) for name, column in columns.items()]
    schema = StructType([*fields, StructField("_case", _parse_datatype_string("string"))])
    rows = [(*[column.value for column in (case.columns or {}).values()], case.name) for case in alike]
    result = spark.createDataFrame(rows, schema)
    spec = spec_of(alike[0])
    line = item_text(spec, result)
    texts = (source_texts(spec, result), export_texts(spec, result, line))
    found = result.select("_case", line, rejection(spec, result), *texts).collect()
    return {name: Judged(*judgement) for name, *judgement in found}


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
