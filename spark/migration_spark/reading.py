"""Read every extract of every clone: into raw Parquet, audited by the databases' own counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark import schema
from migration_spark.database import CloneDatabase, union
from migration_spark.errors import AuditMismatch, SpecError
from migration_spark.views import unreadable_column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.arguments import Arguments
    from migration_spark.spec import Extract, Spec

_QUERIES_AT_ONCE = 8
Figures = dict[str, list[int]]  # per cluster: rows, then values and bytes per column


@dataclass(frozen=True)
class Landed:
    """Raw rows per cluster, how many of them do not fit their types, and where one does not."""

    rows: dict[str, int]
    unreadable: dict[str, int]
    sample: str


class Reading:
    """The clones of one job."""

    def __init__(self, spark: SparkSession, spec: Spec, arguments: Arguments) -> None:
        missing = sorted(set(spec.clusters) - set(arguments.clones))
        if missing:
            raise SpecError(f"--clones lacks {', '.join(missing)}: every cluster of the domain needs its clone")
        self._spark = spark
        self._arguments = arguments
        self._databases = {
            name: CloneDatabase(spark, cluster, arguments.clones[name]) for name, cluster in spec.clusters.items()
        }
        self._pool = ThreadPoolExecutor(_QUERIES_AT_ONCE)

    def audit(self, extract: Extract) -> Figures:
        """Return what each database counts of an extract, in one unsplit query each."""
        return self._ask(extract, lambda database: database.audit(extract))

    def check_schema(self, extracts: list[Extract]) -> None:
        """Hold the catalog against every clone's tables.

        Raises:
            SchemaMismatch: Names everything that differs.
        """
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for extract in extracts:
            answers = self._ask(extract, lambda database, of=extract: database.columns(of))
            found.update({(extract.source, cluster): answer for cluster, answer in answers.items()})
        schema.check(found, extracts, {name: database.dialect.TYPES for name, database in self._databases.items()})

    def counters(self, extracts: list[Extract]) -> dict[str, dict[str, list[int]]]:
        """Return per extract and cluster how many rows were changed in the clone."""
        return {
            f"{extract.table}-{extract.name}": self._ask(extract, lambda database, of=extract: database.counters(of))
            for extract in extracts
        }

    def rows(self, extract: Extract, *, other_cuts: bool = False) -> list[DataFrame]:
        """Return the extract's rows in batches of at most `parallelism` clusters."""
        databases = [self._databases[cluster.name] for cluster in extract.clusters]
        frames = list(self._pool.map(lambda database: database.read(extract, other_cuts=other_cuts), databases))
        size = max(1, self._arguments.parallelism)
        return [union(frames[start : start + size]) for start in range(0, len(frames), size)]

    def land(self, extract: Extract) -> DataFrame:
        """Write the extract's rows as raw Parquet per cluster, and return them read back."""
        place = self._arguments.place("raw", f"{extract.table}-{extract.name}")
        for number, batch in enumerate(self.rows(extract)):
            mode = "append" if number else "overwrite"
            batch.withColumn("cluster", F.col("_cluster")).write.mode(mode).partitionBy("cluster").parquet(place)
        return self._spark.read.schema(batch.schema).parquet(place)

    def _ask(self, extract: Extract, question: Any) -> dict[str, Any]:
        names = [cluster.name for cluster in extract.clusters]
        return dict(zip(names, self._pool.map(question, [self._databases[name] for name in names])))


def check_audit(extract: Extract, raw: DataFrame, counted: Figures) -> Landed:
    """Hold raw rows against the databases' own figures; return what lies there.

    Raises:
        AuditMismatch: Rows, values or bytes differ; names the table, cluster and column.
    """
    figures = [F.count(F.lit(1))]
    for column in extract.columns:
        value = F.col(column.name)
        figures += [F.count(value), F.coalesce(F.sum(F.octet_length(value.cast("string"))), F.lit(0))]
    unreadable = unreadable_column(extract)
    found = raw.groupBy("_cluster").agg(*figures, F.count(unreadable), F.first(unreadable, ignorenulls=True)).collect()
    read = {row[0]: list(row[1:-2]) for row in found}
    empty = [0] * len(figures)
    labels = ["rows"]
    for column in extract.columns:
        labels += [f"values of {column.name}", f"bytes of {column.name}"]
    for cluster, expected in counted.items():
        for label, here, there in zip(labels, read.get(cluster, empty), expected):
            if here != there:
                raise AuditMismatch(
                    f"{extract.table}: {extract.source} in the clone of {cluster} has {there} {label}, "
                    f"but {here} were read; nothing was imported, start again"
                )
    return Landed(
        rows={cluster: expected[0] for cluster, expected in counted.items()},
        unreadable={row[0]: row[-2] for row in found if row[-2]},
        sample=next((f"{row[-1]} in {row[0]}" for row in found if row[-2]), ""),
    )
