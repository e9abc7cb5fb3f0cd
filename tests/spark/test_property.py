"""For any rows, items match their rows in an independent decoder (boto3's), and texts compare like values."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from migration_spark import typed_rows
from migration_spark.jvm_functions import item_text, rejection

from tests.spark.tables import extract, read, said, table

if TYPE_CHECKING:
    import datetime as dt

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
    """Return an item as boto3 reads it, after decoding the wire form's base64."""
    wire = {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in item.items()}
    plain = {name: _plain(TypeDeserializer().deserialize(value)) for name, value in wire.items()}
    # A double has many texts; each that is written must give the same 64 bits back.
    return {name: float(value) if name == "ratio" else value for name, value in plain.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a value of any type
    return value.value if isinstance(value, Binary) else value


def written_json(value: Any) -> str | None:  # noqa: ANN401 - a JSON value
    """Return a JSON column's text."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


def numeric(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """Return a JSON value with its numbers as decimals of their texts."""
    return json.loads(json.dumps(value), parse_float=Decimal, parse_int=Decimal)


def expected(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return the expected item of the row."""
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
    encoded = frame.select(item_text(SPEC, frame), rejection(SPEC, frame)).collect()

    assert [reason for _, reason in encoded] == [None] * len(batch)
    items = {item["id"]: item for item in (decoded(json.loads(line)["Item"]) for line, _ in encoded)}
    for n, row in enumerate(batch):
        assert items[str(n)] == {"id": str(n), **expected(row)}


def in_any_notation(number: Decimal, shift: int, zeros: int, mark: str) -> str:
    """Return a number's text with an exponent, with needless zeros, or with a sign and no digit before its point."""
    digits = f"{number.scaleb(-shift):f}" if shift else f"{number:f}"
    if zeros:
        head, _, tail = digits.partition(".")
        sign, whole = (head[0], head[1:]) if head.startswith("-") else ("", head)
        digits = f"{sign}{'0' * zeros}{whole}.{tail}{'0' * zeros}"
    if mark == "bare":
        digits = digits.replace("0.", ".", 1) if digits.startswith(("0.", "-0.")) else digits
    signed = f"+{digits}" if mark == "+" and not digits.startswith("-") else digits
    return f"{signed}{'E' if mark == '+' else 'e'}{shift:+}" if shift else signed


values = st.one_of(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
    st.builds(Decimal, st.integers(-(2**63), 2**63 - 1)),
    st.builds(lambda whole, power: Decimal(whole).scaleb(power), digits, st.integers(-90, 60)),
)
notations = st.builds(
    lambda number, *how: (number, in_any_notation(number, *how)),
    values,
    st.integers(-3, 3) | st.just(0),
    st.integers(0, 2),
    st.sampled_from(["", "+", "bare"]),
)
digits_of_a_decimal = st.builds(
    lambda whole, power: Decimal(whole).scaleb(power), st.integers(1 - 10**18, 10**18 - 1), st.integers(-20, 0)
)
TYPES = ("bigint", "decimal(12,2)", "decimal(18,18)", "decimal(38,20)", "decimal(38,38)")


def fits(number: Decimal, name: str) -> bool:
    """Return whether a SQL type holds the number to its last digit."""
    if name == "bigint":
        return number == number.to_integral_value() and -(2**63) <= number < 2**63
    precision, scale = (int(part) for part in name[8:-1].split(","))
    _, digits_, exponent = number.normalize().as_tuple() if number else (0, (0,), 0)
    return number == 0 or (-int(exponent) <= scale and len(digits_) + int(exponent) <= precision - scale)


def written_out(number: Decimal) -> str:
    """Return a number as digits and a point without needless zeros."""
    plain = f"{number:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) if number else "0"


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(notations, min_size=150, max_size=150))
def test_a_number_is_equal_to_itself_in_every_notation_and_type(
    spark: SparkSession, batch: list[tuple[Decimal, str]]
) -> None:
    schema = ", ".join(["_cluster string, id string, n bigint", *[f"`{name}` {name}" for name in TYPES]])
    # Spark takes a decimal for a type as it is, and an integer for a bigint.
    held = [
        [(int(number) if name == "bigint" else number) if fits(number, name) else None for name in TYPES]
        for number, _ in batch
    ]
    result = spark.createDataFrame([("one", "a", 1, *row) for row in held], schema).coalesce(1)

    source = said(result)
    target = read(spark, result, [{"n": {"N": text}} for _, text in batch])
    lines = result.select(item_text(table(dict.fromkeys(result.columns[1:], "text")), result)).collect()

    for (number, text), row, item, (line,) in zip(batch, source, target, lines, strict=True):
        assert item is not None
        assert item["n"] == written_out(number), text
        written = {name: Decimal(value["N"]) for name, value in json.loads(line)["Item"].items() if name != "id"}
        assert written == {"n": 1, **{name: number for name in TYPES if fits(number, name)}}
        for name in TYPES:
            assert row[name] == (written_out(number) if fits(number, name) else None), (text, name)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(digits_of_a_decimal, min_size=150, max_size=150))
