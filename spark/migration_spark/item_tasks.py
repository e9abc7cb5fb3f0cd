"""Tasks that write a table's items, formed only from the landed files, independent of the executors.

Spark splits and packs files by their order, their sizes and four settings, one of which defaults to the number of
cores. Each table has its own session, which sets all four:
https://spark.apache.org/docs/3.5.6/sql-performance-tuning.html#other-configuration-options
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column, SparkSession
from pyspark.sql.types import StructType

from migration_spark import jvm_functions, typed_rows
from migration_spark.typed_rows import CLUSTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

    from migration_spark.spec import Extract
    from migration_spark.storage import Storage, Stored

_MIB = 1024 * 1024
# ImportTable reads uncompressed objects of a few hundred MB best; only small tables have smaller ones.
_FILE_BYTES = 160 * _MIB
_MOST_FILE_BYTES = 256 * _MIB
_LEAST_FILE_BYTES = 128 * _MIB
_SMALL_FILE_ROWS = 5_000
_SMALL_FILES = 4
# An import takes 50,000 objects: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Requesting.html
_MOST_FILES = 20_000
_ATTRIBUTE_BYTES = 14  # of the JSON around a name and a value
# The cost of opening a file; too low a cost would let a task open many small files.
_OPENING_BYTES = 256 * 1024
_ROWS_PER_HASH_TASK = 500_000  # their hashes take 16 MB
_SHUFFLE_TASK_BYTES = 64 * _MIB
_SHUFFLE = re.compile(r"^[\s:+*()\d-]*Exchange ", re.MULTILINE)


@dataclass(frozen=True)
class Volume:
    """Estimated items of a table, and their bytes of JSON."""

    rows: int
    bytes: int

    @property
    def files(self) -> int:
        """Return the number of files for the items."""
        if self.bytes < _LEAST_FILE_BYTES:
            return max(1, min(_SMALL_FILES, self.rows // _SMALL_FILE_ROWS))
        return min(_MOST_FILES, max(1, self.bytes // _FILE_BYTES))

    @property
    def rows_per_file(self) -> int:
        """Return the most rows of a file; a task with more rows begins another file."""
        most = max(_MOST_FILE_BYTES, math.ceil(self.bytes / _MOST_FILES))
        return max(1, most * self.rows // self.bytes) if self.bytes else 0

    @property
    def hash_tasks(self) -> int:
        """Return the number of tasks that look for keys of several rows."""
        return max(1, math.ceil(self.rows / _ROWS_PER_HASH_TASK))

    @property
    def shuffle_tasks(self) -> int:
        """Return the most tasks of a shuffle of all rows; Spark joins tasks that turn out to be small."""
        return max(2, self.hash_tasks, math.ceil(self.bytes / _SHUFFLE_TASK_BYTES))


def volume(columns: list[str], rows: int, text_bytes: int) -> Volume:
    """Return the volume of a select's rows with these columns, by the bytes of their source texts."""
    names = [name for name in columns if not name.startswith("_")]
    return Volume(rows, text_bytes + rows * sum(len(name.encode()) + _ATTRIBUTE_BYTES for name in names))


def size_tasks(session: SparkSession, of: Volume, files: Sequence[Stored]) -> None:
    """Set a table's session so that a task reads as much of the driving extract as makes one file."""
    whole = sum(file.bytes + _OPENING_BYTES for file in files)
    for name, value in (
        ("spark.sql.files.maxPartitionBytes", max(_OPENING_BYTES, math.ceil(whole / of.files))),
        ("spark.sql.files.openCostInBytes", _OPENING_BYTES),
        ("spark.sql.files.minPartitionNum", 1),
        ("spark.sql.shuffle.partitions", of.shuffle_tasks),
    ):
        session.conf.set(name, str(value))


def own_session(spark: SparkSession, settings: dict[str, str]) -> SparkSession:
    """Return a copy of the session with other settings."""
    jvm: Any = spark._jsparkSession
    session = SparkSession(spark.sparkContext, jvm.cloneSession())
    for name, value in settings.items():
        session.conf.set(name, value)
    return session


def in_session(rows: DataFrame, session: SparkSession) -> DataFrame:
    """Return the rows as a frame of another session, whose settings apply to them."""
    jvm: Any = session.sparkContext._jvm
    plan = rows._jdf.queryExecution().analyzed()
    return type(rows)(jvm.org.apache.spark.sql.Dataset.ofRows(session._jsparkSession, plan), session)


def landed_files(storage: Storage, prefix: str) -> Sequence[Stored]:
    """Return the files that have landed below a prefix, without the uncommitted files of killed tasks."""
    folder = f"/{prefix.rstrip('/').rsplit('/', 1)[1]}/"
    below = {file: file.uri.rpartition(folder)[2].split("/") for file in storage.list_below(prefix)}
    return [file for file, parts in below.items() if not any(part.startswith(("_", ".")) for part in parts)]


def landed(session: SparkSession, extract: Extract, files: Sequence[Stored]) -> DataFrame:
    """Return an extract's landed rows, in the order of the files' names rather than in Spark's hash order."""
    schema = typed_rows.landed_schema(extract)
    if not files:
        return session.read.schema(schema).parquet().withColumnRenamed(CLUSTER, "_cluster")
    values = StructType([field for field in schema if field.name != CLUSTER])
    raw = session.read.schema(values).parquet(*[file.uri for file in files])
    return raw.withColumn("_cluster", jvm_functions.cluster_of(metadata(raw)["file_path"]))


def metadata(raw: DataFrame) -> Column:
    """Return Spark's metadata of a raw row's file, even if the source has a column of that name."""
    return Column(raw._jdf.metadataColumn("_metadata"))


def is_shuffled(rows: DataFrame) -> bool:
    """Return whether Spark shuffles to make these rows."""
    return bool(_SHUFFLE.search(rows._jdf.queryExecution().executedPlan().toString()))
