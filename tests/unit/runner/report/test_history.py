"""The phases and resources that an execution's history names."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

from runner import links
from runner.report.collect.history import read_attempt
from runner.report.inputs.execution import FailedItem, MigratedTable
from tests.unit.runner.report import samples
from tests.unit.runner.report.raw import document_of
from tests.unit.runner.report.samples import History


def test_a_history_names_phases_clones_jobs_and_tables() -> None:
    (attempt,) = samples.match().attempts

    assert attempt.name == samples.RUN
    assert attempt.machine == "arn:aws:states:eu-west-1:971779422973:stateMachine:migration-test-rates"
    assert [phase.name for phase in attempt.phases] == [
        "Prepare",
        "Clone",
        "Locate Spark",
        "Bootstrap",
        "Tables",
        "Compare",
        "Finish",
        "Destroy",
    ]
    assert attempt.snapshots == samples.CLONES
    assert sorted(attempt.destroyed) == ["lipsdb", "partition-01"]
    assert attempt.job_runs == {"job-1": "app", "job-2": "app"}
    assert attempt.lambda_seconds == 1.0
    assert attempt.migrated["BaseRate"].imported == 98
    assert attempt.imports[samples.IMPORT_ARN].processed_size_bytes == 2**30


def test_an_execution_ends_with_its_last_event() -> None:
    (attempt,) = samples.match().attempts

    assert attempt.ended == attempt.phases[-1].ended
    assert attempt.ended is not None
    assert attempt.ended < samples.NOON + dt.timedelta(minutes=2)


def test_a_retry_is_a_transition_too() -> None:
    history = History()
    history.add("ExecutionStarted")
    history.enter("GetSparkRole", "Task")
    for _ in range(3):
        history.add("TaskScheduled")
        history.add("TaskStarted")
        history.add("TaskFailed", taskFailedEventDetails={"resourceType": "aws-sdk:iam", "error": "x"})

    assert read_attempt(samples.execution("RUNNING", stopped=None), history.events).transitions == 3


def test_a_map_whose_items_cannot_be_read_is_known_by_what_it_assigned() -> None:
    history = History()
    history.add("ExecutionStarted")
    history.enter("CloneClusters", "Map")
    clones = {"lipsdb": {"host": "h", "port": 5432, "createdAt": samples.CLONES["lipsdb"]}}
    migrated = [{"name": "BaseRate", "imported": 5, "exported": 5}]
    for name, variable, value in (("CloneClusters", "clones", clones), ("MigrateTables", "migrated", migrated)):
        details = {"name": name, "output": "{}", "assignedVariables": {variable: json.dumps(value)}}
        history.add("MapStateExited", stateExitedEventDetails=details)

    attempt = read_attempt(samples.execution("RUNNING", stopped=None), history.events)

    assert attempt.snapshots == {"lipsdb": samples.CLONES["lipsdb"]}
    assert attempt.migrated == {"BaseRate": MigratedTable.model_validate(migrated[0])}


def test_an_item_that_failed_is_shown_with_its_cause() -> None:
    history = samples.until_tables()
    history.enter("MigrateTables", "Map")
    history.item("TakeTable", {"table": "BaseRate"})
    outcome = {"ok": False, "name": "BaseRate-rehearsal", "error": "ImportFailed", "cause": "the import ended FAILED"}
    history.leave("ReportImportFailed", outcome)

    attempt = read_attempt(samples.execution("FAILED", error="ImportFailed", cause="…"), history.events)

    assert attempt.failures == (FailedItem.model_validate({**outcome, "execution": ""}),)


def test_an_item_that_failed_in_a_history_of_its_own_is_linked() -> None:
    outcome = {"ok": False, "name": "BaseRate-rehearsal", "error": "ImportFailed", "cause": "the import ended FAILED"}
    item = History()
    item.enter("ReportImportFailed")
    item.leave("ReportImportFailed", outcome)
    arn = f"{samples.ARN.rsplit(':', 1)[0]}/MigrateTables:1"
    failed = samples.execution("FAILED", error="ImportFailed", cause="c")
    attempt = read_attempt(failed, samples.until_tables().events, [(arn, item.events)])

    items = document_of(replace(samples.failed_in_bootstrap(), attempts=(attempt,)))["failure"]["items"]

    assert items == [
        {
            "name": "BaseRate-rehearsal",
            "error": "ImportFailed",
            "cause": "the import ended FAILED",
            "link": links.execution(arn),
        }
    ]
