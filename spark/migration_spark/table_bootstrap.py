"""Bootstrap of a table: from raw rows to items, with counts of all rows that do not become items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark import item_tasks, keys, rejects, typed_rows, writing
from migration_spark.attribute_kinds import SOURCE_KEY, SOURCE_ROW, quoted
from migration_spark.conservation import FilteredRows, count_filtered, source_row, superseded_row
from migration_spark.errors import RowsNotConserved
from migration_spark.typed_rows import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.audit import AuditedRows
    from migration_spark.job import Job
    from migration_spark.reading import Raw
    from migration_spark.spec import Table
    from migration_spark.storage import Stored
    from migration_spark.writing import Written

_REJECT_SAMPLES = 5
_ROW_CLASSES = ("item", "duplicate", "rejected", "superseded")


class TableBootstrap:
    """Bootstrap of a table from its landed rows."""

    def __init__(
        self, job: Job, table: Table, raw: dict[Any, Raw], audits: dict[Any, Any], landed: dict[Any, AuditedRows]
    ) -> None:
        self._job = job
        self._table = table
        self._raw = raw[table.name, table.driving]
        self._audit = audits[table.name, table.driving]
        self._unread = landed[table.name, table.driving].unreadable
        self._landed_rows = {
            e.name: sum(f[0] for f in raw[table.name, e.name].figures.values()) for e in table.extracts
        }
        self._frames: dict[str, DataFrame] = {}
        self._prefix = f"processed/{job.spec.domain}/{job.arguments.run}/{job.arguments.attempt}/{table.folder}/"

    def run(self) -> tuple[str, dict[str, Any]]:
        """Write the table's objects and return its part of the manifest."""
        table, job = self._table, self._job
        job.spark.sparkContext.setJobDescription(f"write {table.name}")
        session = item_tasks.own_session(job.spark, {})
        files = self._open(session)
        result, unreadable = typed_rows.select(session, table, self._frames, traced=table.traced is not None)
        readable = self._readable_rows()
        rows = writing.prepared(table, result)
        text_bytes = sum(sum(figure[2::2]) for figure in self._audit.values())
        of = item_tasks.volume(result.columns, readable, text_bytes)
        item_tasks.size_tasks(session, of, files[table.driving])
        folder = f"{job.arguments.data}/{self._prefix.rstrip('/')}"
        clusters = [cluster.name for cluster in table.driving_extract.clusters]
        newest = self._newest(session) if table.latest and table.traced else None
        written = writing.write_items(table, rows, of.files, folder, clusters, volume=of, newest=newest)
        filtered = self._filtered(result, written, readable)
        unread = sum(self._unread.values())
        totals = written.totals
        rejected = totals["rejected"] + unread
        objects = writing.list_files(job.storage, folder)
        items = totals["item"] + totals["duplicate"]
        collisions = keys.superseded_keys(rows, of.files) if totals["collides"] else (0, [])
        samples = {
            "duplicate": keys.duplicate_samples(rows) if totals["duplicate"] else [],
            "filtered": filtered.samples,
            "collision": collisions[1],
        }
        refused = rejects.write(rows, unreadable, job.arguments.uri("rejects", table.name)) if rejected else []
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
            # Unknown without the source's keys.
            "supersededKeys": collisions[0] if not table.latest or SOURCE_KEY in result.columns else None,
            "keysWithoutItem": totals["keyless"],
            "keySum": written.key_sum,
            "traced": table.traced is not None,
            "key": table.key_facts(),
            "files": objects,
            "prefix": self._prefix,
            "clusters": self._complete(written, filtered),
            "rejects": refused,
            "rejectSamples": [f"{of['rows']} in {of['cluster']}: {of['reason']}" for of in refused[:_REJECT_SAMPLES]],
            **{f"{kind}Samples": [sample.values for sample in of_kind] for kind, of_kind in samples.items()},
            **{f"{kind}Hashes": [sample.hashed for sample in of_kind] for kind, of_kind in samples.items()},
        }
        job.say(f"{table.name}: {facts['rowsRead']:,} rows read, {items:,} items in {len(objects)} files")
        if totals["keyless"]:
            job.say(f"{table.name}: {totals['keyless']:,} keys have no item, since their newest row is rejected")
        return table.name, facts

    def _open(self, session: SparkSession) -> dict[str, Sequence[Stored]]:
        """Read every extract's landed rows in a session; return their files."""
        table, job = self._table, self._job
        files: dict[str, Sequence[Stored]] = {}
        for extract in table.extracts:
            prefix = job.arguments.uri("raw", f"{table.name}-{extract.name}")
            # S3 has no folder for an extract without rows.
            files[extract.name] = (
                item_tasks.landed_files(job.storage, prefix) if self._landed_rows[extract.name] else []
            )
            self._frames[extract.name] = item_tasks.landed(session, extract, files[extract.name])
        if table.traced:
            driving = self._frames[table.driving]
            self._frames[table.driving] = driving.withColumn(SOURCE_ROW, source_row(driving))
        return files

    def _newest(self, session: SparkSession) -> writing.Newest:
        """Return the way to mark rows that newer rows of their key supersede."""
        arguments, table = self._job.arguments, self._table
        folder = arguments.uri("raw", f"{table.name}$superseded", arguments.attempt)

        def marked() -> DataFrame:
            driving = self._frames[table.driving]
            frame = driving.withColumn(SOURCE_ROW, superseded_row(F.col(SOURCE_ROW), folder))
            result, _ = typed_rows.select(session, table, {**self._frames, table.driving: frame}, traced=True)
            return writing.prepared(table, result)

        return writing.Newest(folder, marked)

    def _filtered(self, result: DataFrame, written: Written, readable: int) -> FilteredRows:
        """Return the rows that the select drops: counted if it can be traced, otherwise derived.

        Raises:
            RowsNotConserved: A row was lost or multiplied.
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
                return FilteredRows()
            return count_filtered(result.sparkSession, table, self._frames, result, written.traces)
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
                    f"{where}; check its joins"
                )
        return FilteredRows(clusters)

    def _complete(self, written: Written, filtered: FilteredRows) -> dict[str, dict[str, int]]:
        """Return the counts per cluster; for a table of groups, which may span clusters, only the written ones."""
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
        """Return how many items the driving extract can make: its readable rows or groups."""
        if not self._table.group_by:
            return sum(self._readable(cluster) for cluster in self._audit)
        driving = self._frames[self._table.driving].where(F.col(f"`{UNREADABLE}`").isNull())
        return driving.select(*[F.col(quoted(name)) for name in self._table.group_by]).distinct().count()
