"""Executions prepared by hand: what the services may answer, and what an earlier execution may have left behind."""

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
class Way:
    """An execution: what is there before, its input, and how it must end."""

    name: str
    prepare: Prepare = nothing
    given: dict[str, Any] = field(default_factory=dict)
    ends: str = ""
    says: str = ""  # a part of the cause
    machine: str = "rates"
    after: Callable[[], None] = nothing


def prepared(rig: Rig, way: Way) -> dict[str, Any]:
    """Prepare a way; return its input. Items follow one another, so that each time the same one meets what is planted."""
    given = way.prepare(rig) or {}
    way.after()
    return {"parallelism": 1, **way.given, **given}


def planted(state: str, *answers: Any, times: int = 1) -> Prepare:
    return lambda _rig: plant(state, *answers, times=times)


def controlled(**jobs: Any) -> Prepare:
    return lambda rig: rig.control(**jobs)


def both(*prepares: Prepare) -> Prepare:
    def prepare(rig: Rig) -> dict[str, Any]:
        return {key: value for one in prepares for key, value in (one(rig) or {}).items()}

    return prepare


def resumed(first: Prepare, *after: Prepare, **given: Any) -> Prepare:
    """Run and fail first; the way itself then resumes that run."""

    def prepare(rig: Rig) -> dict[str, Any]:
        first(rig)
        ended = rig.run(runId="r1", parallelism=1, **given)
        assert ended.status == "FAILED", ended
        faults.forget()
        rig.control()
        return {"runId": "r1", **given, **both(*after)(rig)}

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
    """Let an official run of the other domain, which still runs, have made clones before this run begins."""
    assert rig.run("availability", runId="a1", mode="official", keepClones=True).status == "SUCCEEDED"
    began = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    plant("RecordInProgressStatus", payload(status="OWNED", began=began, officialRuns=["availability/a1"]))


