"""Compare job: reads the clones again, compares them with the exports, and writes the verdict."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from migration_spark import comparison, difference_samples, differences, progress_steps, table_parts, typed_rows
from migration_spark.errors import CloneChanged, RowsNotConserved
from migration_spark.export import read_exports
from migration_spark.fingerprint_rows import Bootstrapped, Sides
from migration_spark.landed import landed_table
from migration_spark.reading import Reading
from migration_spark.reports import differs, write_report, write_verdict
from migration_spark.run_inputs import read_manifest, require_exports
from migration_spark.witness.findings import Findings
from migration_spark.witness.table_witness import TableWitness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

    from migration_spark.export import Export
    from migration_spark.job import Job
    from migration_spark.spec import Extract, Table

_TABLES_AT_ONCE = 3
_SEEDS = 2**31


def run(job: Job) -> None:
    """Run the job; its first error before verdict.json ends it, and a later error does not change the verdict."""
    with job.first_error.leaving():
        tables, tallies = _run(job)
    differing = [table for table in job.spec.tables if differs(tallies[table.name])]
    if differing:
        with job.phase("differences"):
            differences.write_all(
                job, [(table, partial(tables.differences, table, tallies[table.name])) for table in differing]
            )


def _run(job: Job) -> tuple[_Tables, dict[str, Any]]:
    is_verification = job.arguments.verify
    reading = None if is_verification else Reading(job.spark, job.spec, job.arguments, job.first_error)
    manifest = read_manifest(job)
    extracts = [extract for table in job.spec.tables for extract in table.extracts]
    require_exports(job, "compared")
    with job.phase("exports"):
        whole = read_exports(job.spark, job.storage, job.arguments.data, job.arguments.exports)
        exports = table_parts.exports_of(job.spec.tables, whole)
    seed = random.SystemRandom().randrange(_SEEDS)
    if reading:
        job.say(f"the witness draws its samples by the seed {seed}")
    tables = _Tables(job, reading, manifest, exports, seed)
    with job.phase("compare"):
        progress_steps.expect_comparison(job, manifest, exports)
        works = [(progress_steps.compare, job, table, partial(tables.compare, table)) for table in job.spec.tables]
        tallies = dict(job.first_error.run_all(works, _TABLES_AT_ONCE))
        table_parts.check_exported(job.spec.tables, {name: counts["target"] for name, counts in tallies.items()}, whole)
    if reading:
        with job.phase("counters"):
            _check_unchanged(reading, extracts, manifest["counters"])
    differing = [table for table in job.spec.tables if differs(tallies[table.name])]
    if differing:
        # The counts are final; the samples take another read of both sides.
        write_verdict(job, tallies)
        with job.phase("samples"):
            fetches = [(tables.samples, table, tallies[table.name]) for table in differing]
            for table, fetched in zip(differing, job.first_error.run_all(fetches, _TABLES_AT_ONCE)):
                tallies[table.name]["samples"] = fetched
    write_report(job, manifest, tallies)
    write_verdict(job, tallies)
    return tables, tallies


@dataclass(frozen=True)
class _Tables:
    """Comparison of a domain's tables."""

    job: Job
    reading: Reading | None  # none in a verification, which reads no clone
    manifest: dict[str, Any]
    exports: dict[str, Export]
    seed: int

    def compare(self, table: Table) -> tuple[str, dict[str, Any]]:
        """Count the differences of a table; return its name and its tally."""
        rows = self.manifest["extracts"]
        landed = {e.name: sum(rows[f"{table.name}-{e.name}"].values()) for e in table.extracts}
        witness = TableWitness(self.job, self.reading, table, landed, self.seed) if self.reading else None
        export = self.exports[table.name]
        with self._opened(table) as sides:
            if witness:
                tally, suspects, scope = comparison.tally(replace(sides, sampled=witness.number), witness.wait)
            else:
                tally, suspects, scope = comparison.tally(sides)
        unread = self._unread(table)
        tally["rejected"] += unread
        _check_sums(table, tally, table_parts.of_table(self.manifest["tables"], table), export.items, unread)
        tally["witness"] = witness.settle(export) if witness else Findings()
        tally["suspects"], tally["scope"], tally["samples"] = suspects, scope, []
        if table.part:
            tally["partOf"] = table_parts.owner(table)
        tally["excluded"], tally["tolerances"] = list(table.exclude), table.tolerances
        self.job.say(f"{table.name}: {tally['matched']:,} matched, {differs(tally):,} differ")
        return table.name, tally

    def samples(self, table: Table, tally: dict[str, Any]) -> list[dict[str, Any]]:
        """Return a few of the differences, with both values."""
        with self._opened(table) as sides:
            return difference_samples.fetch(sides, tally, tally["suspects"])

    def differences(self, table: Table, tally: dict[str, Any]) -> list[dict[str, Any]]:
        """Write all differences with both values; return the files."""
        folder = self.job.arguments.report("mismatches", table.name)
        with self._opened(table) as sides:
            return differences.write(self.job, replace(sides, **tally["scope"]._asdict()), tally, folder)

    @contextmanager
    def _opened(self, table: Table) -> Iterator[Sides]:
        """Yield a table's sides; every action on them reads them again."""
        export, written = self.exports[table.name], table_parts.of_table(self.manifest["tables"], table)
        rejects = written["rejected"] > self._unread(table)
        with self._rows(table) as frames:
            result, _ = typed_rows.select(self.job.spark, table, frames)
            bootstrapped = Bootstrapped(
                items=written["items"],
                repeated=written["superseded"] + written["duplicateKeys"],
                key_sum=written["keySum"],
                tasks=_tasks(*frames.values(), export.lines),
            )
            yield Sides(table, result, export, rejects=rejects, bootstrapped=bootstrapped)

    @contextmanager
    def _rows(self, table: Table) -> Iterator[dict[str, DataFrame]]:
        """Yield a table's extracts as typed rows: read again from the clones, or in a verification as they landed."""
        if self.reading is None:
            with landed_table(self.job, table, self.manifest) as frames:
                yield frames
        else:
            with self.reading.table(table) as rows:
                yield {extract.name: typed_rows.typed(rows[extract.name], extract) for extract in table.extracts}

    def _unread(self, table: Table) -> int:
        return int(self.manifest["unreadable"][f"{table.name}-{table.driving}"])


