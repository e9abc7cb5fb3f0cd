"""The report in a few lines of Markdown, for the summary of a workflow's job."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from runner.formatting import money, number
from runner.report import text
from runner.words import COUNTS, duration

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = {"MATCH": "✅", "MISMATCH": "❌", "NONE": "⚪"}
_DIFFERENCES = 5
_VALUE_CHARACTERS = 120
Document = dict[str, Any]


def render(document: Document) -> str:
    """Return the summary."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    run, failure = document["run"], document["failure"]
    yield f"## {_MARKS[document['verdict']]} {run['domain']}: {document['verdict']}"
    yield ""
    yield _plain(document["headline"])
    took = duration(run["seconds"]) if run["seconds"] is not None else "not ended"
    yield ""
    cost = money(document["cost"]["total"])
    yield f"Run {_code(run['id'])}, {run['mode']}, {run['environment']}, {took}, {cost} USD"
    if failure:
        yield ""
        yield f"**{failure['error']}**: {_plain(failure['cause'])}"
    for job in document["progress"]:
        if job["state"] in ("failed", "stopped") and job["summary"]:
            yield ""
            yield f"The job {job['job']} got this far: {_plain(job['phase'])}; {_plain(job['summary'])}"
    yield ""
    yield from _counts(document)
    yield from _differences(document)
    remains = document["remains"]
    if remains["clones"]:
        yield ""
        yield text.existing_clones(remains)
    for step in document["next"]:
        yield ""
        yield f"- {_plain(step['what'])}" + (f": {_code(step['command'])}" if step["command"] else "")


def _counts(document: Document) -> Iterator[str]:
    yield "| table | " + " | ".join([*COUNTS.values(), "matched", "verdict"]) + " |"
    yield "|---|" + "--:|" * (len(COUNTS) + 1) + "---|"
    for table in document["tables"]:
        cells = [number(table["counts"][name]) for name in (*COUNTS, "matched")]
        yield f"| {_plain(table['name'])} | {' | '.join(cells)} | {table['verdict']} |"


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


def _plain(told: str) -> str:
    """Return text that Markdown shows as it is, in one line."""
    escaped = html.escape(text.visible(told), quote=False)
    for mark in "\\`*_[]|#~":
        escaped = escaped.replace(mark, f"&#{ord(mark)};")
    return " ".join(escaped.split())


def _code(told: str) -> str:
    return f"<code>{_plain(told)}</code>"
