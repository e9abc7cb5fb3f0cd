"""The outcome of a run: the title of its report, its tone, and a sentence or two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.failure_advice import REFUSED
from runner.formatting import number
from runner.labels import BAD_CLASSES, duration
from runner.live.jobs.progress import JOBS
from runner.report.model.report import Outcome

if TYPE_CHECKING:
    from runner.report.model.report import Report
    from runner.report.model.run import Failure

_ENDINGS = {"ABORTED": "Stopped", "TIMED_OUT": "Timed out"}
_LONGEST_SENTENCE = 300  # characters
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html names these statuses.
_WITHOUT_ERROR = ("ABORTED", "FAILED", "TIMED_OUT")


def outcome(report: Report) -> Outcome:
    """Return kind, title and tone of the outcome."""
    verdict, status, failure = report.verdict, report.status, report.failure
    if status == "RUNNING":
        return Outcome(kind="running", title=_running(report), tone="info")
    if failure and failure.error in REFUSED:
        return Outcome(kind="refused", title=f"Not started: {failure.error}", tone="bad")
    if failure and failure.error != "DataMismatch":
        return _failed(report, _ending(status, failure))
    if verdict == "MATCH":
        return Outcome(kind="match", title="MATCH", tone="good")
    if verdict == "MISMATCH":
        return Outcome(kind="mismatch", title="MISMATCH", tone="bad")
    title = "Succeeded" if status == "SUCCEEDED" else "No longer known"
    return Outcome(kind="unknown", title=title, tone="none")


def _failed(report: Report, ending: str) -> Outcome:
    if report.verdict == "MATCH":
        return Outcome(kind="failed", title=f"MATCH, but {ending[0].lower()}{ending[1:]}", tone="warn")
    return Outcome(kind="stopped" if report.status == "ABORTED" else "failed", title=ending, tone="bad")


def _running(report: Report) -> str:
    attempt = report.attempts[-1]
    phase = attempt.phases[-1].name if attempt.phases else "just started"
    return f"Running: {phase}, {duration(attempt.elapsed_seconds)} so far"


def _ending(status: str, failure: Failure) -> str:
    where = f" in {failure.phase}" if failure.phase else ""
    error = "" if failure.error in _WITHOUT_ERROR else f": {failure.error}"
    return f"{_ENDINGS.get(status, 'Failed')}{where}{error}"


def headline(report: Report, source: str = "the clones") -> str:
    """Return the outcome in a sentence or two; `source` names the side that DynamoDB was compared with."""
    verdict, failure = report.verdict, report.failure
    if report.status == "RUNNING":
        return _going_on(report)
    if failure and failure.error in REFUSED:
        return "The run was refused before it touched anything."
    if verdict == "MISMATCH":
        parts = [_differ(report, source), _disputed(report)]
        if failure and failure.error != "DataMismatch":
            parts.append(f"The newest attempt failed before it compared: {failure.error}.")
        return " ".join(part for part in parts if part)
    parts = [_compared(report, source), _changed(report)]
    return " ".join(part for part in [_first_sentence(failure.cause) if failure else "", *parts] if part)


def _first_sentence(cause: str) -> str:
    """Return the first sentence of a cause, which states the fact; the others say what to do about it."""
    sentence = re.split(r"(?<=[.!?])\s", " ".join(cause.split()))[0]
    if len(sentence) > _LONGEST_SENTENCE:
        return f"{sentence[:_LONGEST_SENTENCE]}…"
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _going_on(report: Report) -> str:
    phases = report.attempts[-1].phases
    if not phases:
        return "The first phase begins."
    phase = phases[-1]
    taken = f"The phase {phase.name} has taken {duration(phase.elapsed_seconds)}."
    job = JOBS.get(phase.name)
    summary = next((entry.summary for entry in report.progress if entry.job == job and entry.summary), "")
    if phase.name == "Apply":
        summary = _written(report)
    return f"{taken} {summary[0].upper()}{summary[1:]}." if summary else taken


def _written(report: Report) -> str:
    """Return the progress of the table writer, from the items of its Map that have ended a call."""
    totals = report.changes.totals if report.changes else None
    if totals is None or totals.applied is None or totals.changes is None:
        return ""
    done = totals.applied + (totals.already or 0) + (totals.expired or 0)
    return f"{done:,} of {totals.changes:,} changes are written"


def _compared(report: Report, source: str) -> str:
    if report.verdict == "NONE":
        return "Nothing was compared."
    counts = [table.counts for table in report.tables if table.counts.compared is not None]
    expired = sum(count.expired or 0 for count in counts)
    items = f"All {sum(count.matched or 0 for count in counts):,} items of {_tables(len(counts))}"
    more = f"; {expired:,} more had expired." if expired else "."
    return f"{items} are the same in {source} and in DynamoDB{more}"


def _changed(report: Report) -> str:
    """Return how many items a catch-up or repair wrote."""
    changes = report.changes
    if not changes or changes.totals.changes is None:
        return ""
    totals = changes.totals
    if not totals.changes:
        return "No item had to be written."
    parts = [f"{number(totals.of(kind))} {kind}" for kind in ("inserted", "updated", "deleted") if totals.of(kind)]
    differed = "1 item" if totals.changes == 1 else f"{totals.changes:,} items"
    return f"{differed} differed from the tables before: {', '.join(parts)}."


def _differ(report: Report, source: str) -> str:
    differing = [table for table in report.tables if table.verdict == "MISMATCH"]
    bad = sum(table.counts.of(kind) or 0 for table in differing for kind in BAD_CLASSES)
    compared = sum(table.counts.compared or 0 for table in report.tables)
    if not bad:
        return ""
    tables = sum(any(table.counts.of(kind) for kind in BAD_CLASSES) for table in differing)
    verb = "differs" if bad == 1 else "differ"
    return f"{bad:,} of {compared:,} items {verb} between {source} and DynamoDB, in {_tables(tables)}."


def _disputed(report: Report) -> str:
    """Return the dispute of the witness, which makes a verdict MISMATCH by itself."""
    witness = report.witness
    if not witness or not witness.differences:
        return ""
    differ = "1 differs" if witness.differences == 1 else f"{witness.differences:,} differ"
    return f"Of {witness.sampled or 0:,} rows that the witness read another way, {differ}."


def _tables(count: int) -> str:
    return "1 table" if count == 1 else f"{count:,} tables"
