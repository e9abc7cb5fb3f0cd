"""The tasks that write a table's items: formed from the landed files alone, whatever executors there are.

Spark cuts and packs files by their order, their sizes and four settings, and one of these is by default the number of
cores. A table has a session of its own, which sets all four:
https://spark.apache.org/docs/3.5.6/sql-performance-tuning.html#other-configuration-options
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column, SparkSession
from pyspark.sql.types import StructType

from migration_spark import functions, views
from migration_spark.views import CLUSTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

    from migration_spark.spec import Extract
    from migration_spark.storage import Storage, Stored

_MIB = 1024 * 1024
# ImportTable reads objects of a few hundred MB, uncompressed, best; smaller ones only where a table has no more.
_FILE_BYTES = 160 * _MIB
_MOST_FILE_BYTES = 256 * _MIB
_LEAST_FILE_BYTES = 128 * _MIB
_SMALL_FILE_ROWS = 5_000
_SMALL_FILES = 4
# An import takes 50,000 objects: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Requesting.html
_MOST_FILES = 20_000
_ATTRIBUTE_BYTES = 14  # what stands around a name and a value
# What the opening of a file weighs: few, or a task would open many small ones one after the other.
_OPENING_BYTES = 256 * 1024
_ROWS_PER_HASH_TASK = 500_000  # whose hashes take 16 MB
_SHUFFLE_TASK_BYTES = 64 * _MIB
_SHUFFLE = re.compile(r"^[\s:+*()\d-]*Exchange ", re.MULTILINE)


@dataclass(frozen=True)
class Volume:
    """How many items a table makes, and of how many bytes of JSON, before any is made."""

    rows: int
    bytes: int

    @property
    def files(self) -> int:
        """Return how many files the items make."""
        if self.bytes < _LEAST_FILE_BYTES:
            return max(1, min(_SMALL_FILES, self.rows // _SMALL_FILE_ROWS))
        return min(_MOST_FILES, max(1, self.bytes // _FILE_BYTES))

    @property
    def rows_per_file(self) -> int:
        """Return how many rows a file has at most: a task that has more of them begins another file."""
        most = max(_MOST_FILE_BYTES, math.ceil(self.bytes / _MOST_FILES))
        return max(1, most * self.rows // self.bytes) if self.bytes else 0

    @property
    def hash_tasks(self) -> int:
        """Return how many tasks look for a key that several rows have."""
        return max(1, math.ceil(self.rows / _ROWS_PER_HASH_TASK))

    @property
    def shuffle_tasks(self) -> int:
        """Return how many tasks a shuffle of all rows has at most; Spark joins those that turn out to be small."""
        return max(2, self.hash_tasks, math.ceil(self.bytes / _SHUFFLE_TASK_BYTES))


def volume(columns: list[str], rows: int, text_bytes: int) -> Volume:
    """Return the volume of a select's rows with these columns, by the bytes of the texts that they come from."""
    names = [name for name in columns if not name.startswith("_")]
    return Volume(rows, text_bytes + rows * sum(len(name.encode()) + _ATTRIBUTE_BYTES for name in names))


def size_tasks(session: SparkSession, of: Volume, files: Sequence[Stored]) -> None:
    """Have the tasks of a table's own session read of the driving extract's files what makes files of their size."""
    whole = sum(file.bytes + _OPENING_BYTES for file in files)
    for name, value in (
        ("spark.sql.files.maxPartitionBytes", max(_OPENING_BYTES, math.ceil(whole / of.files))),
        ("spark.sql.files.openCostInBytes", _OPENING_BYTES),
        ("spark.sql.files.minPartitionNum", 1),
        ("spark.sql.shuffle.partitions", of.shuffle_tasks),
    ):
        session.conf.set(name, str(value))


def own_session(spark: SparkSession, settings: dict[str, str]) -> SparkSession:
    """Return a session that begins as the other one is, and has settings of its own."""
    jvm: Any = spark._jsparkSession
    session = SparkSession(spark.sparkContext, jvm.cloneSession())
    for name, value in settings.items():
        session.conf.set(name, value)
    return session


def in_session(rows: DataFrame, session: SparkSession) -> DataFrame:
    """Return the rows as a frame of another session, whose settings hold for what is made of them."""
    jvm: Any = session.sparkContext._jvm
    plan = rows._jdf.queryExecution().analyzed()
    return type(rows)(jvm.org.apache.spark.sql.Dataset.ofRows(session._jsparkSession, plan), session)


def landed_files(storage: Storage, prefix: str) -> Sequence[Stored]:
    """Return the files that have landed below a prefix; what a killed task had not committed yet is none of them."""
    folder = f"/{prefix.rstrip('/').rsplit('/', 1)[1]}/"
    below = {file: file.uri.rpartition(folder)[2].split("/") for file in storage.list_below(prefix)}
    return [file for file, parts in below.items() if not any(part.startswith(("_", ".")) for part in parts)]


def landed(session: SparkSession, extract: Extract, files: Sequence[Stored]) -> DataFrame:
    """Return an extract's landed rows, file by file in the order of their names: Spark's own is that of a hash."""
    schema = views.landed_schema(extract)
    if not files:
        return session.read.schema(schema).parquet().withColumnRenamed(CLUSTER, "_cluster")
    values = StructType([field for field in schema if field.name != CLUSTER])
    raw = session.read.schema(values).parquet(*[file.uri for file in files])
    return raw.withColumn("_cluster", functions.cluster_of(metadata(raw)["file_path"]))


def metadata(raw: DataFrame) -> Column:
    """Return what Spark knows of a raw row's file, under another name where a source has a column of that name."""
    return Column(raw._jdf.metadataColumn("_metadata"))


def is_shuffled(rows: DataFrame) -> bool:
    """Return whether Spark must bring rows together from several tasks to make these."""
    return bool(_SHUFFLE.search(rows._jdf.queryExecution().executedPlan().toString()))
