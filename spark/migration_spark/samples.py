"""Both values of what differs: looked up again, for a bounded number of keys per class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from migration_spark import canonical
from migration_spark.comparison import BAD, attribute_order

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from migration_spark.comparison import Sides

PER_CLASS = 100
_VALUE_CHARACTERS = 1024  # shown of a value; a key is never cut


def fetch(sides: Sides, rows: DataFrame, source: DataFrame, target: DataFrame) -> list[dict[str, Any]]:
    """Return differences as {class, key, column, source, target}, at most PER_CLASS keys of each class."""
    place = F.row_number().over(Window.partitionBy("_class").orderBy("k"))
    bad = rows.where(F.col("_class").isin(*BAD)).select("_class", "k", "_changes", place.alias("_place"))
    wanted = bad.where(F.col("_place") <= PER_CLASS).orderBy("_class", "k").collect()
    keys = [row["k"] for row in wanted if row["k"] is not None]
    names = attribute_order(sides)
    left, right = (_by_key(sides, side, keys, names) for side in (source, target))
    found = []
    for row in wanted:
        here, there = left.get(bytes(row["k"]), {}), right.get(bytes(row["k"]), {})
        key = _key_text(sides, here or there)
        if row["_class"] == "changed":
            # What a tolerance hides is no difference, whatever the two texts are.
            changed = [name for name, change in zip(names, row["_changes"]) if change and here[name] != there[name]]
            pairs = [(name, here[name], there[name]) for name in changed]
        else:
            pairs = [("(whole item)", "present" if here else "absent", "present" if there else "absent")]
        found += [
            {
                "class": row["_class"],
                "key": key,
                "column": name,
                "source": _short(one),
                "target": _short(other),
                **_lengths(one, other),
            }
            for name, one, other in pairs
        ]
    return found


def _by_key(sides: Sides, values: DataFrame, keys: list[Any], names: list[str]) -> dict[bytes, dict[str, str]]:
    key = canonical.row_text([F.col(attribute.name) for attribute in sides.table.key])
    chosen = list(dict.fromkeys([*names, *[attribute.name for attribute in sides.table.key]]))
    if not keys:
        return {}
    rows = values.withColumn("k", canonical.hash_128(key)).where(F.col("k").isin(keys))
    return {bytes(row["k"]): {name: row[name] for name in chosen} for row in rows.select("k", *chosen).collect()}


def _key_text(sides: Sides, values: dict[str, str]) -> str:
    texts = (values.get(attribute.name, "?") for attribute in sides.table.key)
    return " / ".join(text.split(":", 1)[-1] for text in texts)


def _lengths(source: str, target: str) -> dict[str, int]:
    """Return how long the values are that are cut."""
    whole = {"sourceCharacters": len(source), "targetCharacters": len(target)}
    return {name: characters for name, characters in whole.items() if characters > _VALUE_CHARACTERS}


def _short(text: str) -> str:
    shown = "(absent)" if text == canonical.ABSENT else text
    return shown if len(shown) <= _VALUE_CHARACTERS else shown[:_VALUE_CHARACTERS] + "…"
