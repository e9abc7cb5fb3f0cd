"""Write a table's items in one session after the other, and print the names and checksums of what each wrote.

`python -m tests.spark.sessions <folder>` runs in a process of its own, since a process has one Spark at a time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration_spark import item_tasks, typed_rows, writing
from migration_spark.conservation import source_row, superseded_row
from migration_spark.jvm_functions import CATALOG
from migration_spark.storage import Storage
from pyspark import TaskContext
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from local.java.shared_classes import QUICK
from release.functions import class_path
from release.java_runtime import java_home
from tests.spark.tables import table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

COLUMNS = {"id": "text", "version": "bigint", "note": "text"}
ROWS = 24_000
_LANDED_FILES = 6
CLUSTERS = ["one", "two"]
_PLAIN = "SELECT _cluster, id, version, note, _source_row FROM thing"
_TWICE = (
    "SELECT _cluster, concat('k', CAST(substring(id, 2) AS bigint) DIV 2) AS id, version, note, _source_row FROM thing"
)
_GROUPS = (
    "SELECT min(_cluster) AS _cluster, note AS id, max(version) AS version, count(*) AS n FROM thing GROUP BY note"
)
SHAPES: dict[str, dict[str, Any]] = {
    "as read": {"traced": _PLAIN},
    "the latest": {"traced": _TWICE, "latest": "version"},
    "the latest, untraced": {"traced": _TWICE, "latest": "version"},
    "grouped": {"traced": _GROUPS},
}
MASTERS = ("local[2]", "local[1]", "local[4,3]")


def session(master: str) -> SparkSession:
    """Return a session with so many cores, that tries a task as often as the master says."""
    os.environ.update(JAVA_HOME=str(java_home()), PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    spark = (
        SparkSession.builder.master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.extraClassPath", class_path())
        .config("spark.driver.extraJavaOptions", " ".join((*QUICK, "-Duser.timezone=UTC")))
        .config("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.autoBroadcastJoinThreshold", "-1")
        .config(*CATALOG)
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    return spark


def land(spark: SparkSession, raw: Path) -> None:
    """Land rows of two clusters in the order of their keys, in files of which some are of one size."""
    empty = F.lit(None).cast("string")
    rows = spark.range(0, ROWS, 1, _LANDED_FILES).select(
        F.format_string("k%05d", "id").alias("id"),
        F.col("id").alias("version"),
        F.concat(F.lit("n"), F.col("id") % 9_000).alias("note"),
        F.when(F.col("id") < ROWS // 3, "one").otherwise("two").alias(typed_rows.CLUSTER),
        empty.alias(typed_rows.UNREADABLE),
        empty.alias(typed_rows.ROW),
    )
    rows.write.partitionBy(typed_rows.CLUSTER).parquet(str(raw))


def write(spark: SparkSession, raw: Path, out: Path, shape: str, *, fails: bool) -> dict[str, Any]:
    """Write a table's items; return the counts, and each file's name and checksum."""
    spec = table(COLUMNS, **SHAPES[shape])
    own = item_tasks.own_session(spark, {})
    files = item_tasks.landed_files(Storage(own), str(raw))
    landed = item_tasks.landed(own, spec.driving_extract, files)
    thing = landed.withColumn("_source_row", source_row(landed))
    folder = f"{out}-superseded"

    def rows_of(driving: DataFrame) -> DataFrame:
        rows = writing.prepared(spec, typed_rows.select(own, spec, {"thing": driving}, traced=True)[0])
        return rows.withColumn("_item", F.udf(_once)("_item")) if fails else rows

    def marked() -> DataFrame:
        return rows_of(thing.withColumn("_source_row", superseded_row(F.col("_source_row"), folder)))

    newest = writing.Newest(folder, marked) if spec.latest and "untraced" not in shape else None
    of = item_tasks.Volume(ROWS, ROWS * 60)
    item_tasks.size_tasks(own, of, files)
    rows = rows_of(thing)
    written = writing.write_items(spec, rows, of.files, str(out), CLUSTERS, volume=of, newest=newest)
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.glob("*.gz"))}
    return {"totals": written.totals, "clusters": written.clusters, "files": sums}


def _once(item: str) -> str:
    """Return what is given, unless it is the first time that the task is tried and it has begun to write."""
    context = TaskContext.get()
    if context is not None and context.attemptNumber() == 0 and '7"}' in item:
        raise RuntimeError("this task is tried again")
    return item


def main(folder: Path) -> None:
    """Print what every session makes of every shape."""
    elsewhere = folder / "elsewhere/raw"
    written: dict[str, dict[str, Any]] = {}
    for number, master in enumerate(MASTERS):
        spark = session(master)
        if not number:
            land(spark, folder / "raw")
            shutil.copytree(folder / "raw", elsewhere)
        raw = elsewhere if number == 1 else folder / "raw"
        for shape in SHAPES:
            out = folder / "out" / str(number) / shape
            written.setdefault(shape, {})[master] = write(spark, raw, out, shape, fails="," in master)
        spark.stop()
    print(json.dumps(written))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(Path(sys.argv[1]))
