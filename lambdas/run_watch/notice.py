"""The notice of a run's end: the verdict, the counts, the remaining clones, the next commands and the links."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from run_watch import links
from run_watch.clones import snapshots
from run_watch.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

_CATCH_UP = "-catch-up"  # the end of the name of a domain's second state machine
# These failures end a run before there is anything to resume.
_REFUSED = ("InvalidInput", "DomainAlreadyRunning", "DomainIsLive", "CatchUpUnfinished")


class Stack(NamedTuple):
    """The stack's facts in a message."""

    name: str
    data_bucket: str
    repository: str  # owner/name at GitHub, where the runbooks are; may be empty


class _Run(NamedTuple):
    """The request and the answer of an execution."""

    domain: str
    id: str
    mode: str
    request: Mapping[str, Any]
    output: Mapping[str, Any]


def notice(execution: dict[str, Any], stack: Stack, clones: Sequence[str] = ()) -> Message:
    """Return the message about an ended execution, from DescribeExecution's answer.

    `clones` are the ages of the existing clones, in words.
    """
    run = _run(execution, stack)
    status, error = execution["status"], execution.get("error", "")
    verdict = "MISMATCH" if error == "DataMismatch" else run.output.get("verdict") or "no verdict"
    succeeded = status == "SUCCEEDED"
    facts = [
        f"{run.domain}: {status}, {verdict}",
        f"run {run.id}, {run.mode}, stack {stack.name}",
        *_people(run.request),
        f"took {_minutes(execution)} minutes",
        *(_success(execution, run.output) if succeeded else _failure(execution)),
        *(f"clones that exist: {line}" for line in clones),
    ]
    return Message(
        subject=f"{stack.name} {run.domain} {run.mode}: {status} {error or verdict}",
        facts=facts,
        steps=_steps(run, stack.name, error or status, succeeded=succeeded),
        links=_links(execution, run, stack, verdict),
        about={"stack": stack.name, "domain": run.domain, "run": run.id, "mode": run.mode, "status": status}
        | ({"error": error} if error else {"verdict": verdict}),
    )


def job_failed(detail: Mapping[str, Any], region: str, stack: Stack) -> Message:
    """Return the message about a failed Spark job run, from the event of EMR Serverless.

    https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-eventbridge.html
    """
    job, application = str(detail["jobRunId"]), str(detail["applicationId"])
    name = str(detail.get("jobRunName") or job)
    logs = f"s3://{stack.data_bucket}/logs/applications/{application}/jobs/{job}/"
    return Message(
        subject=f"{stack.name}: Spark job run FAILED {name}",
        facts=[
            f"The Spark job run {job} of the application {application} ended FAILED.",
            "The notice of its run has the cause.",
        ],
        links={
            "logs": links.s3(region, logs),
            "job runs": links.spark_applications(region),
            "runbook": links.repository_page(links.JOB_FAILED, stack.repository),
        },
        about={"stack": stack.name, "jobRun": job, "application": application, "status": "FAILED"},
    )


def _run(execution: dict[str, Any], stack: Stack) -> _Run:
    request, output = _object(execution.get("input")), _object(execution.get("output"))
    machine = execution["stateMachineArn"].rsplit(":", 1)[1].removeprefix(f"migration-{stack.name}-")
    domain = machine.removesuffix(_CATCH_UP)
    return _Run(
        domain=domain,
        id=str(output.get("run") or request.get("runId") or execution["name"]),
        mode=str(output.get("mode") or request.get("mode") or ("rehearsal" if domain == machine else "official")),
        request=request,
        output=output,
    )


def _people(request: Mapping[str, Any]) -> list[str]:
    """Return who requested and who approved the run, as far as the input names them."""
    words = {"requestedBy": "requested by", "approvedBy": "approved by"}
    named = [f"{word} {request[key]}" for key, word in words.items() if request.get(key)]
    return [", ".join(named)] if named else []


def _success(execution: dict[str, Any], output: Mapping[str, Any]) -> list[str]:
    tables = [
        # A catch-up imports no tables.
        f"{table['name']}: "
        + ", ".join(f"{table[name]:,} {name}" for name in ("imported", "exported") if name in table)
        for table in output.get("tables", [])
    ]
    created = output.get("clonesCreated") or {}
    read = [f"read from: {snapshots(created, execution['startDate'])}"] if created else []
    return [*tables, *read, f"clones: {output.get('clones', 'unknown')}"]


def _failure(execution: dict[str, Any]) -> list[str]:
    error = execution.get("error", execution["status"])
    failure = f"{error}: {execution.get('cause', 'without a cause')}"
    if error in _REFUSED:
        return [failure]
    return [failure, "The clones stay for the next attempt and cost money until they are released."]


def _steps(run: _Run, stack: str, error: str, *, succeeded: bool) -> list[str]:
    page = f"As a page: migrate report {run.id} --environment {stack} --html report.html"
    if succeeded or error in _REFUSED:
        return [page]
    return [
        f"Resume with: migrate resume {run.id} --environment {stack}",
        f"Give up with: migrate release-clones --environment {stack}",
        page,
    ]


def _links(execution: dict[str, Any], run: _Run, stack: Stack, verdict: str) -> dict[str, str]:
    arn = execution["executionArn"]
    region = arn.split(":")[3]
    named_links = {"execution": links.execution(arn)}
    if verdict in ("MATCH", "MISMATCH"):
        report = str(run.output.get("report") or f"s3://{stack.data_bucket}/reports/{run.domain}/{run.id}/report.json")
        named_links |= {"report": report, "report's folder": links.s3(region, report.removesuffix("report.json"))}
    named_links["dashboard"] = links.dashboard(region, f"migration-{stack.name}")
    if execution["status"] != "SUCCEEDED":
        named_links["runbook"] = links.runbook(execution.get("error", execution["status"]), stack.repository)
    return named_links


def _minutes(execution: dict[str, Any]) -> int:
    took: timedelta = execution["stopDate"] - execution["startDate"]
    return round(took.total_seconds() / 60)


def _object(text: str | None) -> dict[str, Any]:
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}
