"""Complete executions with answers written by hand: every state in order, and every call."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.unit.statemachine.stepping import MACHINE, NAMES, STATES, Failed, Walk, body, carrying_passes, payload, value

TABLES = [table["name"] for table in MACHINE["States"]["MigrateTables"]["Items"]]
CLUSTERS = MACHINE["States"]["CloneClusters"]["Items"]
ALL_CLUSTERS = MACHINE["States"]["DestroyClones"]["Items"]
MADE = "2126-01-01T00:00:00Z"  # after any execution begins
RELEASE = "1.0.0-00000000000a"
WRITTEN = {"prefix": "p/", "files": 1, "bytes": 2, "items": 3, "expirable": 0}
OBJECTS = {"Contents": [{"Key": "p/a", "Size": 2}]}
LISTING = hashlib.sha256(b"|a 2").hexdigest()


NOT_THERE = "DynamoDb.ResourceNotFoundException"
UNPROTECTED = {"Table": {"TableStatus": "ACTIVE", "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}}


def ended(status: str, **more: Any) -> dict[str, Any]:
    return payload(status=status, **more)


def answers(**changes: Any) -> dict[str, Any]:
    """Return what AWS answers while a new run goes well."""
    tables = {name: {**WRITTEN, "listing": LISTING} for name in TABLES}
    items = {name: {"matched": 3, "expired": 0} for name in TABLES}
    protected = {"Table": {**UNPROTECTED["Table"], "DeletionProtectionEnabled": True}}
    recovery = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}
    sees: dict[str, Any] = {
        "RecordInProgressStatus": ended("OWNED", began="2026-01-01T00:00:00Z", officialRuns=[]),
        "FindVerdict": Failed("S3.NoSuchKeyException"),
        "FindTable": Failed(NOT_THERE),
        "CheckCloneStatus": lambda _, n: (
            ended("AVAILABLE", unproven="", createdAt=MADE, endpoint="h", port=1) if n % 2 else ended("UNAVAILABLE")
        ),
        "StartClone": ended("INPROCESSING"),
        "ListJars": {"Contents": [{"Key": f"releases/{RELEASE}/x.jar", "LastModified": "2026"}]},
        "GetSparkRole": {"Role": {"Arn": "role"}},
        "ListApplications": {"Applications": [{"Name": NAMES.application_name, "Id": "1"}]},
        "FindSummary": Failed("S3.NoSuchKeyException"),
        "RunBootstrap": {},
        "RunCompare": {},
        "ReadSummary": body(attempt="x1", release=RELEASE, failure=None, tables=tables),
        "CheckPrefix": OBJECTS,
        "ImportTable": {"ImportTableDescription": {"ImportArn": "i"}},
        "DescribeImport": lambda _, n: {
            "ImportTableDescription": {
                "ImportStatus": "COMPLETED" if n % 2 else "IN_PROGRESS",
                "ImportedItemCount": 3,
                "TableArn": "a",
            }
        },
        "DescribeSettings": lambda _, n: protected if n % 2 else UNPROTECTED,
        "UpdateTable": {},
        "TagTable": {},
        "EnableStream": {},
        "EnablePitr": {"ContinuousBackupsDescription": recovery},
        "DescribeStream": {"StreamDescriptionSummary": {"StreamARN": "s", "StreamStatus": "ACTIVE"}},
        "DescribeDestination": lambda _, n: {
            "KinesisDataStreamDestinations": [{"StreamArn": "s", "DestinationStatus": "ACTIVE"}] if n % 2 else []
        },
        "ExportTable": {"ExportDescription": {"ExportArn": "x"}},
        "DescribeExport": lambda _, n: {
            "ExportDescription": {
                "ExportStatus": "COMPLETED" if n % 2 else "IN_PROGRESS",
                "ItemCount": 3,
                "ExportManifest": "m",
            }
        },
        "ReadVerdict": body(attempt="x1", release=RELEASE, verdict="MATCH", tables=items),
        "DeleteStatus": ended("DESTROY", etag="t"),
        "CheckIsClone": payload(isClone=True, status="PRESENT"),
        "DestroyClone": ended("DELETING"),
        "CheckDestroyStatus": ended("UNAVAILABLE"),
        "LiftSeal": ended("LIFTED"),
        "RecordFailure": ended("RECORDED"),
    }
    return {**sees, **changes}


BEGIN = ["DefineVariables", "CheckInput", "PrepareVariables", "RecordInProgressStatus", "DomainFree", "FindVerdict"]
OF_FREE_TABLE = ["TakeTableName", "NameChosen", "FindTable", "TableIsFree"]
OF_NEW_CLONE = [
    "TakeCluster",
    "CheckCloneStatus",
    "CloneStatus",
    "StartClone",
    "WaitForClone",
    "CheckCloneStatus",
    "CloneStatus",
    "CloneAge",
    "CloneReady",
]
CLONE = ["CheckTables", *OF_FREE_TABLE * len(TABLES), "TablesFree", "CloneClusters", *OF_NEW_CLONE * len(CLUSTERS)]
SPARK = ["ClonesReady", "ListJars", "FindNewestJar", "GetSparkRole", "ListApplications", "FindApplication"]
BOOTSTRAP = ["FindSummary", "SummaryNeeded", "RunBootstrap", "ReadSummary", "CheckSummary", "MigrateTables"]
IMPORT = [
    "TakeTable",
    "TableChosen",
    "CheckPrefix",
    "PrefixChecked",
    "ExistingTable",
    "ImportWanted",
    "ImportTable",
    "DescribeImport",
    "ImportStatus",
    "WaitForImport",
    "DescribeImport",
    "ImportStatus",
    "CheckImportCounts",
]
SETTINGS = ["DescribeSettings", "SettingsDiffer"]
TAGS = ["TagTable", "TtlWanted", "EnablePitr", "PitrStatus", "StreamWanted"]
STREAM = [
    "DescribeStream",
    "StreamActive",
    "DescribeDestination",
    "StreamStatus",
    "EnableStream",
    "WaitForStream",
    "DescribeDestination",
    "StreamStatus",
]
EXPORT = [
    "ExportWanted", "ExportTable", "DescribeExport", "ExportStatus", "WaitForExport", "DescribeExport",
    "ExportStatus", "CheckExportCounts", "TableMigrated",
]  # fmt: skip
COMPARE = ["TablesMigrated", "PrepareCompare", "RunCompare", "ReadVerdict", "DataMatches"]
MATCHED = {"verdict": "MATCH", "mode": "rehearsal", "tables": {name: {} for name in TABLES}}
FINISH = ["DeleteStatus", "ListStatuses", "LastDomain"]
OF_DESTROYED = [
    "TakeClone", "CheckIsClone", "IsClone", "DestroyClone", "WaitForDestroy", "CheckDestroyStatus", "DestroyStatus",
    "CloneDestroyed",
]  # fmt: skip
DESTROY = ["DestroyClones", *OF_DESTROYED * len(ALL_CLUSTERS), "LiftSeal", "ClonesDestroyed"]
FAIL = ["RecordFailure", "FailureKind"]


def test_a_new_rehearsal_takes_every_step_and_destroys_the_clones() -> None:
    walk = Walk(answers(DescribeSettings=UNPROTECTED))

    end, output = walk.run({"runId": "r1"})

    assert (end, output["clones"], output["verdict"]) == ("Succeed", "destroyed", "MATCH")
    assert [(table["name"], table["tableName"]) for table in output["tables"]] == [
        (n, f"{n}-rehearsal") for n in TABLES
    ]
    of_table = [*IMPORT, *SETTINGS, *TAGS, *EXPORT]
    made = [*BEGIN, *CLONE, *SPARK, *BOOTSTRAP, *of_table * len(TABLES)]
    assert walk.path == [*made, *COMPARE, *FINISH, *DESTROY, "Succeed"]


def test_a_new_official_run_protects_its_tables_before_anything_else_and_enables_their_streams() -> None:
    walk = Walk(answers())

    end, output = walk.run({"runId": "r1", "mode": "official"})

    assert (end, [table["tableName"] for table in output["tables"]]) == ("Succeed", TABLES)
    protected = [*SETTINGS, "UpdateTable", "WaitForSettings", *SETTINGS]
    of_table = [*IMPORT, *protected, *TAGS, *STREAM, *EXPORT]
    made = [*BEGIN, *CLONE, *SPARK, *BOOTSTRAP, *of_table * len(TABLES)]
    assert walk.path == [*made, *COMPARE, *FINISH, *DESTROY, "Succeed"]
    assert walk.asked["UpdateTable"] == [{"TableName": name, "DeletionProtectionEnabled": True} for name in TABLES]


def test_the_items_of_a_map_are_told_all_that_they_need() -> None:
    walk = Walk(answers())

    assert walk.run({"runId": "r1", "mode": "official", "keepClones": False})[0] == "Succeed"

    asked = walk.asked
    assert [call["Payload"]["source"] for call in asked["StartClone"]] == CLUSTERS
    assert {(call["Payload"]["runId"], call["Payload"]["mode"]) for call in asked["StartClone"]} == {("r1", "official")}
    assert [call["Payload"]["source"] for call in asked["DestroyClone"]] == ALL_CLUSTERS
    seal = {"etag": "t", "execution": "arn:aws:states:region-0:000000000000:execution:migration-test-rates:x1"}
    assert [call["Payload"]["seal"] for call in asked["DestroyClone"]] == [seal] * len(ALL_CLUSTERS)
    assert [call["S3Prefix"] for call in asked["ExportTable"]] == [f"export/rates/r1/{name}" for name in TABLES]
    assert len({call["ClientToken"] for call in (*asked["ImportTable"], *asked["ExportTable"])}) == 2 * len(TABLES)
    exports = asked["RunCompare"][0]["JobDriver"]["SparkSubmit"]["EntryPointArguments"][-1]
    assert exports == "[" + ",".join(f'{{"table":"{name}","manifest":"m"}}' for name in TABLES) + "]"


def test_clones_that_are_kept_are_not_touched_and_the_seal_is_lifted() -> None:
    walk = Walk(answers())

    end, output = walk.run({"keepClones": True})

    assert (end, output["clones"]) == ("Succeed", "kept as requested")
    assert walk.path[-6:] == [*FINISH, "LiftSeal", "ClonesDestroyed", "Succeed"]


def test_clones_that_another_domain_needs_are_kept_and_no_seal_is_lifted() -> None:
    walk = Walk(answers(DeleteStatus=ended("OTHERS", others=[{"domain": "availability"}])))

    end, output = walk.run({})

    assert (end, output["clones"], walk.path[-4:]) == ("Succeed", "kept for availability", [*FINISH, "Succeed"])


def test_a_run_that_matched_is_only_cleaned_up() -> None:
    before = {**body(**MATCHED), "LastModified": "2025-12-31T23:59:59Z"}
    walk = Walk(answers(FindVerdict=before))

    assert walk.run({})[0] == "Succeed"

    assert walk.path == [*BEGIN, "VerdictFound", *FINISH, *DESTROY, "Succeed"]


def test_a_wait_for_a_teardown_asks_for_the_lock_again() -> None:
    def begun(_: object, visits: int) -> dict[str, Any]:
        return ended("SEALED") if visits < 2 else answers()["RecordInProgressStatus"]

    walk = Walk(answers(RecordInProgressStatus=begun, FindVerdict=body(**MATCHED)))

    assert walk.run({})[0] == "Succeed"

    poll = ["RecordInProgressStatus", "DomainFree", "WaitForTeardown"]
    assert walk.path[3:12] == [*poll, *poll, "RecordInProgressStatus", "DomainFree", "FindVerdict"]


def test_one_table_that_fails_ends_the_run_after_the_others_and_keeps_the_lock() -> None:
    def imported(asked: dict[str, Any], _: int) -> object:
        last = asked["TableCreationParameters"]["TableName"].startswith(f"{TABLES[0]}-")
        return Failed("DynamoDb.LimitExceededException") if last else answers()["ImportTable"]

    walk = Walk(answers(ImportTable=imported, DescribeSettings=UNPROTECTED))

    end, output = walk.run({})

    assert (end, output["Error"]) == ("ImportFailed", "ImportFailed")
    assert output["Cause"].startswith(f"{TABLES[0]}-rehearsal: the table could not be created: DynamoDb.LimitExceeded")
    assert walk.path[-4:] == ["TablesMigrated", *FAIL, "ImportFailed"]
    assert walk.path.count("TableMigrated") == len(TABLES) - 1
    assert {"RunCompare", "DeleteStatus", "DestroyClones"} & set(walk.path) == set()


def test_a_difference_keeps_the_lock_and_the_clones() -> None:
    walk = Walk(answers(ReadVerdict=body(attempt="x1", release=RELEASE, verdict="MISMATCH", tables={}, summary="2.")))

    end, _ = walk.run({})

    assert (end, walk.path[-5:]) == ("DataMismatch", ["DataMatches", "RecordDataMismatch", *FAIL, "DataMismatch"])


def test_a_clone_that_is_not_proven_is_left_alone_and_the_seal_is_lifted() -> None:
    walk = Walk(answers(CheckIsClone=payload(isClone=False, status="PRESENT", reason="no tag")))

    end, output = walk.run({})

    assert (end, "no tag" in output["Cause"]) == ("NotAClone", True)
    assert walk.path[-6:] == ["ReportNotProven", "LiftSeal", "ClonesDestroyed", *FAIL, "NotAClone"]
    assert "DestroyClone" not in walk.path


def test_a_resume_adopts_items_import_and_export_and_compares_again() -> None:
    clones = dict.fromkeys(CLUSTERS, MADE)
    tables = {name: {**WRITTEN, "listing": LISTING} for name in TABLES}
    summary = {"specHash": NAMES.spec_hash, "attempt": "x0", "release": RELEASE, "failure": None}
    source = {"S3Bucket": NAMES.data_bucket, "S3KeyPrefix": f"processed/rates/r1/{TABLES[0]}/"}
    prefixes = iter([f"processed/rates/r1/{name}/" for name in TABLES] + ["p/"] * len(TABLES))

    def an_import(*_: object) -> dict[str, Any]:
        described = {"TableId": "i", "ImportStatus": "COMPLETED", "ImportedItemCount": 3, "TableArn": "a"}
        return {"ImportTableDescription": {**described, "S3BucketSource": {**source, "S3KeyPrefix": next(prefixes)}}}

    export_prefixes = iter([f"export/rates/r1/{name}" for name in TABLES])

    def an_export(*_: object) -> dict[str, Any]:
        ours = {"TableId": "i", "S3Bucket": NAMES.data_bucket, "S3Prefix": next(export_prefixes)}
        return {"ExportDescription": {"ExportStatus": "COMPLETED", **ours}}

    walk = Walk(
        answers(
            FindTable={"Table": {"TableArn": "a", "TableId": "i"}},
            ListImports={"ImportSummaryList": [{"ImportArn": "i", "StartTime": "2026"}]},
            DescribeCreator=an_import, DescribePreviousImport=an_import, DescribeSettings=UNPROTECTED,
            ListExports={"ExportSummaries": [{"ExportArn": "x"}]}, DescribePreviousExport=an_export,
            FindSummary=body(**summary, clones=clones, tables=tables),
        )
    )  # fmt: skip

    assert walk.run({"runId": "r1"})[0] == "Succeed"

    done = {"RunBootstrap", "ReadSummary", "ImportTable", "CreateEmptyTable", "DeleteTable", "ExportTable"}
    assert done & set(walk.path) == set()
    adopted = ["FindSummary", "SummaryFound", "AdoptSummary", "CheckSummary", "MigrateTables"]
    of_table = [
        "TakeTable", "TableChosen", "CheckPrefix", "PrefixChecked", "ExistingTable", "DescribePreviousImport",
        "PreviousImport",
        "AdoptImport", *SETTINGS, *TAGS, "ExportWanted", "ListExports", "ExportsListed", "DescribePreviousExport",
        "PreviousExport", "DescribeExport",
    ]  # fmt: skip
    begun = walk.path.index("FindSummary")
    assert walk.path[begun : begun + len(adopted) + len(of_table)] == [*adopted, *of_table]
    checked = walk.path.index("CheckTables")
    looked = [
        "TakeTableName",
        "NameChosen",
        "FindTable",
        "ListImports",
        "ImportsListed",
        "DescribeCreator",
        "CheckImport",
        "TableIsOurs",
    ]
    assert walk.path[checked + 1 : checked + 9] == looked


def test_what_differed_once_is_exported_anew() -> None:
    walk = Walk(answers(FindVerdict=body(verdict="MISMATCH", mode="rehearsal"), DescribeSettings=UNPROTECTED))
    assert walk.run({})[0] == "Succeed"
    wanted = MACHINE["States"]["MigrateTables"]["ItemSelector"]["adoptExport"]

    assert value(wanted, verdict={"verdict": "MISMATCH"}) is False
    assert value(wanted, verdict={"verdict": ""}) is True


def test_a_table_of_an_earlier_attempt_is_deleted_and_made_again_without_its_exports() -> None:
    visits = iter(["ACTIVE", "DELETING"])

    def present(*_: object) -> object:
        status = next(visits, None)
        return {"Table": {"TableId": "i", "TableStatus": status}} if status else Failed(NOT_THERE)

    def first_alone(asked: dict[str, Any], _: int) -> object:
        there = asked["TableName"].startswith(f"{TABLES[0]}-")
        return {"Table": {"TableArn": "a", "TableId": "i"}} if there else Failed(NOT_THERE)

    tags = {"system": "rates-avail-migration-bootstrap", "stack": "test", "mode": "rehearsal", "run": "r0"}
    walk = Walk(
        answers(
            FindTable=first_alone, ListImports={"ImportSummaryList": []}, VerifyTable=present, DeleteTable={},
            ListTags={"Tags": [{"Key": f"migration:{key}", "Value": value} for key, value in tags.items()]},
            DescribeSettings=UNPROTECTED,
        )
    )  # fmt: skip

    assert walk.run({})[0] == "Succeed"

    replaced = [
        "ExistingTable",
        "VerifyTable",
        "TableUnchanged",
        "DeleteTable",
        "WaitForDeletion",
        "VerifyTable",
        "TableUnchanged",
    ]
    begun = walk.path.index("ExistingTable")
    again = ["WaitForDeletion", "VerifyTable", "ImportWanted", "ImportTable"]
    assert walk.path[begun : begun + 11] == [*replaced, *again]
    assert "ListExports" not in walk.path
    assert walk.asked["DeleteTable"] == [{"TableName": f"{TABLES[0]}-rehearsal"}]


def test_a_table_without_items_is_made_empty_and_exported() -> None:
    tables = {name: {"prefix": "p/", "files": 0, "bytes": 0, "items": 0, "expirable": 0} for name in TABLES}
    items = {name: {"matched": 0, "expired": 0} for name in TABLES}
    walk = Walk(
        answers(
            ReadSummary=body(attempt="x1", release=RELEASE, failure=None, tables=tables), CheckPrefix={},
            CreateEmptyTable={"TableDescription": {"TableArn": "a"}}, DescribeSettings=UNPROTECTED,
            DescribeEmptyTable=lambda _, n: {"Table": {"TableStatus": "ACTIVE" if n % 2 else "CREATING"}},
            DescribeExport={"ExportDescription": {"ExportStatus": "COMPLETED", "ItemCount": 0, "ExportManifest": "m"}},
            ReadVerdict=body(attempt="x1", release=RELEASE, verdict="MATCH", tables=items),
        )
    )  # fmt: skip

    assert walk.run({})[0] == "Succeed"

    begun = walk.path.index("ImportWanted")
    poll = ["WaitForEmptyTable", "DescribeEmptyTable", "EmptyTableStatus"]
    assert walk.path[begun : begun + 9] == ["ImportWanted", "CreateEmptyTable", *poll, *poll, "DescribeSettings"]


def test_a_job_that_fails_is_asked_why_and_nothing_is_imported() -> None:
    why = body(attempt="x1", error="SourceNotVisible", cause="it is hidden")
    walk = Walk(answers(RunBootstrap=Failed("EMRServerless.Failed"), ReadBootstrapFailure=why))

    end, output = walk.run({"runId": "r1"})

    assert (end, output["Cause"]) == ("SourceNotVisible", "it is hidden. Resume with: migrate resume r1")
    assert walk.path[-5:] == ["RunBootstrap", "ReadBootstrapFailure", *FAIL, "SourceNotVisible"]
    assert "MigrateTables" not in walk.path


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if state["Type"] in ("Task", "Map")])
def test_what_a_call_answers_goes_no_further_than_into_variables(name: str) -> None:
    """A payload ends at 256 KiB, and an answer may be as long."""
    assert value(STATES[name]["Output"]) == {}


def test_what_a_pass_keeps_goes_no_further_than_into_variables_either() -> None:
    # The input, until it is checked; a name of a cluster; nothing, after a state that carries nothing.
    assert carrying_passes(STATES) == {"DefineVariables", "TakeCluster", "ListStatuses"}


@pytest.mark.parametrize("name", ["CheckTables", "CloneClusters", "MigrateTables", "DestroyClones"])
def test_as_many_items_run_at_once_as_the_input_says(name: str) -> None:
    assert value(STATES[name]["MaxConcurrency"], parallelism=7) == 7
    assert STATES[name]["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


@pytest.mark.parametrize("name", ["CheckTables", "MigrateTables"])
def test_the_item_of_a_table_is_told_which_table_it_is(name: str) -> None:
    """Its history is read by these names: what a person follows, and what a report says."""
    context = {"Map": {"Item": {"Value": {"name": "T"}}}, "Execution": {}}
    selector = {**STATES[name]["ItemSelector"]}
    wanted = {"table": "T", "tableName": "T-rehearsal", "run": "r1", "mode": "rehearsal"}
    known = {"suffix": "-rehearsal", "run": "r1", "mode": "rehearsal"}

    assert {key: value(selector[key], states={"context": context}, **known) for key in wanted} == wanted
