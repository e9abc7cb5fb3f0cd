"""Prepared catch-ups and repairs: the proven state before, the answers of the services, and the expected end."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from local.aws.stepfunctions import faults
from local.aws.stepfunctions.faults import answer_late, plant
from statemachine import kinds
from statemachine.failures import DELTA_ERRORS, JOB_ERRORS, SUMMARY_FAILURES
from tests.machine.bases import proven
from tests.machine.rig import LIMITS
from tests.machine.scenarios import (
    GONE,
    MANY,
    OTHER,
    PAGE,
    REFUSED,
    Prepare,
    Scenario,
    application_on_third_page,
    both,
    controlled,
    export_is,
    named,
    nothing,
    old_summary,
    payload,
    planted,
    put,
    summary,
    throttled_everywhere,
    verdict,
)

if TYPE_CHECKING:
    from tests.machine.rig import Rig

CATCH_UP = "catch-up: "  # prefix of the names of these scenarios
CATCH_UP_MACHINE = kinds.CATCH_UP.machine_of("rates")
TABLE = "BaseRate"
# Two puts of new items and one of a changed item in one table, a deletion in the other.
CHANGED = {"items": {"BaseRate": 5, "BaseRateAssociation": 2}, "values": {"BaseRate": {"0": "new"}}}


def changed(**jobs: Any) -> Prepare:
    """Change the source after the proof."""
    return controlled(**{**jobs, "bootstrap": {**CHANGED, **jobs.get("bootstrap", {})}})


def based(rig: Rig) -> None:
    """Prove the tables by an official run, then change the source."""
    proven(rig)
    changed()(rig)


def failed(first: Prepare, *after: Prepare, **request: Any) -> Prepare:
    """Make a catch-up fail, which the scenario then resumes."""

    def prepare(rig: Rig) -> dict[str, Any]:
        first(rig)
        ended = rig.run(CATCH_UP_MACHINE, runId="r1", parallelism=1, **request)
        assert ended.status == "FAILED", ended
        faults.forget()
        changed()(rig)
        return {"runId": "r1", **both(*after)(rig)}

    return prepare


def mismatched(*after: Prepare, machine: str = CATCH_UP_MACHINE) -> Prepare:
    """End a run with a difference, which a repair then fixes."""

    def prepare(rig: Rig) -> dict[str, Any]:
        if machine == CATCH_UP_MACHINE:
            proven(rig)
        changed(compare={"verdict": {"verdict": "MISMATCH"}})(rig)
        ended = rig.run(machine, runId="r1", mode="official", parallelism=1)
        assert ended.error == "DataMismatch", ended
        changed()(rig)
        return {"runId": "r1", "repair": True, **both(*after)(rig)}

    return prepare


def written_over() -> Prepare:
    """End a catch-up by a foreign write before its export; the repair then fixes its tables."""
    meeting = failed(both(based, written_by_another("1")))
    return both(meeting, lambda _rig: {"repair": True})


def lost(*names: str) -> Prepare:
    """Make a catch-up fail at the export, with a release that loses files afterwards."""

    def prepare(rig: Rig) -> dict[str, Any]:
        both(based, at_export)(rig)
        assert rig.run(CATCH_UP_MACHINE, runId="r1", jarKey=rig.deploy_release(GONE)).status == "FAILED"
        faults.forget()
        rig.remove_release(GONE, *names)
        rig.deploy_release(OTHER)
        return {"runId": "r1"}

    return prepare


def replaced(rig: Rig) -> None:
    """Create one of the tables again."""
    dynamodb = rig.client("dynamodb")
    described = dynamodb.describe_table(TableName=TABLE)["Table"]
    deleted(rig)
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=described["AttributeDefinitions"],
        KeySchema=described["KeySchema"],
    )


def deleted(rig: Rig) -> None:
    dynamodb = rig.client("dynamodb")
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=TABLE)


def live(rig: Rig) -> None:
    """Mark the table as cut over."""
    arn = rig.client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableArn"]
    rig.client("dynamodb").tag_resource(ResourceArn=arn, Tags=[{"Key": "migration:live", "Value": "now"}])


def without_a_table(rig: Rig) -> None:
    """Remove a table that the catalog has from the base."""
    document = proven(rig)
    del document["tables"][TABLE]
    put(rig, "proven/rates/official.json", document)


def written_by_another(*keys: str, value: str = "foreign") -> Prepare:
    """Change items of the tables with and without a sort key, as another writer."""

    def prepare(rig: Rig) -> None:
        dynamodb = rig.client("dynamodb")
        for key in keys:
            item = {"propertyId": {"N": key}, "restrictionKey": {"S": key}, "value": {"S": value}}
            dynamodb.put_item(TableName=TABLE, Item=item)
        item = {"associationId": {"S": "3"}, "value": {"S": value}}
        dynamodb.put_item(TableName="BaseRateAssociation", Item=item)

    return prepare


def later_base(rig: Rig) -> None:
    """Make the base newer than every clone."""
    proven(rig, instant="2999-01-01T00:00:00+00:00")


def clones_of_another_domain(*, shared: bool) -> Prepare:
    """Create clones by another domain's official run before this run begins."""

    def prepare(rig: Rig) -> None:
        based(rig)
        assert rig.run("availability", runId="a1", mode="official", keepClones=True).status == "SUCCEEDED"
        began = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        runs = ["availability/a1"] if shared else []

        def answer(real: Any) -> Any:
            return {**real, "Payload": {**real["Payload"], "began": began, "officialRuns": runs}}

        plant("RecordInProgressStatus", answer)

    return prepare


