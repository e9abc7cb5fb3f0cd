"""Calls of the release JAR's row functions, with the row plan that describes a table's rows to them.

They are in Java, since SQL expressions take several times as long to build, check and read an item.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from migration_spark.attribute_kinds import SOURCE_KEY, attribute_names, kind_of, kind_of_type, kinds_of
from migration_spark.row_plan import argument, argument_type, key_plan, kinds_plan, row_plan

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.spec import Extract, Table

# The session's setting that registers the functions as a catalog.
CATALOG = ("spark.sql.catalog.migration", "migration.Functions")


def item_text(table: Table, result: DataFrame) -> Expression:
    """Return an expression: the row as {"Item": {...}}, without attributes whose value is null."""
    return _of_row("item", table, result)


def rejection(table: Table, result: DataFrame) -> Expression:
    """Return an expression: the reason for which a row cannot become an item, or null."""
    return _of_row("reason", table, result)


def source_marks(table: Table, result: DataFrame) -> Expression:
    """Return an expression: the fingerprint of the item that the row should become.

    A struct of `k1`, `k2` (128 bits of the key), `h` (64 bits of all exact attributes), `f` (32 bits of every
    attribute, two in a number) and `loose` (numbers that may differ by a tolerance).
    """
    return _of_row("source_marks", table, result)


def source_term(table: Table, result: DataFrame, seed: int) -> Expression:
    """Return an expression: the term that the row's item adds to the sums of its bucket of keys.

    A struct of `k1` (64 bits of the key), `expires` (the second at which the item may expire, or null), `x` and `y`
    (128 bits of all attributes, hashed with the seed).
    """
    return _of_row("source_term", table, result, seed)


def source_key(table: Table, result: DataFrame) -> Expression:
    """Return an expression: the struct of only `k1` and `expires`."""
    return _of_row("source_key", table, result)


def source_texts(table: Table, result: DataFrame) -> Expression:
    """Return an expression: every attribute as a text, null for an absent attribute."""
    return _of_row("source_texts", table, result)


def counted(number: int, kind: Expression, cluster: Expression, is_unmatched: Expression) -> Expression:
    """Return an expression: whether a row's class is item; the release JAR's RowCounts counts the row by cluster.

    `number` identifies the counts in RowCounts.
    """
    return F.call_function(f"migration.counted_{number}", kind, cluster, is_unmatched)


def export_marks(table: Table, result: DataFrame, line: Expression, sampled: int | None = None) -> Expression:
    """Return an expression: the same as `source_marks` of an export's line, null if the line is not an item.

    `sampled` identifies the release JAR's SampledLines, which keep the lines of sampled keys on the way.
    """
    return _of_line("export_marks" if sampled is None else f"export_marks_{sampled}", table, result, line)


def export_bits(table: Table, result: DataFrame, line: Expression) -> Expression:
    """Return an expression: `k1`, `k2` and `h` of `export_marks`, null if the line is not an item or has no key."""
    return _of_line("export_bits", table, result, line)


def export_term(table: Table, result: DataFrame, line: Expression, seed: int, sampled: int | None = None) -> Expression:
    """Return an expression: the same as `source_term` of an export's line; `sampled` as in `export_marks`."""
    name = "export_term" if sampled is None else f"export_term_{sampled}"
    return _of_line(name, table, result, line, seed)


def export_key(table: Table, result: DataFrame, line: Expression) -> Expression:
    """Return an expression: the same as `source_key` of an export's line, null if its beginning is not an item's.

    It reads only as much of the line as it needs, so the rest of the line may still be invalid.
    """
    return _of_line("export_key", table, result, line)


def export_texts(table: Table, result: DataFrame, line: Expression) -> Expression:
    """Return an expression: the same as `source_texts` of an export's line, null if the line is not an item."""
    return _of_line("export_texts", table, result, line)


def export_raw(table: Table, result: DataFrame, line: Expression) -> Expression:
    """Return an expression: `<type>:<value>` of each attribute of an export's line, and the names of unknown ones."""
    return _of_line("export_raw", table, result, line)


def has_key(table: Table, result: DataFrame) -> Expression:
    """Return an expression: whether DynamoDB accepts the row's key, whatever the rest of the row is."""
    schema = result.schema
    key = F.struct(*[argument(part.name, schema[part.name].dataType) for part in table.key])
    return F.call_function("migration.reason", key, F.lit(key_plan(table, result))).isNull()


