"""Reads of every extract from every clone into raw Parquet, audited by the databases' own counts."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migration_spark import schema, visibility
from migration_spark.audit import added_up, check_landed
from migration_spark.database import AUDITS_AT_ONCE, CloneDatabase
from migration_spark.database_refusals import refusals
from migration_spark.errors import DatabaseError, SpecError
from migration_spark.first_error import FirstError, ended_quietly
from migration_spark.landed import landed_rows
from migration_spark.landing import Counter, Landing, LandingContext
from migration_spark.landing_forms import values_form
from migration_spark.log_positions import position_of
from migration_spark.read_permits import Permits, caps
from migration_spark.remedies import Subject
from migration_spark.second_read import SecondRead
from migration_spark.splits import limits
from migration_spark.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.arguments import Arguments
    from migration_spark.audit import Figures
    from migration_spark.conservation import Traces
    from migration_spark.spec import Extract, Spec, Table
    from migration_spark.visibility import Look, Source

_QUERIES_AT_ONCE = 8


@dataclass(frozen=True)
class Raw:
    """Landed rows with their values, the counts of their texts per cluster, and the sum of their identities."""

    rows: DataFrame
    figures: dict[str, list[Any]]
    traces: Traces
    splits: dict[str, int] = field(default_factory=dict)


class Reading:
    """Reads from the clones of a job."""

    def __init__(
        self, spark: SparkSession, spec: Spec, arguments: Arguments, first_error: FirstError | None = None
    ) -> None:
        missing = sorted(set(spec.clusters) - set(arguments.clones))
        if missing:
            raise SpecError(f"--clones lacks {', '.join(missing)}: every cluster of the domain needs its clone")
        self._spark = spark
        self._arguments = arguments
        job = f"{arguments.domain}.{arguments.run}"
        self._databases = {
            name: CloneDatabase(spark, cluster, arguments.clones[name], job) for name, cluster in spec.clusters.items()
        }
        self._pool = ThreadPoolExecutor(_QUERIES_AT_ONCE)
        self._audits = {name: ThreadPoolExecutor(AUDITS_AT_ONCE) for name in self._databases}
        self._together = ThreadPoolExecutor(max(1, 2 * sum(len(table.extracts) for table in spec.tables)))
        self._counters: dict[tuple[str, str], list[int]] = {}
        first_error = first_error or FirstError(spark)
        first_error.ends(self._end_statements)
        self.landing_context = LandingContext(
            spark,
            Storage(spark),
            arguments,
            spec.catalog_hash,
            limits(spark),
            self._databases,
            Permits(caps(spec), arguments.parallelism, first_error.check),
            first_error,
            self._pool,
            self._of,
        )
        self._failures: list[str] = []

    def audit(self, extract: Extract) -> Future[Figures]:
        """Start each database's own count of an extract, a single unsplit query per database."""
        return self._audit(extract, lambda database: database.audit(extract))

    def where_counts(self, extract: Extract) -> Future[Figures]:
        """Start the counts of each source's rows, and of those that satisfy the extract's filter."""
        return self._audit(extract, lambda database: database.where_counts(extract))

    def _audit(self, extract: Extract, question: Any) -> Future[Figures]:
        """Start a query that scans in all of an extract's databases; no read waits for it."""
        watched = self.landing_context.first_error.watched(question)
        names = [cluster.name for cluster in extract.clusters]
        asked = [self._audits[name].submit(watched, self._databases[name]) for name in names]
        return self._together.submit(lambda: dict(zip(names, self.landing_context.first_error.gather(asked))))

    def check_visible(self, extracts: list[Extract]) -> dict[tuple[str, str], dict[str, Source]]:
        """Return each extract's source per cluster, by table and extract; query each clone once.

        Raises:
            SourceNotCloned: A clone does not carry a source.
            SourceNotVisible: It cannot be proven that the reader sees all of a source.
        """
        wanted = {
            name: [extract for extract in extracts if any(cluster.name == name for cluster in extract.clusters)]
            for name in self._databases
        }
        answers = self._pool.map(lambda name: self._databases[name].look(wanted[name]), wanted)
        looks: dict[str, list[Look]] = dict(zip(wanted, answers))
        visibility.check(looks)
        self._failures = [look.failure for cluster_looks in looks.values() for look in cluster_looks if look.failure]
        sources: dict[tuple[str, str], dict[str, Source]] = {(e.table, e.name): {} for e in extracts}
        for cluster, cluster_looks in looks.items():
            for extract, look in zip(wanted[cluster], cluster_looks):
                if look.source:
                    sources[extract.table, extract.name][cluster] = look.source
        return sources

    def check_schema(self, extracts: list[Extract]) -> dict[str, dict[str, list[str]]]:
        """Compare the catalog with every clone's tables; return per extract the columns that it does not read.

        Raises:
            SchemaMismatch: Names all differences.
            ColumnsNotListed: In an official run, names the columns that the catalog does not list.
            DatabaseError: A clone cannot run an extract's query although its columns exist.
        """
        columns: dict[tuple[str, str], list[dict[str, Any]]] = {}
        asked = [self._begin(extract, lambda database, of=extract: database.columns(of)) for extract in extracts]
        for extract, answers in zip(extracts, asked):
            columns.update({(extract.source, cluster): answer for cluster, answer in answers})
        schema.check(columns, extracts, {name: database.dialect.TYPES for name, database in self._databases.items()})
        if self._failures:
            raise DatabaseError(f"{self._failures[0]}. Nothing was read.")
        if self._arguments.mode == "official":
            schema.check_listed(columns, extracts)
        return {f"{extract.table}-{extract.name}": schema.unread(columns, extract) for extract in extracts}

    def counters(self, extracts: list[Extract]) -> dict[str, dict[str, list[int]]]:
        """Return the clone's write counters per extract and cluster."""
        asked = [self._begin(extract, lambda database, of=extract: database.counters(of)) for extract in extracts]
        counters = {f"{extract.table}-{extract.name}": dict(answers) for extract, answers in zip(extracts, asked)}
        for extract in extracts:
            for cluster, counted in counters[f"{extract.table}-{extract.name}"].items():
                self._counters[extract.source, cluster] = counted
        return counters

    def positions(self) -> dict[str, dict[str, Any]]:
        """Return per cluster the position in its log at which the changes after its clone begin."""
        return dict(zip(self._databases, self._pool.map(position_of, self._databases.values())))

    def databases(self, extract: Extract) -> list[CloneDatabase]:
        """Return the clones of an extract."""
        return [self._databases[cluster.name] for cluster in extract.clusters]

    def landed(self, extract: Extract, rows: int) -> DataFrame:
        """Return the rows that Bootstrap landed of an extract; it counted `rows` of them.

        Raises:
            RawRowsMissing: They no longer exist.
        """
        return landed_rows(self._spark, self._arguments, extract, rows)

    def land(self, extract: Extract, *, traced: bool = True, counter: Counter = lambda *_: None) -> Raw:
        """Land the splits of the extract's values that have not landed, as Parquet per cluster; return all of them.

        It calls `counter` with a cluster and the figures of each split as soon as the split has landed.

        Only rows of the driving extract of a `traced` select have identities.

        Raises:
            AuditMismatch: The files do not hold the rows that were written.
        """
        clusters = [cluster.name for cluster in extract.clusters]
        landing = Landing(self.landing_context, extract, values_form(extract), clusters, counter)
        landing.land()
        counted = {cluster: added_up(list(splits.values())) for cluster, splits in landing.counted.items()}
        raw = self.landed(extract, sum(figures[0] for figures in counted.values()))
        return Raw(raw, counted, check_landed(extract, raw, counted, traced=traced), landing.splits())

    @contextmanager
    def table(self, table: Table) -> Iterator[dict[str, DataFrame]]:
        """Yield a table's extracts, read again by other cuts: rows as the database's text, with their `_cluster`.

        While the context is open, no action on the frames uses more sessions of a clone than it allows.
        """
        again = SecondRead(self.landing_context, table)
        again.land()
        clones = {database.subject.address: database.subject for database in self._databases.values()}
        subject = Subject(" or ".join(sorted(again.sessions)), table=table.name)
        with self.landing_context.permits.held(again.sessions), refusals(subject, clones):
            yield again.frames()

    def _of(self, extract: Extract, cluster: str) -> list[int]:
        """Return a clone's write counters, queried once."""
        known = self._counters.get((extract.source, cluster))
        if known is None:
            known = self._databases[cluster].counters(extract)
            self._counters[extract.source, cluster] = known
        return known

    def _end_statements(self) -> None:
        """End this job's statements in every clone that can be reached."""
        threads = [
            threading.Thread(target=ended_quietly, args=(database.end_statements,), daemon=True)
            for database in self._databases.values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _begin(self, extract: Extract, question: Any) -> Iterator[tuple[str, Any]]:
        """Start a query in all of an extract's databases; iterating waits for their answers."""
        names = [cluster.name for cluster in extract.clusters]
        return zip(names, self._pool.map(question, [self._databases[name] for name in names]))
