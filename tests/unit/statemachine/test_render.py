"""The definitions that the templates render from the catalog."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonata
import pytest

from statemachine import failures
from statemachine.checks import findings
from statemachine.graph import all_states
from statemachine.kinds import BOOTSTRAP, CATCH_UP, KINDS, Kind
from statemachine.limits import Limits, checks_for
from statemachine.names import DeployedNames
from statemachine.render import definition, render
from statemachine.workers import Worker, Workers
from tests.customer import customer_catalog

CATALOG = customer_catalog()
NAMES = DeployedNames.placeholder("test")
GOLDEN = Path(__file__).parents[2] / "golden"
CHART = [
    "DefineVariables", "CheckInput", "PrepareVariables", "RecordInProgressStatus", "DomainFree", "WaitForTeardown",
    "CheckTables", "FindTable", "CheckCloneStatus", "CloneStatus", "StartClone", "WaitForClone", "ListJars",
    "FindNewestJar", "GetSparkRole", "ListApplications", "FindApplication", "ListMoreApplications", "RunBootstrap",
    "ReadSummary", "CheckSummary", "CheckPrefix", "ImportTable", "DescribeImport", "ImportStatus", "WaitForImport",
    "CheckImportCounts", "TagTable", "TtlWanted", "EnableTtl", "EnablePitr", "PitrStatus", "StreamWanted",
    "DescribeStream", "EnableStream", "StreamStatus", "ExportTable", "DescribeExport", "ExportStatus",
    "WaitForExport", "CheckExportCounts", "PrepareCompare", "RunCompare", "ReadVerdict", "DataMatches", "DeleteStatus",
    "ListStatuses", "LastDomain", "CheckIsClone", "IsClone", "DestroyClone", "WaitForDestroy", "CheckDestroyStatus",
    "DestroyStatus", "LiftSeal", "Succeed", "RecordFailure",
]  # fmt: skip


CATCH_UP_CHART = [
    "DefineVariables", "CheckInput", "PrepareVariables", "RecordInProgressStatus", "DomainFree", "WaitForTeardown",
    "FindVerdict", "VerifyTables", "CloneClusters", "ListJars", "GetSparkRole", "ListApplications", "RunBootstrap",
    "CheckSummary", "ExportBase", "FindChanges", "RunDelta", "CheckChanges", "KeepChanges", "BeginWriting",
    "ApplyPuts", "WritePuts", "ApplyDeletes", "WriteDeletes", "WaitUntilQuiet", "TakeInstant", "ExportTables",
    "FindReach", "WaitForReach", "ExportTable", "DescribeExport", "CheckExportCounts", "RunCompare", "DataMatches",
    "DeleteStatus", "DestroyClones", "LiftSeal", "Succeed", "RecordFailure",
]  # fmt: skip
BOTH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def machine(domain: str, kind: Kind = BOOTSTRAP) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render(CATALOG, domain, NAMES, kind=kind))
    return document


def expressions(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value.startswith("{%") else []
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [expression for item in items for expression in expressions(item)]


@BOTH
@pytest.mark.parametrize("domain", CATALOG.domains)
def test_the_definition_is_the_reviewed_one(domain: str, kind: Kind) -> None:
    reviewed = GOLDEN / f"{kind.machine_of(domain)}.asl.json"

    assert render(CATALOG, domain, NAMES, kind=kind) == reviewed.read_text("utf-8"), "run: make golden"


@pytest.mark.parametrize("domain", CATALOG.domains)
def test_every_node_of_the_chart_is_a_state(domain: str) -> None:
    states = all_states(machine(domain))

    assert [name for name in CHART if name not in states] == []


@pytest.mark.parametrize("domain", CATALOG.domains)
def test_every_node_of_the_catch_ups_chart_is_a_state_in_that_order(domain: str) -> None:
    states = list(all_states(definition(CATALOG, domain, NAMES, Limits(), CATCH_UP)))

    assert [name for name in CATCH_UP_CHART if name not in states] == []


@pytest.mark.parametrize("domain", CATALOG.domains)
def test_a_catch_up_makes_no_table_and_changes_no_setting(domain: str) -> None:
    verbs = {
        state["Resource"].rsplit(":", 1)[1]
        for state in all_states(machine(domain, CATCH_UP)).values()
        if ":dynamodb:" in state.get("Resource", "")
    }

    assert verbs == {
        "describeContinuousBackups",
        "describeExport",
        "describeTable",
        "exportTableToPointInTime",
        "listTagsOfResource",
    }


def test_what_both_machines_do_is_written_once() -> None:
    first, second = (all_states(machine("rates", kind)) for kind in KINDS)
    alike = {name for name in first.keys() & second.keys() if first[name] == second[name]}

    assert (first.keys() & second.keys()) - alike <= {
        # What a kind adds to the input, to the lock, to the age of a clone, and to the words of a failure.
        *("DefineVariables", "PrepareVariables", "RecordInProgressStatus", "DomainFree", "FindVerdict", "VerdictFound"),
        *("CloneClusters", "CloneAge", "FindRelease", "CheckSummary", "RecordReleaseMixed", "DomainIsLive"),
        *("ExportTable", "TableMigrated", "ReportExportCountMismatch", "DataMatches", "RecordDataMismatch"),
        # What a verification and a rehearsal of some tables add.
        *("FindSummary", "SummaryFound", "RunBootstrap", "RunCompare", "ReadVerdict", "CheckExportCounts", "Succeed"),
        "FailureKind",
    }


@BOTH
@pytest.mark.parametrize("domain", CATALOG.domains)
def test_the_definition_keeps_every_rule(domain: str, kind: Kind) -> None:
    assert findings(machine(domain, kind)) == []


@BOTH
@pytest.mark.parametrize("domain", CATALOG.domains)
def test_every_expression_is_jsonata(domain: str, kind: Kind) -> None:
    rendered = expressions(machine(domain, kind))

    assert rendered
    for expression in rendered:
        jsonata.Jsonata(expression.strip()[2:-2].strip())


@BOTH
def test_every_failure_has_its_own_way_to_fail(kind: Kind) -> None:
    ends = {name: state for name, state in machine("rates", kind)["States"].items() if state["Type"] == "Fail"}

    assert {name: state["Error"] for name, state in ends.items()} == {
        name: name for name in (*kind.recorded_failures, *failures.REFUSED, "UnknownFailure")
    }
    assert all("Cause" in state for state in ends.values())


@BOTH
def test_every_failure_name_that_a_state_gives_is_known(kind: Kind) -> None:
    text = render(CATALOG, "rates", NAMES, kind=kind)
    errors = {part.split('"')[0] for part in text.split('"error": "')[1:]} - {""}

    assert errors
    assert {name for name in errors if not name.startswith("{%")} <= set(kind.recorded_failures)


def test_no_placeholder_and_no_template_mark_is_left() -> None:
    text = render(CATALOG, "rates", NAMES)

    assert not any(mark in text for mark in ("<<", ">>", "<%", "<#", "None", "Undefined"))
    assert all(
        str(getattr(NAMES, field.name)) in text
        for field in fields(NAMES)
        if field.name not in ("region", "tags", "workers", "writer_function_arn", "second_person")
    )
    assert NAMES.writer_function_arn in render(CATALOG, "rates", NAMES, kind=CATCH_UP)
    assert {"Key": "owner", "Value": "placeholder"} in machine("rates")["States"]["MigrateTables"]["Items"][0]["tags"]


def test_both_jobs_ask_for_the_stacks_workers() -> None:
    workers = Workers(executor=Worker(vcpu=8, memory_gb=60, disk_gb=500, disk_type="SHUFFLE_OPTIMIZED"))
    states = definition(CATALOG, "rates", replace(NAMES, workers=workers), Limits())["States"]

    for job in ("RunBootstrap", "RunCompare"):
        (entry,) = states[job]["Arguments"]["ConfigurationOverrides"]["ApplicationConfiguration"]
        for name, value in workers.properties().items():
            assert f'"{name}": "{value}"' in entry["Properties"]


def test_the_last_domain_destroys_what_any_domain_cloned() -> None:
    assert machine("rates")["States"]["DestroyClones"]["Items"] == sorted(CATALOG.clusters)


NO_TABLES = "tables must be a list of tables of the domain (known: BaseRate, BaseRateAssociation)"


@pytest.mark.parametrize(
    ("run_input", "problem"),
    [
        ({}, ""),
        ({"runId": "r1", "mode": "official", "parallelism": 40, "keepClones": True, "requestedBy": "x"}, ""),
        ({"jarKey": "releases/1.0/a.jar"}, ""),
        ([], "the input must be a JSON object"),
        ("text", "the input must be a JSON object"),
        (
            {"run": 1, "mod": 2},
            (
                "unknown field run, mod (known: runId, mode, parallelism, jarKey, keepClones, requestedBy, approvedBy, "
                "tables, verify)"
            ),
        ),
        ({"runId": "a b"}, "runId must match [A-Za-z0-9._-]{1,64}"),
        ({"runId": 7}, "runId must match [A-Za-z0-9._-]{1,64}"),
        ({"mode": "Official"}, "mode must be rehearsal or official"),
        ({"mode": None}, "mode must be rehearsal or official"),
        ({"parallelism": 0}, "parallelism must be a whole number from 1 to 40"),
        ({"parallelism": 2.5}, "parallelism must be a whole number from 1 to 40"),
        ({"parallelism": "9"}, "parallelism must be a whole number from 1 to 40"),
        ({"jarKey": "x.jar"}, "jarKey must be releases/<version>-<hash>/<name>.jar"),
        ({"keepClones": "yes", "requestedBy": 3}, "keepClones must be true or false; requestedBy must be text"),
        ({"tables": ["BaseRate"], "mode": "rehearsal"}, ""),
        ({"tables": []}, NO_TABLES),
        ({"tables": "BaseRate"}, NO_TABLES),
        ({"tables": ["BaseRate", "Other"]}, NO_TABLES),
        (
            {"tables": ["BaseRate"], "mode": "official"},
            "only a rehearsal takes tables: an official run migrates every table of its domain",
        ),
        ({"verify": True, "runId": "r1", "mode": "official"}, ""),
        ({"verify": 1}, "verify must be true or false"),
        ({"verify": True}, "a verification needs runId, the run that matched"),
        (
            {"verify": True, "runId": "r1", "tables": ["BaseRate"]},
            "a verification covers every table that the run proved, so it takes no tables",
        ),
        ({"mode": "official", "requestedBy": "ada", "approvedBy": "ada"}, ""),
        ({"approvedBy": ["grace"]}, "approvedBy must be text"),
    ],
)
def test_the_input_is_checked_by_name(run_input: object, problem: str) -> None:
    assert assigned("DefineVariables", "inputProblem", run_input) == problem


@pytest.mark.parametrize(
    ("run_input", "problem"),
    [
        ({}, ""),
        ({"runId": "r1", "repair": True, "mode": "rehearsal", "writesPerSecond": 1}, ""),
        ({"maxDeletePercent": 0, "maxChangePercent": 250.5, "writesPerSecond": 1_000_000}, ""),
        ({"repair": "yes"}, "repair must be true or false"),
        ({"repair": True}, "a repair needs runId, the run whose comparison found differences"),
        ({"maxDeletePercent": 100.5}, "maxDeletePercent must be a number from 0 to 100"),
        ({"maxDeletePercent": "1"}, "maxDeletePercent must be a number from 0 to 100"),
        ({"maxChangePercent": -1}, "maxChangePercent must be a number of 0 or more"),
        ({"writesPerSecond": 0}, "writesPerSecond must be a whole number from 1 to 1000000"),
        ({"writesPerSecond": 2.5}, "writesPerSecond must be a whole number from 1 to 1000000"),
        ({"mode": "repair"}, "mode must be rehearsal or official"),
    ],
)
def test_the_input_of_a_catch_up_is_checked_by_name(run_input: object, problem: str) -> None:
    assert assigned("DefineVariables", "inputProblem", run_input, CATCH_UP) == problem


@pytest.mark.parametrize(
    ("run_input", "options"),
    [
        ({}, []),
        ({"maxDeletePercent": 5}, ["--max-delete-percent", "5"]),
        (
            {"maxDeletePercent": 0.5, "maxChangePercent": 160},
            ["--max-delete-percent", "0.5", "--max-change-percent", "160"],
        ),
    ],
)
def test_a_bound_reaches_the_delta_job_only_where_the_input_names_it(run_input: object, options: list[str]) -> None:
    expression = machine("rates", CATCH_UP)["States"]["PrepareVariables"]["Assign"]["deltaOptions"][2:-2]

    assert jsonata.Jsonata(f"($input := {json.dumps(run_input)}; {expression})").evaluate({}) == options


def assigned(state: str, variable: str, run_input: object, kind: Kind = BOOTSTRAP) -> Any:  # noqa: ANN401 - whatever the expression makes
    """Return what a state assigns to a variable for an input."""
    expression = machine("rates", kind)["States"][state]["Assign"][variable][2:-2]
    context = {"input": run_input, "context": {"Execution": {"Name": "run-1"}}}
    return jsonata.Jsonata(f"($states := {json.dumps(context)}; {expression})").evaluate({})


@pytest.mark.parametrize(("minutes", "checks"), [(5, 5), (60, 16), (720, 148)])
def test_checks_cover_the_minutes_with_waits_that_grow(minutes: int, checks: int) -> None:
    assert checks_for(minutes) == checks


def test_a_teardown_that_lives_ends_before_a_starter_gives_up() -> None:
    assert Limits().teardown_minutes > Limits().destroy_minutes


def limited(**limits: int) -> dict[str, Any]:
    return all_states(definition(CATALOG, "rates", NAMES, Limits(**limits)))


@pytest.mark.parametrize(
    ("limit", "state"),
    [
        ("clone_wait_seconds", "WaitForClone"),
        ("destroy_wait_seconds", "WaitForDestroy"),
        ("teardown_wait_seconds", "WaitForTeardown"),
    ],
)
def test_each_wait_has_a_limit_of_its_own(limit: str, state: str) -> None:
    waits = {name: body["Seconds"] for name, body in limited(**{limit: 7}).items() if body["Type"] == "Wait"}

    assert [name for name, seconds in waits.items() if seconds == 7] == [state]


@pytest.mark.parametrize(
    ("limits", "state", "text"),
    [
        ({"clone_wait_seconds": 120, "clone_checks": 20}, "ReportCloneTimedOut", "after 40 minutes"),
        ({"destroy_wait_seconds": 30, "destroy_checks": 20}, "ReportDestroyTimedOut", "after 10 minutes"),
        ({"teardown_wait_seconds": 120, "teardown_checks": 45}, "RecordTeardownStuck", "after 90 minutes"),
    ],
)
def test_what_a_person_is_told_of_a_wait_follows_from_its_limit(limits: dict[str, int], state: str, text: str) -> None:
    assert text in json.dumps(limited(**limits)[state])


def test_the_documents_tell_the_bounds_that_the_machine_has() -> None:
    limits, docs = Limits(), Path(__file__).parents[3] / "docs"

    seal = (docs / "adr" / "0007-operator-seal.md").read_text("utf-8")
    assert f"a start waits {limits.teardown_minutes}." in seal
    too_long = (docs / "runbooks" / "run-too-long.md").read_text("utf-8")
    assert f"not AVAILABLE after {limits.clone_minutes} minutes" in too_long


@pytest.mark.parametrize("minutes", [10, 720, 2880])
def test_a_job_runs_as_long_as_its_domain_lets_it(minutes: int) -> None:
    domain = CATALOG.domains["rates"].model_copy(update={"job_timeout_minutes": minutes})
    catalog = CATALOG.model_copy(update={"domains": {**CATALOG.domains, "rates": domain}})
    states = definition(catalog, "rates", NAMES, Limits())["States"]

    for job in ("RunBootstrap", "RunCompare"):
        assert states[job]["Arguments"]["ExecutionTimeoutMinutes"] == minutes
        assert states[job]["TimeoutSeconds"] > minutes * 60
