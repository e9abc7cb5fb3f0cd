"""A few of the paths, crashes and races that `make coverage-states` and `make crash` test in full."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.stepfunctions import trace
from local.aws.stepfunctions.faults import plant
from runner.live.history.items import histories_of_items, map_of
from statemachine.render import worst_case
from tests.machine.crash import Stop, crash, kill, problems
from tests.machine.endings import differences, ending, stated
from tests.machine.races import race
from tests.machine.rig import LIMITS
from tests.machine.scenarios import SCENARIOS, Scenario, prepared

if TYPE_CHECKING:
    from local.aws.stepfunctions.trace import Step
    from tests.machine.rig import Rig

# So many minutes the next attempt waits while an item of the last one still runs: longer than a Lambda call may.
_WAITS = 8
CHOSEN = (
    "throttling of every call",
    "executions that are not known yet",
    "a run that matched",
    "another run's official table",
    "somebody's table in every place",
    "no clone that can be used",
    "clones that a rehearsal left behind, official",
    "clones of another domain's official run",
    "a clone of somebody else",
    "the job reports SourceNotVisible",
    "the job reports SourceNotCloned",
    "the job reports ColumnsNotListed",
    "the job finds RowsFiltered",
    "the job finds KeysCollide",
    "a JAR that is in no release",
    "resume after a deployment",
    "resume with another release",
    "resume after the release is gone",
    "resume after the release lost a file",
    "resume what a release without a hash wrote",
    "resume with another release, nothing to adopt",
    "a summary of another release",
    "a summary without a release",
    "a verdict of another release",
    "objects that nobody wrote",
    "objects of other names",
    "resume after the import, official",
    "resume with items written anew, official",
    "resume over clones made anew, official",
    "resume over an empty table that is to be filled, official",
    "a protection that does not come",
    "resume over a table that changed hands",
    "resume over one clone made anew",
    "a rehearsal's table of another stack",
    "a rehearsal's table that is being deleted",
    "an import that lost an item",
    "resume over an import that lost an item, official",
    "an export that lost an item",
    "resume with somebody's export",
    "a difference",
    "a verdict without every item",
    "a verdict with one item too few",
    "a cluster that is no clone",
    "another domain at work",
)


@pytest.mark.parametrize(
    "scenario", [scenario for scenario in SCENARIOS if scenario.name in CHOSEN], ids=lambda scenario: scenario.name
)
def test_a_prepared_execution_ends_as_it_must(rig: Rig, scenario: Scenario) -> None:
    ended = rig.run(**prepared(rig, scenario))

    assert (ended.error or ended.status) == (scenario.ends or "SUCCEEDED"), ended.cause
    assert scenario.says in ended.cause
    assert differences(ending(rig, ended), stated().get(scenario.name)) == []


@pytest.mark.parametrize(
    "state", ["StartClone", "RunBootstrap", "ImportTable", "ExportTable", "RunCompare", "DestroyClone"]
)
def test_a_run_that_is_stopped_resumes_to_the_whole_migration(rig: Rig, state: str) -> None:
    assert crash(rig, state) == []


@pytest.mark.parametrize("state", ["StartClone", "RunBootstrap"])
def test_a_run_whose_function_or_job_is_killed_fails_by_name_and_resumes(rig: Rig, state: str) -> None:
    assert kill(rig, state) == []


def test_a_resume_adopts_what_is_done_instead_of_doing_it_again(rig: Rig) -> None:
    rig.control(compare={"exit": 1})
    first = rig.run(runId="r1")
    assert first.error == "CompareFailed"
    rig.control()

    arn = rig.start(runId="r1")
    resumed = rig.end(arn)

    assert resumed.status == "SUCCEEDED"
    entered = rig.entered(arn)
    done_before = {"StartClone", "RunBootstrap", "ImportTable", "ExportTable", "DeleteTable"}
    assert done_before & set(entered) == set()
    assert {"AdoptSummary", "AdoptImport", "PreviousExport", "RunCompare"} <= set(entered)


def test_what_differed_is_exported_and_compared_anew(rig: Rig) -> None:
    rig.control(compare={"verdict": {"verdict": "MISMATCH"}})
    assert rig.run(runId="r1").error == "DataMismatch"
    rig.control()

    arn = rig.start(runId="r1")

    assert rig.end(arn).status == "SUCCEEDED"
    assert "ExportTable" in rig.entered(arn)
    assert "ImportTable" not in rig.entered(arn)


def test_a_deployment_between_bootstrap_and_compare_does_not_reach_the_run(rig: Rig) -> None:
    def deploying(answer: Any) -> Any:
        rig.deploy_release("9.0.0-00000000000b")
        return answer

    plant("ImportTable", deploying)

    arn = rig.start()
    ended = rig.end(arn)

    assert (ended.status, ended.output["release"]) == ("SUCCEEDED", rig.release)
    assert "9.0.0-00000000000b" in rig.releases()
    assert rig.releases_run(arn) == [
        (f"releases/{rig.release}/bootstrap.py", rig.release),
        (f"releases/{rig.release}/compare.py", rig.release),
    ]


def test_a_resume_keeps_the_release_that_wrote_its_items_and_a_new_run_takes_the_newest(rig: Rig) -> None:
    rig.control(compare={"exit": 1})
    assert rig.run(runId="r1").error == "CompareFailed"
    rig.control()
    rig.deploy_release("0.9.0-00000000000b")

    resumed = rig.start(runId="r1")
    assert rig.end(resumed).output["release"] == rig.release
    new = rig.start(runId="r2")

    assert rig.end(new).output["release"] == "0.9.0-00000000000b"
    assert rig.releases_run(resumed) == [(f"releases/{rig.release}/compare.py", rig.release)]


def test_a_resume_without_items_takes_the_newest_release(rig: Rig) -> None:
    rig.control(bootstrap={"exit": 1, "says": "a bug"})
    assert rig.run(runId="r1").error == "BootstrapFailed"
    rig.control()
    rig.deploy_release("1.0.0-00000000000b")

    arn = rig.start(runId="r1")

    assert rig.end(arn).status == "SUCCEEDED"
    assert {release for _, release in rig.releases_run(arn)} == {"1.0.0-00000000000b"}


def test_a_jar_that_is_in_no_release_is_never_the_newest(rig: Rig) -> None:
    rig.deploy_release("9.9.9")
    rig.deploy_release("1.0.0-00000000000b/deeper")

    assert rig.run().output["release"] == rig.release


def within_the_computed_events(rig: Rig, arn: str) -> bool:
    """Return whether an execution and each item of its Maps stayed below their worst case."""
    bounds = worst_case(rig.definitions["rates"], LIMITS).events
    items = histories_of_items(rig.client("stepfunctions"), arn)
    assert {map_of(item) for item, _ in items} == {"CheckTables", "CloneClusters", "MigrateTables", "DestroyClones"}
    return len(rig.own_events(arn)) <= bounds["the execution"] and all(
        len(events) <= bounds[f"an item of {map_of(item)}"] for item, events in items
    )


def test_a_run_and_its_items_stay_within_the_computed_events(rig: Rig) -> None:
    arn = rig.start(mode="official")
    ended = rig.end(arn)

    assert problems(rig, ended.status, ended.cause, ended.output, {"mode": "official"}) == []
    assert within_the_computed_events(rig, arn)


def test_the_computed_events_bound_a_run_that_is_throttled_everywhere(rig: Rig) -> None:
    next(scenario for scenario in SCENARIOS if scenario.name == "throttling of every call").prepare(rig)
    arn = rig.start(mode="official")

    assert rig.end(arn).status == "SUCCEEDED"
    assert within_the_computed_events(rig, arn)


def test_an_item_that_fails_against_its_outcome_fails_the_map_and_stops_its_siblings(rig: Rig) -> None:
    states = rig.client("stepfunctions")
    item = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Which",
        "States": {
            "Which": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $states.input = 1 %}", "Next": "Broken"}],
                "Default": "Long",
            },
            "Broken": {"Type": "Fail", "Error": "Broken", "Cause": "planted"},
            "Long": {"Type": "Wait", "Seconds": 3600 * 24 * 365, "End": True},
        },
    }
    each = {"Type": "Map", "Label": "Each", "Items": [1, 2], "ItemProcessor": item, "End": True}
    machine = {"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": each}}
    arn = rig.run_once(machine)

    ended = rig.end(arn)
    assert (ended.status, ended.error) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    (run,) = states.list_map_runs(executionArn=arn)["mapRuns"]
    assert states.describe_map_run(mapRunArn=run["mapRunArn"])["status"] == "FAILED"
    items = states.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert sorted(item["status"] for item in items) == ["ABORTED", "FAILED"]


def test_a_table_of_a_stopped_run_goes_on_and_is_stopped_before_the_next_attempt_begins(rig: Rig) -> None:
    released = threading.Event()

    def hold(answer: object) -> object:
        released.wait(600)
        return answer

    plant("DescribeImport", hold, times=2)
    stop = Stop(rig, "DescribeImport")
    with trace.watched(stop):
        stop.of(rig.start(runId="r1"))
        assert rig.end(stop.arn).status == "ABORTED"
    states = rig.client("stepfunctions")
    run = states.list_map_runs(executionArn=stop.arn)["mapRuns"][0]["mapRunArn"]
    assert states.list_executions(mapRunArn=run, statusFilter="RUNNING")["executions"]
    seen: list[str] = []

    def look(step: Step) -> None:
        if step == ("WaitForTeardown", "enter"):
            seen.append("waited")
            if len(seen) == _WAITS:
                released.set()
        if step == ("FindVerdict", "enter"):
            seen.extend(item["status"] for item in states.list_executions(mapRunArn=run)["executions"])

    with trace.watched(look):
        assert rig.run(runId="r1").status == "SUCCEEDED"
    assert seen[:_WAITS] == ["waited"] * _WAITS
    assert "ABORTED" in seen
    assert "RUNNING" not in seen


@pytest.mark.parametrize("seed", range(3))
def test_domains_that_end_and_begin_together_lose_no_clones(rig: Rig, seed: int) -> None:
    assert race(rig, seed) == []
