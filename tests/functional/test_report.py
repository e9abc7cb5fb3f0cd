"""Reports of real runs: a match, a mismatch, a failure and a refusal."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from runner import links
from runner.report.all_differences import write as write_differences
from runner.report.collect.run import gather
from runner.report.document import build
from tests.functional.conftest import CLUSTERS
from tests.functional.test_runner import RUNNER, run
from tests.unit.runner.report.raw import as_document

if TYPE_CHECKING:
    from local.stack import LocalStack
    from runner.account.environments import Environment
    from tests.functional.recording import Recorded

Migrate = Any
SCHEMA = json.loads(Path("docs/report.schema.json").read_text())


def report(environment: Environment, name: str, domain: str | None = None) -> dict[str, Any]:
    """Return the document of a run, validated by the schema."""
    document = as_document(build(gather(environment, name, domain)))
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    return document


def test_a_run_that_matches_is_told_from_its_evidence(
    environment: Environment, migrated: Recorded, stack: LocalStack
) -> None:
    ended = migrated.ended["availability"]

    document = report(environment, ended.name)

    assert (document["verdict"], document["status"], document["failure"]) == ("MATCH", "SUCCEEDED", None)
    assert document["run"]["stateMachineArn"] == stack.machine_arn("availability")
    assert (document["run"]["mode"], document["run"]["parallelism"]) == ("official", 9)
    assert [table["verdict"] for table in document["tables"]] == ["MATCH"] * 4
    assert [check for table in document["tables"] for check in table["checks"] if not check["holds"]] == []
    assert [len(table["checks"]) for table in document["tables"]] == [4] * 4
    inventory = document["tables"][0]
    assert inventory["counts"]["rowsRead"] == inventory["counts"]["items"] + inventory["counts"]["superseded"]
    assert inventory["counts"]["superseded"] > 0
    for table in document["tables"]:
        described = migrated.tables[table["tableName"]]
        assert table["tableArn"] == described["table"]["TableArn"]
        assert table["import"]["arn"] in [job["ImportArn"] for job in described["imports"]]
        assert table["export"]["arn"] in [job["ExportArn"] for job in described["exports"]]
    assert [phase["name"] for phase in document["attempts"][0]["phases"]] == [phase.name for phase in ended.phases]
    assert {phase["outcome"] for phase in document["attempts"][0]["phases"]} == {"done"}
    assert document["notes"] == []


def test_the_snapshots_are_the_clones_own_times(environment: Environment, migrated: Recorded) -> None:
    snapshots = report(environment, migrated.ended["rates"].name)["snapshots"]

    said = migrated.document("reports", "rates", "verdict.json")["clones"]
    assert {clone["cluster"]: clone["createdAt"][:19] for clone in snapshots["clones"]} == {
        cluster: moment[:19] for cluster, moment in said.items()
    }
    assert len(snapshots["clones"]) == CLUSTERS
    assert snapshots["spreadSeconds"] == max(clone["afterFirstSeconds"] for clone in snapshots["clones"]) > 0


def test_versions_and_cost_are_what_the_run_used(environment: Environment, migrated: Recorded) -> None:
    run_of = migrated.ended["rates"].name

    document = report(environment, run_of)

    identity = migrated.document("reports", "rates", "verdict.json")
    manifest = migrated.document("processed", "rates", "manifest.json")
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{12}", identity["release"])
    assert identity["jar"].split("/")[-2] == identity["release"] == manifest["release"]
    assert document["versions"] == {
        "release": identity["release"],
        "commit": identity["commit"] or None,
        "jar": identity["jar"],
        "catalogHash": identity["specHash"],
        "emrRelease": "emr-7.9.0",
    }
    billed = [
        migrated.job_runs[f"rates-{job}-{run_of}"]["billedResourceUtilization"] for job in ("bootstrap", "compare")
    ]
    lines = {line["what"]: line for line in document["cost"]["lines"]}
    vcpu_hours = sum(job["vCPUHour"] for job in billed)
    assert lines["Spark jobs, processors"]["quantity"] == pytest.approx(vcpu_hours, abs=1e-6)
    assert vcpu_hours > 0
    exported = [
        job["BilledSizeBytes"]
        for table in migrated.tables.values()
        for job in table["exports"]
        if job["ExportArn"] in [t["export"]["arn"] for t in document["tables"]]
    ]
    assert lines["DynamoDB exports"]["quantity"] == pytest.approx(sum(exported) / 2**30, abs=1e-6)
    history = migrated.histories[migrated.arn("rates")]
    entered = sum(event["type"].endswith("StateEntered") for event in history)
    assert lines["Step Functions"]["quantity"] >= entered > 0


def test_a_mismatch_shows_the_planted_difference_with_both_values(
    environment: Environment, mismatched: Recorded, tmp_path: Path
) -> None:
    document = report(environment, mismatched.ended["rates"].name)

    assert (document["verdict"], document["status"]) == ("MISMATCH", "FAILED")
    # With at most 1,000 rows per clone, the witness reads every row here.
    assert document["headline"] == (
        "1 of 1,320 items differs between the clones and DynamoDB, in 1 table. "
        "Of 1,556 rows that the witness read another way, 1 differs."
    )
    assert (document["failure"]["error"], document["failure"]["phase"]) == ("DataMismatch", "Compare")
    differences = document["tables"][0]["differences"]
    (sample,) = differences["samples"]
    assert (sample["class"], sample["key"], sample["column"]) == ("changed", mismatched.planted_key, "currencyCode")
    assert sample["clones"]["text"] in ("EUR", "GBP")
    assert sample["dynamodb"] == {"type": "S", "text": "XXX", "characters": 3, "cut": False}
    assert (differences["total"], differences["partial"]) == (1, False)
    assert document["tables"][0]["columns"] == [
        {"column": "currencyCode", "changed": 1, "rule": None, "tolerance": None, "passedOver": None}
    ]
    assert any(name.startswith(differences["place"].split("/", 3)[3]) for name in mismatched.objects)
    all_of_them = tmp_path / "all.csv"
    reports = f"reports/rates/{mismatched.ended['rates'].name}"
    assert write_differences(environment, reports, all_of_them, show_values=True) == 1
    assert all_of_them.read_text().splitlines() == [
        "table,key,class,attribute,source,dynamodb",
        f"BaseRate,{mismatched.planted_key},changed,currencyCode,S:{sample['clones']['text']},S:XXX",
    ]


def test_a_run_that_failed_midway_says_what_failed_and_what_is_left(environment: Environment, migrate: Migrate) -> None:
    ended = migrate("rates", jar_key="releases/9/none.jar")

    document = report(environment, ended.name)

    assert (document["verdict"], document["status"]) == ("NONE", "FAILED")
    assert (document["failure"]["error"], document["failure"]["phase"]) == ("JarNotFound", "Locate Spark")
    assert len(document["snapshots"]["clones"]) == CLUSTERS
    assert len(document["remains"]["clones"]) == CLUSTERS
    assert document["remains"]["clonesUsdPerHour"] == pytest.approx(CLUSTERS * 0.286)
    assert document["remains"]["heldBy"][0]["run"] == ended.name
    commands = [step["command"] for step in document["next"] if step["command"]]
    assert commands[0] == f"migrate resume {ended.name} --environment test"
    assert {line["what"].split(",")[0] for line in document["cost"]["lines"]} == {
        "Clones' instances",
        "Step Functions",
        "Lambda",
    }


def test_a_refused_run_touched_nothing(environment: Environment, migrated: Recorded) -> None:
    (refused,) = migrated.refused

    document = report(environment, refused.arn)

    assert (document["failure"]["error"], document["failure"]["phase"]) == ("DomainAlreadyRunning", "Prepare")
    assert document["outcome"]["title"] == "Not started: DomainAlreadyRunning"
    assert [step["what"] for step in document["next"]] == [
        "Follow the run that the cause names, and wait for its end",
        "Nothing was touched, and nothing is left to clean up after this run",
    ]


def test_the_command_writes_text_page_document_and_summary(
    stack: LocalStack, migrated: Recorded, tmp_path: Path
) -> None:
    name = migrated.ended["rates"].name
    files = {what: tmp_path / "made" / f"report.{what}" for what in ("html", "json", "md")}
    options = ["--html", files["html"], "--json-file", files["json"], "--summary", files["md"]]

    done = run(stack, [*RUNNER, "report", name, "--environment", "test", *map(str, options)])

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"MATCH  rates, run {name} (rehearsal, test), succeeded")
    assert (
        f"Execution: {links.execution(stack.machine_arn('rates').replace('stateMachine', 'execution'))}:" in done.stdout
    )
    assert "All 1,320 items of 2 tables are the same in the clones and in DynamoDB." in done.stdout
    assert "<h1>" in files["html"].read_text()
    assert json.loads(files["json"].read_text())["run"]["id"] == name
    assert files["md"].read_text().startswith("## ✅ rates: MATCH")


def test_the_command_answers_programs_with_one_document(stack: LocalStack, migrated: Recorded) -> None:
    done = run(stack, [*RUNNER, "report", migrated.ended["rates"].name, "--environment", "test", "--json"])

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "MATCH"


def test_an_unknown_run_is_a_usage_error(stack: LocalStack) -> None:
    done = run(stack, [*RUNNER, "report", "gone", "--environment", "test"])

    assert done.returncode == 2
    assert "no domain, run id or execution named 'gone'" in done.stderr
