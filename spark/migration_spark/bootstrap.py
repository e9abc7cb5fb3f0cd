"""Bootstrap job: copies clones to raw Parquet, writes items for ImportTable, and records both in a manifest."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from migration_spark import progress_steps, table_parts, writing
from migration_spark.audit import check_audit
from migration_spark.errors import UnreadableReference
from migration_spark.import_refusals import first_refusal
from migration_spark.reading import Reading
from migration_spark.source_checks import check_counts, say_unread, source_facts
from migration_spark.storage import checksums
from migration_spark.table_bootstrap import TableBootstrap

if TYPE_CHECKING:
    from migration_spark.audit import AuditedRows
    from migration_spark.job import Job
    from migration_spark.spec import Table

_TABLES_AT_ONCE = 3
_EXTRACTS_AT_ONCE = 16  # permits per clone bound the reads among them
# Counts of a table that the summary repeats from the manifest.
_COUNTS = (
    "rowsRead",
    "items",
    "rejected",
    "superseded",
    "filtered",
    "unmatched",
    "duplicateKeys",
    "expirable",
    "supersededKeys",
    "keysWithoutItem",
)


def run(job: Job) -> None:
    """Run the job; it writes summary.json last, and its first error ends it."""
    with job.first_error.leaving():
        _run(job)


def _run(job: Job) -> None:
    reading = Reading(job.spark, job.spec, job.arguments, job.first_error)
    extracts = [extract for table in job.spec.tables for extract in table.extracts]
    with job.phase("visibility"):
        sources = reading.check_visible(extracts)
        progress_steps.expect_estimates(job, extracts, sources)
    with job.phase("schema"):
        unread = reading.check_schema(extracts)
        say_unread(job, extracts, unread)
    with job.phase("counters"):
        counters = reading.counters(extracts)
        positions = reading.positions()
    names = [(extract.table, extract.name) for extract in extracts]
    traced = {(table.name, table.driving) for table in job.spec.tables if table.traced}
    with job.phase("read"):
        counting = [progress_steps.expect_audit(job, extract, reading.audit(extract)) for extract in extracts]
        filtering = {(e.table, e.name): reading.where_counts(e) for e in extracts if e.where}
        landing = [
            (partial(progress_steps.land, traced=(e.table, e.name) in traced), job, reading, e) for e in extracts
        ]
        raw = dict(zip(names, job.first_error.run_all(landing, _EXTRACTS_AT_ONCE)))
    with job.phase("audit"):
        audits = dict(zip(names, job.first_error.gather(counting)))
        landed = {name: check_audit(extract, raw[name].figures, audits[name]) for name, extract in zip(names, extracts)}
        insides = dict(zip(filtering, job.first_error.gather(filtering.values())))
        where = check_counts(job, extracts, sources, landed, insides)
    _check_references(job.spec.tables, landed)
    with job.phase("write"):
        progress_steps.expect_items(job, audits)
        writing_all = [
            (progress_steps.write, job, table, TableBootstrap(job, table, raw, audits, landed).run)
            for table in job.spec.tables
        ]
        written = dict(job.first_error.run_all(writing_all, _TABLES_AT_ONCE))
    with job.phase("checksums"):
        _add_checksums(job, written)
    document = {
        **job.identity(),
        "failure": first_refusal(job.spec.tables, written),
        "phases": job.phases,
    }
    attempt = f"processed/{job.spec.domain}/{job.arguments.run}/{job.arguments.attempt}"
    owners = {table.name: table_parts.owner(table) for table in job.spec.tables}
    tables = table_parts.nested(
        owners, written, lambda target, parts: table_parts.written(parts, f"{attempt}/{target}/")
    )
    job.storage.write_json(
        job.arguments.uri("processed", "manifest.json"),
        {
            **document,
            "tables": tables,
            "extracts": {f"{table}-{name}": audited.rows for (table, name), audited in landed.items()},
            "unreadable": {
                f"{table}-{name}": sum(audited.unreadable.values()) for (table, name), audited in landed.items()
            },
            "audit": {f"{table}-{name}": figures for (table, name), figures in audits.items()},
            "counters": counters,
            "positions": positions,
            "unread": unread,
            "splits": {f"{table}-{name}": rows.splits for (table, name), rows in raw.items()},
            "where": where,
            "sources": source_facts(sources),
        },
    )
    job.storage.write_json(
        job.arguments.uri("processed", "summary.json"),
        {
            **document,
            "tables": {name: _summary(facts) for name, facts in tables.items()},
        },
    )


def _summary(written: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a table that the state machine reads; only the manifest has its parts' counts."""
    return {
        **{key: written[key] for key in _COUNTS},
        "files": len(written["files"]),
        "bytes": sum(file["bytes"] for file in written["files"]),
        "listing": writing.listing(written["files"]),
        "prefix": written["prefix"],
    }


def _check_references(tables: tuple[Table, ...], landed: dict[Any, AuditedRows]) -> None:
    """Raise for reference rows that do not fit their types: joins with them would be wrong.

    Raises:
        UnreadableReference: Names the source, column and cluster.
    """
    for table in tables:
        for extract in table.extracts:
            audited = landed[table.name, extract.name]
            if extract.name != table.driving and audited.unreadable:
                rows = sum(audited.unreadable.values())
                raise UnreadableReference(
                    f"{table.name}: {rows} rows of {extract.source} do not fit the catalog's types "
                    f"({audited.sample}); correct the catalog or the rows"
                )


def _add_checksums(job: Job, tables: dict[str, Any]) -> None:
    """Add each file's MD5."""
    for written in tables.values():
        # Files of two tables may have one name.
        sums = checksums(job.spark, [f"{job.arguments.data}/{written['prefix']}"]) if written["files"] else {}
        for file in written["files"]:
            file["md5"] = sums[file["name"]]
