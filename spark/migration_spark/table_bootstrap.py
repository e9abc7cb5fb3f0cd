"""One table's way from raw rows to items, with the counts of everything that does not become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark import views, writing
from migration_spark.conservation import Filtered, count_filtered, source_row
from migration_spark.errors import RowsNotConserved
from migration_spark.rules import SOURCE_KEY, SOURCE_ROW, quoted
from migration_spark.views import ROW, UNREADABLE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from migration_spark.audit import Landed
    from migration_spark.job import Job
    from migration_spark.reading import Raw
    from migration_spark.spec import Table
    from migration_spark.writing import Written

_REJECT_SAMPLES = 5
_ROW_CLASSES = ("item", "duplicate", "rejected", "superseded")


class TableBootstrap:
    """One table's rows, as they were read and as they are written."""

    def __init__(
        self, job: Job, table: Table, raw: dict[Any, Raw], audits: dict[Any, Any], landed: dict[Any, Landed]
    ) -> None:
        self._job = job
        self._table = table
        self._raw = raw[table.name, table.driving]
        self._frames = {e.name: raw[table.name, e.name].rows for e in table.extracts}
        self._audit = audits[table.name, table.driving]
        self._unread = landed[table.name, table.driving].unreadable
        self._prefix = f"processed/{job.spec.domain}/{job.arguments.run}/{job.arguments.attempt}/{table.name}/"

    def run(self) -> tuple[str, dict[str, Any]]:
        """Write the table's objects and return its part of the manifest."""
        table, job = self._table, self._job
        if table.traced:
            driving = self._frames[table.driving]
            self._frames[table.driving] = driving.withColumn(SOURCE_ROW, source_row(driving))
        result, unreadable = views.select(job.spark, table, self._frames, traced=table.traced is not None)
        readable = self._readable_rows()
        figures = self._audit.values()
        rows = writing.prepared(table, result)
        count = writing.file_count(result, readable, sum(sum(figure[2::2]) for figure in figures))
        place = f"{job.arguments.data}/{self._prefix.rstrip('/')}"
        clusters = [cluster.name for cluster in table.driving_extract.clusters]
        written = writing.write_items(table, rows, count, place, clusters)
        filtered = self._filtered(result, written, readable)
        unread = sum(self._unread.values())
        totals = written.totals
        rejected = totals["rejected"] + unread
        files = writing.list_files(job.storage, place)
        items = totals["item"] + totals["duplicate"]
        collisions = writing.superseded_keys(table, rows, count) if totals["collides"] else (0, [])
        samples = {
            "duplicate": writing.duplicate_samples(table, rows, count) if totals["duplicate"] else [],
            "filtered": filtered.samples,
            "collision": collisions[1],
        }
        facts = {
            "rowsRead": readable + unread,
            "items": items,
            "rejected": rejected,
            "unreadable": unread,
            "superseded": totals["superseded"],
            "filtered": sum(filtered.clusters.values()),
            "unmatched": totals["unmatched"],
            "duplicateKeys": totals["duplicate"],
            "expirable": totals["expirable"],
            # Without the source's keys nobody knows how many there are.
            "supersededKeys": collisions[0] if not table.latest or SOURCE_KEY in result.columns else None,
            "keysWithoutItem": totals["keyless"],
            "keySum": written.key_sum,
            "traced": table.traced is not None,
            "files": files,
            "prefix": self._prefix,
            "clusters": self._complete(written, filtered),
            "rejectSamples": self._write_rejects(rows, unreadable) if rejected else [],
            **{f"{kind}Samples": [sample.values for sample in found] for kind, found in samples.items()},
            **{f"{kind}Hashes": [sample.hashed for sample in found] for kind, found in samples.items()},
        }
        job.say(f"{table.name}: {facts['rowsRead']:,} rows read, {items:,} items in {len(files)} files")
        if totals["keyless"]:
            job.say(f"{table.name}: {totals['keyless']:,} keys have no item, since their newest row is rejected")
        return table.name, facts

    def _filtered(self, result: DataFrame, written: Written, readable: int) -> Filtered:
        """Return the rows that the select drops: counted where it can be traced, and else derived.

        Raises:
            RowsNotConserved: A row was lost or multiplied on its way.
        """
        table = self._table
        counted = sum(written.totals[kind] for kind in _ROW_CLASSES)
        if written.traces.rows != counted:
            raise RowsNotConserved(
                f"{table.name}: {written.traces.rows - counted} rows of the select name in _cluster no cluster of "
                f"{table.driving}; select {table.driving}._cluster AS _cluster"
            )
        if table.traced:
            if written.traces == self._raw.traces:
                return Filtered()
            return count_filtered(self._job.spark, table, self._frames, result, written.traces)
        if table.group_by:
            clusters = {"": readable - counted}
        else:
            kept = {name: sum(counts[kind] for kind in _ROW_CLASSES) for name, counts in written.clusters.items()}
            clusters = {name: self._readable(name) - rows for name, rows in kept.items()}
        for name, rows in clusters.items():
            if rows < 0:
                where = f" of {name}" if name else ""
                raise RowsNotConserved(
                    f"{table.name}: {readable} rows of {table.driving} became {counted}: the select multiplies rows"
                    f"{where}, look at its joins"
                )
        return Filtered(clusters)

    def _complete(self, written: Written, filtered: Filtered) -> dict[str, dict[str, int]]:
        """Return the counts per cluster; of a table of groups, which may span clusters, what was written there."""
        if self._table.group_by:
            return written.clusters
        return {
            name: {
                **counts,
                "rejected": counts["rejected"] + self._unread.get(name, 0),
                "rowsRead": int(self._audit[name][0]),
                "filtered": filtered.clusters.get(name, 0),
            }
            for name, counts in written.clusters.items()
        }

    def _readable(self, cluster: str) -> int:
        return int(self._audit[cluster][0]) - self._unread.get(cluster, 0)

    def _readable_rows(self) -> int:
        """Return how many items the driving extract can make: its rows, or its groups, as far as they can be read."""
        if not self._table.group_by:
            return sum(self._readable(cluster) for cluster in self._audit)
        driving = self._frames[self._table.driving].where(F.col(f"`{UNREADABLE}`").isNull())
        return driving.select(*[F.col(quoted(name)) for name in self._table.group_by]).distinct().count()

    def _write_rejects(self, rows: DataFrame, unreadable: DataFrame) -> list[str]:
        """Write every row that cannot be an item with its reason; return a few reasons."""
        refused = rows.where("_rejected").select("_cluster", "_reason", F.col("_item").alias("row"))
        bad = unreadable.select(
            "_cluster",
            F.concat(F.lit("unreadable "), F.col(f"`{UNREADABLE}`")).alias("_reason"),
            F.col(f"`{ROW}`").alias("row"),
        )
        place = self._job.arguments.place("rejects", self._table.name)
        rejects = refused.unionByName(bad).withColumnsRenamed({"_cluster": "cluster", "_reason": "reason"})
        rejects.coalesce(1).write.mode("overwrite").json(place)
        reasons = rejects.groupBy("cluster", "reason").count().orderBy(F.desc("count")).limit(_REJECT_SAMPLES)
        return [f"{row['count']} in {row['cluster']}: {row['reason']}" for row in reasons.collect()]
