"""Prepared executions: the answers of the services, and the remains of earlier executions."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.aws.stepfunctions import faults
from local.aws.stepfunctions.faults import Failure, answer_late, plant
from statemachine.failures import JOB_ERRORS, SUMMARY_FAILURES
from statemachine.graph import all_states
from tests.machine.rig import LIMITS, Rig

Prepare = Callable[[Rig], dict[str, Any] | None]
MANY = 12
REFUSED = Failure("DynamoDb.AccessDeniedException", "planted")
TABLE = "BaseRate-rehearsal"


def nothing(*_: object) -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Scenario:
    """An execution: its preparation, its input and its expected end."""

    name: str
    prepare: Prepare = nothing
    request: dict[str, Any] = field(default_factory=dict)
    ends: str = ""
    says: str = ""  # a part of the cause
    machine: str = "rates"
    after: Callable[[], None] = nothing


def prepared(rig: Rig, scenario: Scenario) -> dict[str, Any]:
    """Prepare a scenario and return its input. Items run one after another, so that the same item gets the planted answer."""
    prepared_request = scenario.prepare(rig) or {}
    scenario.after()
    return {"parallelism": 1, **scenario.request, **prepared_request}


def planted(state: str, *answers: Any, times: int = 1) -> Prepare:
    return lambda _rig: plant(state, *answers, times=times)


def controlled(**jobs: Any) -> Prepare:
    return lambda rig: rig.control(**jobs)


def both(*prepares: Prepare) -> Prepare:
    def prepare(rig: Rig) -> dict[str, Any]:
        return {key: value for each in prepares for key, value in (each(rig) or {}).items()}

    return prepare


def resumed(first: Prepare, *after: Prepare, **request: Any) -> Prepare:
    """Make a run fail, which the scenario then resumes."""

    def prepare(rig: Rig) -> dict[str, Any]:
        first(rig)
        ended = rig.run(runId="r1", parallelism=1, **request)
        assert ended.status == "FAILED", ended
        faults.forget()
        rig.control()
        return {"runId": "r1", **request, **both(*after)(rig)}

    return prepare


def payload(**answer: Any) -> dict[str, Any]:
    return {"Payload": answer}


def import_is(status: str, **more: Any) -> dict[str, Any]:
    return {"ImportTableDescription": {"ImportStatus": status, "TableId": "t", **more}}


def export_is(status: str, **more: Any) -> dict[str, Any]:
    return {"ExportDescription": {"ExportStatus": status, **more}}


def every_table(rig: Rig) -> None:
    for table in rig.catalog.domains["rates"].tables:
        make_table(rig, f"{table.name}-rehearsal")


def shared_clones(rig: Rig) -> None:
    """Create clones by a running official run of the other domain before this run begins."""
    assert rig.run("availability", runId="a1", mode="official", keepClones=True).status == "SUCCEEDED"
    began = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    plant("RecordInProgressStatus", payload(status="OWNED", began=began, officialRuns=["availability/a1"]))


def settings_are(status: str, **table: Any) -> dict[str, Any]:
    """Answer as DescribeTable does for an on-demand table."""
    return {"Table": {"TableStatus": status, "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}, **table}}


def make_table(rig: Rig, name: str = TABLE, **tags: str) -> None:
    """Create a table as another user."""
    rig.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        Tags=[{"Key": f"migration:{key}", "Value": value} for key, value in tags.items()],
    )


def put(rig: Rig, key: str, document: dict[str, Any]) -> None:
    rig.client("s3").put_object(Bucket=rig.bucket, Key=key, Body=json.dumps(document))


def forget_summary(rig: Rig) -> None:
    """Make the next attempt write its items again, below another prefix."""
    rig.client("s3").delete_object(Bucket=rig.bucket, Key="processed/rates/r1/summary.json")


def kept_clones(rig: Rig) -> None:
    assert rig.run(keepClones=True).status == "SUCCEEDED"


def present(status: str) -> Prepare:
    """Make VerifyTable see the right table with another status."""

    def prepare(rig: Rig) -> None:
        for name in rig.tables():
            table_id = rig.client("dynamodb").describe_table(TableName=name)["Table"]["TableId"]
            plant("VerifyTable", {"Table": {"TableId": table_id, "TableStatus": status}}, times=MANY)

    return prepare


def deleting_once(rig: Rig) -> None:
    (table_id,) = [rig.client("dynamodb").describe_table(TableName=name)["Table"]["TableId"] for name in rig.tables()]
    plant("VerifyTable", {"Table": {"TableId": table_id, "TableStatus": "DELETING"}})


def official_of_another_run(rig: Rig) -> None:
    assert rig.run(mode="official").status == "SUCCEEDED"


def verdict(rig: Rig, word: str, mode: str) -> dict[str, Any]:
    tables = {table.name: {} for table in rig.catalog.domains["rates"].tables}
    put(rig, "reports/rates/r1/verdict.json", {"verdict": word, "mode": mode, "tables": tables})
    return {"runId": "r1"}


at_export = planted("ExportTable", REFUSED, times=2)
at_compare = controlled(compare={"exit": 1})
no_rows = controlled(bootstrap={"items": {"BaseRate": 0}})
empty_table_at_export = both(no_rows, at_export)
RECOVERY_OFF = {
    "ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}
}
PAGE: dict[str, Any] = {"NextToken": "0"}


def application_on_third_page(rig: Rig) -> None:
    application = {"Name": "migration-test-spark", "Id": rig.deployed["applicationId"]}
    plant("ListApplications", {"Applications": [], **PAGE})
    plant("ListMoreApplications", {"Applications": [], **PAGE}, {"Applications": [application]})


def throttled_everywhere(rig: Rig, machine: str = "rates") -> None:
    """Make the first call of every Task fail once by each rule of its Retry."""
    for name, state in all_states(rig.definitions[machine]).items():
        for rule in state.get("Retry", []):
            plant(name, Failure(rule["ErrorEquals"][0]))


def summary(**changes: Any) -> Prepare:
    return controlled(bootstrap={"summary": changes})


OTHER, GONE = "1.0.0-00000000000b", "1.0.0-00000000000c"


def named(release: str) -> Prepare:
    """Deploy another release and name it in the input."""
    return lambda rig: {"jarKey": rig.deploy_release(release)}


def lost(*names: str) -> Prepare:
    """Fail at the export, with a release that loses files afterwards."""

    def prepare(rig: Rig) -> dict[str, Any]:
        at_export(rig)
        assert rig.run(runId="r1", jarKey=rig.deploy_release(GONE)).status == "FAILED"
        faults.forget()
        rig.remove_release(GONE, *names)
        rig.deploy_release(OTHER)
        return {"runId": "r1"}

    return prepare


def old_summary(rig: Rig) -> None:
    """Change the summary to that of a program before the immutable releases."""
    location = {"Bucket": rig.bucket, "Key": "processed/rates/r1/summary.json"}
    summary = json.loads(rig.client("s3").get_object(**location)["Body"].read())
    put(rig, location["Key"], {**summary, "release": "1.0.0"})
    rig.deploy_release("1.0.0")


def proven(*after: Prepare, mode: str = "rehearsal") -> Prepare:
    """End a run with a MATCH, which the scenario then verifies."""

    def prepare(rig: Rig) -> dict[str, Any]:
        assert rig.run(runId="r1", parallelism=1, mode=mode).status == "SUCCEEDED"
        return {"runId": "r1", "mode": mode, "verify": True, **both(*after)(rig)}

    return prepare


def replaced(rig: Rig) -> None:
    """Create one of the tables again."""
    rig.client("dynamodb").delete_table(TableName=TABLE)
    make_table(rig)


def written_by_another(rig: Rig) -> None:
    """Write an item to a proven table, which a comparison detects."""
    key = rig.client("dynamodb").describe_table(TableName=TABLE)["Table"]
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in key["AttributeDefinitions"]}
    item = {part["AttributeName"]: {types[part["AttributeName"]]: "9"} for part in key["KeySchema"]}
    rig.client("dynamodb").put_item(TableName=TABLE, Item=item)
    rig.control(compare={"verdict": {"verdict": "MISMATCH", "summary": "1 item differs."}})


def of_another_catalog(rig: Rig) -> None:
    location = {"Bucket": rig.bucket, "Key": "processed/rates/r1/summary.json"}
    summary = json.loads(rig.client("s3").get_object(**location)["Body"].read())
    put(rig, location["Key"], {**summary, "specHash": "f" * 64})


def broken(rig: Rig) -> None:
    """End a verification with a difference."""
    written_by_another(rig)
    ended = rig.run(runId="r1", verify=True)
    assert ended.error == "DataMismatch", ended
    rig.control()


def some_tables(rig: Rig) -> dict[str, Any]:
    """End a rehearsal of some tables with a MATCH; the scenario then migrates all tables under its id."""
    assert rig.run(runId="r1", parallelism=1, tables=["BaseRate"]).status == "SUCCEEDED"
    return {"runId": "r1"}


def failing(name: str) -> Scenario:
    return Scenario(f"the job finds {name}", summary(failure={"error": name, "cause": "planted"}), ends=name)


def reporting(name: str) -> Scenario:
    """Make the job end with an error whose class is a failure of its own."""
    return Scenario(
        f"the job reports {name}", controlled(bootstrap={"exit": 1, "error": name, "says": "planted"}), ends=name
    )


PREPARING = (
    Scenario("a rehearsal"),
    Scenario("an official run", request={"mode": "official"}),
    Scenario("throttling of every call", throttled_everywhere, {"mode": "official"}),
    Scenario("executions that are not known yet", lambda _rig: answer_late(7)),
    Scenario("an input that is refused", request={"mode": "Official"}, ends="InvalidInput"),
    Scenario("a domain that runs", planted("RecordInProgressStatus", payload(status="BUSY", holder={"run": "r0"})), ends="DomainAlreadyRunning"),
    Scenario("a domain that is live", planted("RecordInProgressStatus", payload(status="LIVE", instant="2026-01-01T00:00:00Z")), ends="DomainIsLive", says="are live since"),
    Scenario("a catch-up that has begun to write", planted("RecordInProgressStatus", payload(status="UNFINISHED", holder={"run": "r0"})), ends="CatchUpUnfinished", says="migrate resume r0"),
    Scenario("a teardown that ends", planted("RecordInProgressStatus", payload(status="SEALED"))),
    Scenario("a teardown that does not end", planted("RecordInProgressStatus", payload(status="WAIT"), times=LIMITS.teardown_checks), ends="TeardownStuck"),
    Scenario("a run that matched", lambda rig: verdict(rig, "MATCH", "rehearsal")),
    Scenario("a run that matched as the other mode", lambda rig: verdict(rig, "MATCH", "official")),
    Scenario("somebody's table", make_table, ends="TableAlreadyExists"),
    Scenario("somebody's table in every place", every_table, ends="TableAlreadyExists", says="BaseRateAssociation-rehearsal exists, and neither its import nor its tags"),
    Scenario("somebody's table, tags in pages", both(make_table, planted("ListTags", {"Tags": [], **PAGE})), ends="TableAlreadyExists"),
    Scenario("another run's official table", official_of_another_run, {"mode": "official"}, ends="TableAlreadyExists"),
    Scenario("a rehearsal's table by its tags", lambda rig: make_table(rig, system="rates-avail-migration-bootstrap", stack="test", mode="rehearsal", run="r0")),
    Scenario("a rehearsal's table of another stack", lambda rig: make_table(rig, system="rates-avail-migration-bootstrap", stack="other", mode="rehearsal", run="r0"), ends="TableAlreadyExists"),
    Scenario("a rehearsal's table by its import, imports in pages", both(lambda rig: nothing(rig.run()), planted("ListImports", {"ImportSummaryList": [], **PAGE}, times=2))),
)  # fmt: skip
CLONING = (
    Scenario("clones that are there", kept_clones),
    Scenario("a clone that failed", planted("CheckCloneStatus", payload(status="FAILED", reason="storage-full")), ends="CloneFailed"),
    Scenario("a clone that takes too long", planted("CheckCloneStatus", payload(status="INPROCESSING"), times=MANY), ends="CloneTimedOut"),
    Scenario("a clone of somebody else", planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="no tag")), ends="CloneFailed"),
    Scenario("no clone that can be used", planted("CheckCloneStatus", payload(status="FAILED", reason="storage-full"), times=MANY), ends="CloneFailed", says="storage-full"),
    Scenario("clones that a rehearsal left behind, official", kept_clones, {"mode": "official"}, ends="CloneNotFresh", says="migrate release-clones --environment test. Then resume with: migrate resume "),
    Scenario("clones of another domain's official run", shared_clones, {"mode": "official"}),
    Scenario("a clone without a time, official", planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="")), {"mode": "official"}, ends="CloneNotFresh", says="made at an unknown time"),
    Scenario("a clone that is too old", planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="", createdAt="2020-01-01T00:00:00Z")), ends="CloneTooOld"),
    Scenario("a failure without a name", planted("CloneClusters", [{"ok": False, "name": "x", "error": "Odd", "cause": "c"}]), ends="UnknownFailure"),
)  # fmt: skip
SPARKING = (
    Scenario("a JAR that is not there", request={"jarKey": "releases/0/none.jar"}, ends="JarNotFound"),
    Scenario("a JAR that is in no release", lambda rig: {"jarKey": rig.deploy_release("1.0.0")}, ends="JarNotFound", says="It must be in a folder <version>-<hash>"),
    Scenario("the application on the third page", application_on_third_page),
    Scenario("no application", planted("ListApplications", {"Applications": []}), ends="ApplicationNotFound"),
    Scenario("a bootstrap that fails and says why", controlled(bootstrap={"exit": 1, "says": "password"}), ends="BootstrapFailed"),
    Scenario("a bootstrap that fails in silence", controlled(bootstrap={"exit": 1}), ends="BootstrapFailed"),
    *[reporting(error) for error in JOB_ERRORS],
    *[failing(error) for error in SUMMARY_FAILURES],
    Scenario("a summary of another attempt", summary(attempt="other"), ends="BootstrapFailed"),
)  # fmt: skip
RELEASES = (
    Scenario("resume after a deployment", resumed(at_export, lambda rig: nothing(rig.deploy_release(OTHER)))),
    Scenario("resume with another release", resumed(at_export, named(OTHER)), ends="ReleaseChanged", says="and the input names releases/1.0.0-00000000000b/x.jar. Start a new run, or resume without --jar-key"),
    Scenario("resume after the release is gone", lost(), ends="ReleaseChanged", says="written by the release 1.0.0-00000000000c, which is no longer complete below"),
    Scenario("resume after the release lost a file", lost("compare.py"), ends="ReleaseChanged", says="is no longer complete below"),
    Scenario("resume what a release without a hash wrote", resumed(at_export, old_summary), ends="ReleaseChanged", says="written by the release 1.0.0, which"),
    Scenario("resume with another release, nothing to adopt", resumed(controlled(bootstrap={"exit": 1}), named(OTHER))),
    Scenario("a summary of another release", summary(release=OTHER), ends="ReleaseChanged", says="Nothing was imported"),
    Scenario("a summary without a release", summary(release=None), ends="ReleaseChanged"),
    Scenario("a verdict of another release", controlled(compare={"verdict": {"release": OTHER}}), ends="ReleaseChanged", says="its verdict is of 1.0.0-00000000000b"),
)  # fmt: skip
IMPORTING = (
    Scenario("objects that nobody wrote", controlled(bootstrap={"extra": 4}), ends="UnexpectedObjects"),
    Scenario("objects of other names", controlled(bootstrap={"listing": "other"}), ends="UnexpectedObjects"),
    Scenario("an empty table", no_rows),
    Scenario("an empty table that takes a while", both(no_rows, planted("DescribeEmptyTable", {"Table": {"TableStatus": "CREATING"}}))),
    Scenario("an empty table that does not come", both(no_rows, planted("DescribeEmptyTable", {"Table": {"TableStatus": "CREATING"}}, times=MANY)), ends="ImportFailed"),
    Scenario("an import that takes a while", planted("DescribeImport", import_is("IN_PROGRESS"))),
    Scenario("an import that does not end", planted("DescribeImport", import_is("IN_PROGRESS"), times=MANY), ends="ImportFailed"),
    Scenario("an import that fails", planted("DescribeImport", import_is("FAILED", FailureCode="ItemValidationError")), ends="ImportFailed"),
    Scenario("an import that lost an item", planted("DescribeImport", import_is("COMPLETED", ImportedItemCount=2)), ends="ImportCountMismatch"),
)  # fmt: skip
PREVIOUS = (
    Scenario("resume after the import", resumed(at_export)),
    Scenario("resume while the import runs", resumed(at_export, planted("DescribePreviousImport", import_is("IN_PROGRESS")))),
    Scenario("resume while the import does not end", resumed(at_export, planted("DescribePreviousImport", import_is("IN_PROGRESS"), times=MANY)), ends="ImportFailed"),
    Scenario("resume with items written anew", resumed(at_export, forget_summary)),
    Scenario("resume over clones made anew", resumed(at_export, lambda rig: rig.forget_clones())),
    Scenario("resume over one clone made anew", resumed(at_export, lambda rig: rig.forget_clones("lipsdb-clone"))),
    Scenario("resume after the import, official", resumed(at_export, mode="official")),
    Scenario("resume with items written anew, official", resumed(at_export, forget_summary, mode="official"), ends="TableInUse", says="--no-deletion-protection-enabled"),
    Scenario("resume over clones made anew, official", resumed(at_export, lambda rig: rig.forget_clones(), mode="official"), ends="TableInUse"),
    Scenario("resume over an import that failed, official", resumed(planted("DescribeImport", import_is("FAILED"), times=2), planted("DescribePreviousImport", import_is("FAILED"), times=2), mode="official")),
    Scenario("resume over an import that lost an item, official", resumed(planted("DescribeImport", import_is("COMPLETED", ImportedItemCount=2)), planted("DescribePreviousImport", import_is("COMPLETED", ImportedItemCount=2), times=2), mode="official"), ends="TableInUse"),
    Scenario("resume over a table that changed hands", resumed(at_export, forget_summary, planted("VerifyTable", {"Table": {"TableId": "other", "TableStatus": "ACTIVE"}})), ends="TableAlreadyExists"),
    Scenario("resume over an empty table", resumed(empty_table_at_export, no_rows)),
    Scenario("resume over an empty table that is to be filled", resumed(empty_table_at_export, forget_summary)),
    Scenario("resume over an empty table that is to be filled, official", resumed(empty_table_at_export, forget_summary, mode="official"), ends="TableInUse", says="was made empty by this run"),
    Scenario("a rehearsal's table that is being deleted", both(lambda rig: make_table(rig, system="rates-avail-migration-bootstrap", stack="test", mode="rehearsal", run="r0"), deleting_once)),
    Scenario("a rehearsal's table that is never deleted", both(lambda rig: make_table(rig, system="rates-avail-migration-bootstrap", stack="test", mode="rehearsal", run="r0"), present("DELETING")), ends="ImportFailed"),
)  # fmt: skip
SETTING = (
    Scenario("table options that are never made", planted("DescribeSettings", settings_are("UPDATING"), times=MANY), ends="TableSettingsFailed"),
    Scenario("a protection that does not come", planted("DescribeSettings", settings_are("ACTIVE"), times=MANY), {"mode": "official"}, ends="TableSettingsFailed", says="DeletionProtectionEnabled"),
    Scenario("a table that is billed otherwise", planted("DescribeSettings", {"Table": {"TableStatus": "ACTIVE"}}), ends="TableSettingsFailed", says="its billing mode is PROVISIONED instead of PAY_PER_REQUEST"),
    Scenario("recovery that takes a while", planted("EnablePitr", lambda _: RECOVERY_OFF)),
    Scenario("recovery that does not come", both(*(planted(state, RECOVERY_OFF, times=MANY) for state in ("EnablePitr", "DescribePitr"))), ends="TableSettingsFailed"),
    Scenario("a stream that is not active", planted("DescribeStream", {"StreamDescriptionSummary": {"StreamARN": "a", "StreamStatus": "DELETING"}}), {"mode": "official"}, ends="StreamNotActive"),
    Scenario("a stream that is never enabled", planted("DescribeDestination", {"KinesisDataStreamDestinations": []}, times=MANY), {"mode": "official"}, ends="StreamEnableFailed"),
)  # fmt: skip
EXPORTING = (
    Scenario("an export that takes a while", planted("DescribeExport", export_is("IN_PROGRESS"))),
    Scenario("an export that does not end", planted("DescribeExport", export_is("IN_PROGRESS"), times=MANY), ends="ExportFailed"),
    Scenario("an export that fails", planted("DescribeExport", export_is("FAILED", FailureCode="X")), ends="ExportFailed"),
    Scenario("an export that lost an item", planted("DescribeExport", export_is("COMPLETED", ItemCount=2, ExportManifest="m")), ends="ExportCountMismatch"),
    Scenario("resume after the export, exports in pages", resumed(at_compare, planted("ListExports", {"ExportSummaries": [], **PAGE}))),
    Scenario("resume with somebody's export", resumed(at_compare, planted("DescribePreviousExport", export_is("COMPLETED", S3Prefix="other"), times=2))),
)  # fmt: skip
COMPARING = (
    Scenario("a compare that fails and says why", controlled(compare={"exit": 1, "says": "clone changed"}), ends="CompareFailed"),
    Scenario("a compare that cannot see a source", controlled(compare={"exit": 1, "error": "SourceNotVisible", "says": "planted"}), ends="SourceNotVisible"),
    Scenario("a compare that fails in silence", at_compare, ends="CompareFailed"),
    Scenario("a difference", controlled(compare={"verdict": {"verdict": "MISMATCH"}}), ends="DataMismatch"),
    Scenario("a verdict with one item too few", controlled(compare={"verdict": {"tables": {"BaseRateAssociation": {"matched": 3, "expired": 0}, "BaseRate": {"matched": 2, "expired": 0}}}}), ends="CompareFailed"),
    Scenario("a verdict without every item", controlled(compare={"verdict": {"tables": {}}}), ends="CompareFailed"),
)  # fmt: skip
FINISHING = (
    Scenario("another domain at work", lambda rig: put(rig, "status/in-progress/availability.json", {"domain": "availability", "run": "a", "execution": "e", "since": "2026-01-01T00:00:00+00:00"})),
    Scenario("clones that are to be kept", request={"keepClones": True}),
    Scenario("a cluster that is no clone", planted("CheckIsClone", payload(isClone=False, status="PRESENT", reason="no tag")), ends="NotAClone"),
    Scenario("no cluster that is a clone", planted("CheckIsClone", payload(isClone=False, status="PRESENT", reason="no tag"), times=MANY), ends="NotAClone", says="no tag"),
    Scenario("a clone that is gone", planted("CheckIsClone", payload(isClone=False, status="UNAVAILABLE"), times=2)),
    Scenario("a clone that is not destroyed", planted("CheckDestroyStatus", payload(status="INPROCESSING"), times=MANY), ends="DestroyTimedOut"),
)  # fmt: skip
VERIFYING = (
    Scenario("a verification", proven()),
    Scenario("a verification, official", proven(mode="official")),
    Scenario("a verification of a table that somebody wrote to", proven(written_by_another), ends="DataMismatch", says="What the run r1 proved of the tables no longer holds"),
    Scenario("a verification of a table that somebody made anew", proven(replaced), ends="TableReplaced", says="is not the table that the run r1 proved"),
    Scenario("a verification after the items are gone", proven(forget_summary), ends="RawRowsMissing", says="the stack keeps such objects for keepDays"),
    Scenario("a verification after the rows are gone", proven(controlled(compare={"exit": 1, "error": "RawRowsMissing", "says": "planted"})), ends="RawRowsMissing"),
    Scenario("a verification by another catalog", proven(of_another_catalog), ends="VerificationRefused", says="used another catalog"),
    Scenario("a verification of a run that proved nothing", request={"runId": "r1", "verify": True}, ends="VerificationRefused", says="no rehearsal run of rates has matched"),
    Scenario("a verification of what no longer holds", proven(broken), ends="VerificationRefused", says="a verification showed"),
    Scenario("a run of what no longer holds", both(proven(broken), lambda _rig: {"verify": False})),
    Scenario("a rehearsal of some tables", request={"tables": ["BaseRate"]}),
    Scenario("a rehearsal of all tables after some", some_tables),
)  # fmt: skip
SCENARIOS = (
    *PREPARING,
    *CLONING,
    *SPARKING,
    *RELEASES,
    *IMPORTING,
    *PREVIOUS,
    *SETTING,
    *EXPORTING,
    *COMPARING,
    *FINISHING,
    *VERIFYING,
)
