"""All differences of a table, as Parquet beside the report: a row for each differing attribute of a key.

The report shows only a sample. The number of differences is unbounded, so no row passes through the driver: the job
looks the keys up again in the differing buckets, with the texts of both sides. It shuffles whole rows of these
buckets, for which the executors' disks may be too small. Therefore the job writes the verdict first.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable

from pyspark.sql import functions as F

from migration_spark import redaction
from migration_spark.attribute_kinds import STORED
from migration_spark.comparison import BAD, classified
from migration_spark.difference_samples import ABSENT, WHOLE
from migration_spark.errors import JobError
from migration_spark.fingerprint_rows import LINE, UNDECODABLE, UNKNOWN, target_rows
from migration_spark.worker_errors import as_worker_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.fingerprint_rows import Sides
    from migration_spark.job import Job
    from migration_spark.spec import Table

COLUMNS = ("class", "key", "column", "source", "target", "number")
_UNKNOWN_KEY = "?"
_INFERENCE = "spark.sql.constraintPropagation.enabled"
_OF_KEYS = tuple(kind for kind in BAD if kind != "undecodable")


def write_all(job: Job, writes: Sequence[tuple[Table, Callable[[], list[dict[str, Any]]]]]) -> None:
    """Write the differences table by table, then differences.json, which lists their files.

    An error does not change the verdict, which is already written; differences.json then has the reason.
    """
    listing: dict[str, Any] = job.identity()
    try:
        job.storage.delete(job.arguments.report("mismatches"))
        listing["tables"] = {table.name: write_table() for table, write_table in writes}
    except Exception as error:  # noqa: BLE001 - whatever it is, the verdict stands
        listing["failure"] = words_of(error, job.arguments.run)
        job.say(f"the differences could not be written: {listing['failure']}")
    job.storage.write_json(job.arguments.report("differences.json"), listing)


def words_of(error: Exception, run: str) -> str:
    """Return an error's description that quotes no row."""
    error = as_worker_error(error, run)
    if isinstance(error, JobError):
        return f"{type(error).__name__}: {error}"
    return f"{type(error).__name__}: {redaction.unforeseen(error)}"


def write(job: Job, sides: Sides, counts: dict[str, Any], folder: str) -> list[dict[str, Any]]:
    """Write a table's differences into a folder, and return the files as {key, bytes}.

    `counts` are the tally's, and `sides` are limited to its scope.
    """
    sides.say("all differences")
    parts = [rows(sides)] if any(counts[kind] for kind in _OF_KEYS) else []
    if counts["undecodable"]:
        parts.append(_undecodable(sides))
    differences = parts[0] if len(parts) == 1 else parts[0].unionAll(parts[1])
    with _planned_as_written(job.spark):
        differences.write.mode("overwrite").parquet(folder)
    below = f"{job.arguments.data.rstrip('/')}/"
    base = folder[len(below) :]
    files = job.storage.list(folder)
    return [
        {"key": f"{base}/{name}", "bytes": stored.bytes}
        for stored, name in ((stored, stored.uri.rsplit("/", 1)[1]) for stored in files)
        if name.endswith(".parquet")
    ]


@contextmanager
def _planned_as_written(spark: SparkSession) -> Iterator[None]:
    """Keep Spark from inferring filters: for classes over many attributes they exceed its heap.

    Spark keeps a constraint for each way to name its columns, and each alias doubles these ways:
    https://issues.apache.org/jira/browse/SPARK-19846
    """
    before = spark.conf.get(_INFERENCE) or "true"
    spark.conf.set(_INFERENCE, "false")
    try:
        yield
    finally:
        spark.conf.set(_INFERENCE, before)


def rows(sides: Sides) -> DataFrame:
    """Return the differences of all differing keys as COLUMNS; `number` counts a key's differences from 1.

    A key without exactly one item on each side is a single difference, of the whole item.
    """
    shown = [*sides.exact, *sides.loose]
    bad = classified(sides, texts=True).where(F.col("_class").isin(*_OF_KEYS))
    changed = F.filter("_marks", lambda mark: mark < len(shown))
    numbers = F.when(F.col("_class") == "changed", changed).otherwise(F.array(F.lit(-1)))
    values = [F.array(*[of(sides, name) for name in shown]).alias(side) for side, of in _SIDES.items()]
    each = bad.select("_class", "s", "t", _key(sides).alias("_key"), *values, F.posexplode(numbers).alias("_n", "_at"))
    whole = F.col("_at") < 0
    names = F.array(*[F.lit(name) for name in shown])
    pairs = ((F.col("_source"), F.col("s")), (F.col("_target"), F.col("t")))
    source, target = (F.when(whole, _presence(times)).otherwise(value[F.col("_at")]) for value, times in pairs)
    column = F.when(whole, WHOLE).otherwise(names[F.col("_at")])
    return each.select(*_named(F.col("_class"), F.col("_key"), column, source, target, F.col("_n") + 1))


def _undecodable(sides: Sides) -> DataFrame:
    """Return the lines of the whole export that are not items: they have no key, hence no bucket."""
    lines = target_rows(sides, F.col(LINE)).where(F.col("_kind") == UNDECODABLE)
    unknown, whole, absent = F.lit(_UNKNOWN_KEY), F.lit(WHOLE), F.lit("absent")
    return lines.select(*_named(F.lit("undecodable"), unknown, whole, absent, F.col(LINE), F.lit(1)))


def _named(*columns: Expression) -> list[Expression]:
    return [column.alias(name) for column, name in zip(columns, COLUMNS)]


def _source(sides: Sides, name: str) -> Expression:
    return F.lit(ABSENT) if name == UNKNOWN else F.coalesce(_text(sides, name, "source_texts"), F.lit(ABSENT))


def _target(sides: Sides, name: str) -> Expression:
    """Return an attribute's value in the export; a value of another kind is shown as the export writes it."""
    raw = _or_null(_at("target_raw", len(sides.kinds) if name == UNKNOWN else _index(sides, name)))
    texts = [] if name == UNKNOWN else [_text(sides, name, "target_texts")]
    return F.coalesce(*texts, raw, F.lit(ABSENT))


_SIDES = {"_source": _source, "_target": _target}


def _key(sides: Sides) -> Expression:
    """Return the key's parts as text, from the source's item if there is one."""
    return F.concat_ws(" / ", *[_part(sides, part.name) for part in sides.table.key])


def _part(sides: Sides, name: str) -> Expression:
    index = _index(sides, name)
    # A value of another kind has the form <type>:<value>.
    raw = F.regexp_extract(_or_null(_at("target_raw", index)), r"(?s)^[^:]*:(.*)$", 1)
    return F.coalesce(_at("source_texts", index), _at("target_texts", index), raw, F.lit(_UNKNOWN_KEY))


def _text(sides: Sides, name: str, texts: str) -> Expression:
    kind = sides.kinds[name]
    return F.concat(F.lit(f"{STORED.get(kind, kind)}:"), _at(texts, _index(sides, name)))


def _index(sides: Sides, name: str) -> int:
    return list(sides.kinds).index(name)


def _at(texts: str, index: int) -> Expression:
    return F.col(texts)[index]


def _or_null(text: Expression) -> Expression:
    return F.when(text != "", text)


def _presence(times: Expression) -> Expression:
    several = F.concat(F.lit("present "), times.cast("string"), F.lit(" times"))
    return F.when(times == 0, "absent").when(times == 1, "present").otherwise(several)
