"""Both values of what differs: looked up again, for a bounded number of keys per class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark import canonical, comparison
from migration_spark.rules import STORED
from migration_spark.sides import SOURCE_ITEM, TARGET_ITEM, UNDECODABLE, UNKNOWN, source_values, target_values

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.sides import Sides

PER_CLASS = 100
_VALUE_CHARACTERS = 1024  # shown of a value; a key is never cut
_WHOLE = "(whole item)"
_ABSENT = "(absent)"


def fetch(sides: Sides, counts: dict[str, Any], suspects: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Return differences as {class, key, column, source, target}, at most PER_CLASS keys of each class.

    `counts` and `suspects` are what the comparison's tally found.
    """
    wanted = sorted((kind, number) for kind, numbers in suspects.items() for number in numbers[:PER_CLASS])
    numbers = [number for _, number in wanted]
    source, target = _source(sides, numbers), _target(sides, numbers)
    found = []
    for kind, number in wanted:
        here, there = source.get(number, []), target.get(number, [])
        one, other = (here or [{}])[0], (there or [{}])[0]
        key = " / ".join((one or other).get(part.name, "?").split(":", 1)[-1] for part in sides.table.key)
        if kind == "changed":
            pairs = [(name, one.get(name, ""), other.get(name, "")) for name in _changed(sides, one, other)]
        else:
            pairs = [(_WHOLE, _presence(len(here)), _presence(len(there)))]
        found += [_told(kind, key, *pair) for pair in pairs]
    return [*found, *_undecodable(sides)] if counts["undecodable"] else found


def _source(sides: Sides, numbers: list[int]) -> dict[int, list[dict[str, str]]]:
    """Return the source's items of these keys, every attribute as text, by the first half of the key's hash."""
    texts = [_text(sides, name, F.lit(_ABSENT)).alias(name) for name in sides.kinds]
    rows = source_values(sides).where(F.col("_kind") == SOURCE_ITEM)
    return _chosen(sides, rows, numbers, [*texts, F.lit(_ABSENT).alias(UNKNOWN)])


def _target(sides: Sides, numbers: list[int]) -> dict[int, list[dict[str, str]]]:
    """Return the same of the export; what is no value of its kind stands as it was found."""
    texts = []
    for name in sides.kinds:
        found = F.element_at("Item", F.lit(name))
        raw = F.concat(F.map_keys(found)[0], F.lit(":"), F.coalesce(F.map_values(found)[0], F.lit("null")))
        texts.append(_text(sides, name, F.when(found.isNull(), F.lit(_ABSENT)).otherwise(raw)).alias(name))
    known = F.array(*[F.lit(name) for name in sides.kinds])
    others = F.array_join(F.array_sort(F.array_except(F.map_keys("Item"), known)), ",")
    unknown = F.when(F.col(f"`{UNKNOWN}`") == 0, F.lit(_ABSENT)).otherwise(others)
    rows = target_values(sides, ("Item",)).where(F.col("_kind") == TARGET_ITEM)
    return _chosen(sides, rows, numbers, [*texts, unknown.alias(UNKNOWN)])


def _text(sides: Sides, name: str, otherwise: Expression) -> Expression:
    kind = sides.kinds[name]
    text = F.concat(F.lit(f"{STORED.get(kind, kind)}:"), canonical.shown(F.col(f"`{name}`"), kind))
    return F.coalesce(text, otherwise)


def _chosen(
    sides: Sides, rows: DataFrame, numbers: list[int], texts: list[Expression]
) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[dict[str, str]]] = {}
    if numbers:
        chosen = rows.withColumn("_number", comparison.first_key(sides)).where(F.col("_number").isin(numbers))
        for row in chosen.select("_number", *texts).collect():
            found.setdefault(row["_number"], []).append(row.asDict())
    return found


def _changed(sides: Sides, one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the attributes that differ; what a tolerance hides is no difference."""

    def near(name: str) -> bool:
        texts = (one.get(name, ""), other.get(name, ""))
        if name not in sides.loose or not all(text.startswith("N:") for text in texts):
            return False
        left, right = (float(text[2:]) for text in texts)
        return abs(left - right) <= float(sides.table.tolerances[name])

    return [name for name in [*sides.exact, *sides.loose] if one.get(name) != other.get(name) and not near(name)]


def _undecodable(sides: Sides) -> list[dict[str, Any]]:
    rows = target_values(sides, ("Item", "_corrupt")).where(F.col("_kind") == UNDECODABLE)
    line = F.coalesce("_corrupt", F.to_json(F.struct("Item"))).alias("line")
    return [
        _told("undecodable", "?", _WHOLE, _presence(0), row["line"])
        for row in rows.select(line).limit(PER_CLASS).collect()
    ]


def _presence(times: int) -> str:
    return ("absent", "present")[times] if times <= 1 else f"present {times} times"


def _told(kind: str, key: str, column: str, source: str, target: str) -> dict[str, Any]:
    told = {"class": kind, "key": key, "column": column, "source": _short(source), "target": _short(target)}
    return {**told, **_lengths(source, target)}


def _lengths(source: str, target: str) -> dict[str, int]:
    """Return how long the values are that are cut."""
    whole = {"sourceCharacters": len(source), "targetCharacters": len(target)}
    return {name: characters for name, characters in whole.items() if characters > _VALUE_CHARACTERS}


def _short(text: str) -> str:
    return text if len(text) <= _VALUE_CHARACTERS else text[:_VALUE_CHARACTERS] + "…"
