"""Compare's second read of a table's extracts, by other cuts, directly from the clones if few sessions suffice.

An action on a frame opens a session for each of its tasks. An extract with more splits than a clone allows sessions,
or that would be read more than once at the same time, lands first and is read from there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from migration_spark.database import union
from migration_spark.landing import Landing
from migration_spark.landing_forms import texts, texts_form, texts_schema
from migration_spark.typed_rows import CLUSTER

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from migration_spark.landing import LandingContext
    from migration_spark.spec import Extract, Table
    from migration_spark.splits import Cuts


class SecondRead:
    """Second read of a table's extracts."""

    def __init__(self, context: LandingContext, table: Table) -> None:
        self._context, self._table = context, table
        # The driving extract, usually the largest, comes first and gets all sessions that a clone allows.
        self._extracts = sorted(table.extracts, key=lambda extract: extract.name != table.driving)
        self._forms = {extract.name: texts_form(extract) for extract in self._extracts}
        self._cuts = self._all_cuts()
        # Tasks per extract and cluster that read a clone directly.
        self._tasks: dict[str, dict[str, int]] = {extract.name: {} for extract in self._extracts}
        self.sessions: dict[str, int] = {}
        for extract in self._extracts:
            self._share(extract)
        self._landed: dict[str, int] = {}

    def land(self) -> None:
        """Land the extracts that are not read directly from the clones."""
        self._context.first_error.run_all([(self._land, extract) for extract in self._extracts])

    def frames(self) -> dict[str, DataFrame]:
        """Return each extract's rows."""
        return {extract.name: self._frame(extract) for extract in self._extracts}

    def _all_cuts(self) -> dict[str, dict[str, Cuts]]:
        context = self._context
        asked = {
            (extract, cluster.name): context.queries.submit(
                Landing.cut, context, extract, cluster.name, self._forms[extract.name]
            )
            for extract in self._extracts
            for cluster in extract.clusters
        }
        by_extract: dict[str, dict[str, Cuts]] = {extract.name: {} for extract in self._extracts}
        for (extract, cluster), cuts in zip(asked, context.first_error.gather(asked.values())):
            by_extract[extract.name][cluster] = cuts
        return by_extract

    def _share(self, extract: Extract) -> None:
        """Give an extract's clusters the sessions that the table's other extracts leave."""
        clusters = {cluster.name for e in self._extracts for cluster in e.clusters}
        lanes = self._context.arguments.parallelism
        if is_read_often(extract, self._table) or (len(clusters) > lanes and extract.name != self._table.driving):
            return
        for name, cuts in self._cuts[extract.name].items():
            wanted = min(extract.connections, len(cuts.predicates)) if len(extract.clusters) <= lanes else 1
            tasks = min(wanted, self._context.permits.allowed(name) - self.sessions.get(name, 0))
            if not cuts.apart and tasks:
                self._tasks[extract.name][name] = tasks
                self.sessions[name] = self.sessions.get(name, 0) + tasks

    def _land(self, extract: Extract) -> None:
        left = [cluster.name for cluster in extract.clusters if cluster.name not in self._tasks[extract.name]]
        if left:
            landing = Landing(self._context, extract, self._forms[extract.name], left)
            landing.land(self._cuts[extract.name])
            self._landed[extract.name] = sum(s[0] for counted in landing.counted.values() for s in counted.values())

    def _frame(self, extract: Extract) -> DataFrame:
        context, tasks = self._context, self._tasks[extract.name]
        direct = [
            context.databases[name].rows(extract, self._cuts[extract.name][name], tasks=count)
            for name, count in tasks.items()
        ]
        lanes = max(1, context.arguments.parallelism)
        if len(direct) > lanes:
            # Each lane is a single task, which reads its clusters one after the other.
            direct = [union(direct[lane::lanes]).coalesce(1) for lane in range(lanes)]
        if len(tasks) == len(extract.clusters):
            return union(direct)
        return union([self._read(extract), *[rows.select(*texts(extract), "_cluster") for rows in direct]])

    def _read(self, extract: Extract) -> DataFrame:
        """Return the landed rows."""
        spark, kind = self._context.spark, texts_schema(extract)
        folder = self._context.arguments.uri("raw-compare", f"{extract.table}-{extract.name}")
        names = [cluster.name for cluster in extract.clusters if cluster.name not in self._tasks[extract.name]]
        # S3 has no folder for an extract without rows.
        folders = [folder] if self._landed[extract.name] else []
        rows = spark.read.schema(kind).parquet(*folders)
        return rows.where(F.col(f"`{CLUSTER}`").isin(names)).withColumnRenamed(CLUSTER, "_cluster")


def is_read_often(extract: Extract, table: Table) -> bool:
    """Return whether the select may read an extract more than once: it names it twice, or has a WITH clause."""
    named = re.findall(rf"(?:\bfrom|\bjoin|,)\s*`?{re.escape(extract.name)}`?(?![\w.`])", table.select, re.IGNORECASE)
    return len(named) > 1 or re.match(r"\s*with\b", table.select, re.IGNORECASE) is not None
