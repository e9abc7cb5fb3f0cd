"""Rows that Bootstrap landed, which a verification compares with an export instead of a clone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pyspark.errors import AnalysisException

from migration_spark import typed_rows
from migration_spark.errors import RawRowsMissing
from migration_spark.typed_rows import CLUSTER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.arguments import Arguments
    from migration_spark.job import Job
    from migration_spark.spec import Extract, Table


def landed_rows(spark: SparkSession, arguments: Arguments, extract: Extract, rows: int) -> DataFrame:
    """Return the rows that Bootstrap landed of an extract; it counted `rows` of them.

    Raises:
        RawRowsMissing: They no longer exist.
    """
    folder = arguments.uri("raw", f"{extract.table}-{extract.name}")
    # S3 has no folder for an extract without rows.
    try:
        raw = spark.read.schema(typed_rows.landed_schema(extract)).parquet(*([folder] if rows else []))
    except AnalysisException as error:
        raise _missing(arguments, extract, rows, "none") from error
    return raw.withColumnRenamed(CLUSTER, "_cluster")


@contextmanager
def landed_table(job: Job, table: Table, manifest: dict[str, Any]) -> Iterator[dict[str, DataFrame]]:
    """Yield a table's extracts as typed rows.

    Raises:
        RawRowsMissing: Some rows no longer exist.
    """
    frames = {}
    for extract in table.extracts:
        rows = sum(manifest["extracts"][f"{table.name}-{extract.name}"].values())
        frames[extract.name] = landed_rows(job.spark, job.arguments, extract, rows)
        # Parquet's footers have the counts.
        remaining = frames[extract.name].count()
        if remaining != rows:
            raise _missing(job.arguments, extract, rows, f"{remaining:,}")
    yield frames


def _missing(arguments: Arguments, extract: Extract, rows: int, remaining: str) -> RawRowsMissing:
    return RawRowsMissing(
        f"{extract.table}: Bootstrap landed {rows:,} rows of {extract.name}, but "
        f"raw/{arguments.domain}/{arguments.run}/{extract.table}-{extract.name}/ holds {remaining}: they were deleted. "
        "Start a new run"
    )
