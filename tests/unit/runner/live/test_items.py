"""Map items are child executions, which the views follow and the report reads with their parent."""

from __future__ import annotations

import datetime as dt
import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from runner.account.executions import Execution
from runner.live.history.items import event_count, histories_of_items, map_of
from runner.live.poll import follow
from runner.live.views.progress_views import LineView
from runner.report.collect.history import read_attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.live.history.progress import Progress

BEGAN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MACHINE = "migration-test-rates"
STATES = "arn:aws:states:eu-west-1:971779422973"
ARN = f"{STATES}:execution:{MACHINE}:run-1"
Event = dict[str, Any]


def item(label: str, name: str) -> str:
    return f"{STATES}:execution:{MACHINE}/{label}:{name}"


def map_run(label: str) -> str:
    return f"{STATES}:mapRun:{MACHINE}/{label}:0"


def numbered(*events: Event) -> list[Event]:
    """Return events with ids and times, each after the one before."""
    moments = [BEGAN + dt.timedelta(seconds=number) for number in range(len(events))]
    return [
        {"id": number + 1, "previousEventId": number, "timestamp": moments[number], **event}
        for number, event in enumerate(events)
    ]


def entered(state: str, state_input: dict[str, Any] | None = None) -> Event:
    return {
        "type": "PassStateEntered",
        "stateEnteredEventDetails": {"name": state, "input": json.dumps(state_input or {})},
    }


def exited(state: str, output: dict[str, Any]) -> Event:
    return {"type": "PassStateExited", "stateExitedEventDetails": {"name": state, "output": json.dumps(output)}}


def mapping(state: str) -> list[Event]:
    return [
        entered(state),
        {"type": "MapStateStarted"},
        {"type": "MapRunStarted", "mapRunStartedEventDetails": {"mapRunArn": map_run(state)}},
        {"type": "MapRunSucceeded"},
    ]


def cloned(cluster: str) -> list[Event]:
    ready = {"ok": True, "name": cluster, "createdAt": "2026-01-01T00:00:30+00:00"}
    return numbered(
        {"type": "ExecutionStarted"},
        entered("TakeCluster", {"cluster": cluster}),
        entered("StartClone"),
        entered("CloneReady"),
        exited("CloneReady", ready),
        {"type": "ExecutionSucceeded"},
    )


def migrated(table: str) -> list[Event]:
    answer = {"ImportTableDescription": {"ImportArn": f"{table}-import", "ProcessedSizeBytes": 2**30}}
    succeeded = {"resource": "describeImport", "resourceType": "aws-sdk:dynamodb", "output": json.dumps(answer)}
    return numbered(
        {"type": "ExecutionStarted"},
        entered("TakeTable", {"table": table}),
        entered("ImportTable"),
        {"type": "TaskSucceeded", "taskSucceededEventDetails": succeeded},
        entered("TableMigrated"),
        exited("TableMigrated", {"ok": True, "name": table, "imported": 7, "exported": 6}),
    )


class Service:
    """Step Functions with an execution and its Map items, each with its whole history."""

    def __init__(self, clusters: int = 2, tables: int = 1, ends_after: int = 1) -> None:
        clones = {item("CloneClusters", f"c{n}"): cloned(f"cluster-{n}") for n in range(clusters)}
        moved = {item("MigrateTables", f"t{n}"): migrated(f"Table{n}") for n in range(tables)}
        own = [{"type": "ExecutionStarted"}, entered("DefineVariables"), *mapping("CloneClusters")]
        self.items = {map_run("CloneClusters"): clones, map_run("MigrateTables"): moved}
        self.histories = {ARN: numbered(*own, entered("ListJars"), *mapping("MigrateTables")), **clones, **moved}
        self.asked: list[str] = []
        self.looks = 0
        self._ends_after = ends_after

    def describe_execution(self, **_: object) -> dict[str, Any]:
        self.looks += 1
        status = "SUCCEEDED" if self.looks > self._ends_after else "RUNNING"
        return {"status": status, "startDate": BEGAN, "stopDate": BEGAN + dt.timedelta(hours=1)}

    def get_execution_history(self, *, executionArn: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401, N803 - boto3's
        self.asked.append(executionArn)
        return {"events": self.histories[executionArn][::-1][: arguments["maxResults"]]}

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - a paginator
        return SimpleNamespace(paginate=getattr(self, f"_{operation}"))

    def _list_map_runs(self, **_: object) -> Iterator[dict[str, Any]]:
        yield {"mapRuns": [{"mapRunArn": arn} for arn in reversed(self.items)]}

    def _list_executions(self, *, mapRunArn: str, **_: object) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        listed = [{"executionArn": arn, "status": "SUCCEEDED"} for arn in reversed(self.items[mapRunArn])]
        yield {"executions": listed[:1]}
        yield {"executions": listed[1:]}

    def _get_execution_history(self, *, executionArn: str, **_: object) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        yield {"events": self.histories[executionArn]}


def followed(service: Service) -> tuple[Progress, list[str]]:
    console = Console(file=io.StringIO(), width=200)
    (progress,) = follow(service, [ARN], LineView(console), sleep=lambda _: None)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO
    return progress, [line.split(maxsplit=3)[3] for line in lines]  # the events are of another day


@pytest.mark.parametrize("arn", [map_run("CloneClusters"), item("CloneClusters", "c0")])
def test_the_label_says_whose_map_an_item_is(arn: str) -> None:
    assert map_of(arn) == "CloneClusters"


def test_the_live_view_shows_what_happens_to_each_clone_and_table() -> None:
    progress, lines = followed(Service())

    assert progress.clones == {"cluster-0": "ready", "cluster-1": "ready"}
    assert list(progress.cloned) == ["cluster-0", "cluster-1"]
    assert progress.tables == {"Table0": "exported"}
    assert progress.counts == {"Table0": {"imported": 7, "exported": 6}}
    assert {"cluster-1: cloning", "cluster-1: ready", "Table0: importing", "Table0: 7 imported, 6 exported"} <= {*lines}


def test_the_first_look_reads_all_later_ones_few_and_the_end_the_rest() -> None:
    service = Service(clusters=94, tables=40, ends_after=3)

    progress, _ = followed(service)

    assert [len({*progress.clones}), len({*progress.tables})] == [94, 40]
    assert len(service.asked) == len({*service.asked}) + 3  # the parent's at each look, each item's but once
    before_the_end = service.asked[: [n for n, arn in enumerate(service.asked) if arn == ARN][-1]]
    assert len(before_the_end) == (1 + 104) + 2 * (1 + 8)


def test_the_report_reads_the_items_histories() -> None:
    service = Service(clusters=2, tables=2)
    execution = Execution(ARN, "rates", "SUCCEEDED", BEGAN, None, {}, {})

    attempt = read_attempt(execution, service.histories[ARN], histories_of_items(service, ARN))

    assert attempt.snapshots == dict.fromkeys(("cluster-0", "cluster-1"), "2026-01-01T00:00:30+00:00")
    assert attempt.stages == {"Table0": "exported", "Table1": "exported"}
    assert list(attempt.imports) == ["Table0-import", "Table1-import"]
    assert attempt.migrated["Table1"].imported == 7
    # Of the execution 4 states, of each item 3, and the start of each item.
    assert attempt.transitions == 4 + 4 * 3 + 4


def test_the_plan_counts_the_events_of_the_items_too() -> None:
    service = Service(clusters=2, tables=1)

    assert event_count(service, ARN) == 11 + 2 * 6 + 6
