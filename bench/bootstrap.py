"""Benchmark from database to DynamoDB JSON: ours, other ways, and the lower bound of the cost."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
from boto3.dynamodb.types import TypeSerializer
from migration_spark import bootstrap
from migration_spark.jvm_functions import item_text, rejection
from pyspark.sql import functions as F

from bench.fixture import COLUMNS, Contest, open_fixture, to_nowhere
from bench.serialising import strings
from bench.workload import database, job, rows, workload

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame

    from bench.fixture import Fixture


MAX_ITEM_BYTES = 400 * 1024
FLOOR = "floor: scan + gzip of the same bytes"


def main(count: int, rounds: int) -> None:
    """Time all contenders on `count` rows."""
    with open_fixture(count) as fixture:
        _, table = workload()
        prepared = f"file://{fixture.folder}/prepared"
        result = rows(fixture, table)
        result.select(item_text(table, result).alias("_item")).write.parquet(prepared)
        contest = Contest("bootstrap", count, rounds)
        contest.run(
            {
                FLOOR: lambda: _floor(fixture, prepared),
                "ours: read, audit, check, count, write": lambda: bootstrap.run(job(fixture, "bootstrap", "run")),
                "to_json, unchecked": lambda: _write(
                    fixture, rows(fixture, table), "to_json", strings(rows(fixture, table))
                ),
                "to_json, with our checks": lambda: _checked(fixture, "to_json", strings),
                "Python UDF with TypeSerializer, with our checks": lambda: _checked(fixture, "udf", _encoded),
                "one process: psycopg + TypeSerializer + gzip": lambda: _single(fixture),
            }
        )
        contest.report(FLOOR)


def _floor(fixture: Fixture, prepared: str) -> None:
    """Read the database's rows unchanged, and write items that were prepared before."""
    to_nowhere(database(fixture).read(workload()[1].extracts[0]))
    out = f"file://{fixture.folder}/floor"
    fixture.spark.read.parquet(prepared).write.mode("overwrite").option("compression", "gzip").text(out)


def _checked(fixture: Fixture, name: str, encode: Callable[[DataFrame], Any]) -> None:
    """Do the same as ours with plain Spark: stage the rows, audit them, and look for duplicates and unfit rows."""
    _, table = workload()
    staged = f"file://{fixture.folder}/staged"
    rows(fixture, table).write.mode("overwrite").parquet(staged)
    result = fixture.spark.read.parquet(staged)
    counted = database(fixture).audit(table.extracts[0])
    non_null = result.agg(F.count(F.lit(1)), *[F.count(column) for column in COLUMNS]).collect()[0]
    if list(non_null) != [counted[0], *counted[1::2]]:
        raise SystemExit(f"the database has {counted}, staged were {list(non_null)}")
    twice = result.groupBy("id").count().where("count > 1").count()
    unfit = result.where(rejection(table, result).isNotNull()).count()
    if twice or unfit:
        raise SystemExit(f"{twice} keys occur twice, and {unfit} rows cannot become items")
    _write(fixture, result, name, encode(result))


def _write(fixture: Fixture, result: DataFrame, name: str, text: Any) -> None:  # noqa: ANN401 - an expression
    out = f"file://{fixture.folder}/{name}"
    result.select("id", text.alias("value")).repartition(4, "id").select("value").write.mode("overwrite").option(
        "compression", "gzip"
    ).text(out)


def _encoded(result: DataFrame) -> Any:  # noqa: ANN401 - an expression
    names = [name for name in result.columns if not name.startswith("_")]
    return F.udf(lambda *values: encoded(dict(zip(names, values, strict=True))))(*[F.col(name) for name in names])


def _single(fixture: Fixture) -> None:
    """Do the same in one process, with the same checks."""
    (expected, *_) = database(fixture).audit(workload()[1].extracts[0])
    keys = set()
    with (
        psycopg.connect(fixture.dsn) as connection,
        connection.cursor("scan") as cursor,
        gzip.open(fixture.folder / "single.gz", "wt", compresslevel=6) as out,
    ):
        cursor.itersize = 10_000
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM thing".encode())  # noqa: S608 - names of this file
        for row in cursor:
            line = encoded(dict(zip(COLUMNS, row, strict=True)))
            if len(line) > MAX_ITEM_BYTES:
                raise SystemExit(f"{row[0]} is too large for an item")
            keys.add(row[0])
            out.write(line + "\n")
    if len(keys) != expected:
        raise SystemExit(f"the database has {expected} rows, {len(keys)} keys were written")


def encoded(row: dict[str, Any]) -> str:
    """Return a row as boto3's serializer writes it."""
    serializer = TypeSerializer()
    item = {name: serializer.serialize(_fit(value)) for name, value in row.items() if value is not None}
    return json.dumps({"Item": item}, default=_text)


def _fit(value: Any) -> Any:  # noqa: ANN401 - a value of any type
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dt.date):
        return value.isoformat()
    return set(value) if isinstance(value, list) else value


def _text(value: Any) -> Any:  # noqa: ANN401 - what JSON has no word for
    if isinstance(value, set):
        return sorted(value)
    return base64.b64encode(bytes(value)).decode()
