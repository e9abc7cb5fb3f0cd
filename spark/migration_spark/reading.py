"""Read every extract of every clone: into raw Parquet, audited by the databases' own counts."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.errors import AnalysisException
from pyspark.sql import Observation
from pyspark.sql import functions as F

from migration_spark import schema, views, visibility
from migration_spark.audit import check_landed, figure_names, figures
from migration_spark.database import CloneDatabase, union
from migration_spark.errors import DatabaseError, RawRowsMissing, SpecError
from migration_spark.views import CLUSTER, ROW, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.arguments import Arguments
    from migration_spark.audit import Figures
    from migration_spark.conservation import Traces
    from migration_spark.spec import Extract, Spec
    from migration_spark.visibility import Look, Source

_QUERIES_AT_ONCE = 8
_AUDITS_AT_ONCE = 3


@dataclass(frozen=True)
class Raw:
    """Landed rows with their values, per cluster what was counted of their texts on the way, and their identities."""

    rows: DataFrame
    figures: dict[str, list[Any]]
    traces: Traces


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
        self._audits = ThreadPoolExecutor(_AUDITS_AT_ONCE)
        self._failures: list[str] = []

    def audit(self, extract: Extract) -> Future[Figures]:
        """Begin to ask what each database counts of an extract, in one unsplit query each."""
        return self._audits.submit(self._ask, extract, lambda database: database.audit(extract))

    def where_counts(self, extract: Extract) -> Future[Figures]:
        """Begin to ask how many rows each source has, and how many hold the extract's filter."""
        return self._audits.submit(self._ask, extract, lambda database: database.where_counts(extract))

    def check_visible(self, extracts: list[Extract]) -> dict[tuple[str, str], dict[str, Source]]:
        """Return what each extract's source is per cluster, by table and extract; each clone is asked once.

        Raises:
            SourceNotCloned: A clone does not carry a source.
            SourceNotVisible: The reader cannot be proven to see all of a source.
        """
        wanted = {
            name: [extract for extract in extracts if any(cluster.name == name for cluster in extract.clusters)]
            for name in self._databases
        }
        answers = self._pool.map(lambda name: self._databases[name].look(wanted[name]), wanted)
        looks: dict[str, list[Look]] = dict(zip(wanted, answers))
        visibility.check(looks)
        self._failures = [look.failure for found in looks.values() for look in found if look.failure]
        sources: dict[tuple[str, str], dict[str, Source]] = {(e.table, e.name): {} for e in extracts}
        for cluster, found in looks.items():
            for extract, look in zip(wanted[cluster], found):
                if look.source:
                    sources[extract.table, extract.name][cluster] = look.source
        return sources

    def check_schema(self, extracts: list[Extract]) -> dict[str, dict[str, list[str]]]:
        """Hold the catalog against every clone's tables; return per extract the columns that are not read.

        Raises:
            SchemaMismatch: Names everything that differs.
            ColumnsNotListed: In an official run, names the columns that the catalog does not list.
            DatabaseError: An extract's query cannot be run, though its columns are there.
        """
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        asked = [self._begin(extract, lambda database, of=extract: database.columns(of)) for extract in extracts]
        for extract, answers in zip(extracts, asked):
            found.update({(extract.source, cluster): answer for cluster, answer in answers})
        schema.check(found, extracts, {name: database.dialect.TYPES for name, database in self._databases.items()})
        if self._failures:
            raise DatabaseError(f"{self._failures[0]}; correct the extract's where. Nothing was read.")
        if self._arguments.mode == "official":
            schema.check_listed(found, extracts)
        return {f"{extract.table}-{extract.name}": schema.unread(found, extract) for extract in extracts}

    def counters(self, extracts: list[Extract]) -> dict[str, dict[str, list[int]]]:
        """Return per extract and cluster how many rows were changed in the clone."""
        asked = [self._begin(extract, lambda database, of=extract: database.counters(of)) for extract in extracts]
        return {f"{extract.table}-{extract.name}": dict(answers) for extract, answers in zip(extracts, asked)}

    def rows(self, extract: Extract, *, other_cuts: bool = False) -> list[DataFrame]:
        """Return the extract's rows in batches of at most `parallelism` clusters."""
        frames = self._frames(extract, other_cuts=other_cuts)
        return [union([frames[name] for name in batch]) for batch in self._batches(frames)]

    def databases(self, extract: Extract) -> list[CloneDatabase]:
        """Return the clones that an extract is read from."""
        return [self._databases[cluster.name] for cluster in extract.clusters]

    def landed(self, extract: Extract, rows: int) -> DataFrame:
        """Return what Bootstrap landed of an extract, of which it counted `rows`.

        Raises:
            RawRowsMissing: They are no longer there.
        """
        name = f"{extract.table}-{extract.name}"
        # Nothing was written where there are no rows, and S3 has no folder of nothing.
        places = [self._arguments.place("raw", name)] if rows else []
        try:
            raw = self._spark.read.schema(views.landed_schema(extract)).parquet(*places)
        except AnalysisException as error:
            raise RawRowsMissing(
                f"{extract.table}: Bootstrap landed {rows} rows of {extract.name}, but "
                f"raw/{self._arguments.domain}/{self._arguments.run}/{name}/ holds none: they were deleted. "
                "Start a new run"
            ) from error
        return raw.withColumnRenamed(CLUSTER, "_cluster")

    def land(self, extract: Extract, *, traced: bool = True) -> Raw:
        """Write the extract's values as Parquet per cluster, and return them as they lie there.

        Rows have identities only where the select is `traced`, and only those of the driving extract.

        Raises:
            AuditMismatch: What lies there is not what was written.
        """
        place = self._arguments.place("raw", f"{extract.table}-{extract.name}")
        observed = {name: Observation() for name in (cluster.name for cluster in extract.clusters)}
        landed = {
            name: views.with_values(rows, extract)
            .observe(observed[name], *figures(extract))
            .select(
                *views.values(extract), F.col("_cluster").alias(CLUSTER), UNREADABLE, views.text(extract).alias(ROW)
            )
            for name, rows in self._frames(extract, other_cuts=False).items()
        }
        for number, batch in enumerate(self._batches(landed)):
            mode = "append" if number else "overwrite"
            union([landed[name] for name in batch]).write.mode(mode).partitionBy(CLUSTER).parquet(place)
        names = figure_names(extract)
        # To get one figure fetches all of them from the JVM.
        seen = {cluster: observation.get for cluster, observation in observed.items()}
        found = {cluster: [counted[name] for name in names] for cluster, counted in seen.items()}
        raw = self.landed(extract, sum(counted[0] for counted in found.values()))
        return Raw(raw, found, check_landed(extract, raw, found, traced=traced))

    def _frames(self, extract: Extract, *, other_cuts: bool) -> dict[str, DataFrame]:
        databases = self.databases(extract)
        frames = self._pool.map(lambda database: database.read(extract, other_cuts=other_cuts), databases)
        return {database.cluster.name: rows for database, rows in zip(databases, frames)}

    def _batches(self, frames: dict[str, DataFrame]) -> list[list[str]]:
        names, size = list(frames), max(1, self._arguments.parallelism)
        return [names[start : start + size] for start in range(0, len(names), size)]

    def _ask(self, extract: Extract, question: Any) -> dict[str, Any]:
        return dict(self._begin(extract, question))

    def _begin(self, extract: Extract, question: Any) -> Iterator[tuple[str, Any]]:
        """Begin to ask all of an extract's databases; iterating waits for their answers."""
        names = [cluster.name for cluster in extract.clusters]
        return zip(names, self._pool.map(question, [self._databases[name] for name in names]))
