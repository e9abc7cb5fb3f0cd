"""Executions are looked up by ARN, name, run id or domain."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest

from infra.naming import Naming
from runner.account.environments import Environment
from runner.account.executions import find
from runner.account.requests import Request, chosen_domains, resumed
from runner.errors import UsageError
from runner.live.eta import Expectation, expect
from runner.live.history.progress import Phase, Progress
from tests.customer import customer_folder
from tests.deployed import REGION
from tests.unit.runner.fakes import BEGAN, States, environment


@pytest.fixture
def states() -> States:
    states = States()
    states.add("rates", "r-1", "FAILED", {"mode": "official", "parallelism": 3}, error="DataMismatch", cause="why")
    states.add("availability", "a-1", "FAILED", {"runId": "shared"})
    states.add("rates", "r-2", "SUCCEEDED", {"runId": "r-1"}, output='{"verdict": "MATCH"}')
    states.add("rates", "r-3", "RUNNING", {"runId": "shared"})
    return states


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("rates", ["r-3"]),
        ("r-1", ["r-2"]),  # the run, by its newest attempt
        ("r-2", ["r-2"]),
        ("shared", ["a-1", "r-3"]),
        ("arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:r-1", ["r-1"]),
    ],
)
def test_runs_are_found_by_domain_run_id_name_and_arn(states: States, target: str, names: list[str]) -> None:
    assert [execution.name for execution in find(environment(stepfunctions=states), target)] == names


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nobody", "no domain, run id or execution named 'nobody' (domains: availability, rates; searched"),
        ("arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:gone", "gone cannot be read"),
    ],
)
def test_what_is_not_there_is_told(states: States, target: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        find(environment(stepfunctions=states), target)


def test_a_domain_without_a_run_is_told() -> None:
    with pytest.raises(UsageError, match="no migration of rates was started in test"):
        find(environment(stepfunctions=States()), "rates")


def test_a_run_is_gone_on_with_as_it_was_asked_for(states: States) -> None:
    (failed,) = find(environment(stepfunctions=states), states_arn("r-1"))

    assert (failed.verdict, failed.run) == ("MISMATCH", "r-1")
    assert resumed(failed) == Request("rates", "official", 3, "r-1", None, keep_clones=False)


def test_a_resume_keeps_the_clones_and_the_jar_that_the_run_was_started_with(states: States) -> None:
    run_input = {
        "runId": "kept",
        "mode": "official",
        "parallelism": 2,
        "jarKey": "releases/1/a.jar",
        "keepClones": True,
    }
    states.add("rates", "kept", "FAILED", run_input)
    (failed,) = find(environment(stepfunctions=states), states_arn("kept"))

    request = resumed(failed)

    assert request == Request("rates", "official", 2, "kept", "releases/1/a.jar", keep_clones=True)
    assert {**request.input(), "requestedBy": ""} == {**run_input, "requestedBy": ""}


def states_arn(name: str) -> str:
    return environment().execution("rates", name)


def test_both_is_every_domain_once() -> None:
    assert chosen_domains(["both"], customer_folder()) == ["availability", "rates"]
    assert chosen_domains(["rates", "both"], customer_folder()) == ["rates", "availability"]


def test_names_are_those_that_the_stack_deploys() -> None:
    naming = Naming("test", "971779422973", REGION)
    stack = Environment("test", "971779422973", REGION)

    assert stack.data_bucket == naming.data_bucket
    assert stack.function("aurora-clone") == naming.function("aurora-clone")
    assert stack.machine("rates") == naming.arn("states", f"stateMachine:{naming.machine('rates')}")


def history(*entered: tuple[str, int]) -> list[dict[str, Any]]:
    events = [
        {
            "id": number,
            "type": "PassStateEntered",
            "previousEventId": number - 1,
            "timestamp": BEGAN + dt.timedelta(seconds=second),
            "stateEnteredEventDetails": {"name": state},
        }
        for number, (state, second) in enumerate(entered, 1)
    ]
    # As GetExecutionHistory tells it without data: neither inputs nor outputs.
    item = [
        {"id": 100, "type": "MapIterationStarted", "previousEventId": 0},
        {
            "id": 101,
            "type": "PassStateExited",
            "previousEventId": 100,
            "stateExitedEventDetails": {"name": "TableMigrated"},
        },
    ]
    began = [{"id": 0, "type": "ExecutionStarted"}, *item]
    return [{"timestamp": BEGAN, **event} for event in began] + events


def whole(bootstrap: int) -> list[dict[str, Any]]:
    return history(
        ("DefineVariables", 0),
        ("CloneClusters", 10),
        ("FindSummary", 100),
        ("MigrateTables", 100 + bootstrap),
        ("PrepareCompare", 600 + bootstrap),
        ("Succeed", 700 + bootstrap),
    )


def test_the_remaining_time_is_the_median_of_earlier_whole_runs() -> None:
    states = States()
    for name, events in (("r-1", whole(200)), ("r-2", whole(300)), ("r-3", whole(1000))):
        states.histories[states.add("rates", name, "SUCCEEDED")] = events
    states.histories[states.add("rates", "resumed", "SUCCEEDED")] = history(("DefineVariables", 0), ("Succeed", 5))
    states.histories[states.add("rates", "broken", "FAILED")] = whole(9)
    progress = Progress(states_arn("now"), phases=[Phase("Bootstrap", BEGAN)])

    expectation = expect(environment(stepfunctions=states), "rates")

    assert expectation.runs == 3
    assert expectation.seconds["Bootstrap"] == 300
    # 300 - 100 of Bootstrap, 500 of Tables, 100 of Compare.
    assert expectation.words(progress, BEGAN + dt.timedelta(seconds=100)) == (
        "about 13 min 20 s left, by the median of the last 3 successful runs"
    )
    # A phase that takes longer than it did is not counted below nothing.
    assert expectation.remaining(progress, BEGAN + dt.timedelta(hours=2)) == 600


def test_without_an_earlier_run_nothing_is_expected() -> None:
    progress = Progress(states_arn("now"), phases=[Phase("Bootstrap", BEGAN)])

    assert expect(environment(stepfunctions=States()), "rates") == Expectation()
    assert Expectation().words(progress, BEGAN) == "no earlier migration tells the remaining time"


def test_inputs_that_are_no_objects_do_not_end_the_search() -> None:
    states = States()
    arn = states.add("rates", "odd", "FAILED")
    states.executions[arn]["input"] = json.dumps([1])

    assert [execution.input for execution in find(environment(stepfunctions=states), "rates")] == [{}]
