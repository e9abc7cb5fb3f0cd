"""Benchmark of changes between two sets of items: ours, a join of whole lines, and the reading of both alone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from migration_spark import bootstrap, delta_keys, delta_parts
from migration_spark.delta_sides import DeltaSides
from migration_spark.export import read_lines
from migration_spark.fingerprint_rows import LINE
from migration_spark.jvm_functions import item_text
from migration_spark.storage import Storage
from pyspark.sql import functions as F

from bench.compare import bootstrapped, differences, exported
from bench.fixture import Contest, open_fixture, to_nowhere
from bench.workload import job, rows, workload

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from bench.fixture import Fixture

FLOOR = "floor: both sides read, nothing done"
BOOTSTRAP = "bootstrap: read, audit, check, count, write"
COMPARE = "compare of equal sides"
OURS = "ours"


def main(count: int, rounds: int, changed_percent: float) -> None:
    """Time all contenders on `count` items of which `changed_percent` differ.

    The file and the last line compare a catch-up with a bootstrap: Spark's seconds, and the items written.
    """
    with open_fixture(count) as fixture:
        _, table = workload()
        sides = base_and_items(fixture, changed_percent)
        export = exported(fixture, table, 0)
        counted = bootstrapped(fixture, table)
        contest = Contest(f"delta-{changed_percent}", count, rounds)
        contest.run(
            {
                FLOOR: lambda: _floor(sides),
                OURS: lambda: written_changes(fixture, sides),
                "ours, counted and not written": lambda: _counted(sides),
                "full outer join of whole lines": lambda: _join(sides),
                BOOTSTRAP: lambda: bootstrap.run(job(fixture, "bootstrap", "run")),
                COMPARE: lambda: _equal(differences(fixture, table, export, counted)),
            }
        )
        changes = {value for value in contest.findings.values() if value is not None}
        if len(changes) != 1:
            raise SystemExit(f"the findings differ: {contest.findings}")
        writes = changes.pop()
        seconds = contest.seconds[BOOTSTRAP] + contest.seconds[COMPARE]
        ratio = 1 + contest.seconds[OURS] / seconds
        volume = {name: _bytes(fixture, name) for name in ("changes", "items")}
        contest.report(FLOOR, writes=writes, bytes=volume, catchUpToBootstrap=ratio)
        print(
            f"a catch-up takes {ratio:.2f} times the Spark seconds of a bootstrap (Bootstrap and Compare), and writes "
            f"{writes:,} of {count:,} items: {volume['changes']:,} of {volume['items']:,} bytes"
        )


def _equal(differences_count: int) -> None:
    if differences_count:
        raise SystemExit(f"equal sides differ in {differences_count} keys")


def _bytes(fixture: Fixture, name: str) -> int:
    return sum(file.stat().st_size for file in (fixture.folder / name).rglob("*.gz"))


def base_and_items(fixture: Fixture, percent: float) -> DeltaSides:
    """Write both sets of items; `percent` of the second set have another room type."""
    _, table = workload()
    result = rows(fixture, table, other_cuts=True)
    every = _every(percent)
    changed = F.when(F.col("id") % every == every // 2, F.concat(F.col("room_type"), F.lit("!")))
    other = result.withColumn("room_type", F.coalesce(changed, F.col("room_type")))
    lines = [
        _written(fixture, name, side.select(item_text(table, side)))
        for name, side in (("base", result), ("items", other))
    ]
    whole = replace(table, exclude=(), tolerances={})
    return DeltaSides(
        whole, result.limit(0), lines[0], lines[1], base_count=fixture.rows, item_count=fixture.rows, is_export=False
    )


def changed_rows(count: int, percent: float) -> int:
    """Return how many of the rows 1 to `count` differ in `base_and_items`."""
    every = _every(percent)
    return sum(number % every == every // 2 for number in range(1, count + 1))


def _every(percent: float) -> int:
    return round(100 / percent)


def _written(fixture: Fixture, name: str, lines: DataFrame) -> DataFrame:
    folder = f"{fixture.folder}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    lines.write.option("compression", "gzip").text(f"file://{folder}")
    return read_lines(fixture.spark, [f"file://{folder}"])


def _floor(sides: DeltaSides) -> None:
    for lines in (sides.base, sides.items):
        to_nowhere(lines.select(sides.bits(F.col(LINE))))


def _counted(sides: DeltaSides) -> int:
    counted = delta_keys.count(sides)
    counted.cached.unpersist()
    return counted.changed


def written_changes(fixture: Fixture, sides: DeltaSides) -> int:
    """Write the changes as the Delta job does; return their number."""
    counted = delta_keys.count(sides)
    puts = counted.counts["inserted"] + counted.counts["updated"]
    folders = (f"file://{fixture.folder}/scratch", f"file://{fixture.folder}/changes")
    changes = delta_parts.changes(sides, counted)
    parts: dict[str, Any] = delta_parts.write(Storage(fixture.spark), changes, puts, counted.counts["deleted"], folders)
    counted.cached.unpersist()
    return sum(part["changes"] for listed in parts.values() for part in listed)


def _join(sides: DeltaSides) -> int:
    """Return the number of items that differ, by a join that shuffles the whole lines of both sides."""
    base, items = (
        lines.select(F.get_json_object(LINE, "$.Item.id.N").alias("id"), F.col(LINE).alias(name))
        for lines, name in ((sides.base, "before"), (sides.items, "after"))
    )
    return int(base.join(items, "id", "full_outer").where(~F.col("before").eqNullSafe(F.col("after"))).count())
