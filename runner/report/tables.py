"""Each table's part of the report: its counts in a chain, what must hold between them, and what differs."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner.report.text import iso
from runner.words import BAD_CLASSES, CLASSES, compared_keys

if TYPE_CHECKING:
    from runner.report.evidence import Evidence

VALUE_CHARACTERS = 1024
_WRITTEN = ("rowsRead", "items", "rejected", "superseded", "filtered", "unmatched", "duplicateKeys", "expirable")
# How many superseded rows are of another source row than the one that stays, and keys without a valid newest row.
_KEYS = ("supersededKeys", "keysWithoutItem")
_COMPARED = tuple(name for name in CLASSES if name not in ("rejected", "superseded"))
_CANONICAL = re.compile(r"(S|N|BOOL|B|M|L|SS|NS|NULL):(.*)", re.DOTALL)
# The counts that the catalog caps: more ends the run.
LIMITED = ("rejected", "filtered", "unmatched")
_WHOLE_ITEM = "(whole item)"
_MOST_ZEROS = 40
Document = dict[str, Any]


def build(evidence: Evidence, extracts: list[Document]) -> list[Document]:
    """Return the tables of the run, in the catalog's order."""
    disputed = _disputed(extracts)
    written: Document = (evidence.manifest or {}).get("tables") or (evidence.comparison or {}).get("bootstrap") or {}
    compared: Document = (evidence.comparison or evidence.verdict or {}).get("tables", {})
    names = dict.fromkeys([*evidence.table_names, *written, *compared])
    return [
        _table(evidence, name, written.get(name, {}), compared.get(name, {}), disputed=disputed.get(name, 0))
        for name in names
    ]


def _disputed(extracts: list[Document]) -> dict[str, int]:
    """Return how many differences the witness found in each table's extracts."""
    differences: dict[str, int] = {}
    for extract in extracts:
        found = sum((cluster["witness"] or {}).get("differences") or 0 for cluster in extract["clusters"])
        differences[extract["table"]] = differences.get(extract["table"], 0) + found
    return differences


def _table(evidence: Evidence, name: str, written: Document, compared: Document, *, disputed: int) -> Document:
    migrated = _newest(evidence, name)
    stages = [attempt.stages[name] for attempt in evidence.attempts if name in attempt.stages]
    counts = _counts(written, migrated, compared)
    return {
        "name": name,
        "tableName": migrated.get("tableName"),
        "tableArn": migrated.get("tableArn") or None,
        "stage": stages[-1] if stages else None,
        "verdict": _verdict(counts, disputed),
        "traced": written.get("traced"),
        "limits": {count: (evidence.limits.get(name) or {}).get(count) for count in LIMITED},
        "counts": counts,
        "checks": _checks(counts),
        "columns": _columns(compared),
        "differences": _differences(evidence, name, compared),
        "import": _import(evidence, migrated),
        "export": _export(evidence, migrated),
        "clusters": [_cluster(cluster, found) for cluster, found in written.get("clusters", {}).items()],
        "rejectSamples": list(written.get("rejectSamples", [])),
        "duplicateSamples": list(written.get("duplicateSamples", [])),
    }


def _newest(evidence: Evidence, name: str) -> Document:
    """Return what the newest attempts that migrated the table ended with; a verification imports nothing."""
    found = [attempt.migrated[name] for attempt in evidence.attempts if name in attempt.migrated]
    return {key: value for ended in found for key, value in ended.items()}


def _counts(written: Document, migrated: Document, compared: Document) -> Document:
    """Return every count; one that is not known is None, never 0."""
    classes = {name: compared.get(name) for name in _COMPARED}
    return {
        **{name: written.get(name) for name in (*_WRITTEN, *_KEYS)},
        "imported": migrated.get("imported"),
        "exported": migrated.get("exported", compared.get("exported")),
        "compared": compared_keys(classes),
        **classes,
    }


def _verdict(counts: Document, disputed: int) -> str:
    if counts["compared"] is None:
        return "NONE"
    return "MISMATCH" if disputed or any(counts[name] for name in BAD_CLASSES) else "MATCH"