def key_hash(table: Table, result: DataFrame) -> Expression:
    """Return an expression: 128 bits (`h1`, `h2`) of the row's key, equal for keys that DynamoDB treats as equal."""
    schema = result.schema
    kinds = {part.name: kind_of(table, part.name, schema[part.name].dataType) for part in table.key}
    return _row_hash(F.struct(*[argument(name, schema[name].dataType) for name in kinds]), list(kinds.values()))


def row_hash(table: Table, result: DataFrame) -> Expression:
    """Return an expression: 128 bits (`h1`, `h2`) of the values of all of the row's attributes."""
    schema, kinds = result.schema, kinds_of(table, result)
    return _row_hash(F.struct(*[argument(name, schema[name].dataType) for name in kinds]), list(kinds.values()))


def source_key_hash(table: Table, result: DataFrame) -> Expression:
    """Return an expression: 64 bits of a traced row's own source key, in which 1.0 and 1.00 are equal."""
    columns = result.schema[SOURCE_KEY].dataType.fields  # type: ignore[attr-defined] # the catalog selects a struct
    numbers = _unbounded_numbers(table)
    kinds = [
        "N" if field.name in numbers else kind_of_type(f"{table.name}.{SOURCE_KEY}.{field.name}", field.dataType)
        for field in columns
    ]
    # Columns of two extracts may share a name; a struct is cast by position.
    named = StructType([StructField(f"c{n}", argument_type(field.dataType)) for n, field in enumerate(columns)])
    return _row_hash(F.col(SOURCE_KEY).cast(named), kinds)["h1"]


def _unbounded_numbers(table: Table) -> set[str]:
    """Return the names of columns that are unbounded numbers, read as text, in every extract that has them."""
    columns = [column for extract in table.extracts for column in extract.columns]
    other = {column.name for column in columns if column.type != "numeric"}
    return {column.name for column in columns} - other


def _row_hash(row: Expression, kinds: list[str]) -> Expression:
    return F.call_function("migration.row_hash", row, F.lit(kinds_plan(kinds)))


def typed(extract: Extract, made: StructType) -> Expression:
    """Return an expression: a struct of the values of the databases' texts, with the fields of `made`.

    Its last field is the name of the first column whose text is not a value of its type, or null.
    """
    columns = [column for column in extract.columns if column.name in made.names]
    columns += [column for column in extract.columns if column.type == "json"]
    # PostgreSQL validates json and jsonb; a text column of MySQL may hold anything.
    doubtful = any(cluster.engine == "aurora-mysql" for cluster in extract.clusters)
    plan = [{"name": column.name, "type": column.type, "doubtful": doubtful} for column in columns]
    texts = F.struct(*[F.col(f"`{column.name}`") for column in columns])
    return F.call_function("migration.typed", texts, F.lit(None).cast(made), F.lit(json.dumps(plan)))


def again(hashed: Expression) -> Expression:
    """Return an expression: whether the task has met this hash in an earlier row; takes 16 bytes of memory per row."""
    return F.call_function("migration.again", hashed)


def cluster_of(path: Expression) -> Expression:
    """Return an expression: the cluster of a landed file, by its path."""
    return F.call_function("migration.cluster_of", path)


def is_superseded(file: Expression, row: Expression, folder: str) -> Expression:
    """Return an expression: whether the folder lists a landed file's row as superseded."""
    return F.call_function("migration.superseded", file, row, F.lit(folder))


def marked(bits: bytes, number: Expression) -> Expression:
    """Return an expression: whether a number's bit is set; number 0 has the lowest bit of the first byte."""
    return F.call_function("migration.marked", F.lit(bits), number)


def difference(row: Expression, exact: int, tolerances: list[str]) -> Expression:
    """Return an expression: a struct of `changed` and `marks`, the numbers of the differing attributes.

    `row` is a struct of the differing bits of `h` and of each pair of attributes, then of both loose values.
    """
    distances = F.array(*[F.lit(float(tolerance)) for tolerance in tolerances]).cast("array<double>")
    return F.call_function("migration.difference", row, F.lit(exact), distances)


def _of_row(name: str, table: Table, result: DataFrame, seed: int = 0) -> Expression:
    schema = result.schema
    values = [argument(attribute, schema[attribute].dataType) for attribute in attribute_names(result)]
    return F.call_function(f"migration.{name}", F.struct(*values), F.lit(row_plan(table, result, seed)))


def _of_line(name: str, table: Table, result: DataFrame, line: Expression, seed: int = 0) -> Expression:
    return F.call_function(f"migration.{name}", line, F.lit(row_plan(table, result, seed)))
