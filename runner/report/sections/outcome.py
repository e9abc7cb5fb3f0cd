"""How a run went: the title of its report, its tone, and a sentence or two."""

from __future__ import annotations

import re
from typing import Any

from runner.failure_advice import REFUSED
from runner.formatting import number
from runner.labels import BAD_CLASSES, duration
from runner.live.jobs.progress import JOBS

Document = dict[str, Any]
_ENDINGS = {"ABORTED": "Stopped", "TIMED_OUT": "Timed out"}
_LONGEST_SENTENCE = 300  # characters
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html names these statuses.
_WITHOUT_ERROR = ("ABORTED", "FAILED", "TIMED_OUT")


def outcome(document: Document) -> Document:
    """Return kind, title and tone: the tone is good, bad, warn, info or none."""
    kind, title, tone = _outcome(document)
    return {"kind": kind, "title": title, "tone": tone}


def _outcome(document: Document) -> tuple[str, str, str]:
    verdict, status, failure = document["verdict"], document["status"], document["failure"]
    if status == "RUNNING":
        return "running", _running(document), "info"
    if failure and failure["error"] in REFUSED:
        return "refused", f"Not started: {failure['error']}", "bad"
    if failure and failure["error"] != "DataMismatch":
        ended = _ending(status, failure)
        if verdict == "MATCH":
            return "failed", f"MATCH, but {ended[0].lower()}{ended[1:]}", "warn"
        return "stopped" if status == "ABORTED" else "failed", ended, "bad"
    if verdict != "NONE":
        return verdict.lower(), verdict, "good" if verdict == "MATCH" else "bad"
    return "unknown", "Succeeded" if status == "SUCCEEDED" else "Nothing is known any more", "none"


def _running(document: Document) -> str:
    attempt = document["attempts"][-1]
    phase = attempt["phases"][-1]["name"] if attempt["phases"] else "just started"
    return f"Running: {phase}, {duration(attempt['elapsedSeconds'])} so far"


def _ending(status: str, failure: Document) -> str:
    where = f" in {failure['phase']}" if failure["phase"] else ""
    error = "" if failure["error"] in _WITHOUT_ERROR else f": {failure['error']}"
    return f"{_ENDINGS.get(status, 'Failed')}{where}{error}"


def headline(document: Document, source: str = "the clones") -> str:
    """Return what was found, in a sentence or two; `source` is what DynamoDB was compared with."""
    verdict, failure = document["verdict"], document["failure"]
    if document["status"] == "RUNNING":
        return _going_on(document)
    if failure and failure["error"] in REFUSED:
        return "The run was refused before it touched anything."
    if verdict == "MISMATCH":
        parts = [_differ(document, source), _disputed(document)]
        if failure and failure["error"] != "DataMismatch":
            parts.append(f"The newest attempt failed before it compared: {failure['error']}.")
        return " ".join(part for part in parts if part)
    parts = [_compared(document, source), _changed(document)]
    return " ".join(part for part in [_first_sentence(failure["cause"]) if failure else "", *parts] if part)


def _first_sentence(cause: str) -> str:
    """Return what a cause begins with: the fact, before what to do about it."""
    sentence = re.split(r"(?<=[.!?])\s", " ".join(cause.split()), maxsplit=1)[0]
    if len(sentence) > _LONGEST_SENTENCE:
        return f"{sentence[:_LONGEST_SENTENCE]}…"
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _going_on(document: Document) -> str:
    phases = document["attempts"][-1]["phases"]
    if not phases:
        return "The first phase begins."
    phase = phases[-1]
    taken = f"The phase {phase['name']} has taken {duration(phase['elapsedSeconds'])}."
    job = JOBS.get(phase["name"])
    summary = next((entry["summary"] for entry in document["progress"] if entry["job"] == job and entry["summary"]), "")
    if phase["name"] == "Apply":
        summary = _written(document)
    return f"{taken} {summary[0].upper()}{summary[1:]}." if summary else taken


def _written(document: Document) -> str:
    """Return how far the table writer is, as the items of its Map that have ended a call say."""
    totals = document["changes"]["totals"] if document["changes"] else {}
    if totals.get("applied") is None or totals["changes"] is None:
        return ""
    done = totals["applied"] + totals["already"] + totals["expired"]
    return f"{done:,} of {totals['changes']:,} changes are written"


def _compared(document: Document, source: str) -> str:
    if document["verdict"] == "NONE":
        return "Nothing was compared."
    counts = [table["counts"] for table in document["tables"] if table["counts"]["compared"] is not None]
    expired = sum(count["expired"] for count in counts)
    items = f"All {sum(count['matched'] for count in counts):,} items of {_tables(len(counts))}"
    more = f"; {expired:,} more had expired." if expired else "."
    return f"{items} are the same in {source} and in DynamoDB{more}"


def _changed(document: Document) -> str:
    """Return how many items a catch-up or repair wrote to make them so."""
    changes = document["changes"]
    if not changes or changes["totals"]["changes"] is None:
        return ""
    totals = changes["totals"]
    if not totals["changes"]:
        return "No item had to be written."
    parts = [f"{number(totals[kind])} {kind}" for kind in ("inserted", "updated", "deleted") if totals[kind]]
    differed = "1 item" if totals["changes"] == 1 else f"{totals['changes']:,} items"
    return f"{differed} differed from the tables before: {', '.join(parts)}."


def _differ(document: Document, source: str) -> str:
    differing = [table for table in document["tables"] if table["verdict"] == "MISMATCH"]
    bad = sum(table["counts"][kind] for table in differing for kind in BAD_CLASSES)
    compared = sum(table["counts"]["compared"] or 0 for table in document["tables"])
    if not bad:
        return ""
    tables = sum(any(table["counts"][kind] for kind in BAD_CLASSES) for table in differing)
    verb = "differs" if bad == 1 else "differ"
    return f"{bad:,} of {compared:,} items {verb} between {source} and DynamoDB, in {_tables(tables)}."


def _disputed(document: Document) -> str:
    """Return what the witness disputes, which makes a verdict MISMATCH by itself."""
    witness = document["witness"]
    if not witness or not witness["differences"]:
        return ""
    differ = "1 differs" if witness["differences"] == 1 else f"{witness['differences']:,} differ"
    return f"Of {witness['sampled'] or 0:,} rows that the witness read another way, {differ}."


def _tables(count: int) -> str:
    return "1 table" if count == 1 else f"{count:,} tables"