def test_a_long_decimal_has_the_text_of_its_number(spark: SparkSession, batch: list[Decimal]) -> None:
    schema = "_cluster string, id string, n decimal(38,20)"
    result = spark.createDataFrame([("one", "a", number) for number in batch], schema).coalesce(1)

    assert [row["n"] for row in said(result)] == [written_out(number) for number in batch]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.datetimes(), min_size=150, max_size=150))
def test_a_date_or_moment_is_compared_as_the_text_that_an_item_has(
    spark: SparkSession, batch: list[dt.datetime]
) -> None:
    texts = [at.isoformat("T", "microseconds") + "Z" for at in batch]
    source = spark.createDataFrame([("one", "a", text) for text in texts], "_cluster string, id string, t string")
    result = source.selectExpr("_cluster", "id", "cast(t AS timestamp) AS moment", "cast(t AS date) AS day").coalesce(1)
    items = [{"moment": {"S": text}, "day": {"S": text[:10]}} for text in texts]

    texts_of_rows = said(result)

    assert [(row["moment"], row["day"]) for row in texts_of_rows] == [(text, text[:10]) for text in texts]
    assert [item and {**item, "id": "a"} for item in read(spark, result, items)] == texts_of_rows


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.datetimes(), min_size=150, max_size=150), st.lists(st.text(max_size=30), max_size=50))
def test_a_moment_is_read_as_the_database_writes_it_and_nothing_else_is(
    spark: SparkSession, batch: list[dt.datetime], others: list[str]
) -> None:
    whole = [at.isoformat(" ", "microseconds") for at in batch]
    # PostgreSQL leaves zeros at the end out, and says that its zone is UTC.
    texts = [*whole, *[text.rstrip("0").rstrip(".") for text in whole]]
    texts += [f"{text}+00" for text in texts]
    batch = batch * 4
    odd = [text.replace(" ", "T") for text in texts[:9]] + [text[:-1] + "C" for text in texts[:9]] + others
    odd += [f"{whole[0]}+01", f"{whole[0]}0", f"{whole[0][:19]}.", f"{whole[0]}+00 BC", "infinity", "-infinity"]
    odd += [
        "2027-02-29 00:00:00.000000",
        "2027-13-01 00:00:00.000000",
        "2027-01-01 24:00:00.000000",
        "2027-01-01 00:00",
    ]
    source = spark.createDataFrame([(text, "one") for text in [*texts, *odd]], "at string, _cluster string").coalesce(1)

    moments = typed_rows.typed(source, extract({"at": "timestamptz"})).collect()

    assert [row["at"] for row in moments] == batch + [None] * len(odd)
    assert [row["$unreadable"] for row in moments] == [None] * len(texts) + ["at"] * len(odd)


entries = st.lists(
    st.text(st.sampled_from('a",\\[]é\n :') | st.characters(exclude_categories=["Cs"]), max_size=4), max_size=4
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(entries, min_size=100, max_size=100))
def test_a_set_is_its_entries_in_whatever_order(spark: SparkSession, batch: list[list[str]]) -> None:
    sets = {"attributes": {"set": "SS"}}
    result = spark.createDataFrame(
        [("one", "a", inner) for inner in batch], "_cluster string, id string, set array<string>"
    )
    items = [{"id": {"S": "a"}, **({"set": {"SS": list(set(inner))[::-1]}} if inner else {})} for inner in batch]
    others = [{"id": {"S": "a"}, "set": {"SS": [*set(inner), "one more"]}} for inner in batch]

    texts = said(result.coalesce(1), **sets)

    assert read(spark, result, items, **sets) == texts
    assert all(changed != other for changed, other in zip(read(spark, result, others, **sets), texts, strict=True))
