"""Row plan: the JSON that describes a row's attributes, key and limits to the release JAR's functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, IntegralType, LongType, StringType

from migration_spark.attribute_kinds import excluded, kind_of, kinds_of, loose, quoted

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType

    from migration_spark.spec import Table


def row_plan(table: Table, result: DataFrame, seed: int = 0) -> str:
    """Return the plan of a select's rows; `seed` is that of the terms' hashes."""
    kinds = kinds_of(table, result)
    longest: dict[str, int] = {}
    for part in (*table.key, *table.index_keys):
        if part.type != "N":
            longest[part.name] = min(part.max_bytes, longest.get(part.name, part.max_bytes))
    prefixes = {part.name: part.prefix for part in table.key}
    limits = _required(table) + [
        {"name": name, "required": False, "maxBytes": most, "prefix": prefixes.get(name, "")}
        for name, most in longest.items()
    ]
    return _plan(
        kinds,
        key=[part.name for part in table.key],
        limits=limits,
        loose=loose(table, kinds),
        excluded=excluded(table, kinds),
        ttl=table.ttl,
        seed=seed,
    )


def key_plan(table: Table, result: DataFrame) -> str:
    """Return the plan of a row of only the key's attributes."""
    kinds = {part.name: kind_of(table, part.name, result.schema[part.name].dataType) for part in table.key}
    limits = _required(table) + [
        {"name": part.name, "required": False, "maxBytes": part.max_bytes} for part in table.key if part.type != "N"
    ]
    return _plan(kinds, key=list(kinds), limits=limits)


def kinds_plan(kinds: list[str]) -> str:
    """Return the plan of a row of values of these kinds, without key or limits."""
    return _plan({f"c{n}": kind for n, kind in enumerate(kinds)})


def argument(name: str, data_type: DataType) -> Expression:
    """Return a column, cast as the functions take values of its type."""
    column, taken = F.col(quoted(name)), argument_type(data_type)
    # PySpark asks the JVM four times for each cast.
    return (column if taken == data_type else column.cast(taken)).alias(name)


def argument_type(data_type: DataType) -> DataType:
    """Return the type as which the functions take values of a type."""
    if isinstance(data_type, IntegralType):
        return LongType()
    return ArrayType(StringType()) if isinstance(data_type, ArrayType) else data_type


def _required(table: Table) -> list[dict[str, Any]]:
    return [{"name": part.name, "required": True, "maxBytes": 0} for part in table.key]


def _plan(kinds: dict[str, str], **roles: Any) -> str:
    attributes = [{"name": name, "kind": kind} for name, kind in kinds.items()]
    return json.dumps({"attributes": attributes, "key": [], "limits": [], "loose": [], "excluded": [], **roles})
