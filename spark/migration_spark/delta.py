"""Delta job: counted and bounded changes from the items that the tables hold to the items that they should hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from migration_spark import delta_parts, progress_steps, table_parts
from migration_spark.delta_checks import CLASSES, ExpectedSides, check_bounds, check_sums
from migration_spark.delta_keys import count
from migration_spark.delta_sides import read_sides

if TYPE_CHECKING:
    from migration_spark.delta_keys import CountedKeys
    from migration_spark.delta_sides import DeltaSides
    from migration_spark.job import Job
    from migration_spark.spec import Table

_TABLES_AT_ONCE = 3


def run(job: Job) -> None:
    """Run the job; it writes summary.json last, and its first error ends it."""
    with job.first_error.leaving():
        _run(job)


def _run(job: Job) -> None:
    folder = job.arguments.uri("changes", job.arguments.attempt)
    # A killed attempt may have left parts here.
    job.storage.delete(folder)
    with job.phase("base"):
        sides = read_sides(job)
    with job.phase("compare"):
        progress_steps.expect_delta(job, sides)
        counted = job.first_error.run_all([(_count, job, side) for side in sides], _TABLES_AT_ONCE)
    check_bounds(job.arguments, _counts_by_table(job, sides, counted))
    with job.phase("write"):
        works = [(_write, job, side, tally, folder) for side, tally in zip(sides, counted)]
        parts = dict(job.first_error.run_all(works, _TABLES_AT_ONCE))
    by_name = {side.table.name: {**tally.counts, **parts[side.table.name]} for side, tally in zip(sides, counted)}
    owners = {table.name: table_parts.owner(table) for table in job.spec.tables}
    tables = table_parts.nested(owners, by_name, _added)
    for name, facts in tables.items():
        listing = {kind: facts[kind] for kind in delta_parts.KINDS}
        job.storage.write_json(f"{folder}/{name}/parts.json", listing)
    document = {**job.identity(), "phases": job.phases, "changed": sum(tally.changed for tally in counted)}
    job.storage.write_json(f"{folder}/manifest.json", {**document, "base": _base(job), "tables": tables})
    summary = {name: _summary(facts) for name, facts in table_parts.without_parts(tables).items()}
    job.storage.write_json(f"{folder}/summary.json", {**document, "tables": summary})


def _summary(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a table, with the number of objects instead of their list."""
    return {**facts, **{kind: len(facts[kind]) for kind in delta_parts.KINDS}}


def _added(_target: str, parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the sums of its parts' counts, and their objects with names relative to the table's folder."""
    facts = list(parts.values())
    objects = {
        kind: [{**entry, "name": f"{part}/{entry['name']}"} for part, own in parts.items() for entry in own[kind]]
        for kind in delta_parts.KINDS
    }
    return {name: sum(own[name] for own in facts) for name in facts[0] if name not in objects} | objects


def _counts_by_table(
    job: Job, sides: list[DeltaSides], counted: list[CountedKeys]
) -> list[tuple[Table, dict[str, int]]]:
    """Return each DynamoDB table with its counts, the sums over its parts."""
    counts = {side.table.name: tally.counts for side, tally in zip(sides, counted)}
    targets = table_parts.by_target(job.spec.tables)
    return [
        (
            replace(selects[0], name=target, part=""),
            {kind: sum(counts[table.name][kind] for table in selects) for kind in counts[selects[0].name]},
        )
        for target, selects in targets.items()
    ]


def _count(job: Job, sides: DeltaSides) -> CountedKeys:
    tally = progress_steps.compare_sides(job, sides, lambda: count(sides))
    expected = ExpectedSides(sides.base_count, sides.item_count, sides.is_export)
    check_sums(sides.table.name, tally.counts, expected, unreadable=tally.unreadable, repeated=tally.repeated)
    job.say(f"{sides.table.name}: " + ", ".join(f"{tally.counts[name]:,} {name}" for name in CLASSES))
    return tally


def _write(job: Job, sides: DeltaSides, counted: CountedKeys, folder: str) -> tuple[str, dict[str, Any]]:
    name, counts = sides.table.name, counted.counts
    puts, deletes = counts["inserted"] + counts["updated"], counts["deleted"]
    parts: dict[str, Any] = {kind: [] for kind in delta_parts.KINDS}
    if counted.changed:
        folders = (
            job.arguments.uri("raw", f"{name}$changes", job.arguments.attempt),
            f"{folder}/{sides.table.folder}",
        )
        rows = delta_parts.changes(sides, counted)
        parts = progress_steps.write_changes(
            job, name, counted.changed, lambda: delta_parts.write(job.storage, rows, puts, deletes, folders)
        )
    counted.cached.unpersist()
    return name, parts


def _base(job: Job) -> dict[str, Any]:
    """Return the base of the changes: a proven run, or exports by their manifests."""
    differences = job.arguments.differences
    if differences is None or differences.base is None:
        return {"exports": job.arguments.exports}
    return {"run": differences.base.run, "attempt": differences.base.attempt}