def other_base(rig: Rig) -> None:
    """Replace the proof by another run's."""
    location = {"Bucket": rig.bucket, "Key": "proven/rates/official.json"}
    document = json.loads(rig.client("s3").get_object(**location)["Body"].read())
    put(rig, location["Key"], {**document, "run": "r9", "changing": ""})


def reach(instant: str | None) -> dict[str, Any]:
    """Answer as DescribeContinuousBackups does."""
    recovery = {"PointInTimeRecoveryStatus": "ENABLED", "LatestRestorableDateTime": instant}
    if instant is None:
        recovery = {"PointInTimeRecoveryStatus": "DISABLED"}
    return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": recovery}}


def wrote(**counts: Any) -> dict[str, Any]:
    """Answer as the table writer does."""
    nothing_written = {"applied": 0, "already": 0, "expired": 0, "conflicts": 0}
    return payload(done=True, part=0, offset=0, **{**nothing_written, **counts})


def of_base(scenario: Scenario) -> Scenario:
    """Return a scenario of a catch-up."""
    return replace(scenario, name=CATCH_UP + scenario.name, machine=CATCH_UP_MACHINE)


def beginning(*prepares: Prepare) -> Prepare:
    return both(based, *prepares)


at_delta = planted("KeepChanges", REFUSED, times=4)
at_export = planted("ExportTable", REFUSED, times=2)
PREPARING = (
    Scenario("a run", based),
    Scenario("a rehearsal", lambda rig: nothing(proven(rig, "rehearsal"), changed()(rig)), {"mode": "rehearsal"}),
    Scenario("nothing differs", lambda rig: nothing(proven(rig))),
    Scenario("throttling of every call", both(based, lambda rig: throttled_everywhere(rig, CATCH_UP_MACHINE))),
    Scenario("executions that are not known yet", beginning(lambda _rig: answer_late(7))),
    Scenario("an input that is refused", request={"maxDeletePercent": 101}, ends="InvalidInput"),
    Scenario("a domain that runs", planted("RecordInProgressStatus", payload(status="BUSY", holder={"run": "r0"})), ends="DomainAlreadyRunning"),
    Scenario("a domain that is live", planted("RecordInProgressStatus", payload(status="LIVE", instant="2026-01-01T00:00:00Z")), ends="DomainIsLive", says="are live since"),
    Scenario("a catch-up that has begun to write", planted("RecordInProgressStatus", payload(status="UNFINISHED", holder={"run": "r0"})), ends="CatchUpUnfinished", says="migrate resume r0"),
    Scenario("no base", planted("RecordInProgressStatus", payload(status="NO_BASE", reason="no run matched yet")), ends="BaseNotFound", says="no run matched yet"),
    Scenario("a teardown that ends", beginning(planted("RecordInProgressStatus", payload(status="SEALED")))),
    Scenario("a teardown that does not end", planted("RecordInProgressStatus", payload(status="WAIT"), times=LIMITS.teardown_checks), ends="TeardownStuck"),
    Scenario("a run that matched", both(based, lambda rig: verdict(rig, "MATCH", "official"))),
    Scenario("a run that matched and was not noted", failed(beginning(planted("DeleteStatus", REFUSED, times=4)))),
    Scenario("a table that is gone", beginning(deleted), ends="TableReplaced", says="the table is gone"),
    Scenario("a table that was made anew", beginning(replaced), ends="TableReplaced", says="Nothing was written to it"),
    Scenario("a table that is live", beginning(live), ends="DomainIsLive", says="has the tag migration:live"),
    Scenario("a table that the base lacks", without_a_table, ends="BaseNotFound", says="the catalog has changed since"),
    Scenario("tags in pages", beginning(planted("ListProvenTags", {"Tags": [], **PAGE}, {"Tags": []}))),
)  # fmt: skip
CLONING = (
    Scenario("a clone that failed", beginning(planted("CheckCloneStatus", payload(status="FAILED", reason="storage-full"))), ends="CloneFailed"),
    Scenario("a clone that takes too long", beginning(planted("CheckCloneStatus", payload(status="INPROCESSING"), times=MANY)), ends="CloneTimedOut"),
    Scenario("a clone of somebody else", beginning(planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="no tag"))), ends="CloneFailed"),
    Scenario("a clone that is too old", beginning(planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="", createdAt="2026-01-02T00:00:00Z"))), ends="CloneTooOld"),
    Scenario("a clone of before the base", later_base, ends="CloneNotFresh", says="holds no later change"),
    Scenario("a clone without a time", beginning(planted("CheckCloneStatus", payload(status="AVAILABLE", unproven=""))), ends="CloneNotFresh", says="made at an unknown time"),
    Scenario("clones of before the run", clones_of_another_domain(shared=False), ends="CloneNotFresh", says="No running official run made it"),
    Scenario("clones of another domain's official run", clones_of_another_domain(shared=True)),
    Scenario("a failure without a name", beginning(planted("CloneClusters", [{"ok": False, "name": "x", "error": "Odd", "cause": "c"}])), ends="UnknownFailure"),
)  # fmt: skip
SPARKING = (
    Scenario("a JAR that is not there", beginning(lambda _rig: {"jarKey": "releases/0/none.jar"}), ends="JarNotFound"),
    Scenario("the application on the third page", beginning(application_on_third_page)),
    Scenario("no application", beginning(planted("ListApplications", {"Applications": []})), ends="ApplicationNotFound"),
    Scenario("a bootstrap that fails and says why", beginning(changed(bootstrap={"exit": 1, "says": "password"})), ends="BootstrapFailed"),
    *[Scenario(f"bootstrap reports {name}", beginning(changed(bootstrap={"exit": 1, "error": name, "says": "planted"})), ends=name) for name in JOB_ERRORS],
    *[Scenario(f"bootstrap finds {name}", beginning(summary(failure={"error": name, "cause": "planted"})), ends=name) for name in SUMMARY_FAILURES],
    Scenario("a summary of another attempt", beginning(summary(attempt="other")), ends="BootstrapFailed"),
    Scenario("a summary of another release", beginning(summary(release=OTHER)), ends="ReleaseChanged", says="Nothing was written to the tables"),
    Scenario("resume with another release", failed(beginning(at_export), named(OTHER)), ends="ReleaseChanged", says="resume without --jar-key"),
    Scenario("resume after a deployment", failed(beginning(at_export), lambda rig: nothing(rig.deploy_release(OTHER)))),
    Scenario("resume after the release lost a file", lost("delta.py"), ends="ReleaseChanged", says="is no longer complete below"),
    Scenario("resume over clones made anew", failed(beginning(at_delta), lambda rig: rig.forget_clones())),
    Scenario("resume what is applied over clones made anew", failed(beginning(at_export), lambda rig: rig.forget_clones()), ends="CloneNotFresh", says="make the tables equal to the clones: migrate repair "),
    Scenario("resume what a release without a hash wrote", failed(beginning(at_export), old_summary), ends="ReleaseChanged"),
)  # fmt: skip
COUNTING = (
    Scenario("a delta that fails and says why", beginning(changed(delta={"exit": 1, "says": "planted"})), ends="DeltaFailed", says="planted"),
    Scenario("a delta that fails in silence", beginning(changed(delta={"exit": 1})), ends="DeltaFailed", says="did not report why"),
    *[Scenario(f"the delta reports {name}", beginning(changed(delta={"exit": 1, "error": name, "says": "planted"})), ends=name) for name in DELTA_ERRORS],
    Scenario("changes of another attempt", beginning(changed(delta={"summary": {"attempt": "other"}})), ends="DeltaFailed"),
    Scenario("changes of another release", beginning(changed(delta={"summary": {"release": OTHER}})), ends="DeltaFailed"),
    Scenario("changes that miss an item of the base", beginning(changed(delta={"counts": {TABLE: {"unchanged": 1}}})), ends="DeltaFailed", says="do not count every item"),
    Scenario("changes from fewer items than were proven", beginning(changed(delta={"counts": {TABLE: {"base": 2, "unchanged": 1, "inserted": 3}}})), ends="DeltaFailed"),
    Scenario("changes without a table", beginning(changed(delta={"summary": {"tables": {}}})), ends="DeltaFailed"),
    Scenario("resume over a base that was proven since", failed(beginning(planted("BeginWriting", REFUSED, times=4)), other_base)),
)  # fmt: skip
REPAIRING = (
    Scenario("a repair", mismatched()),
    Scenario("a repair of a migration", mismatched(machine="rates")),
    Scenario("a repair after a foreign write", written_over()),
    Scenario("a repair, an export that takes a while", mismatched(planted("DescribeExportOfBase", export_is("IN_PROGRESS")))),
    Scenario("a repair, an export that does not end", mismatched(planted("DescribeExportOfBase", export_is("IN_PROGRESS"), times=MANY)), ends="ExportFailed"),
    Scenario("a repair, an export that fails", mismatched(planted("DescribeExportOfBase", export_is("FAILED", FailureCode="X"))), ends="ExportFailed"),
    Scenario("a repair of a table of nobody", mismatched(replaced), ends="TableReplaced", says="its tags do not say that a run of this domain and mode made it"),
)  # fmt: skip
APPLYING = (
    Scenario("an item that somebody changed", beginning(written_by_another("1")), ends="WritersFound", says="They were not overwritten"),
    Scenario("an item that somebody deletes meanwhile", beginning(planted("WriteDeletes", wrote(conflicts=1))), ends="WritersFound"),
    Scenario("puts that nobody counted", beginning(planted("WritePuts", wrote(applied=1))), ends="ApplyFailed", says="a different number of puts than the changes have: BaseRate: 2 of 3"),
    Scenario("deletions that nobody counted", beginning(planted("WriteDeletes", wrote(applied=2))), ends="ApplyFailed", says="a different number of deletes than the changes have: BaseRateAssociation: 2 of 1"),
    Scenario("puts that do not end", beginning(planted("WritePuts", payload(done=False, part=0, offset=0, applied=0, already=0, expired=0, conflicts=0), times=LIMITS.apply_calls)), ends="ApplyFailed", says="had not ended after"),
    Scenario("deletions that do not end", beginning(planted("WriteDeletes", payload(done=False, part=0, offset=0, applied=0, already=0, expired=0, conflicts=0), times=LIMITS.apply_calls)), ends="ApplyFailed"),
    Scenario("parts of more than one call", beginning(changed(delta={"partSize": 9}, bootstrap={"items": {"BaseRate": 3, "BaseRateAssociation": 0}, "values": {"BaseRate": {"0": "a", "1": "b", "2": "c"}}}))),
    Scenario("resume after half of the puts", failed(beginning(planted("WritePuts", None, REFUSED)))),
    Scenario("resume after half of the deletions", failed(beginning(planted("WriteDeletes", REFUSED)))),
)  # fmt: skip
EXPORTING = (
    Scenario("a recovery that reaches nowhere", beginning(planted("FindReach", reach(None), times=LIMITS.restorable_checks)), ends="ExportFailed", says="reaches to no instant"),
    Scenario("a recovery that stays behind", beginning(planted("FindReach", reach("2026-01-01T00:00:00Z"), times=LIMITS.restorable_checks)), ends="ExportFailed", says="so the table cannot be exported as of"),
    Scenario("an export that takes a while", beginning(planted("DescribeExport", export_is("IN_PROGRESS")))),
    Scenario("an export that does not end", beginning(planted("DescribeExport", export_is("IN_PROGRESS"), times=MANY)), ends="ExportFailed"),
    Scenario("an export that fails", beginning(planted("DescribeExport", export_is("FAILED", FailureCode="X"))), ends="ExportFailed"),
    Scenario("an export that lost an item", beginning(planted("DescribeExport", export_is("COMPLETED", ItemCount=1, ExportManifest="m"))), ends="ExportCountMismatch", says="migrate repair "),
)  # fmt: skip
COMPARING = (
    Scenario("a compare that fails and says why", beginning(changed(compare={"exit": 1, "says": "clone changed"})), ends="CompareFailed"),
    Scenario("a difference", beginning(changed(compare={"verdict": {"verdict": "MISMATCH"}})), ends="DataMismatch", says="migrate repair "),
    Scenario("a verdict without every item", beginning(changed(compare={"verdict": {"tables": {}}})), ends="CompareFailed"),
    Scenario("a verdict of another release", beginning(changed(compare={"verdict": {"release": OTHER}})), ends="ReleaseChanged"),
)  # fmt: skip
FINISHING = (
    Scenario("another domain at work", beginning(lambda rig: put(rig, "status/in-progress/availability.json", {"domain": "availability", "run": "a", "execution": "e", "since": "2026-01-01T00:00:00+00:00"}))),
    Scenario("clones that are to be kept", beginning(lambda _rig: {"keepClones": True})),
    Scenario("a cluster that is no clone", beginning(planted("CheckIsClone", payload(isClone=False, status="PRESENT", reason="no tag"))), ends="NotAClone"),
    Scenario("a clone that is gone", beginning(planted("CheckIsClone", payload(isClone=False, status="UNAVAILABLE"), times=2))),
    Scenario("a clone that is not destroyed", beginning(planted("CheckDestroyStatus", payload(status="INPROCESSING"), times=MANY)), ends="DestroyTimedOut"),
)  # fmt: skip
_ALL = (*PREPARING, *CLONING, *SPARKING, *COUNTING, *REPAIRING, *APPLYING, *EXPORTING, *COMPARING, *FINISHING)
CATCH_UP_SCENARIOS = tuple(of_base(scenario) for scenario in _ALL)
