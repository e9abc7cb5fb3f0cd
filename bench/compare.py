"""Benchmark of the comparison: ours, other tools, and the reading of both sides alone."""

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
from migration_spark.witness.table_witness import TableWitness
from pyspark.sql import functions as F

from bench.fixture import COLUMNS, Contest, open_fixture, to_nowhere
from bench.workload import job, rows, workload

if TYPE_CHECKING:
    from migration_spark.job import Job
    from migration_spark.spec import Table
    from pyspark.sql import DataFrame

    from bench.fixture import Fixture

FLOOR = "floor: both sides read, nothing done"


def main(count: int, rounds: int, damaged_percent: float, *, wide: bool = False) -> None:
    """Time all contenders on `count` rows of which `damaged_percent` differ."""
    with open_fixture(count, wide=wide) as fixture:
        _, table = workload()
        export = exported(fixture, table, damaged_percent)
        counted = bootstrapped(fixture, table)
        compare = job(fixture, "compare", "run")
        reading = Reading(compare.spark, compare.spec, compare.arguments)
        reading.land(table.extracts[0])
        contenders = {
            FLOOR: lambda: _floor(fixture, table, export),
            "ours": lambda: _witnessed(fixture, table, export, counted, (compare, reading)),
            "ours without its witness": lambda: differences(fixture, table, export, counted),
            "ours, all key by key": lambda: differences(fixture, table, export),
            "full outer join on all columns": lambda: _join(*_typed(fixture, table, export)),
        }
        if importlib.util.find_spec("datacompy"):
            contenders["datacompy"] = lambda: _datacompy(fixture, *_typed(fixture, table, export))
        if importlib.util.find_spec("gresearch"):
            contenders["pyspark-extension diff"] = lambda: _diff(*_typed(fixture, table, export))
        shape = "wide" if wide else "narrow"
        contest = Contest(f"compare-{shape}-{damaged_percent}", count, rounds)
        contest.run(contenders)
        findings = {name: value for name, value in contest.findings.items() if value is not None}
        if len(set(findings.values())) != 1:
            raise SystemExit(f"the findings differ: {findings}")
        contest.report(FLOOR, differences=findings)


def exported(fixture: Fixture, table: Table, percent: float) -> Export:
    """Write an export with some remarks changed, by a rule that no contender uses."""
    result = _source(fixture, table)
    every = round(100 / percent) if percent else 0
    if every:
        changed = F.when(F.col("id") % every == every // 2, F.concat(F.col("room_type"), F.lit("!")))
        result = result.withColumn("room_type", F.coalesce(changed, F.col("room_type")))
    folder = f"{fixture.folder}/export"
    shutil.rmtree(folder, ignore_errors=True)
    result.select(item_text(table, result)).write.option("compression", "gzip").text(f"file://{folder}")
    return Export(fixture.rows, 1_800_000_000, read_lines(fixture.spark, [f"file://{folder}"]))


def parsed(fixture: Fixture, table: Table, export: Export) -> DataFrame:
    """Return the export's attributes by name, from our parser."""
    texts = jvm_functions.export_texts(table, _source(fixture, table), F.col(LINE)).alias("texts")
    rows = export.lines.select(texts)
    return rows.select(*[F.col("texts")[n].alias(name) for n, name in enumerate(COLUMNS)])


def _source(fixture: Fixture, table: Table) -> DataFrame:
    return rows(fixture, table, other_cuts=True)


def _floor(fixture: Fixture, table: Table, export: Export) -> None:
    to_nowhere(_source(fixture, table))
    to_nowhere(parsed(fixture, table, export))


def bootstrapped(fixture: Fixture, table: Table) -> Bootstrapped:
    """Return what Bootstrap would have counted."""
    result = _source(fixture, table)
    (row,) = result.agg(F.sum(jvm_functions.key_hash(table, result)["h1"])).collect()
    files = len(list((fixture.folder / "export").glob("*.gz")))
    return Bootstrapped(
        items=fixture.rows, repeated=0, key_sum=int(row[0]), tasks=table.extracts[0].connections + files
    )


def differences(fixture: Fixture, table: Table, export: Export, counted: Bootstrapped | None = None) -> int:
    """Return the number of keys that differ, as the Compare job counts it with Bootstrap's counts."""
    sides = Sides(table, _source(fixture, table), export, rejects=False, bootstrapped=counted)
    counts, _, _ = comparison.tally(sides)
    return sum(counts[kind] for kind in BAD)


def _witnessed(
    fixture: Fixture, table: Table, export: Export, counted: Bootstrapped, running: tuple[Job, Reading]
) -> int:
    """Return the same with the job's witness."""
    compare, reading = running
    witness = TableWitness(compare, reading, table, {table.driving: fixture.rows}, fixture.rows)
    sides = Sides(table, _source(fixture, table), export, rejects=False, sampled=witness.number, bootstrapped=counted)
    counts, _, _ = comparison.tally(sides, witness.wait)
    seen = witness.settle(export).total()
    if seen["landed"] != seen["exported"] or not seen["landed"]:
        raise SystemExit(f"the witness saw too little: {seen}")
    return sum(counts[kind] for kind in BAD)


def _typed(fixture: Fixture, table: Table, export: Export) -> tuple[DataFrame, DataFrame]:
    """Return both sides with plain columns, for contenders that compare those."""
    source = _source(fixture, table).drop("_cluster")
    source = source.withColumn("channels", F.array_join(F.array_sort("channels"), ","))
    target = parsed(fixture, table, export).select(
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


def _datacompy(fixture: Fixture, source: DataFrame, target: DataFrame) -> Any:  # noqa: ANN401 - a count
    from datacompy import SparkSQLCompare  # noqa: PLC0415 - a peer, and not always there

    # It computes the largest difference of every column as a double, which fails for dates.
    left, right = (side.withColumn("stay_date", F.col("stay_date").cast("string")) for side in (source, target))
    comparison = SparkSQLCompare(fixture.spark, left, right, join_columns=["id"])
    unequal = comparison.intersect_rows.count() - comparison.count_matching_rows()
    return unequal + comparison.df1_unq_rows.count() + comparison.df2_unq_rows.count()


def _diff(source: DataFrame, target: DataFrame) -> int:
    from gresearch.spark.diff import diff  # noqa: PLC0415 - a peer, and not always there

    return int(diff(source, target, "id").where(F.col("diff") != "N").count())
