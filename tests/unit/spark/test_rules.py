"""Rules for a select's columns, from types and names alone, without a Spark session."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from migration_spark import attribute_kinds
from migration_spark.errors import SpecError
from migration_spark.spec import Column, KeyAttribute
from pyspark.sql import types as t

from tests.spark.tables import extract, table

COLUMNS = {"id": "text", "version": "bigint"}


def result(**columns: t.DataType) -> Any:  # noqa: ANN401 - as much of a frame as the rules read
    """Return the parts of a frame that the rules read."""
    schema = t.StructType([t.StructField(name, kind) for name, kind in columns.items()])
    return SimpleNamespace(columns=schema.names, schema=schema)


RIGHT = {"_cluster": t.StringType(), "id": t.StringType(), "version": t.LongType()}


@pytest.mark.parametrize(
    ("kind", "data_type"),
    [
        ("S", t.StringType()),
        ("BOOL", t.BooleanType()),
        ("N", t.ByteType()),
        ("N", t.LongType()),
        ("N", t.DecimalType(9, 2)),
        ("N", t.DoubleType()),
        ("N", t.FloatType()),
        ("date", t.DateType()),
        ("timestamp", t.TimestampType()),
        ("B", t.BinaryType()),
        ("L", t.ArrayType(t.StringType())),
        ("L", t.ArrayType(t.DoubleType())),
        ("number_list", t.ArrayType(t.LongType())),
        ("number_list", t.ArrayType(t.IntegerType())),
    ],
)
def test_a_column_is_written_as_its_type_says(kind: str, data_type: t.DataType) -> None:
    assert attribute_kinds.kind_of(table(COLUMNS), "version", data_type) == kind


@pytest.mark.parametrize(
    ("declared", "data_type", "kind", "stored"),
    [
        ("M", t.StringType(), "document", "M"),
        ("L", t.StringType(), "list_document", "L"),
        ("L", t.ArrayType(t.StringType()), "L", "L"),
        ("L", t.ArrayType(t.LongType()), "L", "L"),
        ("N", t.StringType(), "N", "N"),
        ("N", t.IntegerType(), "N", "N"),
        ("N", t.DecimalType(38, 0), "N", "N"),
        ("N", t.DoubleType(), "N", "N"),
        ("N", t.FloatType(), "N", "N"),
        ("SS", t.ArrayType(t.StringType()), "SS", "SS"),
        ("NS", t.ArrayType(t.LongType()), "NS", "NS"),
        ("epoch_seconds", t.TimestampType(), "epoch_seconds", "N"),
        ("epoch_seconds", t.DateType(), "epoch_seconds", "N"),
    ],
)
def test_a_declared_attribute_is_written_as_the_catalog_says(
    declared: str, data_type: t.DataType, kind: str, stored: str
) -> None:
    declaring = table(COLUMNS, attributes={"version": declared})

    assert attribute_kinds.kind_of(declaring, "version", data_type) == kind
    assert attribute_kinds.STORED.get(kind, kind) == stored


@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_a_time_is_stored_as_text(kind: str) -> None:
    assert attribute_kinds.STORED[kind] == "S"


def test_a_list_of_numbers_is_stored_as_a_list() -> None:
    assert attribute_kinds.STORED["number_list"] == "L"


@pytest.mark.parametrize(
    ("declared", "data_type"),
    [
        ("M", t.ArrayType(t.StringType())),
        ("N", t.BooleanType()),
        ("SS", t.StringType()),
        ("NS", t.StringType()),
        ("epoch_seconds", t.LongType()),
        ("epoch_seconds", t.StringType()),
    ],
)
def test_what_cannot_be_as_declared_is_refused(declared: str, data_type: t.DataType) -> None:
    said = f"^Thing.version: the select gives {data_type.simpleString()}, which cannot be {declared}$"

    with pytest.raises(SpecError, match=said):
        attribute_kinds.kind_of(table(COLUMNS, attributes={"version": declared}), "version", data_type)


def test_a_type_that_no_attribute_holds_is_refused() -> None:
    with pytest.raises(
        SpecError, match=r"^Thing\.version: the select gives map<string,string>, which no attribute can"
    ):
        attribute_kinds.kind_of(table(COLUMNS), "version", t.MapType(t.StringType(), t.StringType()))


def test_columns_whose_names_begin_with_an_underline_are_no_attributes() -> None:
    frame = result(**RIGHT, _unmatched_plan=t.BooleanType(), _source_row=t.StringType())

    assert attribute_kinds.attribute_names(frame) == ["id", "version"]
    assert attribute_kinds.unmatched_names(frame) == ["_unmatched_plan"]
    assert attribute_kinds.kinds_of(table(COLUMNS), frame) == {"id": "S", "version": "N"}


def test_what_is_excluded_is_not_compared_with_a_tolerance() -> None:
    spec = table(COLUMNS, exclude=("a", "b"), tolerances={"b": "1", "c": "2"})

    assert attribute_kinds.excluded(spec, ["c", "b", "a", "d"]) == ["b", "a"]
    assert attribute_kinds.loose(spec, ["d", "c", "b"]) == ["c"]


def test_a_name_is_quoted_whatever_is_in_it() -> None:
    assert attribute_kinds.quoted("a`b c") == "`a``b c`"


def test_a_right_select_passes() -> None:
    right = result(**RIGHT, until=t.TimestampType(), _unmatched_plan=t.BooleanType(), _source_key=t.StringType())

    attribute_kinds.check_result(
        table(
            COLUMNS,
            key=(KeyAttribute("id", "S", 2048), KeyAttribute("version", "N", 1024)),
            index_keys=(KeyAttribute("until", "N", 2048),),
            attributes={"until": "epoch_seconds"},
            ttl="until",
            latest="version",
        ),
        right,
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"id": t.StringType()}, "the select lacks _cluster"),
        (RIGHT | {"_price": t.LongType()}, "the select returns _price, which would not be written"),
        (RIGHT | {"ID": t.StringType()}, "the select returns id and ID, the same name in Spark"),
        ({"_cluster": t.StringType()}, "the key attribute id is not among the select's columns"),
        (RIGHT | {"id": t.LongType()}, ".id: the select gives N, the key says S"),
        (RIGHT | {"id": t.BinaryType()}, ".id: the select gives B, the key says S"),
    ],
)
def test_a_select_that_does_not_fit_the_table_is_refused(columns: dict[str, t.DataType], said: str) -> None:
    with pytest.raises(SpecError) as raised:
        attribute_kinds.check_result(table(COLUMNS), result(**columns))

    assert said in str(raised.value)
    assert str(raised.value).startswith("Thing")


def test_a_column_that_is_returned_twice_is_refused() -> None:
    twice = result(**RIGHT)
    twice.columns = [*twice.columns, "version"]

    with pytest.raises(SpecError, match="the select returns version and version, the same name in Spark"):
        attribute_kinds.check_result(table(COLUMNS), twice)


def test_a_key_of_an_index_is_checked_as_the_tables_own() -> None:
    with pytest.raises(SpecError, match=r"^Thing\.version: the select gives N, the key says S$"):
        attribute_kinds.check_result(table(COLUMNS, index_keys=(KeyAttribute("version", "S", 1024),)), result(**RIGHT))


@pytest.mark.parametrize(
    ("attributes", "data_type", "until"),
    [({}, t.TimestampType(), "until"), ({"until": "N"}, t.LongType(), "until"), ({}, t.TimestampType(), "gone")],
)
def test_a_time_to_live_that_is_no_second_is_refused(
    attributes: dict[str, str], data_type: t.DataType, until: str
) -> None:
    with pytest.raises(SpecError, match=f"the time to live {until} must be an attribute declared as epoch_seconds"):
        attribute_kinds.check_result(table(COLUMNS, attributes=attributes, ttl=until), result(**RIGHT, until=data_type))


@pytest.mark.parametrize(
    "data_type",
    [
        t.StringType(),
        t.LongType(),
        t.DecimalType(9, 2),
        t.BooleanType(),
        t.DateType(),
        t.TimestampType(),
    ],
)
def test_the_latest_row_is_chosen_by_what_has_an_order(data_type: t.DataType) -> None:
    attribute_kinds.check_result(table(COLUMNS, latest="version"), result(**RIGHT | {"version": data_type}))


def test_the_latest_row_is_chosen_by_declared_seconds() -> None:
    spec = table(COLUMNS, latest="version", attributes={"version": "epoch_seconds"})

    attribute_kinds.check_result(spec, result(**RIGHT | {"version": t.TimestampType()}))


@pytest.mark.parametrize(
    ("data_type", "said"),
    [
        (t.BinaryType(), "version is B, which has no order"),
        (t.ArrayType(t.StringType()), "version is L, which has no order"),
        (t.ArrayType(t.LongType()), "version is number_list, which has no order"),
    ],
)
def test_the_latest_row_is_not_chosen_by_what_has_none(data_type: t.DataType, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        attribute_kinds.check_result(table(COLUMNS, latest="version"), result(**RIGHT | {"version": data_type}))


@pytest.mark.parametrize(
    ("column", "attributes", "refused"),
    [
        (Column("amount", "numeric"), {}, True),
        (Column("amount", "text"), {}, False),
        (Column("other", "numeric"), {}, False),
        (Column("amount", "text"), {"version": "N"}, True),
    ],
)
def test_a_number_that_moves_as_text_says_not_which_row_is_the_latest(
    *, column: Column, attributes: dict[str, str], refused: bool
) -> None:
    source = extract({column.name: column.type})
    spec = table(
        COLUMNS,
        extracts=(source,),
        latest="version",
        attributes=attributes,
        plain_attributes={"version": "amount"},
    )
    frame = result(**RIGHT | {"version": t.StringType()})

    if refused:
        with pytest.raises(SpecError, match="version is a number that moves as text, where 10 comes before 9"):
            attribute_kinds.check_result(spec, frame)
    else:
        attribute_kinds.check_result(spec, frame)


def test_the_latest_row_is_not_chosen_by_a_column_that_is_no_attribute() -> None:
    with pytest.raises(SpecError, match="the select lacks _cluster, by which the latest row is chosen"):
        attribute_kinds.check_result(table(COLUMNS, latest="_cluster"), result(**RIGHT))
