"""Each extract's part of the report: what was read of it, what was left unread, and what the witness checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.report.collect.evidence import Evidence

VALUE_CHARACTERS = 1024
# An estimate of the database and a count further apart than this are shown side by side.
_RATIO = 2
# PostgreSQL analyzes a table again only after 50 changed rows and a tenth of the table:
# https://www.postgresql.org/docs/current/runtime-config-autovacuum.html
_FEW_ROWS = 100
_WITNESS = ("rows", "sampled", "landed", "exported", "differences")
_TOTALS = ("sampled", "landed", "exported", "differences")
Document = dict[str, Any]


def build(evidence: Evidence) -> list[Document]:
    """Return the extracts that the run's documents name, in the manifest's order."""
    manifest, comparison = evidence.manifest or {}, evidence.comparison or {}
    parts = {name: manifest.get(name) or {} for name in ("audit", "sources", "where", "unread")}
    parts["witness"] = comparison.get("witness") or {}
    names = dict.fromkeys(name for part in parts.values() for name in part)
    return [_extract(name, {part: by_extract.get(name) for part, by_extract in parts.items()}) for name in names]


def witness(evidence: Evidence, extracts: list[Document]) -> Document | None:
    """Return the witness's totals and the values that it disputes, or None if the run had no witness."""
    comparison = evidence.comparison or {}
    checked = [cluster["witness"] for extract in extracts for cluster in extract["clusters"] if cluster["witness"]]
    totals = (evidence.verdict or comparison).get("witness")
    if totals is None and checked:
        totals = {name: sum(entry[name] or 0 for entry in checked) for name in _TOTALS}
    if not totals:
        return None
    samples = [_sample(sample) for sample in comparison.get("witnessSamples") or []]
    return {**{name: totals.get(name) for name in _TOTALS}, "samples": samples}


def _extract(name: str, parts: dict[str, Any]) -> Document:
    table, _, extract = name.rpartition("-")  # the name of an extract has no hyphen
    unread, where = parts["unread"], parts["where"] or {}
    rows: Document = {cluster: figures[0] for cluster, figures in (parts["audit"] or {}).items() if figures}
    by_cluster = (rows, parts["sources"] or {}, where.get("clusters") or {}, parts["witness"] or {})
    return {
        "table": table,
        "extract": extract,
        "condition": where.get("condition"),
        "leftOut": None if unread is None else list(unread.get("leftOut", [])),
        "newColumns": None if unread is None else list(unread.get("new", [])),
        "clusters": [
            _cluster(cluster, *[documents.get(cluster) for documents in by_cluster])
            for cluster in dict.fromkeys(cluster for documents in by_cluster for cluster in documents)
        ],
    }


def _cluster(
    cluster: str, rows: int | None, source: Document | None, inside: Document | None, checked: Document | None
) -> Document:
    inside, source = inside or {}, source or {}
    # The estimate is of the whole table, whatever the extract's condition lets through.
    whole = rows if not inside else inside.get("inside", 0) + inside.get("outside", 0)
    return {
        "cluster": cluster,
        "rows": rows,
        "kind": source.get("kind"),
        "estimate": source.get("estimate"),
        "estimateDiffers": _differs(source.get("estimate"), whole),
        "inside": inside.get("inside"),
        "outside": inside.get("outside"),
        "witness": None if checked is None else {name: checked.get(name) for name in _WITNESS},
    }


def _differs(estimate: int | None, rows: int | None) -> bool | None:
    """Say whether the database's own estimate and the count are far apart; None if one is not known."""
    if estimate is None or rows is None:
        return None
    low, high = sorted((estimate, rows))
    return high - low > _FEW_ROWS and high > _RATIO * low


def _sample(sample: Document) -> Document:
    return {
        **{name: sample.get(name) for name in ("table", "extract", "cluster", "column")},
        "key": str(sample.get("key")),
        "clone": _value(sample.get("clone")),
        "against": "exported" if "exported" in sample else "landed",
        "value": _value(sample.get("exported", sample.get("landed"))),
    }


def _value(value: object) -> Document:
    """Return a value as the other differences show theirs; the witness compares values without DynamoDB's types."""
    text = "null" if value is None else str(value)
    cut = len(text) > VALUE_CHARACTERS
    return {"type": None, "text": text[:VALUE_CHARACTERS], "characters": len(text), "cut": cut}