def _checks(counts: Document) -> list[Document]:
    """Return what must hold between the counts, where all of them are known."""
    candidates = (
        (("rowsRead",), ("items", "rejected", "superseded", "filtered"), "every row read is an item or accounted for"),
        (("items",), ("imported",), "every item was imported"),
        (("imported",), ("exported", "expired"), "every imported item was exported, or had expired"),
        (("items",), ("matched", "expired"), "every item is equal in the clones and in the export, or had expired"),
    )
    return [
        {
            "name": name,
            "left": {key: counts[key] for key in left},
            "right": {key: counts[key] for key in right},
            "holds": sum(counts[key] for key in left) == sum(counts[key] for key in right),
        }
        for left, right, name in candidates
        if None not in [counts[key] for key in (*left, *right)]
    ]


def _columns(compared: Document) -> list[Document]:
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


def _differences(evidence: Evidence, name: str, compared: Document) -> Document:
    samples: list[Document] = compared.get("samples", [])
    classes = []
    for kind in BAD_CLASSES:
        keys = {sample["key"] for sample in samples if sample["class"] == kind}
        if compared.get(kind):
            classes.append({"class": kind, "count": compared[kind], "keysShown": len(keys)})
    return {
        "total": sum(found["count"] for found in classes) if compared else None,
        "partial": any(found["keysShown"] < found["count"] for found in classes),
        "classes": classes,
        "samples": [_sample(sample) for sample in samples],
        "place": f"s3://{evidence.bucket}/{evidence.reports}/mismatches/{name}/" if classes else None,
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
    found = None if whole else _CANONICAL.fullmatch(text)
    kind, content = (found[1], found[2]) if found else (None, text)
    tag = len(text) - len(content)
    content = content if characters is None else content.removesuffix("…")
    shown = _plain_number(content) if kind == "N" else content
    full = len(shown) if characters is None else characters - tag
    return {"type": kind, "text": shown[:VALUE_CHARACTERS], "characters": full, "cut": full > VALUE_CHARACTERS}


def _plain_number(canonical: str) -> str:
    """Return 1234e-2 as 12.34; what is longer that way, or no number, stays."""
    found = re.fullmatch(r"-?\d+e(-?\d+)", canonical)
    if found is None or abs(int(found[1])) > _MOST_ZEROS:
        return canonical
    return f"{Decimal(canonical):f}"


def _import(evidence: Evidence, migrated: Document) -> Document | None:
    """Return the import that made the table; none for a table that was made empty."""
    arn = migrated.get("importArn")
    if not arn:
        return None
    found = _described([attempt.imports for attempt in evidence.attempts], arn)
    return {
        "arn": arn,
        "status": found.get("ImportStatus"),
        "startedAt": iso(found.get("StartTime")),
        "endedAt": iso(found.get("EndTime")),
        "processedBytes": found.get("ProcessedSizeBytes"),
        "errors": found.get("ErrorCount"),
    }


def _export(evidence: Evidence, migrated: Document) -> Document | None:
    arn = migrated.get("exportArn")
    if not arn:
        return None
    found = _described([attempt.exports for attempt in evidence.attempts], arn)
    return {
        "arn": arn,
        "status": found.get("ExportStatus"),
        "startedAt": iso(found.get("StartTime")),
        "endedAt": iso(found.get("EndTime")),
        "exportTime": iso(found.get("ExportTime")),
        "billedBytes": found.get("BilledSizeBytes"),
        "manifest": f"s3://{evidence.bucket}/{migrated['manifest']}",
    }


def _described(described: list[dict[str, Document]], arn: str) -> Document:
    found = [by_arn[arn] for by_arn in described if arn in by_arn]
    return found[-1] if found else {}


def _cluster(name: str, found: Document) -> Document:
    """Return one cluster's counts; a table of groups knows the rows read and filtered only over all clusters."""
    return {
        "cluster": name,
        "rowsRead": found.get("rowsRead"),
        "items": found["item"] + found["duplicate"],
        "rejected": found["rejected"],
        "superseded": found["superseded"],
        "filtered": found.get("filtered"),
        "unmatched": found["unmatched"],
    }
