"""One message per end of a run: the verdict, the counts, the report's place, what remains and what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from run_watch.clones import snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

_MOST_SUBJECT_CHARACTERS = 100  # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
# They end before a run has anything to go on with.
_REFUSED = ("InvalidInput", "DomainAlreadyRunning", "DomainIsLive", "CatchUpUnfinished")


@dataclass(frozen=True)
class Notice:
    """A message as SNS takes it: the subject is ASCII and one line."""

    subject: str
    message: str


def notice(execution: dict[str, Any], *, stack: str, data_bucket: str, clones: Sequence[str] = ()) -> Notice:
    """Return the message about an execution that ended, as DescribeExecution shows it.

    `clones` holds the ages of the clones that exist, in words.
    """
    domain = execution["stateMachineArn"].rsplit(":", 1)[1].removeprefix(f"migration-{stack}-")
    given = _object(execution.get("input"))
    output = _object(execution.get("output"))
    run = str(output.get("run") or given.get("runId") or execution["name"])
    mode = str(output.get("mode") or given.get("mode") or "rehearsal")
    error = execution.get("error", "")
    verdict = "MISMATCH" if error == "DataMismatch" else output.get("verdict") or "no verdict"
    lines = [
        f"{domain}: {execution['status']}, {verdict}",
        f"run {run}, {mode}, stack {stack}",
        f"execution {execution['executionArn']}",
        f"took {_minutes(execution)} minutes",
        "",
        *(_success(execution, output) if execution["status"] == "SUCCEEDED" else _failure(execution, run, stack)),
        *(f"clones that exist: {line}" for line in clones),
        *([""] if clones else []),
    ]
    if verdict in ("MATCH", "MISMATCH"):
        lines.append(f"report: {output.get('report') or f's3://{data_bucket}/reports/{domain}/{run}/report.json'}")
    lines.append(f"As a page: migrate report {run} --environment {stack} --html report.html")
    subject = f"{stack} {domain} {mode}: {execution['status']} {error or verdict}"
    return Notice(_ascii(subject)[:_MOST_SUBJECT_CHARACTERS], "\n".join(lines) + "\n")


def _success(execution: dict[str, Any], output: dict[str, Any]) -> list[str]:
    # Nothing is imported by a catch-up or a verification.
    tables = [
        f"{table['name']}: "
        + ", ".join(f"{table[count]:,} {count}" for count in ("imported", "exported") if count in table)
        for table in output.get("tables", [])
    ]
    created = output.get("clonesCreated") or {}
    read = [f"read from: {snapshots(created, execution['startDate'])}"] if created else []
    return [*tables, *read, f"clones: {output.get('clones', 'unknown')}", ""]


def _failure(execution: dict[str, Any], run: str, stack: str) -> list[str]:
    error = execution.get("error", execution["status"])
    told = f"{error}: {execution.get('cause', 'no cause was given')}"
    if error in _REFUSED:
        return [told, ""]
    return [
        told,
        "The clones stay for the next attempt, and cost until they are released.",
        f"Resume with: migrate resume {run} --environment {stack}",
        f"Give up with: migrate release-clones --environment {stack}",
        "",
    ]


def _minutes(execution: dict[str, Any]) -> int:
    took: timedelta = execution["stopDate"] - execution["startDate"]
    return round(took.total_seconds() / 60)


def _object(text: str | None) -> dict[str, Any]:
    found = json.loads(text or "{}")
    return found if isinstance(found, dict) else {}


def _ascii(text: str) -> str:
    return " ".join(text.encode("ascii", "replace").decode().split())
