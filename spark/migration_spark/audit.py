"""Audit of an extract: the rows read and the rows in raw files against the databases' own figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark import typed_rows
from migration_spark.conservation import Traces, source_row, trace
from migration_spark.errors import AuditMismatch
from migration_spark.typed_rows import UNREADABLE

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.spec import Extract

Figures = dict[str, list[int]]  # per cluster: rows, then values and bytes per column


@dataclass(frozen=True)
class AuditedRows:
    """Raw rows per cluster, the number that do not fit their types, and an example of these."""

    rows: dict[str, int]
    unreadable: dict[str, int]
    sample: str


def figures(extract: Extract) -> list[Expression]:
    """Return the counts over `with_values`: rows, values and bytes per column, unreadable rows, and an example."""
    sums = [F.count(F.lit(1))]
    for column in extract.columns:
        sums += [F.count(F.col(f"`{column.name}`")), F.coalesce(F.sum(typed_rows.text_bytes(column)), F.lit(0))]
    sums += [F.count(UNREADABLE), F.min(UNREADABLE)]
    return [figure.alias(name) for figure, name in zip(sums, figure_names(extract))]


def figure_names(extract: Extract) -> list[str]:
    """Return the names of `figures`, in their order."""
    columns = [f"{what} of {column.name}" for column in extract.columns for what in ("values", "bytes")]
    return ["rows", *columns, "unreadable", "sample"]


def added_up(splits: list[list[Any]]) -> list[Any]:
    """Return the sums of the splits' counts."""
    *sums, _ = zip(*splits)
    samples = [split[-1] for split in splits if split[-1] is not None]
    return [*[sum(counts) for counts in sums], min(samples, default=None)]


def check_audit(extract: Extract, read: dict[str, list[Any]], counted: Figures) -> AuditedRows:
    """Compare the counts of the rows that were read with the databases' own figures.

    Raises:
        AuditMismatch: Rows, values or bytes differ; names the table, cluster and column.
    """
    for cluster, expected in counted.items():
        for label, here, there in zip(figure_names(extract), read[cluster], expected):
            if here != there:
                raise AuditMismatch(
                    f"{extract.table}: {extract.source} in the clone of {cluster} has {there} {label}, "
                    f"but {here} were read; nothing was imported"
                )
    unread = {cluster: counts[-2] for cluster, counts in read.items() if counts[-2]}
    return AuditedRows(
        rows={cluster: expected[0] for cluster, expected in counted.items()},
        unreadable=unread,
        sample=next((f"{read[cluster][-1]} in {cluster}" for cluster in unread), ""),
    )


def check_landed(extract: Extract, raw: DataFrame, read: dict[str, list[Any]], *, traced: bool = True) -> Traces:
    """Compare the rows in the raw files with the rows counted on the way there.

    Returns:
        The traces of the readable rows; zero if the extract is not traced.

    Raises:
        AuditMismatch: Their numbers differ.
    """
    sums = [F.count(F.lit(1))]
    if traced:
        # Spark need not read the column if every row was readable on its way there.
        unread = any(counts[-2] for counts in read.values())
        readable = F.col(f"`{UNREADABLE}`").isNull() if unread else F.lit(True)
        sums += [F.count(F.when(readable, 1)), F.sum(F.when(readable, trace(source_row(raw))))]
    there = {row[0]: row[1:] for row in raw.groupBy("_cluster").agg(*sums).collect()}
    for cluster, counts in read.items():
        rows = there.get(cluster, (0,))[0]
        if rows != counts[0]:
            raise AuditMismatch(
                f"{extract.table}: {counts[0]} rows of {extract.source} were read from the clone of {cluster}, "
                f"but {rows} lie in raw/; nothing was imported"
            )
    if not traced:
        return Traces(0, 0)
    return Traces(sum(row[1] for row in there.values()), sum(row[2] or 0 for row in there.values()))
