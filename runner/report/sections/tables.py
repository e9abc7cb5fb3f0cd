"""Each table's part of the report: its counts in a chain, what must hold between them, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner import links
from runner.formatting import iso
from runner.labels import BAD_CLASSES, CLASSES, compared_keys
from runner.report.sections import differences

if TYPE_CHECKING:
    from runner.report.collect.evidence import Evidence

_WRITTEN = ("rowsRead", "items", "rejected", "superseded", "filtered", "unmatched", "duplicateKeys", "expirable")
# How many superseded rows are of another source row than the one that stays, and keys without a valid newest row.
_KEYS = ("supersededKeys", "keysWithoutItem")
_COMPARED = tuple(name for name in CLASSES if name not in ("rejected", "superseded"))
# The counts that the catalog caps: more ends the run.
LIMITED = ("rejected", "filtered", "unmatched")
Document = dict[str, Any]


def build(evidence: Evidence, extracts: list[Document]) -> list[Document]:
    """Return the tables of the run, in the catalog's order."""
    disputed = _disputed(extracts)
    written: Document = (evidence.manifest or {}).get("tables") or (evidence.comparison or {}).get("bootstrap") or {}
    compared: Document = (evidence.comparison or evidence.verdict or {}).get("tables", {})
    names = dict.fromkeys([*evidence.table_names, *written, *compared])
    return [
        _table(evidence, name, facts, compared.get(name, {}), disputed=_disputes(disputed, name, facts))
        for name, facts in ((name, written.get(name, {})) for name in names)
    ]


def totals(tables: list[Document]) -> Document:
    """Return the sum of each count over the tables that know it; None where none does."""
    counts = {}
    for name in tables[0]["counts"] if tables else ():
        known = [table["counts"][name] for table in tables if table["counts"][name] is not None]
        counts[name] = sum(known) if known else None
    return counts


def _disputed(extracts: list[Document]) -> dict[str, int]:
    """Return how many differences the witness found in each table's extracts."""
    disputed: dict[str, int] = {}
    for extract in extracts:
        differences = sum((cluster["witness"] or {}).get("differences") or 0 for cluster in extract["clusters"])
        disputed[extract["table"]] = disputed.get(extract["table"], 0) + differences
    return disputed


def _disputes(disputed: dict[str, int], name: str, written: Document) -> int:
    """Return how many differences the witness found in a table's extracts, or in those of its parts."""
    names = [f"{name}.{part}" for part in written.get("parts") or {}] or [name]
    return sum(disputed.get(own, 0) for own in names)


def _table(evidence: Evidence, name: str, written: Document, compared: Document, *, disputed: int) -> Document:
    migrated = _newest(evidence, name)
    stages = [attempt.stages[name] for attempt in evidence.attempts if name in attempt.stages]
    counts = _counts(written, migrated, compared)
    return {
        "name": name,
        "tableName": migrated.get("tableName"),
        "tableArn": migrated.get("tableArn") or None,
        "link": links.table(evidence.region, migrated["tableName"]) if migrated.get("tableName") else None,
        "stage": stages[-1] if stages else None,
        "verdict": _verdict(counts, disputed),
        "traced": written.get("traced"),
        "limits": _limits(evidence, name),
        "counts": counts,
        "checks": _checks(counts),
        "columns": differences.columns(compared),
        "differences": differences.differences(evidence, name, compared),
        "import": _import(evidence, migrated),
        "export": _export(evidence, migrated),
        "clusters": [_cluster(cluster, figures) for cluster, figures in written.get("clusters", {}).items()],
        "rejectSamples": list(written.get("rejectSamples", [])),
        "duplicateSamples": list(written.get("duplicateSamples", [])),
        "parts": _parts(evidence, name, written.get("parts") or {}, compared.get("parts") or {}),
    }


def _parts(evidence: Evidence, table: str, written: Document, compared: Document) -> list[Document]:
    """Return the counts of each part of a table; nobody imports or exports a part alone."""
    return [
        _part(evidence, f"{table}.{name}", name, written.get(name, {}), compared.get(name, {}))
        for name in dict.fromkeys([*written, *compared])
    ]


def _part(evidence: Evidence, whole_name: str, name: str, written: Document, compared: Document) -> Document:
    counts = _counts(written, {}, compared)
    return {
        "name": name,
        "verdict": _verdict(counts, 0),
        "limits": _limits(evidence, whole_name),
        "counts": counts,
        "checks": _checks(counts),
        "differing": sum(compared[kind] for kind in BAD_CLASSES) if compared else None,
    }


def _limits(evidence: Evidence, name: str) -> Document:
    return {count: (evidence.limits.get(name) or {}).get(count) for count in LIMITED}


def _newest(evidence: Evidence, name: str) -> Document:
    """Return what the newest attempts that migrated the table ended with; a verification imports nothing."""
    migrated = [attempt.migrated[name] for attempt in evidence.attempts if name in attempt.migrated]
    return {key: value for ended in migrated for key, value in ended.items()}


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
    candidates = [
        (("rowsRead",), ("items", "rejected", "superseded", "filtered"), "every row read is an item or accounted for"),
        (("items",), ("matched", "expired"), "every item is equal in the clones and in the export, or had expired"),
    ]
    # The tables of a catch-up, and those made empty, had no import.
    candidates[1:1] = (
        [(("items",), ("exported", "expired"), "every item was exported, or had expired")]
        if counts["imported"] is None
        else [
            (("items",), ("imported",), "every item was imported"),
            (("imported",), ("exported", "expired"), "every imported item was exported, or had expired"),
        ]
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


def _import(evidence: Evidence, migrated: Document) -> Document | None:
    """Return the import that made the table; none for a table that was made empty."""
    arn = migrated.get("importArn")
    if not arn:
        return None
    described = _described([attempt.imports for attempt in evidence.attempts], arn)
    return {
        "arn": arn,
        "link": links.table(evidence.region, _table_of(arn)),
        "status": described.get("ImportStatus"),
        "startedAt": iso(described.get("StartTime")),
        "endedAt": iso(described.get("EndTime")),
        "processedBytes": described.get("ProcessedSizeBytes"),
        "errors": described.get("ErrorCount"),
    }


def _export(evidence: Evidence, migrated: Document) -> Document | None:
    arn = migrated.get("exportArn")
    if not arn:
        return None
    described = _described([attempt.exports for attempt in evidence.attempts], arn)
    return {
        "arn": arn,
        "link": links.exports(evidence.region, _table_of(arn)),
        "status": described.get("ExportStatus"),
        "startedAt": iso(described.get("StartTime")),
        "endedAt": iso(described.get("EndTime")),
        "exportTime": iso(described.get("ExportTime")),
        "billedBytes": described.get("BilledSizeBytes"),
        "manifest": f"s3://{evidence.bucket}/{migrated['manifest']}",
    }


def _table_of(arn: str) -> str:
    """Return the table that the ARN of an import or export begins with: …:table/<name>/export/<id>."""
    return arn.split("/")[1]


def _described(described: list[dict[str, Document]], arn: str) -> Document:
    answers = [by_arn[arn] for by_arn in described if arn in by_arn]
    return answers[-1] if answers else {}


def _cluster(name: str, figures: Document) -> Document:
    """Return one cluster's counts; a table of groups knows the rows read and filtered only over all clusters."""
    return {
        "cluster": name,
        "rowsRead": figures.get("rowsRead"),
        "items": figures["item"] + figures["duplicate"],
        "rejected": figures["rejected"],
        "superseded": figures["superseded"],
        "filtered": figures.get("filtered"),
        "unmatched": figures["unmatched"],
    }
