"""One message per end of a run: the verdict, the counts, the report's place, what remains and what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import timedelta

_MOST_SUBJECT_CHARACTERS = 100  # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_REFUSED = ("InvalidInput", "DomainAlreadyRunning")  # they end before a run has anything to go on with


@dataclass(frozen=True)
class Notice:
    """A message as SNS takes it: the subject is ASCII and one line."""

    subject: str
    message: str


def notice(execution: dict[str, Any], *, stack: str, data_bucket: str) -> Notice:
    """Return the message about an execution that ended, as DescribeExecution shows it."""
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
        *(_success(output) if execution["status"] == "SUCCEEDED" else _failure(execution, run, stack)),
    ]
    if verdict in ("MATCH", "MISMATCH"):
        lines.append(f"report: s3://{data_bucket}/reports/{domain}/{run}/report.json")
    lines.append(f"As a page: python -m runner report {run} --environment {stack} --html report.html")
    subject = f"{stack} {domain} {mode}: {execution['status']} {error or verdict}"
    return Notice(_ascii(subject)[:_MOST_SUBJECT_CHARACTERS], "\n".join(lines) + "\n")


def _success(output: dict[str, Any]) -> list[str]:
    tables = [
        f"{table['name']}: {table['imported']:,} imported, {table['exported']:,} exported"
        for table in output.get("tables", [])
    ]
    return [*tables, f"clones: {output.get('clones', 'unknown')}", ""]


def _failure(execution: dict[str, Any], run: str, stack: str) -> list[str]:
    error = execution.get("error", execution["status"])
    told = f"{error}: {execution.get('cause', 'no cause was given')}"
    if error in _REFUSED:
        return [told, ""]
    return [
        told,
        "What clones there are stay for the next try, and cost until they are released.",
        f"Go on: python -m runner resume {run} --environment {stack}",
        f"Give up: python -m runner release-clones --environment {stack}",
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
