"""Exports of DynamoDB tables, with every file checked against its manifest."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migration_spark.errors import ExportDamaged
from migration_spark.storage import checksums

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.storage import Storage


@dataclass(frozen=True)
class Export:
    """A checked export, or a part's lines; `items` is the manifest's count, None for a part."""

    items: int | None
    exported_at_seconds: int
    lines: DataFrame


def read_exports(spark: SparkSession, storage: Storage, data: str, manifests: dict[str, str]) -> dict[str, Export]:
    """Return the exports of these manifests (manifest-summary.json) by table.

    Raises:
        ExportDamaged: A file is missing, or its content differs from its manifest.
    """
    summaries = {table: storage.read_json(f"{data}/{manifest}") for table, manifest in manifests.items()}
    files: dict[str, list[dict[str, Any]]] = {}
    for table, summary in summaries.items():
        listing = f"{data}/{summary['manifestFilesS3Key']}"
        files[table] = [json.loads(line) for line in storage.read_text(listing).splitlines()]
        if sum(file["itemCount"] for file in files[table]) != summary["itemCount"]:
            raise ExportDamaged(f"{listing} counts other items than its summary; export the table again")
    _check(spark, data, [file for listed in files.values() for file in listed])
    return {table: _export(spark, data, summary, files[table]) for table, summary in summaries.items()}


def read_lines(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Return the lines of files; only a line feed ends a line, so that no text between two is lost."""
    if not paths:
        return spark.createDataFrame([], "value string")
    return spark.read.option("lineSep", "\n").text(paths)


def _export(spark: SparkSession, data: str, summary: dict[str, Any], files: list[dict[str, Any]]) -> Export:
    paths = [f"{data}/{file['dataFileS3Key']}" for file in files]
    lines = read_lines(spark, paths)
    moment = dt.datetime.fromisoformat(summary["exportTime"].replace("Z", "+00:00"))
    return Export(summary["itemCount"], int(moment.timestamp()), lines)


def _check(spark: SparkSession, data: str, files: list[dict[str, Any]]) -> None:
    """Compare each file's MD5 with its manifest's."""
    if not files:
        return
    folders = sorted({file["dataFileS3Key"].rsplit("/", 1)[0] for file in files})
    md5s = checksums(spark, [f"{data}/{folder}" for folder in folders])
    for file in files:
        if md5s.get(file["dataFileS3Key"].rsplit("/", 1)[1]) != base64.b64decode(file["md5Checksum"]).hex():
            raise ExportDamaged(f"{data}/{file['dataFileS3Key']} is missing or is not what its manifest describes")
