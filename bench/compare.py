"""Two sides to a verdict: ours, what else would do it, and the reading of both sides alone."""

from __future__ import annotations

import importlib.util
import shutil
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from migration_spark import comparison, jvm_functions
from migration_spark.comparison import BAD
from migration_spark.export import Export, read_lines
from migration_spark.fingerprint_rows import LINE, Bootstrapped, Sides
from migration_spark.jvm_functions import item_text
from migration_spark.reading import Reading
from migration_spark.witness.table_witness import Watch
from pyspark.sql import functions as F

from bench.ground import COLUMNS, Contest, ground, to_nowhere
from bench.setting import job, rows, setting

if TYPE_CHECKING:
    from migration_spark.job import Job
    from migration_spark.spec import Table
    from pyspark.sql import DataFrame

    from bench.ground import Ground

FLOOR = "floor: both sides read, nothing done"


def main(count: int, rounds: int, damaged_percent: float, *, wide: bool = False) -> None:
    """Time all contenders on `count` rows of which `damaged_percent` differ."""
    with ground(count, wide=wide) as on:
        _, table = setting()
        export = exported(on, table, damaged_percent)
        counted = bootstrapped(on, table)
        compare = job(on, "compare", "run")
        reading = Reading(compare.spark, compare.spec, compare.arguments)
        reading.land(table.extracts[0])
        contenders = {
            FLOOR: lambda: _floor(on, table, export),
            "ours": lambda: _witnessed(on, table, export, counted, (compare, reading)),
            "ours without its witness": lambda: differences(on, table, export, counted),
            "ours, all key by key": lambda: differences(on, table, export),
            "full outer join on all columns": lambda: _join(*_typed(on, table, export)),
        }
        if importlib.util.find_spec("datacompy"):
            contenders["datacompy"] = lambda: _datacompy(on, *_typed(on, table, export))
        if importlib.util.find_spec("gresearch"):
            contenders["pyspark-extension diff"] = lambda: _diff(*_typed(on, table, export))
        shape = "wide" if wide else "narrow"
        contest = Contest(f"compare-{shape}-{damaged_percent}", count, rounds)
        contest.run(contenders)
        findings = {name: value for name, value in contest.findings.items() if value is not None}
        if len(set(findings.values())) != 1:
            raise SystemExit(f"the findings differ: {findings}")
        contest.tell(FLOOR, differences=findings)


def exported(on: Ground, table: Table, percent: float) -> Export:
    """Write an export with some remarks changed, by a rule that no contender uses."""
    result = _source(on, table)
    every = round(100 / percent) if percent else 0
    if every:
        changed = F.when(F.col("id") % every == every // 2, F.concat(F.col("room_type"), F.lit("!")))
        result = result.withColumn("room_type", F.coalesce(changed, F.col("room_type")))
    folder = f"{on.folder}/export"
    shutil.rmtree(folder, ignore_errors=True)
    result.select(item_text(table, result)).write.option("compression", "gzip").text(f"file://{folder}")
    return Export(on.rows, 1_800_000_000, read_lines(on.spark, [f"file://{folder}"]))


def parsed(on: Ground, table: Table, export: Export) -> DataFrame:
    """Return the export's attributes as our parser hands them over, by name."""
    texts = jvm_functions.export_texts(table, _source(on, table), F.col(LINE)).alias("texts")
    rows = export.lines.select(texts)
    return rows.select(*[F.col("texts")[n].alias(name) for n, name in enumerate(COLUMNS)])


def _source(on: Ground, table: Table) -> DataFrame:
    return rows(on, table, other_cuts=True)


def _floor(on: Ground, table: Table, export: Export) -> None:
    to_nowhere(_source(on, table))
    to_nowhere(parsed(on, table, export))


def bootstrapped(on: Ground, table: Table) -> Bootstrapped:
    """Return what Bootstrap would have counted."""
    result = _source(on, table)
    (row,) = result.agg(F.sum(jvm_functions.key_hash(table, result)["h1"])).collect()
    files = len(list((on.folder / "export").glob("*.gz")))
    return Bootstrapped(items=on.rows, repeated=0, key_sum=int(row[0]), tasks=table.extracts[0].connections + files)


def differences(on: Ground, table: Table, export: Export, counted: Bootstrapped | None = None) -> int:
    """Return how many keys differ, as the Compare job finds it, which knows what Bootstrap counted."""
    sides = Sides(table, _source(on, table), export, rejects=False, bootstrapped=counted)
    counts, _, _ = comparison.tally(sides)
    return sum(counts[kind] for kind in BAD)


def _witnessed(on: Ground, table: Table, export: Export, counted: Bootstrapped, running: tuple[Job, Reading]) -> int:
    """Return the same, with a witness as the job has it."""
    compare, reading = running
    watch = Watch(compare, reading, table, {table.driving: on.rows}, on.rows)
    sides = Sides(table, _source(on, table), export, rejects=False, sampled=watch.number, bootstrapped=counted)
    counts, _, _ = comparison.tally(sides, watch.wait)
    seen = watch.settle(export).total()
    if seen["landed"] != seen["exported"] or not seen["landed"]:
        raise SystemExit(f"the witness saw too little: {seen}")
    return sum(counts[kind] for kind in BAD)


def _typed(on: Ground, table: Table, export: Export) -> tuple[DataFrame, DataFrame]:
    """Return both sides with plain columns, for those who compare such."""
    source = _source(on, table).drop("_cluster")
    source = source.withColumn("channels", F.array_join(F.array_sort("channels"), ","))
    target = parsed(on, table, export).select(
        F.col("id").cast("bigint"),
        F.col("property_id").cast("bigint"),
        "room_type",
        F.col("stay_date").cast("date"),
        F.col("amount").cast("decimal(12,2)"),
        F.col("net_amount").cast("decimal(38,20)"),
        F.col("factor").cast("double"),
        "remark",
        F.col("active").cast("boolean"),
        F.array_join(F.array_sort(F.from_json("channels", "array<string>")), ",").alias("channels"),
        F.col("updated_at").cast("timestamp"),
    )
    return source, target


def _join(source: DataFrame, target: DataFrame) -> int:
    left, right = source.alias("s"), target.alias("t")
    differs = reduce(or_, [~F.col(f"s.{name}").eqNullSafe(F.col(f"t.{name}")) for name in COLUMNS])
    return int(left.join(right, F.col("s.id") == F.col("t.id"), "full_outer").where(differs).count())


def _datacompy(on: Ground, source: DataFrame, target: DataFrame) -> Any:  # noqa: ANN401 - a count
    from datacompy import SparkSQLCompare  # noqa: PLC0415 - a peer, and not always there

    # It takes the largest difference of every column as a double, which no date becomes.
    left, right = (side.withColumn("stay_date", F.col("stay_date").cast("string")) for side in (source, target))
    comparison = SparkSQLCompare(on.spark, left, right, join_columns=["id"])
    unequal = comparison.intersect_rows.count() - comparison.count_matching_rows()
    return unequal + comparison.df1_unq_rows.count() + comparison.df2_unq_rows.count()


def _diff(source: DataFrame, target: DataFrame) -> int:
    from gresearch.spark.diff import diff  # noqa: PLC0415 - a peer, and not always there

    return int(diff(source, target, "id").where(F.col("diff") != "N").count())
