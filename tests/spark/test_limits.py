"""Rows are rejected if, and only if, DynamoDB would refuse their items."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark.functions import item_text, rejection
from migration_spark.spec import KeyAttribute
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from tests.dynamodb.cases import Case, cases
from tests.dynamodb.verdicts import is_accepted
from tests.spark.tables import table

if TYPE_CHECKING:
    from migration_spark.spec import Table
    from pyspark.sql import SparkSession

ROWS = [case for case in cases() if case.columns]


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


def judged(spark: SparkSession, alike: list[Case]) -> dict[str, tuple[str, str | None]]:
    """Return the line of each case's row, and why it is rejected."""
    columns = alike[0].columns or {}
    fields = [StructField(name, _parse_datatype_string(column.sql_type)) for name, column in columns.items()]
    schema = StructType([*fields, StructField("_case", _parse_datatype_string("string"))])
    rows = [(*[column.value for column in (case.columns or {}).values()], case.name) for case in alike]
    result = spark.createDataFrame(rows, schema)
    spec = spec_of(alike[0])
    found = result.select("_case", item_text(spec, result), rejection(spec, result)).collect()
    return {name: (line, reason) for name, line, reason in found}


@pytest.fixture(scope="module")
def verdicts(spark: SparkSession) -> dict[str, tuple[str, str | None]]:
    groups: dict[tuple[Any, ...], list[Case]] = defaultdict(list)
    for case in ROWS:
        groups[shape(case)].append(case)
    found = [judged(spark, alike) for alike in groups.values()]
    return reduce(lambda one, other: {**one, **other}, found)


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name[:60])
def test_a_row_is_rejected_if_and_only_if_dynamodb_refuses_its_item(
    verdicts: dict[str, tuple[str, str | None]], case: Case
) -> None:
    line, reason = verdicts[case.name]

    assert (reason is None) == is_accepted(case.name), reason
    if reason is None:
        assert json.loads(line)["Item"] == {name: value for name, value in case.item.items() if value is not None}
