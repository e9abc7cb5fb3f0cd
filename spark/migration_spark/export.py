"""Read a table's export: every file checked against its manifest, every line and attribute recognised."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark.errors import ExportDamaged

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.storage import Storage

# A fixed schema of attributes would drop unknown ones, other types and cut lines in silence.
_SCHEMA = "Item map<string,map<string,string>>, _corrupt string"


@dataclass(frozen=True)
class Export:
    """A checked export."""

    items: int
    exported_at_seconds: int
    lines: DataFrame


def read_export(spark: SparkSession, storage: Storage, data: str, manifest: str) -> Export:
    """Return the export that `manifest` (manifest-summary.json) describes.

    Raises:
        ExportDamaged: A file is missing, or its content is not the manifest's.
    """
    summary = storage.read_json(f"{data}/{manifest}")
    listing = f"{data}/{summary['manifestFilesS3Key']}"
    text = spark.read.text(listing)
    files = [json.loads(row["value"]) for row in text.collect()]
    _check(spark, data, files)
    if sum(file["itemCount"] for file in files) != summary["itemCount"]:
        raise ExportDamaged(f"{listing} counts other items than its summary; export the table again")
    paths = [f"{data}/{file['dataFileS3Key']}" for file in files]
    reader = spark.read.schema(_SCHEMA).option("columnNameOfCorruptRecord", "_corrupt").option("mode", "PERMISSIVE")
    lines = reader.json(paths) if paths else spark.createDataFrame([], _SCHEMA)
    began = spark.sql(f"SELECT unix_timestamp(timestamp'{summary['exportTime']}')").collect()[0][0]
    return Export(summary["itemCount"], began, lines)


def decodable(lines: DataFrame) -> DataFrame:
    """Return the lines with `_readable`: an item each of whose attributes is one type and its value."""
    whole = F.col("Item").isNotNull() & F.col("_corrupt").isNull() & (F.size("Item") > 0)
    single = F.forall(F.map_values("Item"), lambda value: F.size(value) == 1)
    return lines.withColumn("_readable", whole & F.coalesce(single, F.lit(False)))


def _check(spark: SparkSession, data: str, files: list[dict[str, Any]]) -> None:
    """Hold each file's bytes against the manifest's MD5."""
    if not files:
        return
    expected = {file["dataFileS3Key"].rsplit("/", 1)[1]: file["md5Checksum"] for file in files}
    folder = files[0]["dataFileS3Key"].rsplit("/", 1)[0]
    content = spark.read.format("binaryFile").load(f"{data}/{folder}")
    name = F.element_at(F.split("path", "/"), -1)
    found = {
        row["name"]: row["md5"] for row in content.select(name.alias("name"), F.md5("content").alias("md5")).collect()
    }
    for file, checksum in expected.items():
        if base64.b64encode(bytes.fromhex(found.get(file, ""))).decode() != checksum:
            raise ExportDamaged(f"{data}/{folder}/{file} is missing or is not the file that its manifest describes")
