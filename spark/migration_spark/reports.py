"""Compare's documents: the verdict, which the state machine reads, and the report, which has row values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migration_spark import table_parts
from migration_spark.comparison import BAD, CLASSES, COMPARED
from migration_spark.redaction import key_hash
from migration_spark.witness.verdict import Testimony

if TYPE_CHECKING:
    from migration_spark.job import Job

_MOST_TABLES = 5


def differs(tally: dict[str, Any]) -> int:
    """Return the number of keys or rows of a table that differ."""
    return sum(tally[kind] for kind in BAD)


def write_verdict(job: Job, tables: dict[str, Any]) -> None:
    """Write verdict.json: counts, and the first difference, once fetched, without its values.

    A verification that finds differences also replaces the run's own verdict, which no longer holds: no attempt of
    the run may treat the run as verified.
    """
    verdict = _verdict(job, tables)
    job.storage.write_json(job.arguments.report("verdict.json"), verdict)
    if job.arguments.verify and verdict["verdict"] == "MISMATCH":
        job.storage.write_json(job.arguments.uri("reports", "verdict.json"), verdict)


def write_report(job: Job, manifest: dict[str, Any], tables: dict[str, Any]) -> None:
    """Write report.json: the verdict, all counts, and samples with both values."""
    testimony = _testimony(tables)
    report = {
        **_verdict(job, tables),
        "firstDifference": _first(tables),
        "phases": job.phases,
        "bootstrap": {target: manifest["tables"][target] for target, _ in _owners(tables).values()},
        "witness": testimony.document(manifest["extracts"]),
        "witnessSamples": testimony.samples,
        "tables": _nested(tables, {name: {**_counts(tally), **_details(tally)} for name, tally in tables.items()}),
    }
    job.storage.write_json(job.arguments.report("report.json"), report)


def _verdict(job: Job, tables: dict[str, Any]) -> dict[str, Any]:
    first, testimony = _first(tables), _testimony(tables)
    bad = sum(differs(tally) for tally in tables.values())
    return {
        **job.identity(),
        "verdict": "MISMATCH" if bad or testimony.counts["differences"] else "MATCH",
        # The other side of the comparison: the clones, or in a verification the rows that Bootstrap landed.
        "against": "raw" if job.arguments.verify else "clones",
        "leftOut": job.left_out,
        "summary": testimony.added_to(_summary(job, tables, first, bad), differs=bool(bad)),
        "tables": table_parts.without_parts(_nested(tables, {name: _counts(tally) for name, tally in tables.items()})),
        "witness": None if job.arguments.verify else testimony.counts,
        "firstDifference": first and _without_values(first),
    }


def _owners(tables: dict[str, Any]) -> dict[str, table_parts.Owner]:
    """Return the DynamoDB table and the part of each tally."""
    return {name: tally.get("partOf", (name, "")) for name, tally in tables.items()}


def _nested(tables: dict[str, Any], facts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return facts by DynamoDB table; a table of parts has the sums and each part's facts."""
    return table_parts.nested(_owners(tables), facts, lambda _, parts: _added(list(parts.values())))


def _added(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the facts of a table from those of its parts; counts of an attribute add up over the parts."""
    added: dict[str, Any] = {}
    for name, value in parts[0].items():
        values = [part[name] for part in parts]
        if isinstance(value, dict):
            counts = [pair for own in values for pair in own.items()]
            is_count = name != "tolerances"
            added[name] = (
                {key: sum(n for k, n in counts if k == key) for key, _ in counts} if is_count else dict(counts)
            )
        elif isinstance(value, list):
            whole = [entry for own in values for entry in own]
            added[name] = whole if name == "samples" else list(dict.fromkeys(whole))
        else:
            added[name] = sum(values)
    return added


def _testimony(tables: dict[str, Any]) -> Testimony:
    return Testimony({name: tally["witness"] for name, tally in tables.items()})


def _first(tables: dict[str, Any]) -> dict[str, Any] | None:
    return next(({"table": name, **sample} for name, tally in tables.items() for sample in tally["samples"]), None)


def _without_values(difference: dict[str, Any]) -> dict[str, str]:
    """Return a difference without its values: the state machine's history holds the verdict."""
    shown = {name: str(difference[name]) for name in ("table", "class", "column")}
    return {**shown, "key": key_hash(difference["key"])}


def _counts(tally: dict[str, Any]) -> dict[str, int]:
    """Return the number of compared keys, and the keys or rows per class."""
    return {"compared": sum(tally[kind] for kind in COMPARED), **{kind: tally[kind] for kind in CLASSES}}


def _details(tally: dict[str, Any]) -> dict[str, Any]:
    names = ("changedAttributes", "hiddenDifferences", "excluded", "tolerances", "samples")
    return {**{name: tally[name] for name in names}, "exported": tally["target"]}


def _summary(job: Job, tables: dict[str, Any], first: dict[str, Any] | None, bad: int) -> str:
    """Return the result of the comparison, and its scope."""
    reach = " No clone was read: the rows are those that the run landed." if job.arguments.verify else ""
    if job.left_out:
        reach += f" It says nothing of {len(job.left_out)} tables of the domain: {', '.join(job.left_out)}."
    if bad:
        return _differing(tables, first, bad) + reach
    matched = sum(tally["matched"] for tally in tables.values())
    equal = "still match what the run read" if job.arguments.verify else "match the clones"
    return f"All {matched} items of {len({target for target, _ in _owners(tables).values()})} tables {equal}.{reach}"


def _differing(tables: dict[str, Any], first: dict[str, Any] | None, bad: int) -> str:
    parts = [
        f"{name}: " + ", ".join(f"{tally[kind]} {kind}" for kind in BAD if tally[kind])
        for name, tally in tables.items()
        if any(tally[kind] for kind in BAD)
    ]
    differ = "1 item differs" if bad == 1 else f"{bad} items differ"
    counted = f"{differ} ({'; '.join(parts[:_MOST_TABLES])})."
    if first is None:
        return counted
    return (
        f"{counted} The first: {first['table']} {key_hash(first['key'])} is {first['class']} in {first['column']}. "
        "Both values are in the report."
    )
