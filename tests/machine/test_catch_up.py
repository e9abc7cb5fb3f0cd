"""A few of the catch-ups and repairs that `make coverage-states` and `make crash` test in full."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.stepfunctions import faults
from local.aws.stepfunctions.faults import plant
from tests.machine.catch_up_scenarios import CATCH_UP, CATCH_UP_MACHINE, CATCH_UP_SCENARIOS, based, written_by_another
from tests.machine.crash import crash_catch_up
from tests.machine.endings import differences, ending, stated
from tests.machine.scenarios import REFUSED, Scenario, prepared

if TYPE_CHECKING:
    from tests.machine.rig import Rig

CHOSEN = (
    "throttling of every call",
    "a run that matched and was not noted",
    "a table that was made anew",
    "a table that is live",
    "a table that the base lacks",
    "a clone of before the base",
    "changes that miss an item of the base",
    "the delta reports TooManyDeletions",
    "resume over a base that was proven since",
    "a repair of a migration",
    "a repair after a foreign write",
    "a repair of a table of nobody",
    "an item that somebody changed",
    "puts that nobody counted",
    "deletions that nobody counted",
    "resume after half of the puts",
    "a recovery that stays behind",
    "an export that lost an item",
    "a difference",
)


@pytest.mark.parametrize(
    "scenario",
    [scenario for scenario in CATCH_UP_SCENARIOS if scenario.name.removeprefix(CATCH_UP) in CHOSEN],
    ids=lambda scenario: scenario.name,
)
def test_a_prepared_catch_up_ends_as_it_must(rig: Rig, scenario: Scenario) -> None:
    ended = rig.run(scenario.machine, **prepared(rig, scenario))

    assert (ended.error or ended.status) == (scenario.ends or "SUCCEEDED"), ended.cause
    assert scenario.says in ended.cause
    assert differences(ending(rig, ended), stated().get(scenario.name)) == []


def items(rig: Rig, table: str) -> dict[str, str]:
    """Return the values of a table's items by the first part of their key."""
    scanned = rig.client("dynamodb").scan(TableName=table)["Items"]
    key = "propertyId" if table == "BaseRate" else "associationId"
    return {next(iter(item[key].values())): item.get("value", {"S": ""})["S"] for item in scanned}


def proven(rig: Rig) -> dict[str, Any]:
    stored = rig.client("s3").get_object(Bucket=rig.bucket, Key="proven/rates/official.json")
    return dict(json.loads(stored["Body"].read()))


def test_only_what_differs_is_written_and_what_the_tables_become_is_proven(rig: Rig) -> None:
    based(rig)
    rig.writer.events.clear()

    ended = rig.run(CATCH_UP_MACHINE, runId="r1", parallelism=1)

    assert (ended.status, ended.output["verdict"]) == ("SUCCEEDED", "MATCH"), ended.cause
    assert items(rig, "BaseRate") == {"1": "new", "2": "", "3": "", "4": "", "5": ""}
    assert items(rig, "BaseRateAssociation") == {"1": "", "2": ""}
    assert [(event["kind"], event["table"], event["lane"], event["lanes"]) for event in rig.writer.events] == [
        ("puts", "BaseRate", 0, 2),
        ("puts", "BaseRate", 1, 2),
        ("deletes", "BaseRateAssociation", 0, 1),
    ]
    document = proven(rig)
    assert (document["run"], document["kind"], document["changing"]) == ("r1", "catch-up", "")
    assert {name: table["items"] for name, table in document["tables"].items()} == {
        "BaseRate": 5,
        "BaseRateAssociation": 2,
    }


def test_a_foreign_write_is_never_overwritten(rig: Rig) -> None:
    based(rig)
    written_by_another("1", "4")(rig)

    ended = rig.run(CATCH_UP_MACHINE, runId="r1", parallelism=1)

    assert ended.error == "WritersFound"
    assert {key: items(rig, "BaseRate")[key] for key in ("1", "4")} == {"1": "foreign", "4": "foreign"}
    assert items(rig, "BaseRateAssociation")["3"] == "foreign"
    assert proven(rig)["changing"] == "r1"


def test_a_half_way_catch_up_goes_on_by_its_run_id_and_lets_nobody_else_begin(rig: Rig) -> None:
    based(rig)
    plant("WriteDeletes", REFUSED)
    assert rig.run(CATCH_UP_MACHINE, runId="r1").error == "ApplyFailed"
    faults.forget()

    assert rig.run(CATCH_UP_MACHINE, runId="r2").error == "CatchUpUnfinished"
    arn = rig.start(CATCH_UP_MACHINE, runId="r1")

    assert rig.end(arn).status == "SUCCEEDED"
    assert "AdoptChanges" in rig.entered(arn)
    assert {"RunBootstrap", "RunDelta"} & set(rig.entered(arn)) == set()
    assert items(rig, "BaseRateAssociation") == {"1": "", "2": ""}


def test_a_foreign_write_after_the_last_one_is_seen_by_the_comparison(rig: Rig) -> None:
    based(rig)

    def deleted(answer: Any) -> Any:
        key = {"propertyId": {"N": "2"}, "restrictionKey": {"S": "2"}}
        rig.client("dynamodb").delete_item(TableName="BaseRate", Key=key)
        return answer

    plant("WriteDeletes", deleted)

    assert rig.run(CATCH_UP_MACHINE, runId="r1").error == "ExportCountMismatch"


@pytest.mark.parametrize("state", ["KeepChanges", "WriteDeletes", "ExportTable", "DeleteStatus"])
def test_a_catch_up_that_is_stopped_resumes_to_tables_that_match(rig: Rig, state: str) -> None:
    assert crash_catch_up(rig, state) == []


def test_a_repair_that_is_stopped_while_it_writes_resumes_to_tables_that_match(rig: Rig) -> None:
    assert crash_catch_up(rig, "ApplyDeletes", repair=True) == []
