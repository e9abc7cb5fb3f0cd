"""Samples of the differences with both values, looked up again for a bounded number of keys per class."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark import jvm_functions
from migration_spark.attribute_kinds import STORED
from migration_spark.fingerprint_rows import LINE, SOURCE_ITEM, UNDECODABLE, UNKNOWN, source_rows, target_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row

    from migration_spark.fingerprint_rows import Sides

PER_CLASS = 100
_VALUE_CHARACTERS = 1024  # shown of a value; a key is never cut
WHOLE = "(whole item)"
ABSENT = "(absent)"


def fetch(sides: Sides, counts: dict[str, Any], suspects: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Return differences as {class, key, column, source, target}, at most PER_CLASS keys of each class.

    `counts` and `suspects` are those of the comparison's tally.
    """
    wanted = sorted((kind, number) for kind, numbers in suspects.items() for number in numbers[:PER_CLASS])
    numbers = [number for _, number in wanted]
    chosen = replace(sides, kept=lambda key: key["k1"].isin(numbers), share=0.0)
    sides.say("samples of what differs")
    source, target = _source(chosen, numbers), _target(chosen, numbers)
    differences = []
    for kind, number in wanted:
        here, there = source.get(number, []), target.get(number, [])
        source_item, target_item = (here or [{}])[0], (there or [{}])[0]
        key = " / ".join((source_item or target_item).get(part.name, "?").split(":", 1)[-1] for part in sides.table.key)
        if kind == "changed":
            pairs = [
                (name, source_item.get(name, ""), target_item.get(name, ""))
                for name in _changed(sides, source_item, target_item)
            ]
        else:
            pairs = [(WHOLE, _presence(len(here)), _presence(len(there)))]
        differences += [_difference(kind, key, *pair) for pair in pairs]
    return [*differences, *_undecodable(sides)] if counts["undecodable"] else differences


def _source(sides: Sides, numbers: list[int]) -> dict[int, list[dict[str, str]]]:
    """Return the source's items of these keys, with every attribute as text, by the first half of the key's hash."""
    texts = jvm_functions.source_texts(sides.table, sides.result).alias("texts")
    rows = source_rows(sides, texts).where(F.col("_kind") == SOURCE_ITEM)
    items: dict[int, list[dict[str, str]]] = {}
    for row in _chosen(rows, numbers, "texts"):
        attributes = {name: _typed_text(sides, name, text) for name, text in zip(sides.kinds, row["texts"])}
        items.setdefault(row["_number"], []).append({**attributes, UNKNOWN: ABSENT})
    return items


def _target(sides: Sides, numbers: list[int]) -> dict[int, list[dict[str, str]]]:
    """Return the same of the export; a value of another kind is shown as the export writes it."""
    line = (sides.table, sides.result, F.col(LINE))
    texts = [jvm_functions.export_texts(*line).alias("texts"), jvm_functions.export_raw(*line).alias("raw")]
    items: dict[int, list[dict[str, str]]] = {}
    rows = target_rows(sides, *texts).where(F.col("_kind") != UNDECODABLE)
    for row in _chosen(rows, numbers, "texts", "raw"):
        *raw, others = row["raw"]
        attributes = {
            name: _typed_text(sides, name, text, odd or ABSENT)
            for name, text, odd in zip(sides.kinds, row["texts"], raw)
        }
        items.setdefault(row["_number"], []).append({**attributes, UNKNOWN: others or ABSENT})
    return items


def _typed_text(sides: Sides, name: str, text: str | None, otherwise: str = ABSENT) -> str:
    kind = sides.kinds[name]
    return otherwise if text is None else f"{STORED.get(kind, kind)}:{text}"


def _chosen(rows: DataFrame, numbers: list[int], *columns: str) -> list[Row]:
    if not numbers:
        return []
    return rows.select(F.col("_marks")["k1"].alias("_number"), *columns).collect()


def _changed(sides: Sides, source: dict[str, str], target: dict[str, str]) -> list[str]:
    """Return the attributes that differ by more than their tolerance."""

    def near(name: str) -> bool:
        texts = (source.get(name, ""), target.get(name, ""))
        if name not in sides.loose or not all(text.startswith("N:") for text in texts):
            return False
        left, right = (float(text[2:]) for text in texts)
        return abs(left - right) <= float(sides.table.tolerances[name])

    return [name for name in [*sides.exact, *sides.loose] if source.get(name) != target.get(name) and not near(name)]


def _undecodable(sides: Sides) -> list[dict[str, Any]]:
    rows = target_rows(sides, F.col(LINE)).where(F.col("_kind") == UNDECODABLE)
    return [
        _difference("undecodable", "?", WHOLE, _presence(0), row[LINE])
        for row in rows.select(LINE).limit(PER_CLASS).collect()
    ]


def _presence(times: int) -> str:
    return ("absent", "present")[times] if times <= 1 else f"present {times} times"


def _difference(kind: str, key: str, column: str, source: str, target: str) -> dict[str, Any]:
    difference = {"class": kind, "key": key, "column": column, "source": _short(source), "target": _short(target)}
    return {**difference, **_lengths(source, target)}


def _lengths(source: str, target: str) -> dict[str, int]:
    """Return the lengths of the values that are cut."""
    whole = {"sourceCharacters": len(source), "targetCharacters": len(target)}
    return {name: characters for name, characters in whole.items() if characters > _VALUE_CHARACTERS}


def _short(text: str) -> str:
    return text if len(text) <= _VALUE_CHARACTERS else text[:_VALUE_CHARACTERS] + "…"
