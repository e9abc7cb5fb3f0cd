"""What differs in a table: the columns with changes, and the keys with both values."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner.labels import BAD_CLASSES

if TYPE_CHECKING:
    from runner.report.collect.evidence import Evidence

VALUE_CHARACTERS = 1024
_CANONICAL = re.compile(r"(S|N|BOOL|B|M|L|SS|NS|NULL):(.*)", re.DOTALL)
_WHOLE_ITEM = "(whole item)"
_MOST_ZEROS = 40
Document = dict[str, Any]


def columns(compared: Document) -> list[Document]:
    """Return the columns with changes, and those whose differences a rule of the catalog may pass over."""
    changed: Document = compared.get("changedAttributes", {})
    hidden: Document = compared.get("hiddenDifferences", {})
    excluded, tolerances = compared.get("excluded", []), compared.get("tolerances", {})
    rules = {**dict.fromkeys(excluded, "excluded"), **dict.fromkeys(tolerances, "tolerance")}
    return [
        {
            "column": column,
            "changed": changed.get(column, 0),
            "rule": rules.get(column),
            "tolerance": tolerances.get(column),
            "passedOver": hidden.get(column, 0) if column in rules else None,
        }
        for column in dict.fromkeys([*changed, *rules])
    ]


def differences(evidence: Evidence, name: str, compared: Document) -> Document:
    """Return how many keys of a table differ, by class, and the samples with both values."""
    samples: list[Document] = compared.get("samples", [])
    folder = "" if "parts" in compared else f"{name}/"  # each part has a folder of its own
    classes = []
    for kind in BAD_CLASSES:
        keys = {sample["key"] for sample in samples if sample["class"] == kind}
        if compared.get(kind):
            classes.append({"class": kind, "count": compared[kind], "keysShown": len(keys)})
    return {
        "total": sum(entry["count"] for entry in classes) if compared else None,
        "partial": any(entry["keysShown"] < entry["count"] for entry in classes),
        "classes": classes,
        "samples": [_sample(sample) for sample in samples],
        "place": f"s3://{evidence.bucket}/{evidence.reports}/mismatches/{folder}" if classes else None,
    }


def _sample(sample: Document) -> Document:
    whole = sample["column"] == _WHOLE_ITEM
    return {
        "class": sample["class"],
        "key": sample["key"],
        "column": None if whole else sample["column"],
        "clones": _value(sample["source"], sample.get("sourceCharacters"), whole=whole),
        "dynamodb": _value(sample["target"], sample.get("targetCharacters"), whole=whole),
    }


def _value(text: str, characters: int | None, *, whole: bool) -> Document:
    """Return a value for people: its DynamoDB type apart, numbers written out, cut where it is long."""
    match = None if whole else _CANONICAL.fullmatch(text)
    kind, content = (match[1], match[2]) if match else (None, text)
    tag = len(text) - len(content)
    content = content if characters is None else content.removesuffix("…")
    shown = _plain_number(content) if kind == "N" else content
    full = len(shown) if characters is None else characters - tag
    return {"type": kind, "text": shown[:VALUE_CHARACTERS], "characters": full, "cut": full > VALUE_CHARACTERS}


def _plain_number(canonical: str) -> str:
    """Return 1234e-2 as 12.34; what is longer that way, or no number, stays."""
    match = re.fullmatch(r"-?\d+e(-?\d+)", canonical)
    if match is None or abs(int(match[1])) > _MOST_ZEROS:
        return canonical
    return f"{Decimal(canonical):f}"
