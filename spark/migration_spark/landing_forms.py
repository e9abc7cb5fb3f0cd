"""Forms in which rows land: values in Bootstrap, the database's text in Compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType

from migration_spark import typed_rows
from migration_spark.audit import figure_names, figures
from migration_spark.typed_rows import CLUSTER, ROW, UNREADABLE

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.spec import Column, Extract


@dataclass(frozen=True)
class LandingForm:
    """Prefix, columns and counts of an extract's landed rows."""

    kind: str  # the prefix in the bucket
    folders: tuple[str, ...]  # of its records
    made: Callable[[DataFrame], DataFrame]  # makes the frame of `figures` and `columns`
    figures: list[Expression]
    names: list[str]
    columns: list[Expression]
    other_cuts: bool = False


def values_form(extract: Extract) -> LandingForm:
    """Return Bootstrap's form: values, audited by the database's count of their texts."""
    return LandingForm(
        kind="raw",
        folders=(),
        made=lambda rows: typed_rows.with_values(rows, extract),
        figures=figures(extract),
        names=figure_names(extract),
        columns=[*typed_rows.values(extract), F.col(UNREADABLE), typed_rows.text(extract).alias(ROW)],
    )


def texts_form(extract: Extract) -> LandingForm:
    """Return Compare's form for extracts that it cannot read repeatedly from a clone: the database's text."""
    sums = [F.count(F.lit(1))]
    for column in extract.columns:
        text = F.col(f"`{column.name}`")
        sums += [F.count(text), F.coalesce(F.sum(F.octet_length(text.cast("string"))), F.lit(0))]
    names = figure_names(extract)[:-2]
    return LandingForm(
        kind="raw-compare",
        folders=("compare",),
        made=lambda rows: rows,
        figures=[figure.alias(name) for figure, name in zip(sums, names)],
        names=names,
        columns=texts(extract),
        other_cuts=True,
    )


def texts(extract: Extract) -> list[Expression]:
    """Return the columns of the database's text: whole numbers and texts, the same for both engines."""
    return [F.col(f"`{c.name}`").cast(_text_type(c)).alias(c.name) for c in extract.columns]


def texts_schema(extract: Extract) -> StructType:
    """Return the schema of a row that lands as texts."""
    fields = [StructField(column.name, _text_type(column)) for column in extract.columns]
    return StructType([*fields, StructField(CLUSTER, StringType())])


def _text_type(column: Column) -> LongType | StringType:
    return LongType() if column.type in typed_rows.WHOLE else StringType()
