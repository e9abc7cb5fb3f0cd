"""Bootstrap: clones to raw Parquet, to items for ImportTable, with a manifest of everything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark import views, writing
from migration_spark.errors import RowsNotConserved, UnreadableReference
from migration_spark.reading import Reading, check_audit
from migration_spark.source_checks import check_counts, say_unread, source_facts
from migration_spark.storage import checksums
from migration_spark.views import ROW, UNREADABLE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from migration_spark.job import Job
    from migration_spark.reading import Landed, Raw
    from migration_spark.spec import Table

_TABLES_AT_ONCE = 3
_REJECT_SAMPLES = 5


def run(job: Job) -> None:
    """Carry the job out; its last act is summary.json."""
    reading = Reading(job.spark, job.spec, job.arguments)
    extracts = [extract for table in job.spec.tables for extract in table.extracts]
    with job.phase("visibility"):
        sources = reading.check_visible(extracts)
    with job.phase("schema"):
        unread = reading.check_schema(extracts)
        say_unread(job, extracts, unread)
    with job.phase("counters"):
        counters = reading.counters(extracts)
    names = [(extract.table, extract.name) for extract in extracts]
    with job.phase("read"), ThreadPoolExecutor(_TABLES_AT_ONCE) as pool:
        counting = [reading.audit(extract) for extract in extracts]
        filtering = {(e.table, e.name): reading.where_counts(e) for e in extracts if e.where}
        raw = dict(zip(names, pool.map(reading.land, extracts)))
    with job.phase("audit"):
        audits = {name: counted.result() for name, counted in zip(names, counting)}
        landed = {name: check_audit(extract, raw[name].figures, audits[name]) for name, extract in zip(names, extracts)}
        insides = {name: counts.result() for name, counts in filtering.items()}
        where = check_counts(job, extracts, sources, landed, insides)
    _check_references(job.spec.tables, landed)
    with job.phase("write"), ThreadPoolExecutor(_TABLES_AT_ONCE) as pool:
        bootstrap = [_TableBootstrap(job, table, raw, audits, landed) for table in job.spec.tables]
        tables = dict(pool.map(lambda one: one.run(), bootstrap))
    with job.phase("checksums"):
        _add_checksums(job, tables)
    document = {
        **job.identity(),
        "failure": _failure(job.spec.tables, tables),
        "phases": job.phases,
    }
    job.storage.write_json(
        job.arguments.place("processed", "manifest.json"),
        {
            **document,
            "tables": tables,
            "extracts": {f"{table}-{name}": found.rows for (table, name), found in landed.items()},
            "unreadable": {
                f"{table}-{name}": sum(found.unreadable.values()) for (table, name), found in landed.items()
            },
            "audit": {f"{table}-{name}": found for (table, name), found in audits.items()},
            "counters": counters,
            "unread": unread,
            "where": where,
            "sources": source_facts(sources),
        },
    )
    short = ("rowsRead", "items", "rejected", "superseded", "filtered", "unmatched", "duplicateKeys", "expirable")
    job.storage.write_json(
        job.arguments.place("processed", "summary.json"),
        {
            **document,
            "tables": {
                name: {
                    **{key: found[key] for key in short},
                    "files": len(found["files"]),
                    "bytes": sum(file["bytes"] for file in found["files"]),
                    "listing": writing.listing(found["files"]),
                    "prefix": found["prefix"],
                }
                for name, found in tables.items()
            },
        },
    )


class _TableBootstrap:
    """One table's way from raw rows to objects."""

    def __init__(
        self, job: Job, table: Table, raw: dict[Any, Raw], audits: dict[Any, Any], landed: dict[Any, Landed]
    ) -> None:
        self._job = job
        self._table = table
        self._raw = raw
        self._audits = audits
        self._unread = landed[table.name, table.driving].unreadable
        self._prefix = f"processed/{job.spec.domain}/{job.arguments.run}/{job.arguments.attempt}/{table.name}/"

    def run(self) -> tuple[str, dict[str, Any]]:
        """Write the table's objects and return its part of the manifest."""
        table, job = self._table, self._job
        frames = {e.name: self._raw[table.name, e.name].rows for e in table.extracts}
        result, unreadable = views.select(job.spark, table, frames)
        figures = self._audits[table.name, table.driving].values()
        size = sum(sum(figure[2::2]) for figure in figures)
        rows_read = self._driving_rows(frames[table.driving], sum(figure[0] for figure in figures))
        rows, count = writing.prepared(table, result), writing.file_count(result, rows_read, size)
        place = f"{job.arguments.data}/{self._prefix.rstrip('/')}"
        clusters = [cluster.name for cluster in table.driving_extract.clusters]
        totals, per_cluster = writing.write_items(table, rows, count, place, clusters)
        rejected = totals["rejected"] + sum(self._unread.values())
        samples = self._write_rejects(rows, unreadable) if rejected else []
        files = writing.list_files(job.storage, place)
        items = totals["item"] + totals["duplicate"]
        filtered = rows_read - items - rejected - totals["superseded"]
        if filtered < 0:
            raise RowsNotConserved(
                f"{table.name}: {rows_read} rows of {table.driving} became {rows_read - filtered}: the select "
                "multiplies rows, look at its joins"
            )
        if not table.group_by:
            for cluster, counts in per_cluster.items():
                self._complete(cluster, counts)
        found = {
            "rowsRead": rows_read,
            "items": items,
            "rejected": rejected,
            "superseded": totals["superseded"],
            "filtered": filtered,
            "unmatched": totals["unmatched"],
            "duplicateKeys": totals["duplicate"],
            "expirable": totals["expirable"],
            "files": files,
            "prefix": self._prefix,
            "clusters": per_cluster,
            "rejectSamples": samples,
            "duplicateSamples": writing.duplicate_samples(table, rows, count) if totals["duplicate"] else [],
        }
        job.say(f"{table.name}: {rows_read:,} rows read, {items:,} items in {len(files)} files")
        return table.name, found

    def _complete(self, cluster: str, counts: dict[str, int]) -> None:
        """Add to one cluster's counts what was read there, and what the select left out of it."""
        counts["rejected"] += self._unread.get(cluster, 0)
        counts["rowsRead"] = self._audits[self._table.name, self._table.driving][cluster][0]
        kept = sum(counts[kind] for kind in ("item", "duplicate", "rejected", "superseded"))
        counts["filtered"] = counts["rowsRead"] - kept

    def _driving_rows(self, driving: DataFrame, rows: int) -> int:
        """Return how many items the driving extract can make: its rows, or its groups."""
        if not self._table.group_by:
            return rows
        return driving.select(*self._table.group_by).distinct().count()

    def _write_rejects(self, rows: DataFrame, unreadable: DataFrame) -> list[str]:
        """Write every row that cannot be an item with its reason; return a few reasons."""
        refused = rows.where("_rejected").select("_cluster", "_reason", F.col("_item").alias("row"))
        bad = unreadable.select(
            "_cluster",
            F.concat(F.lit("unreadable "), F.col(UNREADABLE)).alias("_reason"),
            F.col(ROW).alias("row"),
        )
        place = self._job.arguments.place("rejects", self._table.name)
        found = refused.unionByName(bad).withColumnRenamed("_cluster", "cluster").withColumnRenamed("_reason", "reason")
        found.coalesce(1).write.mode("overwrite").json(place)
        reasons = found.groupBy("cluster", "reason").count().orderBy(F.desc("count")).limit(_REJECT_SAMPLES)
        return [f"{row['count']} in {row['cluster']}: {row['reason']}" for row in reasons.collect()]


