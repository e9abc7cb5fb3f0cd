"""The report in a few lines of Markdown, for the summary of a workflow's job."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from runner.formatting import money, number
from runner.labels import COUNTS, duration
from runner.report import text
from runner.report.sections.changes import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.report.model.report import Report

_MARKS = {"good": "✅", "bad": "❌", "warn": "⚠️", "info": "⏳", "none": "⚪"}
_DIFFERENCES = 5
_VALUE_CHARACTERS = 120


def render(report: Report) -> str:
    """Return the summary."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    run, failure, outcome = report.run, report.failure, report.outcome
    yield f"## {_MARKS[outcome.tone]} {run.domain}: {_plain(outcome.title)}"
    yield ""
    yield _plain(report.headline)
    yield ""
    took = duration(run.elapsed_seconds) if run.elapsed_seconds is not None else "length not known"
    so_far = " so far" if report.status == "RUNNING" else ""
    kind = "" if run.kind == "bootstrap" else f"{run.kind}, "
    cost = money(report.cost.total)
    yield f"Run {_code(run.id)}, {kind}{run.mode}, {run.environment}, {took}{so_far}, {cost} USD"
    yield ""
    yield " · ".join(f"[{label}]({url})" for label, url in pages(report))
    if failure:
        yield ""
        yield f"**{failure.error}**: {_plain(failure.cause)}"
    for job in report.progress:
        if job.state in ("failed", "stopped") and job.summary:
            yield ""
            yield f"The job {job.job} got this far: {_plain(job.phase)}; {_plain(job.summary)}"
    yield ""
    yield from _counts(report)
    yield from _changes(report)
    yield from _differences(report)
    remains = report.remains
    if remains.clones:
        yield ""
        yield text.existing_clones(remains)
    for step in report.next_steps:
        yield ""
        command = f": {_code(step.command)}" if step.command else ""
        yield f"- {_plain(step.what)}{_more(step.link)}{command}"


def pages(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the pages that a person opens first: label and address."""
    if report.attempts:
        yield "Execution", report.attempts[-1].link
    if report.jobs:
        job = report.jobs[-1]
        yield f"Log of the job {job.job}", job.links.driver_log
    if report.location_links.comparison:
        yield "Evidence in S3", report.location_links.comparison
    yield "Dashboard", report.run.dashboard
    if report.failure and report.failure.runbook.startswith("https://"):
        yield "Runbook", report.failure.runbook


def _more(link: str | None) -> str:
    if link is None:
        return ""
    return f" ([read more]({link}))" if link.startswith("https://") else f" ({_code(link)})"


def _counts(report: Report) -> Iterator[str]:
    yield "| table | " + " | ".join([*COUNTS.values(), "matched", "verdict"]) + " |"
    yield "|---|" + "--:|" * (len(COUNTS) + 1) + "---|"
    for table in report.tables:
        cells = [number(table.counts.of(name)) for name in (*COUNTS, "matched")]
        yield f"| {_plain(table.name)} | {' | '.join(cells)} | {table.verdict} |"
        for part in table.parts:
            cells = [number(part.counts.of(name)) for name in (*COUNTS, "matched")]
            yield f"| … {_plain(part.name)} | {' | '.join(cells)} | {part.verdict} |"
    if len(report.tables) > 1:
        cells = [f"**{number(report.totals[name])}**" for name in (*COUNTS, "matched")]
        yield f"| **{len(report.tables)} tables** | {' | '.join(cells)} | |"


def _changes(report: Report) -> Iterator[str]:
    """Yield what a catch-up or repair changed, where that is counted."""
    changes = report.changes
    if not changes or changes.totals.changes is None:
        return
    names = (*CLASSES, "conflicts")
    yield ""
    yield "| table | " + " | ".join(names) + " |"
    yield "|---|" + "--:|" * len(names)
    for table in changes.tables:
        yield f"| {_plain(table.table)} | {' | '.join(number(table.of(name)) for name in names)} |"
    if len(changes.tables) > 1:
        cells = [f"**{number(changes.totals.of(name))}**" for name in names]
        yield f"| **{len(changes.tables)} tables** | {' | '.join(cells)} |"


def _differences(report: Report) -> Iterator[str]:
    samples = [(table.name, sample) for table in report.tables for sample in table.differences.samples]
    if not samples:
        return
    yield ""
    total = sum(table.differences.total or 0 for table in report.tables)
    shown = len({(name, sample.key) for name, sample in samples[:_DIFFERENCES]})
    yield f"{shown} of {total:,} differing items; the report has more of them, and longer values."
    yield ""
    yield "| table | key | column | in the clones | in DynamoDB |"
    yield "|---|---|---|---|---|"
    for name, sample in samples[:_DIFFERENCES]:
        values = [_code(_short(value.text)) for value in (sample.clones, sample.dynamodb)]
        column = sample.column or "whole item"
        yield f"| {_plain(name)} | {_code(sample.key)} | {_plain(column)} | {' | '.join(values)} |"


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
