"""Whatever rows come: items say what the rows say, read by another's decoder (boto3's)."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from migration_spark.encode import item_text
from migration_spark.rules import rejection

from tests.spark.tables import table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = (
    "_cluster string, id string, whole bigint, exact decimal(38,19), free string, ratio double, flag boolean, "
    "day string, moment string, blob binary, words array<string>, numbers array<bigint>, chosen array<string>, "
    "document string, listed string"
)
NAMES = [part.split()[0] for part in SCHEMA.split(", ")[1:]]
SPEC = table(
    dict.fromkeys(NAMES, "text"),
    attributes={"free": "N", "chosen": "SS", "document": "M", "listed": "L"},
)

SMALLEST, LARGEST = 1e-130, 9.9e125
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
decimals = st.decimals(min_value=-(10**18), max_value=10**18, places=19, allow_nan=False)
digits = st.integers(-(10**38) + 1, 10**38 - 1)
scaled = st.builds(lambda whole, power: f"{whole}e{power}" if power else str(whole), digits, st.integers(-80, 80))
documents = st.recursive(
    st.none()
    | st.booleans()
    | texts
    | st.integers(-(10**30), 10**30)
    | st.floats(-1e9, 1e9).map(lambda f: round(f, 6)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.filter(bool), inner, max_size=3),
    max_leaves=8,
)
rows = st.tuples(
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | decimals,
    st.none() | scaled,
    st.none()
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda f: f == 0 or 1e-130 <= abs(f) <= 9.9e125),
    st.none() | st.booleans(),
    st.none() | st.dates().map(str),
    st.none() | st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S.%f").rjust(26, "0")),
    st.none() | st.binary(max_size=200),
    st.none() | st.lists(st.none() | texts, max_size=4),
    st.none() | st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=4),
    st.none() | st.lists(texts, max_size=4),
    st.none() | st.dictionaries(texts.filter(bool), documents, max_size=4),
    st.none() | st.lists(documents, max_size=4),
)


def decoded(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item as boto3 reads it, once its wire form's base64 is bytes."""
    wire = {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in item.items()}
    found = {name: _plain(TypeDeserializer().deserialize(value)) for name, value in wire.items()}
    # A double has many texts; each that is written must give the same 64 bits back.
    return {name: float(value) if name == "ratio" else value for name, value in found.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a value of any type
    return value.value if isinstance(value, Binary) else value


def written_json(value: Any) -> str | None:  # noqa: ANN401 - a JSON value
    """Return a JSON column's text."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


def numeric(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """Return a JSON value with its numbers as the decimals that their texts are."""
    return json.loads(json.dumps(value), parse_float=Decimal, parse_int=Decimal)


def expected(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return what an item of the row must say."""
    whole, exact, free, ratio, flag, day, moment, blob, words, numbers, chosen, document, listed = row
    said = {
        "whole": whole,
        "exact": exact,
        "free": None if free is None else Decimal(free),
        "ratio": ratio,
        "flag": flag,
        "day": day,
        "moment": None if moment is None else moment.replace(" ", "T") + "Z",
        "blob": blob,
        "words": words,
        "numbers": numbers,
        "chosen": set(chosen) if chosen else None,
        "document": numeric(document),
        "listed": numeric(listed),
    }
    return {name: value for name, value in said.items() if value is not None}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(rows, min_size=20, max_size=20))
def test_an_item_says_what_its_row_says(spark: SparkSession, batch: list[tuple[Any, ...]]) -> None:
    written = [
        (
            "one",
            str(n),
            *row[:11],
            *(None if value is None else json.dumps(value, ensure_ascii=False) for value in row[11:]),
        )
        for n, row in enumerate(batch)
    ]
    frame = spark.createDataFrame(written, SCHEMA).selectExpr(
        *["_cluster", *[name for name in NAMES if name not in ("day", "moment")]],
        "cast(day AS date) AS day",
        "cast(moment AS timestamp) AS moment",
    )
    found = frame.select(item_text(SPEC, frame), rejection(SPEC, frame)).collect()

    assert [reason for _, reason in found] == [None] * len(batch)
    items = {item["id"]: item for item in (decoded(json.loads(line)["Item"]) for line, _ in found)}
    for n, row in enumerate(batch):
        assert items[str(n)] == {"id": str(n), **expected(row)}