def _check_references(tables: tuple[Table, ...], landed: dict[Any, Landed]) -> None:
    """Refuse reference rows that do not fit their types: joins with them would be wrong.

    Raises:
        UnreadableReference: Names the source, column and cluster.
    """
    for table in tables:
        for extract in table.extracts:
            found = landed[table.name, extract.name]
            if extract.name != table.driving and found.unreadable:
                rows = sum(found.unreadable.values())
                raise UnreadableReference(
                    f"{table.name}: {rows} rows of {extract.source} do not fit the catalog's types "
                    f"({found.sample}); correct the catalog or the rows"
                )


def _add_checksums(job: Job, tables: dict[str, Any]) -> None:
    """Add each file's MD5."""
    prefixes = [found["prefix"] for found in tables.values() if found["files"]]
    sums = checksums(job.spark, [f"{job.arguments.data}/{prefix}" for prefix in prefixes]) if prefixes else {}
    for found in tables.values():
        for file in found["files"]:
            file["md5"] = sums[file["name"]]


def _failure(tables: tuple[Table, ...], found: dict[str, Any]) -> dict[str, str] | None:
    """Return the first reason for not importing, by the names that the state machine knows."""
    for table in tables:
        facts = found[table.name]
        if facts["rejected"] > table.max_rejects:
            causes = "; ".join(facts["rejectSamples"])
            return _cause(
                "RowsRejected", table, f"{facts['rejected']} rows cannot become items ({causes})", "max_rejects"
            )
        if facts["duplicateKeys"]:
            causes = "; ".join(facts["duplicateSamples"])
            return _cause(
                "DuplicateKeys", table, f"{facts['duplicateKeys']} rows share a key ({causes})", "on_duplicate_key"
            )
        if facts["unmatched"] > table.max_unmatched:
            return _cause("RowsUnmatched", table, f"{facts['unmatched']} rows lack their reference", "max_unmatched")
        if facts["items"] == 0 and not table.allow_empty:
            return _cause("EmptyTable", table, "no item was made", "allow_empty")
    return None


def _cause(error: str, table: Table, what: str, setting: str) -> dict[str, str]:
    told = f"{table.name}: {what}. Correct the source, or allow it in the catalog with {setting}. Nothing was imported."
    return {"error": error, "cause": told}
