"""Conservation of rows: the select returns every driving row exactly once, or the row counts as filtered.

Each raw row has an identity. The sum of all identities, taken from the raw files and again where the
items are written, differs if any row is lost, multiplied or attributed to another cluster. Only then
does the job check the rows one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from migration_spark import jvm_functions, typed_rows
from migration_spark.attribute_kinds import SOURCE_ROW, quoted
from migration_spark.errors import RowsNotConserved
from migration_spark.item_tasks import metadata
from migration_spark.redaction import Sample, key_hash

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row, SparkSession

    from migration_spark.spec import Table

_SAMPLES = 5
_SAMPLE_COLUMNS = 3
_SAMPLE_CHARACTERS = 60
_IDENTITY = (SOURCE_ROW, "_cluster")
_WORD = 1 << 64  # sums of identities wrap around at 64 bits


@dataclass(frozen=True)
class Traces:
    """Number of rows, and sum of their identities."""

    rows: int
    total: int

    def __eq__(self, other: object) -> bool:
        """Compare the sums modulo 2^64."""
        if not isinstance(other, Traces):
            return NotImplemented
        return self.rows == other.rows and (self.total - other.total) % _WORD == 0

    def __hash__(self) -> int:
        """Return a hash that is equal for equal traces."""
        return hash((self.rows, self.total % _WORD))


@dataclass(frozen=True)
class FilteredRows:
    """Driving rows that the select drops, per cluster, and a few of them."""

    clusters: dict[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)


def source_row(raw: DataFrame) -> Column:
    """Return the identity of a row of raw files: a number of its file and cluster, and its index in the file."""
    of = metadata(raw)
    return F.struct(F.xxhash64(of["file_name"], F.col("_cluster")).alias("file"), of["row_index"].alias("row"))


def superseded_row(identity: Column, folder: str) -> Column:
    """Return the identity, marked if the folder lists the row as superseded by another row of its key."""
    file, row = identity["file"], identity["row"]
    marked = F.when(jvm_functions.is_superseded(file, row, folder), F.bitwise_not(row)).otherwise(row)
    return F.struct(file.alias("file"), marked.alias("row"))


def is_superseded() -> Column:
    """Return whether the row's identity has such a mark."""
    return F.col(SOURCE_ROW)["row"] < 0


def trace(identity: Column | None = None) -> Column:
    """Return the row's term of the sum of identities, which depends on the cluster that the row names."""
    of = F.col(SOURCE_ROW) if identity is None else identity
    row = F.when(of["row"] < 0, F.bitwise_not(of["row"])).otherwise(of["row"])
    return F.xxhash64(of["file"], row, F.col("_cluster"))


def count_filtered(
    spark: SparkSession,
    table: Table,
    frames: dict[str, DataFrame],
    result: DataFrame,
    written: Traces,
) -> FilteredRows:
    """Check every driving row, and count the rows that the traced select `result` drops.

    Raises:
        RowsNotConserved: A row came out more than once, was lost, or belongs to no driving row.
    """
    driving = frames[table.driving]
    rows = _counted(driving.where(F.col(f"`{typed_rows.UNREADABLE}`").isNull()), result)
    dropped = F.sum(F.greatest(F.col("_expected") - F.col("_seen"), F.lit(0)))
    added = F.sum(F.greatest(F.col("_seen") - F.col("_expected"), F.lit(0)))
    sums = rows.groupBy("_cluster").agg(
        dropped.alias("dropped"),
        added.alias("added"),
        F.sum("_seen").alias("seen"),
        F.sum(trace() * F.col("_seen")).alias("total"),
    )
    clusters = {row["_cluster"]: row for row in sums.collect()}
    if any(row["added"] for row in clusters.values()):
        raise _multiplied(table, driving, rows, sum(row["added"] for row in clusters.values()))
    again = Traces(sum(row["seen"] for row in clusters.values()), sum(row["total"] or 0 for row in clusters.values()))
    if again != written:
        raise RowsNotConserved(
            f"{table.name}: the select gave {again.rows} rows, but {written.rows} arrived where items are written; "
            "nothing was imported. Resume with: migrate resume <run>"
        )
    lost = driving.join(rows.where("_seen < _expected").select(*_IDENTITY), list(_IDENTITY), "left_semi")
    _check_filtered(spark, table, frames, lost)
    counts = {name: int(row["dropped"]) for name, row in clusters.items() if row["dropped"]}
    return FilteredRows(counts, _samples(table, lost))


def _counted(driving: DataFrame, result: DataFrame) -> DataFrame:
    """Return per identity how often the driving rows (`_expected`) and the select's rows (`_seen`) have it."""
    expected = driving.groupBy(*_IDENTITY).agg(F.count(F.lit(1)).alias("_expected"))
    seen = result.groupBy(*_IDENTITY).agg(F.count(F.lit(1)).alias("_seen"))
    return expected.join(seen, list(_IDENTITY), "full").na.fill(0, ["_expected", "_seen"])


def _check_filtered(spark: SparkSession, table: Table, frames: dict[str, DataFrame], lost: DataFrame) -> None:
    """Run the select again on the missing rows: a row that it returns now was lost, not filtered.

    Raises:
        RowsNotConserved: The select keeps some of these rows.
    """
    kept, _ = typed_rows.select(spark, table, {**frames, table.driving: lost}, traced=True)
    count = kept.count()
    if count:
        raise RowsNotConserved(
            f"{table.name}: the select dropped {count} rows of {table.driving}, but returns them if it runs on only "
            "these rows: its result depends on other rows or on chance; check its windows, limits and functions"
        )


def _multiplied(table: Table, driving: DataFrame, rows: DataFrame, added: int) -> RowsNotConserved:
    wrong = rows.where("_seen > _expected")
    known = driving.join(wrong.where("_expected > 0").select(*_IDENTITY), list(_IDENTITY), "left_semi")
    samples = _samples(table, known)
    if samples:
        return RowsNotConserved(
            f"{table.name}: the select multiplies rows: it returned {added} more rows than {table.driving} has "
            f"({'; '.join(sample.hashed for sample in samples)}); check its joins",
            [sample.values for sample in samples],
        )
    return RowsNotConserved(
        f"{table.name}: {added} rows of the select belong to no row of {table.driving} or name the cluster of another "
        f"row in _cluster; join other extracts to {table.driving} with LEFT JOIN and select {table.driving}._cluster"
    )


def _samples(table: Table, rows: DataFrame) -> list[Sample]:
    """Return a few driving rows: the columns of the item's key, or else the first columns."""
    plain = [table.plain_attributes.get(part.name) for part in table.key]
    names = [name for name in plain if name] if all(plain) else []
    names = names or [column.name for column in table.driving_extract.columns[:_SAMPLE_COLUMNS]]
    texts = [F.substring(F.col(quoted(name)).cast("string"), 1, _SAMPLE_CHARACTERS).alias(name) for name in names]
    sampled = rows.select(*texts, F.col("_cluster").alias("$cluster")).limit(_SAMPLES).collect()
    return sorted(_sample(names, row) for row in sampled)


def _sample(names: list[str], row: Row) -> Sample:
    text = ", ".join(f"{name} {value}" for name, value in zip(names, row))
    return Sample(f"{text} in {row['$cluster']}", f"{key_hash(text)} in {row['$cluster']}")
