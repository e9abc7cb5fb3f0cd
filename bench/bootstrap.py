"""Database to DynamoDB JSON: ours, what else would do it, and the least that it can cost."""

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

from bench.ground import COLUMNS, Contest, ground, to_nowhere
from bench.serialising import strings
from bench.setting import database, job, rows, setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame

    from bench.ground import Ground


MAX_ITEM_BYTES = 400 * 1024
FLOOR = "floor: scan + gzip of the same bytes"


def main(count: int, rounds: int) -> None:
    """Time all contenders on `count` rows."""
    with ground(count) as on:
        _, table = setting()
        prepared = f"file://{on.folder}/prepared"
        result = rows(on, table)
        result.select(item_text(table, result).alias("_item")).write.parquet(prepared)
        contest = Contest("bootstrap", count, rounds)
        contest.run(
            {
                FLOOR: lambda: _floor(on, prepared),
                "ours: read, audit, check, count, write": lambda: bootstrap.run(job(on, "bootstrap", "run")),
                "to_json, unchecked": lambda: _write(on, rows(on, table), "to_json", strings(rows(on, table))),
                "to_json, with our checks": lambda: _checked(on, "to_json", strings),
                "Python UDF with TypeSerializer, with our checks": lambda: _checked(on, "udf", _encoded),
                "one process: psycopg + TypeSerializer + gzip": lambda: _single(on),
            }
        )
        contest.tell(FLOOR)


def _floor(on: Ground, prepared: str) -> None:
    """Read what the database says, as it says it, and write what was made of it before."""
    to_nowhere(database(on).read(setting()[1].extracts[0]))
    out = f"file://{on.folder}/floor"
    on.spark.read.parquet(prepared).write.mode("overwrite").option("compression", "gzip").text(out)


def _checked(on: Ground, name: str, encode: Callable[[DataFrame], Any]) -> None:
    """Do what ours does as a user would: stage the rows, ask the database, and look for duplicates and unfit rows."""
    _, table = setting()
    staged = f"file://{on.folder}/staged"
    rows(on, table).write.mode("overwrite").parquet(staged)
    result = on.spark.read.parquet(staged)
    counted = database(on).audit(table.extracts[0])
    non_null = result.agg(F.count(F.lit(1)), *[F.count(column) for column in COLUMNS]).collect()[0]
    if list(non_null) != [counted[0], *counted[1::2]]:
        raise SystemExit(f"the database has {counted}, staged were {list(non_null)}")
    twice = result.groupBy("id").count().where("count > 1").count()
    unfit = result.where(rejection(table, result).isNotNull()).count()
    if twice or unfit:
        raise SystemExit(f"{twice} keys are there twice, and {unfit} rows are no items")
    _write(on, result, name, encode(result))


def _write(on: Ground, result: DataFrame, name: str, text: Any) -> None:  # noqa: ANN401 - an expression
    out = f"file://{on.folder}/{name}"
    result.select("id", text.alias("value")).repartition(4, "id").select("value").write.mode("overwrite").option(
        "compression", "gzip"
    ).text(out)


def _encoded(result: DataFrame) -> Any:  # noqa: ANN401 - an expression
    names = [name for name in result.columns if not name.startswith("_")]
    return F.udf(lambda *values: encoded(dict(zip(names, values, strict=True))))(*[F.col(name) for name in names])


def _single(on: Ground) -> None:
    """Do the same in one process, with the same checks."""
    (expected, *_) = database(on).audit(setting()[1].extracts[0])
    keys = set()
    with (
        psycopg.connect(on.dsn) as connection,
        connection.cursor("scan") as cursor,
        gzip.open(on.folder / "single.gz", "wt", compresslevel=6) as out,
    ):
        cursor.itersize = 10_000
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM thing".encode())  # noqa: S608 - names of this file
        for row in cursor:
            line = encoded(dict(zip(COLUMNS, row, strict=True)))
            if len(line) > MAX_ITEM_BYTES:
                raise SystemExit(f"{row[0]} is no item")
            keys.add(row[0])
            out.write(line + "\n")
    if len(keys) != expected:
        raise SystemExit(f"the database has {expected} rows, {len(keys)} keys were written")


def encoded(row: dict[str, Any]) -> str:
    """Return a row as boto3's serializer has it."""
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
