"""Landing of an extract: copies its rows from the clones into Parquet, whole or by splits, and records each.

A single Spark job reads several clusters of a few splits each. A larger cluster has a Spark job of a single task per
split. This job overwrites its split's folder whole, which removes the files of a killed attempt, and Spark never
starts a second copy of a stage's only task.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from pyspark.sql import Observation
from pyspark.sql import functions as F

from migration_spark.database import union
from migration_spark.database_refusals import refusals
from migration_spark.landing_records import LandedSplit, Origin, Records
from migration_spark.remedies import Subject
from migration_spark.typed_rows import CLUSTER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import ThreadPoolExecutor

    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.arguments import Arguments
    from migration_spark.database import CloneDatabase
    from migration_spark.first_error import FirstError
    from migration_spark.landing_forms import LandingForm
    from migration_spark.read_permits import Permits
    from migration_spark.spec import Cluster, Extract
    from migration_spark.splits import Cuts, Limits
    from migration_spark.storage import Storage, Stored

_WHOLE = 0  # the only split of a cluster that shares its Spark job with other clusters


Counter = Callable[[str, "list[Any]"], None]  # called with a cluster and the figures of its landed split


@dataclass(frozen=True)
class LandingContext:
    """Context that all landings of a job share."""

    spark: SparkSession
    storage: Storage
    arguments: Arguments
    spec_hash: str
    limits: Limits
    databases: dict[str, CloneDatabase]
    permits: Permits
    first_error: FirstError
    queries: ThreadPoolExecutor
    counters: Callable[[Extract, str], list[int]]


class Landing:
    """Landing of an extract from some of its clusters."""

    def __init__(
        self,
        context: LandingContext,
        extract: Extract,
        form: LandingForm,
        clusters: list[str],
        on_landed: Counter = lambda *_: None,
    ) -> None:
        self._context, self._extract, self._form = context, extract, form
        self._clusters = [cluster for cluster in extract.clusters if cluster.name in clusters]
        self._records = Records(context.storage, context.arguments, extract, *form.folders)
        self._origins: dict[str, Origin] = {}
        self._on_landed = on_landed
        self.folder = context.arguments.uri(form.kind, f"{extract.table}-{extract.name}")
        # Per cluster and split: the counts taken on the way.
        self.counted: dict[str, dict[int, list[Any]]] = {cluster.name: {} for cluster in self._clusters}

    def land(self, known: dict[str, Cuts] | None = None) -> None:
        """Land every split that has not landed; `known` are existing cuts."""
        context = self._context
        self._records.read()
        lying = self._lying()
        made = {cluster.name: context.queries.submit(self._cuts, cluster, known or {}) for cluster in self._clusters}
        cuts = dict(zip(made, context.first_error.gather(made.values())))
        whole, apart = [], {}
        for cluster in self._clusters:
            if cuts[cluster.name].apart:
                apart[cluster] = self._left(cluster, cuts[cluster.name], lying)
            elif not self._has_landed(cluster, (_WHOLE, 1), None, lying.get(cluster.name, [])):
                self._forget(cluster, lying)
                whole.append(cluster)
        works: list[tuple[Any, ...]] = [(self._land_whole, whole, cuts)] if whole else []
        for cluster, left in apart.items():
            readers = min(len(left), self._extract.connections)
            works += [(self._land_splits, cluster, cuts[cluster.name], iter(left))] * readers
        context.first_error.run_all(works)

    def splits(self) -> dict[str, int]:
        """Return the number of splits of each cluster."""
        return {name: len(counted) for name, counted in self.counted.items()}

    def _cuts(self, cluster: Cluster, known: dict[str, Cuts]) -> Cuts:
        context, name = self._context, cluster.name
        created = context.arguments.clones[name].created_at
        origin = Origin(context.spec_hash, created, context.counters(self._extract, name))
        self._origins[name] = origin
        earlier = self._records.cuts(cluster, origin)
        return earlier or known.get(name) or self.cut(context, self._extract, name, self._form)

    @staticmethod
    def cut(context: LandingContext, extract: Extract, cluster: str, form: LandingForm) -> Cuts:
        """Return the cuts of a cluster's source."""
        return context.databases[cluster].cuts(extract, context.limits, other_cuts=form.other_cuts)

    def _lying(self) -> dict[str, list[Stored]]:
        """Return the existing files by cluster."""
        files: dict[str, list[Stored]] = {}
        begin = f"/{self._extract.table}-{self._extract.name}/{CLUSTER}="
        for stored in self._context.storage.list_below(self.folder):
            # Uncommitted files of a killed attempt are below _temporary/, outside of this prefix.
            _, here, below = stored.uri.rpartition(begin)
            if here:
                files.setdefault(below.split("/")[0], []).append(stored)
        return files

    def _left(self, cluster: Cluster, cuts: Cuts, lying: dict[str, list[Stored]]) -> list[int]:
        """Return the splits of these cuts that have not landed; record new cuts first."""
        if self._records.cuts(cluster, self._origins[cluster.name]) is None:
            self._forget(cluster, lying)
            self._records.keep_cuts(cluster, self._origins[cluster.name], cuts)
            return list(range(len(cuts.predicates)))
        of = len(cuts.predicates)
        files: dict[str, list[Stored]] = {}
        for stored in lying.get(cluster.name, []):
            files.setdefault(stored.uri.rsplit("/", 2)[1], []).append(stored)
        return [
            split
            for split, predicate in enumerate(cuts.predicates)
            if not self._has_landed(cluster, (split, of), [predicate], files.get(_folder(split), []))
        ]

    def _has_landed(
        self, cluster: Cluster, split: tuple[int, int], predicates: list[str] | None, files: list[Stored]
    ) -> bool:
        counted = self._records.landed(cluster, split, self._origins[cluster.name], predicates, files)
        if counted is not None:
            self._count(cluster, split[0], counted)
        return counted is not None

    def _forget(self, cluster: Cluster, lying: dict[str, list[Stored]]) -> None:
        """Delete a cluster's records, then its files, before the job reads it again."""
        self._records.forget(cluster)
        if cluster.name in lying:
            self._context.storage.delete(f"{self.folder}/{CLUSTER}={cluster.name}")

    def _land_whole(self, clusters: list[Cluster], cuts: dict[str, Cuts]) -> None:
        """Read several clusters in one Spark job, at most `parallelism` at once, with a task per connection."""
        size = max(1, self._context.arguments.parallelism)
        for start in range(0, len(clusters), size):
            self._land_batch(clusters[start : start + size], cuts)

    def _land_batch(self, clusters: list[Cluster], cuts: dict[str, Cuts]) -> None:
        context, extract = self._context, self._extract
        observed = {cluster.name: Observation() for cluster in clusters}
        tasks = {c.name: min(extract.connections, len(cuts[c.name].predicates)) for c in clusters}

        def rows(cluster: Cluster) -> DataFrame:
            read = context.databases[cluster.name].rows(extract, cuts[cluster.name])
            return self._on_its_way(read, observed[cluster.name])

        with context.permits.held(tasks):
            frames = context.first_error.gather([context.queries.submit(rows, cluster) for cluster in clusters])
            with self._reads(clusters):
                union(frames).write.mode("append").partitionBy(CLUSTER).parquet(self.folder)

        def keep(cluster: Cluster) -> None:
            predicates = list(cuts[cluster.name].predicates)
            # Only this cluster's folder: other jobs still write splits below the others.
            files = context.storage.list(f"{self.folder}/{CLUSTER}={cluster.name}")
            figures = _seen(observed[cluster.name], self._form.names)
            self._keep(cluster, (_WHOLE, 1), LandedSplit(predicates, files, self._form.names, figures))

        context.first_error.gather([context.queries.submit(keep, cluster) for cluster in clusters])

    def _land_splits(self, cluster: Cluster, cuts: Cuts, left: Iterator[int]) -> None:
        """Land splits one by one until none is left; several threads share the iterator."""
        for split in left:
            self._land_split(cluster, cuts, split)

    def _land_split(self, cluster: Cluster, cuts: Cuts, split: int) -> None:
        context, observed = self._context, Observation()
        predicates = [cuts.predicates[split]]
        folder = f"{self.folder}/{CLUSTER}={cluster.name}/{_folder(split)}"
        with context.permits.held({cluster.name: 1}):
            rows = context.databases[cluster.name].rows(self._extract, cuts, predicates)
            with self._reads([cluster], f": split {split + 1} of {len(cuts.predicates)}"):
                self._on_its_way(rows, observed).drop(CLUSTER).write.mode("overwrite").parquet(folder)
        landed = LandedSplit(
            predicates, context.storage.list(folder), self._form.names, _seen(observed, self._form.names)
        )
        self._keep(cluster, (split, len(cuts.predicates)), landed)

    def _on_its_way(self, rows: DataFrame, observed: Observation) -> DataFrame:
        form = self._form
        made = form.made(rows).observe(observed, *form.figures)
        return made.select(*form.columns, F.col("_cluster").alias(CLUSTER))

    def _keep(self, cluster: Cluster, split: tuple[int, int], landed: LandedSplit) -> None:
        self._records.keep(cluster, split, self._origins[cluster.name], landed)
        self._count(cluster, split[0], landed.figures)

    def _count(self, cluster: Cluster, split: int, figures: list[Any]) -> None:
        """Count a split that has landed and is recorded, now or by an earlier attempt."""
        self.counted[cluster.name][split] = figures
        self._on_landed(cluster.name, figures)

    @contextmanager
    def _reads(self, clusters: list[Cluster], part: str = "") -> Iterator[None]:
        """Describe the Spark job, and name the extract in a clone's refusal."""
        context, extract = self._context, self._extract
        of, again = f"{len(clusters)} clusters" if clusters[1:] else clusters[0].name, " again" * self._form.other_cuts
        context.spark.sparkContext.setJobDescription(f"read {extract.table}.{extract.name}{again} of {of}{part}")
        subjects = {context.databases[cluster.name].subject for cluster in clusters}
        subject = Subject(" or ".join(sorted(clone.cluster for clone in subjects))).reading(extract)
        with refusals(subject, {clone.address: clone for clone in subjects}):
            yield


def _folder(split: int) -> str:
    return f"split-{split:05}"


def _seen(observed: Observation, names: list[str]) -> list[Any]:
    # Each access fetches all figures from the JVM.
    figures = observed.get
    return [figures[name] for name in names]
