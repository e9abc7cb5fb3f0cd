"""Compare: the clones, read again, against the exports; the verdict is what the state machine decides on."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from migration_spark import comparison, samples, steps, views
from migration_spark.comparison import BAD, CLASSES, COMPARED
from migration_spark.database import union
from migration_spark.errors import CloneChanged, RowsNotConserved, SpecError
from migration_spark.export import read_exports
from migration_spark.reading import Reading
from migration_spark.redaction import key_hash
from migration_spark.release import check_manifest
from migration_spark.sides import Sides
from migration_spark.witness.verdict import Testimony
from migration_spark.witness.watch import Watch

if TYPE_CHECKING:
    from migration_spark.export import Export
    from migration_spark.job import Job
    from migration_spark.spec import Extract, Table

_TABLES_AT_ONCE = 3
_TOLD = 5
_SEEDS = 2**31


def run(job: Job) -> None:
    """Carry the job out; its last act is verdict.json."""
    reading = Reading(job.spark, job.spec, job.arguments)
    manifest = job.storage.read_json(job.arguments.place("processed", "manifest.json"))
    check_manifest(job.release, manifest.get("release"), job.arguments.run)
    if manifest["specHash"] != job.spec.catalog_hash:
        raise SpecError("the spec is not the one that Bootstrap used; start a new run")
    extracts = [extract for table in job.spec.tables for extract in table.extracts]
    missing = sorted({table.name for table in job.spec.tables} - set(job.arguments.exports))
    if missing:
        raise SpecError(f"--exports lacks {', '.join(missing)}: every table of the domain is compared")
    with job.phase("exports"):
        exports = read_exports(job.spark, job.storage, job.arguments.data, job.arguments.exports)
    seed = random.SystemRandom().randrange(_SEEDS)
    job.say(f"the witness draws its samples by the seed {seed}")
    with job.phase("compare"), ThreadPoolExecutor(_TABLES_AT_ONCE) as pool:
        steps.expect_comparison(job, manifest, exports)
        runs = [partial(_compare, job, reading, manifest, t, exports[t.name], seed=seed) for t in job.spec.tables]
        tables = dict(pool.map(lambda t, one: steps.compare(job, t, one), job.spec.tables, runs))
    with job.phase("counters"):
        _check_unchanged(reading, extracts, manifest["counters"])
    _report(job, manifest, tables)


def _compare(
    job: Job, reading: Reading, manifest: dict[str, Any], table: Table, export: Export, *, seed: int
) -> tuple[str, dict[str, Any]]:
    landed = {e.name: sum(manifest["extracts"][f"{table.name}-{e.name}"].values()) for e in table.extracts}
    watch = Watch(job, reading, table, landed, seed)
    frames = {e.name: views.typed(union(reading.rows(e, other_cuts=True)), e) for e in table.extracts}
    result, _ = views.select(job.spark, table, frames)
    written = manifest["tables"][table.name]
    unread = manifest["unreadable"][f"{table.name}-{table.driving}"]
    sides = Sides(table, result, export, rejects=written["rejected"] > unread, sampled=watch.number)
    found, suspects = comparison.tally(sides, watch.wait)
    found["rejected"] += unread
    _check_sums(table, found, written, export.items, unread)
    found["witness"] = watch.settle(export)
    bad = sum(found[kind] for kind in BAD)
    found["samples"] = samples.fetch(replace(sides, sampled=None), found, suspects) if bad else []
    found["excluded"], found["tolerances"] = list(table.exclude), table.tolerances
    job.say(f"{table.name}: {found['matched']:,} matched, {bad:,} differ")
    if bad:
        place = job.arguments.place("reports", "mismatches", table.name)
        job.spark.createDataFrame(found["samples"]).coalesce(1).write.mode("overwrite").parquet(place)
    return table.name, found


def _check_sums(table: Table, found: dict[str, Any], written: dict[str, Any], exported: int, unread: int) -> None:
    """Hold the classes' sums against what Bootstrap read and what was exported; a row counted nowhere is a lost row.

    Raises:
        RowsNotConserved: The sums differ.
    """
    rows = written["rowsRead"] - written["filtered"]
    if found["source"] + unread != rows:
        raise RowsNotConserved(f"{table.name}: Bootstrap saw {rows} rows, Compare {found['source'] + unread}")
    for kind in ("rejected", "superseded"):
        if found[kind] != written[kind]:
            raise RowsNotConserved(
                f"{table.name}: Bootstrap saw {written[kind]} {kind} rows, Compare {found[kind]}; the jobs or the "
                "clones differ, start a new run"
            )
    if found["target"] != exported:
        raise RowsNotConserved(f"{table.name}: {exported} items were exported, but {found['target']} were read")


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


def _report(job: Job, manifest: dict[str, Any], tables: dict[str, Any]) -> None:
    first = next(({"table": name, **sample} for name, found in tables.items() for sample in found["samples"]), None)
    counts = {name: _counts(found) for name, found in tables.items()}
    bad = sum(found[kind] for found in tables.values() for kind in BAD)
    testimony = Testimony({name: found["witness"] for name, found in tables.items()})
    verdict = {
        **job.identity(),
        "verdict": "MISMATCH" if bad or testimony.counts["differences"] else "MATCH",
        "summary": testimony.added_to(_summary(tables, first, bad), differs=bool(bad)),
        "tables": counts,
        "witness": testimony.counts,
        "firstDifference": first and _without_values(first),
    }
    report = {
        **verdict,
        "firstDifference": first,
        "phases": job.phases,
        "bootstrap": {name: manifest["tables"][name] for name in tables},
        "witness": testimony.document(manifest["extracts"]),
        "witnessSamples": testimony.samples,
        "tables": {name: {**counts[name], **_details(found)} for name, found in tables.items()},
    }
    job.storage.write_json(job.arguments.place("reports", "report.json"), report)
    job.storage.write_json(job.arguments.place("reports", "verdict.json"), verdict)


def _without_values(difference: dict[str, Any]) -> dict[str, str]:
    """Return what of a difference leaves the account: the verdict is read into the state machine's history."""
    told = {name: str(difference[name]) for name in ("table", "class", "column")}
    return {**told, "key": key_hash(difference["key"])}


def _counts(found: dict[str, Any]) -> dict[str, int]:
    """Return keys that were compared, and keys or rows per class."""
    return {"compared": sum(found[kind] for kind in COMPARED), **{kind: found[kind] for kind in CLASSES}}


def _details(found: dict[str, Any]) -> dict[str, Any]:
    names = ("changedAttributes", "hiddenDifferences", "excluded", "tolerances", "samples")
    return {**{name: found[name] for name in names}, "exported": found["target"]}


def _summary(tables: dict[str, Any], first: dict[str, Any] | None, bad: int) -> str:
    if not bad or first is None:
        matched = sum(found["matched"] for found in tables.values())
        return f"All {matched} items of {len(tables)} tables are what the clones say."
    parts = [
        f"{name}: " + ", ".join(f"{found[kind]} {kind}" for kind in BAD if found[kind])
        for name, found in tables.items()
        if any(found[kind] for kind in BAD)
    ]
    differ = "1 item differs" if bad == 1 else f"{bad} items differ"
    return (
        f"{differ} ({'; '.join(parts[:_TOLD])}). The first: {first['table']} {key_hash(first['key'])} is "
        f"{first['class']} in {first['column']}. Both values are in the report."
    )