def settings_are(status: str, **table: Any) -> dict[str, Any]:
    """Answer as DescribeTable does of an on-demand table."""
    return {"Table": {"TableStatus": status, "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}, **table}}


def make_table(rig: Rig, name: str = TABLE, **tags: str) -> None:
    """Make a table as somebody else would."""
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
    """Make the next attempt write its items anew, below another prefix."""
    rig.client("s3").delete_object(Bucket=rig.bucket, Key="processed/rates/r1/summary.json")


def kept_clones(rig: Rig) -> None:
    assert rig.run(keepClones=True).status == "SUCCEEDED"


def present(status: str) -> Prepare:
    """Let ProveTable see the right table in another state."""

    def prepare(rig: Rig) -> None:
        for name in rig.tables():
            found = rig.client("dynamodb").describe_table(TableName=name)["Table"]["TableId"]
            plant("ProveTable", {"Table": {"TableId": found, "TableStatus": status}}, times=MANY)

    return prepare


def deleting_once(rig: Rig) -> None:
    (found,) = [rig.client("dynamodb").describe_table(TableName=name)["Table"]["TableId"] for name in rig.tables()]
    plant("ProveTable", {"Table": {"TableId": found, "TableStatus": "DELETING"}})


def official_of_another_run(rig: Rig) -> None:
    assert rig.run(mode="official").status == "SUCCEEDED"


def verdict(rig: Rig, word: str, mode: str) -> dict[str, Any]:
    tables = {table.name: {} for table in rig.catalog.domains["rates"].tables}
    put(rig, "reports/rates/r1/verdict.json", {"verdict": word, "mode": mode, "tables": tables})
    return {"runId": "r1"}


at_export = planted("ExportTable", REFUSED, times=2)
at_compare = controlled(compare={"exit": 1})
no_rows = controlled(bootstrap={"items": {"BaseRate": 0}})
one_empty_at_export = both(no_rows, at_export)
RECOVERY_OFF = {
    "ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}
}
PAGE: dict[str, Any] = {"NextToken": "0"}


def application_on_third_page(rig: Rig) -> None:
    application = {"Name": "migration-test-spark", "Id": rig.deployed["applicationId"]}
    plant("ListApplications", {"Applications": [], **PAGE})
    plant("ListMoreApplications", {"Applications": [], **PAGE}, {"Applications": [application]})


def throttled_everywhere(rig: Rig, machine: str = "rates") -> None:
    """Let the first call of every Task meet each rule of its Retry once."""
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
    """Fail at the export with a release that loses files afterwards."""

    def prepare(rig: Rig) -> dict[str, Any]:
        at_export(rig)
        assert rig.run(runId="r1", jarKey=rig.deploy_release(GONE)).status == "FAILED"
        faults.forget()
        rig.remove_release(GONE, *names)
        rig.deploy_release(OTHER)
        return {"runId": "r1"}

    return prepare


def old_summary(rig: Rig) -> None:
    """Let the summary say what a program of before the immutable releases said."""
    place = {"Bucket": rig.bucket, "Key": "processed/rates/r1/summary.json"}
    found = json.loads(rig.client("s3").get_object(**place)["Body"].read())
    put(rig, place["Key"], {**found, "release": "1.0.0"})
    rig.deploy_release("1.0.0")


def proven(*after: Prepare, mode: str = "rehearsal") -> Prepare:
    """Let a run have matched, which the way itself then verifies."""

    def prepare(rig: Rig) -> dict[str, Any]:
        assert rig.run(runId="r1", parallelism=1, mode=mode).status == "SUCCEEDED"
        return {"runId": "r1", "mode": mode, "verify": True, **both(*after)(rig)}

    return prepare


def replaced(rig: Rig) -> None:
    """Let somebody have made one table anew."""
    rig.client("dynamodb").delete_table(TableName=TABLE)
    make_table(rig)


def written_by_another(rig: Rig) -> None:
    """Let somebody write an item into a proven table, which a comparison finds."""
    key = rig.client("dynamodb").describe_table(TableName=TABLE)["Table"]
    types = {one["AttributeName"]: one["AttributeType"] for one in key["AttributeDefinitions"]}
    item = {part["AttributeName"]: {types[part["AttributeName"]]: "9"} for part in key["KeySchema"]}
    rig.client("dynamodb").put_item(TableName=TABLE, Item=item)
    rig.control(compare={"verdict": {"verdict": "MISMATCH", "summary": "1 item differs."}})


def of_another_catalog(rig: Rig) -> None:
    place = {"Bucket": rig.bucket, "Key": "processed/rates/r1/summary.json"}
    found = json.loads(rig.client("s3").get_object(**place)["Body"].read())
    put(rig, place["Key"], {**found, "specHash": "f" * 64})


def broken(rig: Rig) -> None:
    """Let a verification have found a difference."""
    written_by_another(rig)
    ended = rig.run(runId="r1", verify=True)
    assert ended.error == "DataMismatch", ended
    rig.control()


def some_tables(rig: Rig) -> dict[str, Any]:
    """Let a rehearsal of some tables have matched; the way itself then migrates all of them under its id."""
    assert rig.run(runId="r1", parallelism=1, tables=["BaseRate"]).status == "SUCCEEDED"
    return {"runId": "r1"}


def failing(name: str) -> Way:
    return Way(f"the job finds {name}", summary(failure={"error": name, "cause": "planted"}), ends=name)


def reporting(name: str) -> Way:
    """Let the job end with an error whose class is a failure of its own."""
    return Way(
        f"the job reports {name}", controlled(bootstrap={"exit": 1, "error": name, "says": "planted"}), ends=name
    )


PREPARING = (
    Way("a rehearsal"),
    Way("an official run", given={"mode": "official"}),
    Way("throttling of every call", throttled_everywhere, {"mode": "official"}),
    Way("executions that are not known yet", lambda _rig: answer_late(7)),
    Way("an input that is refused", given={"mode": "Official"}, ends="InvalidInput"),
    Way("a domain that runs", planted("RecordInProgressStatus", payload(status="BUSY", holder={"run": "r0"})), ends="DomainAlreadyRunning"),
    Way("a domain that is live", planted("RecordInProgressStatus", payload(status="LIVE", instant="2026-01-01T00:00:00Z")), ends="DomainIsLive", says="are live since"),
    Way("a catch-up that has begun to write", planted("RecordInProgressStatus", payload(status="UNFINISHED", holder={"run": "r0"})), ends="CatchUpUnfinished", says="migrate resume r0"),
    Way("a teardown that ends", planted("RecordInProgressStatus", payload(status="SEALED"))),
    Way("a teardown that does not end", planted("RecordInProgressStatus", payload(status="WAIT"), times=LIMITS.teardown_laps), ends="TeardownStuck"),
    Way("a run that matched", lambda rig: verdict(rig, "MATCH", "rehearsal")),
    Way("a run that matched as the other mode", lambda rig: verdict(rig, "MATCH", "official")),
    Way("somebody's table", make_table, ends="TableAlreadyExists"),
    Way("somebody's table in every place", every_table, ends="TableAlreadyExists", says="BaseRateAssociation-rehearsal exists, and neither its import nor its tags"),
    Way("somebody's table, tags in pages", both(make_table, planted("ListTags", {"Tags": [], **PAGE})), ends="TableAlreadyExists"),
    Way("another run's official table", official_of_another_run, {"mode": "official"}, ends="TableAlreadyExists"),
    Way("a rehearsal's table by its tags", lambda rig: make_table(rig, system="rates-avail-migration-bootstrap", stack="test", mode="rehearsal", run="r0")),
    Way("a rehearsal's table of another stack", lambda rig: make_table(rig, system="rates-avail-migration-bootstrap", stack="other", mode="rehearsal", run="r0"), ends="TableAlreadyExists"),
    Way("a rehearsal's table by its import, imports in pages", both(lambda rig: nothing(rig.run()), planted("ListImports", {"ImportSummaryList": [], **PAGE}, times=2))),
)  # fmt: skip
CLONING = (
    Way("clones that are there", kept_clones),
    Way("a clone that failed", planted("CheckCloneStatus", payload(status="FAILED", reason="storage-full")), ends="CloneFailed"),
    Way("a clone that takes too long", planted("CheckCloneStatus", payload(status="INPROCESSING"), times=MANY), ends="CloneTimedOut"),
    Way("a clone of somebody else", planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="no tag")), ends="CloneFailed"),
    Way("no clone that can be used", planted("CheckCloneStatus", payload(status="FAILED", reason="storage-full"), times=MANY), ends="CloneFailed", says="storage-full"),
    Way("clones that a rehearsal left behind, official", kept_clones, {"mode": "official"}, ends="CloneNotFresh", says="migrate release-clones --environment test. Then resume with: migrate resume "),
    Way("clones of another domain's official run", shared_clones, {"mode": "official"}),
    Way("a clone without a time, official", planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="")), {"mode": "official"}, ends="CloneNotFresh", says="made at an unknown time"),
    Way("a clone that is too old", planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="", createdAt="2020-01-01T00:00:00Z")), ends="CloneTooOld"),
    Way("a failure without a name", planted("CloneClusters", [{"ok": False, "name": "x", "error": "Odd", "cause": "c"}]), ends="UnknownFailure"),
)  # fmt: skip
SPARKING = (
    Way("a JAR that is not there", given={"jarKey": "releases/0/none.jar"}, ends="JarNotFound"),
    Way("a JAR that is in no release", lambda rig: {"jarKey": rig.deploy_release("1.0.0")}, ends="JarNotFound", says="It has to be in a folder <version>-<hash>"),
    Way("the application on the third page", application_on_third_page),
    Way("no application", planted("ListApplications", {"Applications": []}), ends="ApplicationNotFound"),
    Way("a bootstrap that fails and says why", controlled(bootstrap={"exit": 1, "says": "password"}), ends="BootstrapFailed"),
    Way("a bootstrap that fails in silence", controlled(bootstrap={"exit": 1}), ends="BootstrapFailed"),
    *[reporting(error) for error in JOB_ERRORS],
    *[failing(error) for error in SUMMARY_FAILURES],
    Way("a summary of another attempt", summary(attempt="other"), ends="BootstrapFailed"),
)  # fmt: skip
RELEASES = (
    Way("resume after a deployment", resumed(at_export, lambda rig: nothing(rig.deploy_release(OTHER)))),
    Way("resume with another release", resumed(at_export, named(OTHER)), ends="ReleaseChanged", says="and the input names releases/1.0.0-00000000000b/x.jar. Start a new run, or resume without --jar-key"),
    Way("resume after the release is gone", lost(), ends="ReleaseChanged", says="written by the release 1.0.0-00000000000c, which is not whole below"),
    Way("resume after the release lost a file", lost("compare.py"), ends="ReleaseChanged", says="is not whole below"),
    Way("resume what a release without a hash wrote", resumed(at_export, old_summary), ends="ReleaseChanged", says="written by the release 1.0.0, which"),
    Way("resume with another release, nothing to adopt", resumed(controlled(bootstrap={"exit": 1}), named(OTHER))),
    Way("a summary of another release", summary(release=OTHER), ends="ReleaseChanged", says="Nothing was imported"),
    Way("a summary without a release", summary(release=None), ends="ReleaseChanged"),
    Way("a verdict of another release", controlled(compare={"verdict": {"release": OTHER}}), ends="ReleaseChanged", says="its verdict is of 1.0.0-00000000000b"),
)  # fmt: skip
IMPORTING = (
    Way("objects that nobody wrote", controlled(bootstrap={"extra": 4}), ends="UnexpectedObjects"),
    Way("objects of other names", controlled(bootstrap={"listing": "other"}), ends="UnexpectedObjects"),
    Way("an empty table", no_rows),
    Way("an empty table that takes a while", both(no_rows, planted("DescribeEmptyTable", {"Table": {"TableStatus": "CREATING"}}))),
    Way("an empty table that does not come", both(no_rows, planted("DescribeEmptyTable", {"Table": {"TableStatus": "CREATING"}}, times=MANY)), ends="ImportFailed"),
    Way("an import that takes a while", planted("DescribeImport", import_is("IN_PROGRESS"))),
    Way("an import that does not end", planted("DescribeImport", import_is("IN_PROGRESS"), times=MANY), ends="ImportFailed"),
    Way("an import that fails", planted("DescribeImport", import_is("FAILED", FailureCode="ItemValidationError")), ends="ImportFailed"),
    Way("an import that lost an item", planted("DescribeImport", import_is("COMPLETED", ImportedItemCount=2)), ends="ImportCountMismatch"),
)  # fmt: skip
FORMER = (
    Way("resume after the import", resumed(at_export)),
    Way("resume while the import runs", resumed(at_export, planted("DescribeFormerImport", import_is("IN_PROGRESS")))),
    Way("resume while the import does not end", resumed(at_export, planted("DescribeFormerImport", import_is("IN_PROGRESS"), times=MANY)), ends="ImportFailed"),
    Way("resume with items written anew", resumed(at_export, forget_summary)),
    Way("resume over clones made anew", resumed(at_export, lambda rig: rig.forget_clones())),
    Way("resume over one clone made anew", resumed(at_export, lambda rig: rig.forget_clones("lipsdb-clone"))),
    Way("resume after the import, official", resumed(at_export, mode="official")),
    Way("resume with items written anew, official", resumed(at_export, forget_summary, mode="official"), ends="TableInUse", says="--no-deletion-protection-enabled"),
    Way("resume over clones made anew, official", resumed(at_export, lambda rig: rig.forget_clones(), mode="official"), ends="TableInUse"),
    Way("resume over an import that failed, official", resumed(planted("DescribeImport", import_is("FAILED"), times=2), planted("DescribeFormerImport", import_is("FAILED"), times=2), mode="official")),
    Way("resume over an import that lost an item, official", resumed(planted("DescribeImport", import_is("COMPLETED", ImportedItemCount=2)), planted("DescribeFormerImport", import_is("COMPLETED", ImportedItemCount=2), times=2), mode="official"), ends="TableInUse"),
    Way("resume over a table that changed hands", resumed(at_export, forget_summary, planted("ProveTable", {"Table": {"TableId": "other", "TableStatus": "ACTIVE"}})), ends="TableAlreadyExists"),
    Way("resume over an empty table", resumed(one_empty_at_export, no_rows)),
    Way("resume over an empty table that is to be filled", resumed(one_empty_at_export, forget_summary)),
    Way("resume over an empty table that is to be filled, official", resumed(one_empty_at_export, forget_summary, mode="official"), ends="TableInUse", says="was made empty by this run"),
    Way("a rehearsal's table that is being deleted", both(lambda rig: make_table(rig, system="rates-avail-migration-bootstrap", stack="test", mode="rehearsal", run="r0"), deleting_once)),
    Way("a rehearsal's table that is never deleted", both(lambda rig: make_table(rig, system="rates-avail-migration-bootstrap", stack="test", mode="rehearsal", run="r0"), present("DELETING")), ends="ImportFailed"),
)  # fmt: skip
SETTING = (
    Way("table options that are never made", planted("DescribeSettings", settings_are("UPDATING"), times=MANY), ends="TableSettingsFailed"),
    Way("a protection that does not come", planted("DescribeSettings", settings_are("ACTIVE"), times=MANY), {"mode": "official"}, ends="TableSettingsFailed", says="DeletionProtectionEnabled"),
    Way("a table that is billed otherwise", planted("DescribeSettings", {"Table": {"TableStatus": "ACTIVE"}}), ends="TableSettingsFailed", says="its billing mode is PROVISIONED instead of PAY_PER_REQUEST"),
    Way("recovery that takes a while", planted("EnablePitr", lambda _: RECOVERY_OFF)),
    Way("recovery that does not come", both(*(planted(state, RECOVERY_OFF, times=MANY) for state in ("EnablePitr", "DescribePitr"))), ends="TableSettingsFailed"),
    Way("a stream that is not active", planted("DescribeStream", {"StreamDescriptionSummary": {"StreamARN": "a", "StreamStatus": "DELETING"}}), {"mode": "official"}, ends="StreamNotActive"),
    Way("a stream that is never enabled", planted("DescribeDestination", {"KinesisDataStreamDestinations": []}, times=MANY), {"mode": "official"}, ends="StreamEnableFailed"),
)  # fmt: skip
EXPORTING = (
    Way("an export that takes a while", planted("DescribeExport", export_is("IN_PROGRESS"))),
    Way("an export that does not end", planted("DescribeExport", export_is("IN_PROGRESS"), times=MANY), ends="ExportFailed"),
    Way("an export that fails", planted("DescribeExport", export_is("FAILED", FailureCode="X")), ends="ExportFailed"),
    Way("an export that lost an item", planted("DescribeExport", export_is("COMPLETED", ItemCount=2, ExportManifest="m")), ends="ExportCountMismatch"),
    Way("resume after the export, exports in pages", resumed(at_compare, planted("ListExports", {"ExportSummaries": [], **PAGE}))),
    Way("resume with somebody's export", resumed(at_compare, planted("DescribeFormerExport", export_is("COMPLETED", S3Prefix="other"), times=2))),
)  # fmt: skip
COMPARING = (
    Way("a compare that fails and says why", controlled(compare={"exit": 1, "says": "clone changed"}), ends="CompareFailed"),
    Way("a compare that cannot see a source", controlled(compare={"exit": 1, "error": "SourceNotVisible", "says": "planted"}), ends="SourceNotVisible"),
    Way("a compare that fails in silence", at_compare, ends="CompareFailed"),
    Way("a difference", controlled(compare={"verdict": {"verdict": "MISMATCH"}}), ends="DataMismatch"),
    Way("a verdict with one item too few", controlled(compare={"verdict": {"tables": {"BaseRateAssociation": {"matched": 3, "expired": 0}, "BaseRate": {"matched": 2, "expired": 0}}}}), ends="CompareFailed"),
    Way("a verdict without every item", controlled(compare={"verdict": {"tables": {}}}), ends="CompareFailed"),
)  # fmt: skip
FINISHING = (
    Way("another domain at work", lambda rig: put(rig, "status/in-progress/availability.json", {"domain": "availability", "run": "a", "execution": "e", "since": "2026-01-01T00:00:00+00:00"})),
    Way("clones that are to be kept", given={"keepClones": True}),
    Way("a cluster that is no clone", planted("CheckIsClone", payload(isClone=False, status="PRESENT", reason="no tag")), ends="NotAClone"),
    Way("no cluster that is a clone", planted("CheckIsClone", payload(isClone=False, status="PRESENT", reason="no tag"), times=MANY), ends="NotAClone", says="no tag"),
    Way("a clone that is gone", planted("CheckIsClone", payload(isClone=False, status="UNAVAILABLE"), times=2)),
    Way("a clone that is not destroyed", planted("CheckDestroyStatus", payload(status="INPROCESSING"), times=MANY), ends="DestroyTimedOut"),
)  # fmt: skip
VERIFYING = (
    Way("a verification", proven()),
    Way("a verification, official", proven(mode="official")),
    Way("a verification of a table that somebody wrote to", proven(written_by_another), ends="DataMismatch", says="What the run r1 proved of the tables no longer holds"),
    Way("a verification of a table that somebody made anew", proven(replaced), ends="TableReplaced", says="is not the table that the run r1 proved"),
    Way("a verification after the items are gone", proven(forget_summary), ends="RawRowsMissing", says="are kept for keepDays"),
    Way("a verification after the rows are gone", proven(controlled(compare={"exit": 1, "error": "RawRowsMissing", "says": "planted"})), ends="RawRowsMissing"),
    Way("a verification by another catalog", proven(of_another_catalog), ends="VerificationRefused", says="proven by another catalog"),
    Way("a verification of a run that proved nothing", given={"runId": "r1", "verify": True}, ends="VerificationRefused", says="no rehearsal run of rates has matched"),
    Way("a verification of what no longer holds", proven(broken), ends="VerificationRefused", says="a verification has found"),
    Way("a run of what no longer holds", both(proven(broken), lambda _rig: {"verify": False})),
    Way("a rehearsal of some tables", given={"tables": ["BaseRate"]}),
    Way("a rehearsal of all tables after some", some_tables),
)  # fmt: skip
WAYS = (
    *PREPARING,
    *CLONING,
    *SPARKING,
    *RELEASES,
    *IMPORTING,
    *FORMER,
    *SETTING,
    *EXPORTING,
    *COMPARING,
    *FINISHING,
    *VERIFYING,
)