def _tasks(*frames: DataFrame) -> int:
    return sum(frame._jdf.queryExecution().toRdd().getNumPartitions() for frame in frames)


def _check_sums(
    table: Table, tally: dict[str, Any], written: dict[str, Any], exported: int | None, unread: int
) -> None:
    """Compare the classes' sums with Bootstrap's counts and the export's; a row without a class is a lost row.

    Raises:
        RowsNotConserved: The sums differ.
    """
    rows = written["rowsRead"] - written["filtered"]
    if tally["source"] + unread != rows:
        raise RowsNotConserved(f"{table.name}: Bootstrap saw {rows} rows, Compare {tally['source'] + unread}")
    for kind in ("rejected", "superseded"):
        if tally[kind] != written[kind]:
            raise RowsNotConserved(
                f"{table.name}: Bootstrap saw {written[kind]} {kind} rows, Compare {tally[kind]}; the jobs or the "
                "clones differ, start a new run"
            )
    # The manifest does not count a part's items; check_exported adds up the parts of a table.
    if exported is not None and tally["target"] != exported:
        raise RowsNotConserved(f"{table.name}: {exported} items were exported, but {tally['target']} were read")


def _check_unchanged(reading: Reading, extracts: list[Extract], before: dict[str, Any]) -> None:
    """Raise CloneChanged where a clone's row counters moved since Bootstrap."""
    now = reading.counters(extracts)
    for extract, clusters in now.items():
        for cluster, counters in clusters.items():
            if counters != before[extract][cluster]:
                raise CloneChanged(
                    f"the clone of {cluster} was written to ({extract}: rows inserted, updated and deleted were "
                    f"{before[extract][cluster]}, now {counters}); release the clones and start a new run"
                )
