"""Database to DynamoDB JSON: ours, what else would do it, and the least that it can cost."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
from boto3.dynamodb.types import Binary, TypeSerializer
from migration_spark import bootstrap
from migration_spark.encode import item_text
from pyspark.sql import functions as F

from bench.ground import COLUMNS, Contest, ground
from bench.setting import job, rows, setting

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from bench.ground import Ground


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
                "floor: scan + gzip of the same bytes": lambda: _floor(on, prepared),
                "ours: read, audit, check, shuffle, write": lambda: bootstrap.run(job(on, "bootstrap", "run")),
                "to_json, unchecked": lambda: _write(on, rows(on, table), "to_json", _plain(rows(on, table))),
                "Python UDF with TypeSerializer": lambda: _udf(on),
                "one process: psycopg + TypeSerializer + gzip": lambda: _single(on),
            }
        )
        contest.tell("floor: scan + gzip of the same bytes")
        serialising = Contest("serialising", count, rounds)
        cached = rows(on, table).cache()
        cached.count()
        serialising.run(
            {
                "to_json alone": lambda: cached.select(_plain(cached)).write.format("noop").mode("overwrite").save(),
                "ours alone": lambda: (
                    cached.select(item_text(table, cached)).write.format("noop").mode("overwrite").save()
                ),
            }
        )
        serialising.tell("to_json alone")


def _floor(on: Ground, prepared: str) -> None:
    rows(on, setting()[1]).write.format("noop").mode("overwrite").save()
    out = f"file://{on.folder}/floor"
    on.spark.read.parquet(prepared).write.mode("overwrite").option("compression", "gzip").text(out)


def _plain(result: DataFrame) -> Any:  # noqa: ANN401 - an expression
    """Return {"Item": {...}} of strings alone, the shortest way to something of about the same size."""
    names = [name for name in result.columns if not name.startswith("_")]
    fields = [F.struct(F.col(name).cast("string").alias("S")).alias(name) for name in names]
    return F.to_json(F.struct(F.struct(*fields).alias("Item")))


def _write(on: Ground, result: DataFrame, name: str, text: Any) -> None:  # noqa: ANN401 - an expression
    out = f"file://{on.folder}/{name}"
    result.select("id", text.alias("value")).repartition(4, "id").select("value").write.mode("overwrite").option(
        "compression", "gzip"
    ).text(out)


def _udf(on: Ground) -> None:
    result = rows(on, setting()[1])
    names = [name for name in result.columns if not name.startswith("_")]
    encode = F.udf(lambda *values: encoded(dict(zip(names, values, strict=True))))
    _write(on, result, "udf", encode(*[F.col(name) for name in names]))


def _single(on: Ground) -> None:
    with (
        psycopg.connect(on.dsn) as connection,
        connection.cursor("scan") as cursor,
        gzip.open(on.folder / "single.gz", "wt") as out,
    ):
        cursor.itersize = 10_000
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM thing".encode())  # noqa: S608 - names of this file
        for row in cursor:
            out.write(encoded(dict(zip(COLUMNS, row, strict=True))) + "\n")


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
    return base64.b64encode(value.value if isinstance(value, Binary) else value).decode()
