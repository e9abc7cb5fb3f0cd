"""Phases and resources of an execution, from its history and the histories of its Maps' items."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from runner.account.json_texts import json_object, json_value
from runner.live.history.progress import Progress
from runner.report.collect.evidence import Attempt
from runner.report.collect.writes import read_writes
from runner.report.inputs.aws import ExportDescription, ImportDescription
from runner.report.inputs.execution import FailedItem, MigratedTable, Request

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from runner.account.executions import Execution
    from runner.live.history.items import Event

_ENDED = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")
_ENDED_TABLES = ("TableMigrated", "TableVerified")
_JOBS = "startJobRun.sync"
_IMPORTS = ("importTable", "describeImport")
_EXPORTS = ("exportTableToPointInTime", "describeExport")


def read_attempt(
    execution: Execution, own: Sequence[Event], items: Sequence[tuple[str, Sequence[Event]]] = ()
) -> Attempt:
    """Return an execution with the resources that its history and those of its Maps' items name; oldest event first."""
    ended = _end(execution, own)
    progress = Progress(execution.arn)
    for event in own:
        progress.apply(event)
    for arn, events_of_item in items:
        for event in events_of_item:
            progress.apply(event, arn)
    histories = [own, *(events for _, events in items)]
    events = [event for history in histories for event in history]
    if progress.phases and execution.status != "RUNNING":
        progress.phases[-1].ended = ended
    outputs = _outputs(events)
    answers = _answers(events)
    kinds = Counter(event["type"] for event in events)
    imports = map(ImportDescription.parse, _described(answers, _IMPORTS, "ImportTableDescription"))
    exports = map(ExportDescription.parse, _described(answers, _EXPORTS, "ExportDescription"))
    tables = [output for name, output in outputs if name in _ENDED_TABLES] or _assigned(own, "migrated") or []
    clones = _assigned(own, "clones") or {}
    return Attempt(
        arn=execution.arn,
        status=execution.status,
        input=Request.parse(execution.input),
        started=own[0]["timestamp"] if own else execution.started,
        ended=ended,
        error=execution.error,
        cause=execution.cause,
        phases=tuple(progress.phases),
        transitions=_transitions(kinds) + len(items),
        lambda_seconds=round(sum(_lambda_seconds(history) for history in histories), 3),
        snapshots={output["name"]: output["createdAt"] for name, output in outputs if name == "CloneReady"}
        or {cluster: clone["createdAt"] for cluster, clone in clones.items()},
        destroyed=_destroyed(events),
        stages=dict(progress.tables),
        migrated={table["name"]: MigratedTable.parse(table) for table in tables},
        failures=tuple(_failures(own, "") + [failed for arn, events in items for failed in _failures(events, arn)]),
        imports={answer.import_arn: answer for answer in imports},
        exports={answer.export_arn: answer for answer in exports},
        job_runs={answer["JobRunId"]: answer["ApplicationId"] for call, answer in answers if call == _JOBS},
        writes=read_writes(items),
    )


def _end(execution: Execution, events: Sequence[Event]) -> dt.datetime | None:
    if events and events[-1]["type"] in _ENDED:
        moment: dt.datetime = events[-1]["timestamp"]
        return moment
    return execution.stopped


def _transitions(kinds: Counter[str]) -> int:
    """Return what Step Functions bills: every state entered, and every retry; the start of an item comes besides.

    https://aws.amazon.com/step-functions/pricing/
    """
    entered = sum(count for kind, count in kinds.items() if kind.endswith("StateEntered"))
    return entered + max(0, kinds["TaskScheduled"] - kinds["TaskStateEntered"])


def _failures(events: Sequence[Event], item: str) -> list[FailedItem]:
    """Return the failures that a history reports; `item` is the ARN of the item, whose own history has the details."""
    return [
        FailedItem.parse({**output, "execution": item})
        for name, output in _outputs(events)
        if name.startswith("Report") and output.get("ok") is False
    ]


def _outputs(events: Sequence[Event]) -> list[tuple[str, dict[str, Any]]]:
    """Return the outputs of the states that were left; an output that is no object is empty."""
    exits = [event["stateExitedEventDetails"] for event in events if "stateExitedEventDetails" in event]
    return [(exited["name"], json_object(exited.get("output"))) for exited in exits]


def _assigned(events: Sequence[Event], variable: str) -> Any:  # noqa: ANN401 - JSON
    """Return the value that a state assigned last."""
    texts = [
        assigned[variable]
        for event in events
        if variable in (assigned := event.get("stateExitedEventDetails", {}).get("assignedVariables") or {})
    ]
    return json_value(texts[-1]) if texts else None


def _answers(events: Sequence[Event]) -> list[tuple[str, dict[str, Any]]]:
    """Return the answers of the services with their calls, oldest first."""
    calls = []
    for event in events:
        details = event.get("taskSucceededEventDetails") or event.get("taskSubmittedEventDetails")
        if details is not None:
            calls.append((details["resource"], json_object(details.get("output"))))
    return [(call, answer) for call, answer in calls if call != _JOBS or "JobRunId" in answer]


def _described(
    answers: list[tuple[str, dict[str, Any]]], calls: tuple[str, ...], member: str
) -> Iterator[dict[str, Any]]:
    return (answer[member] for call, answer in answers if call in calls and member in answer)


def _destroyed(events: Sequence[Event]) -> dict[str, dt.datetime]:
    return {
        json_object(exited.get("output"))["name"]: event["timestamp"]
        for event in events
        if (exited := event.get("stateExitedEventDetails")) and exited["name"] == "CloneDestroyed"
    }


def _lambda_seconds(events: Sequence[Event]) -> float:
    """Return how long the Lambda calls took together."""
    at = {event["id"]: event["timestamp"] for event in events if event["type"] == "TaskStarted"}
    ends = [
        event
        for event in events
        if (d := event.get("taskSucceededEventDetails") or event.get("taskFailedEventDetails"))
        and d["resourceType"] == "lambda"
    ]
    times: list[dt.timedelta] = [
        event["timestamp"] - at[event["previousEventId"]] for event in ends if event["previousEventId"] in at
    ]
    return sum(time.total_seconds() for time in times)
