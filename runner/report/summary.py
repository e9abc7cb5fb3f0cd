"""The report in a few lines of Markdown, for the summary of a workflow's job."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from runner.formatting import money, number
from runner.labels import COUNTS, duration
from runner.report import text
from runner.report.sections.changes import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = {"good": "✅", "bad": "❌", "warn": "⚠️", "info": "⏳", "none": "⚪"}
_DIFFERENCES = 5
_VALUE_CHARACTERS = 120
Document = dict[str, Any]


def render(document: Document) -> str:
    """Return the summary."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    run, failure, outcome = document["run"], document["failure"], document["outcome"]
    yield f"## {_MARKS[outcome['tone']]} {run['domain']}: {_plain(outcome['title'])}"
    yield ""
    yield _plain(document["headline"])
    yield ""
    took = duration(run["elapsedSeconds"]) if run["elapsedSeconds"] is not None else "length not known"
    so_far = " so far" if document["status"] == "RUNNING" else ""
    kind = "" if run["kind"] == "bootstrap" else f"{run['kind']}, "
    cost = money(document["cost"]["total"])
    yield f"Run {_code(run['id'])}, {kind}{run['mode']}, {run['environment']}, {took}{so_far}, {cost} USD"
    yield ""
    yield " · ".join(f"[{label}]({url})" for label, url in pages(document))
    if failure:
        yield ""
        yield f"**{failure['error']}**: {_plain(failure['cause'])}"
    for job in document["progress"]:
        if job["state"] in ("failed", "stopped") and job["summary"]:
            yield ""
            yield f"The job {job['job']} got this far: {_plain(job['phase'])}; {_plain(job['summary'])}"
    yield ""
    yield from _counts(document)
    yield from _changes(document)
    yield from _differences(document)
    remains = document["remains"]
    if remains["clones"]:
        yield ""
        yield text.existing_clones(remains)
    for step in document["next"]:
        yield ""
        command = f": {_code(step['command'])}" if step["command"] else ""
        yield f"- {_plain(step['what'])}{_more(step['link'])}{command}"


def pages(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the pages that a person opens first: label and address."""
    if document["attempts"]:
        yield "Execution", document["attempts"][-1]["link"]
    if document["jobs"]:
        job = document["jobs"][-1]
        yield f"Log of the job {job['job']}", job["links"]["driverLog"]
    if document["placeLinks"]["comparison"]:
        yield "Evidence in S3", document["placeLinks"]["comparison"]
    yield "Dashboard", document["run"]["dashboard"]
    if document["failure"] and document["failure"]["runbook"].startswith("https://"):
        yield "Runbook", document["failure"]["runbook"]


def _more(link: str | None) -> str:
    if link is None:
        return ""
    return f" ([read more]({link}))" if link.startswith("https://") else f" ({_code(link)})"


def _counts(document: Document) -> Iterator[str]:
    yield "| table | " + " | ".join([*COUNTS.values(), "matched", "verdict"]) + " |"
    yield "|---|" + "--:|" * (len(COUNTS) + 1) + "---|"
    for table in document["tables"]:
        cells = [number(table["counts"][name]) for name in (*COUNTS, "matched")]
        yield f"| {_plain(table['name'])} | {' | '.join(cells)} | {table['verdict']} |"
        for part in table["parts"]:
            cells = [number(part["counts"][name]) for name in (*COUNTS, "matched")]
            yield f"| … {_plain(part['name'])} | {' | '.join(cells)} | {part['verdict']} |"
    if len(document["tables"]) > 1:
        cells = [f"**{number(document['totals'][name])}**" for name in (*COUNTS, "matched")]
        yield f"| **{len(document['tables'])} tables** | {' | '.join(cells)} | |"


def _changes(document: Document) -> Iterator[str]:
    """Yield what a catch-up or repair changed, where that is counted."""
    changes = document["changes"]
    if not changes or changes["totals"]["changes"] is None:
        return
    names = (*CLASSES, "conflicts")
    yield ""
    yield "| table | " + " | ".join(names) + " |"
    yield "|---|" + "--:|" * len(names)
    for table in changes["tables"]:
        yield f"| {_plain(table['table'])} | {' | '.join(number(table[name]) for name in names)} |"
    if len(changes["tables"]) > 1:
        cells = [f"**{number(changes['totals'][name])}**" for name in names]
        yield f"| **{len(changes['tables'])} tables** | {' | '.join(cells)} |"


def _differences(document: Document) -> Iterator[str]:
    samples = [(table["name"], sample) for table in document["tables"] for sample in table["differences"]["samples"]]
    if not samples:
        return
    yield ""
    total = sum(table["differences"]["total"] or 0 for table in document["tables"])
    shown = len({(name, sample["key"]) for name, sample in samples[:_DIFFERENCES]})
    yield f"{shown} of {total:,} differing items; the report has more of them, and longer values."
    yield ""
    yield "| table | key | column | in the clones | in DynamoDB |"
    yield "|---|---|---|---|---|"
    for name, sample in samples[:_DIFFERENCES]:
        values = [_code(_short(sample[side]["text"])) for side in ("clones", "dynamodb")]
        column = sample["column"] or "whole item"
        yield f"| {_plain(name)} | {_code(sample['key'])} | {_plain(column)} | {' | '.join(values)} |"


def _short(value: str) -> str:
    return value if len(value) <= _VALUE_CHARACTERS else value[:_VALUE_CHARACTERS] + "…"


def _plain(written: str) -> str:
    """Return text that Markdown shows as it is, in one line."""
    escaped = html.escape(text.visible(written), quote=False)
    for mark in "\\`*_[]|#~":
        escaped = escaped.replace(mark, f"&#{ord(mark)};")
    return " ".join(escaped.split())


def _code(written: str) -> str:
    return f"<code>{_plain(written)}</code>"
