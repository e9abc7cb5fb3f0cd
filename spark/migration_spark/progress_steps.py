"""Steps of a job with recorded progress: the rows that each reads, writes or compares, and the expected rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migration_spark import table_parts
from migration_spark.comparison import COMPARED
from migration_spark.spark_status import Work

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from migration_spark.audit import Figures
    from migration_spark.delta_keys import CountedKeys
    from migration_spark.delta_sides import DeltaSides
    from migration_spark.export import Export
    from migration_spark.job import Job
    from migration_spark.reading import Raw, Reading
    from migration_spark.source_checks import Sources
    from migration_spark.spec import Extract, Table

    NamedFacts = tuple[str, dict[str, Any]]  # a table's name and its part of the job's document


def expect_estimates(job: Job, extracts: list[Extract], sources: Sources) -> None:
    """Expect the rows of the tables' statistics until the databases have counted them."""
    for extract in extracts:
        for cluster, source in sources[extract.table, extract.name].items():
            job.progress.expect(extract.table, "read", cluster, source.estimate, extract=extract.name, exact=False)


def expect_audit(job: Job, extract: Extract, audit: Future[Figures]) -> Future[Figures]:
    """Expect the rows and bytes that the databases count, once they have."""

    def counted(answer: Future[Figures]) -> None:
        if answer.cancelled() or answer.exception():
            return
        for cluster, figures in answer.result().items():
            job.progress.expect(extract.table, "read", cluster, figures[0], sum(figures[2::2]), extract=extract.name)

    audit.add_done_callback(counted)
    return audit


def land(job: Job, reading: Reading, extract: Extract, *, traced: bool) -> Raw:
    """Land an extract; a split's rows count once they are below raw/."""

    def count(cluster: str, figures: list[Any]) -> None:
        job.progress.add(extract.table, "read", cluster, figures[0], sum(figures[2:-2:2]), extract=extract.name)

    return reading.land(extract, traced=traced, counter=count)


def expect_items(job: Job, audits: dict[Any, Figures]) -> None:
    """End the reads, and expect an item per row of each driving extract until its table is written."""
    for table in job.spec.tables:
        job.progress.end(table.name, "read")
        for cluster, figures in audits[table.name, table.driving].items():
            job.progress.expect(table.name, "written", cluster, figures[0], exact=False)


def write(job: Job, table: Table, run: Callable[[], NamedFacts]) -> NamedFacts:
    """Write a table's items; they count per cluster once they are below processed/, their bytes per table."""
    with job.progress.step(Work(table.name, "written"), f"write {table.name}"):
        name, facts = run()
    for cluster, counts in facts["clusters"].items():
        job.progress.add(name, "written", cluster, counts["item"] + counts["duplicate"])
    job.progress.add(name, "written", "", size=sum(file["bytes"] for file in facts["files"]))
    job.progress.end(name, "written")
    return name, facts


def expect_comparison(job: Job, manifest: dict[str, Any], exports: dict[str, Export]) -> None:
    """Expect to read the rows of all clones again, and the exported items."""
    for table in job.spec.tables:
        for extract in table.extracts:
            for cluster, figures in manifest["audit"][f"{table.name}-{extract.name}"].items():
                job.progress.expect(table.name, "read", cluster, figures[0], sum(figures[2::2]), extract=extract.name)
        items = exports[table.name].items
        if items is None:  # of a part: about what Bootstrap wrote
            items = table_parts.of_table(manifest["tables"], table)["items"]
        job.progress.expect(table.name, "read", "", items, 0)
        job.progress.expect(table.name, "compared", "", items, exact=False)


def compare(job: Job, table: Table, run: Callable[[], NamedFacts]) -> NamedFacts:
    """Compare a table; its keys count once all of them are compared."""
    with job.progress.step(Work(table.name, "read"), f"compare {table.name}"):
        name, counts = run()
    _count_compared(job, name, sum(counts[kind] for kind in COMPARED))
    return name, counts


def expect_delta(job: Job, sides: list[DeltaSides]) -> None:
    """Expect to read the lines of both sides."""
    for side in sides:
        job.progress.expect(side.table.name, "read", "", side.base_count + side.item_count, 0)
        job.progress.expect(side.table.name, "compared", "", max(side.base_count, side.item_count), exact=False)


def compare_sides(job: Job, sides: DeltaSides, run: Callable[[], CountedKeys]) -> CountedKeys:
    """Compare both sides of a table; its keys count once all of them are compared."""
    name = sides.table.name
    with job.progress.step(Work(name, "read"), f"compare {name}"):
        counted = run()
    _count_compared(job, name, counted.changed + counted.counts["unchanged"])
    return counted


def _count_compared(job: Job, name: str, keys: int) -> None:
    """Count a table's keys as compared and all its rows as read."""
    job.progress.add(name, "compared", "", keys)
    job.progress.end(name, "compared")
    job.progress.complete(name, "read")


def write_changes(job: Job, name: str, changes: int, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Write a table's changes; they count once they are below changes/, with the bytes of their parts."""
    job.progress.expect(name, "written", "", changes)
    with job.progress.step(Work(name, "written"), f"write {name}"):
        parts = run()
    size = sum(part["bytes"] for listed in parts.values() for part in listed)
    job.progress.add(name, "written", "", changes, size)
    job.progress.end(name, "written")
    return parts
