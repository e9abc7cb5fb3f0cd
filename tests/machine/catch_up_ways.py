"""Catch-ups and repairs prepared by hand: what is proven before, what the services answer, and how each must end."""

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
from tests.machine.ways import (
    GONE,
    MANY,
    OTHER,
    PAGE,
    REFUSED,
    Prepare,
    Way,
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

CATCH_UP = "catch-up: "  # begins the name of each of these ways
CATCH_UP_MACHINE = kinds.CATCH_UP.machine_of("rates")
TABLE = "BaseRate"
# Two puts of new items and one of a changed item in one table, a deletion in the other.
CHANGED = {"items": {"BaseRate": 5, "BaseRateAssociation": 2}, "values": {"BaseRate": {"0": "new"}}}


def changed(**jobs: Any) -> Prepare:
    """Let the source differ from what was proven."""
    return controlled(**{**jobs, "bootstrap": {**CHANGED, **jobs.get("bootstrap", {})}})


def based(rig: Rig) -> None:
    """Let an official run have proven the tables, and the source differ since."""
    proven(rig)
    changed()(rig)


def failed(first: Prepare, *after: Prepare, **given: Any) -> Prepare:
    """Let a catch-up fail first; the way itself then resumes it."""

    def prepare(rig: Rig) -> dict[str, Any]:
        first(rig)
        ended = rig.run(CATCH_UP_MACHINE, runId="r1", parallelism=1, **given)
        assert ended.status == "FAILED", ended
        faults.forget()
        changed()(rig)
        return {"runId": "r1", **both(*after)(rig)}

    return prepare


def mismatched(*after: Prepare, machine: str = CATCH_UP_MACHINE) -> Prepare:
    """Let a run have ended with a difference, which a repair then mends."""

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
    """Let a catch-up have met a foreign write before it exported anything; the repair then mends its tables."""
    meeting = failed(both(based, written_by_another("1")))
    return both(meeting, lambda _rig: {"repair": True})


def lost(*names: str) -> Prepare:
    """Let a catch-up fail at the export with a release that loses files afterwards."""

    def prepare(rig: Rig) -> dict[str, Any]:
        both(based, at_export)(rig)
        assert rig.run(CATCH_UP_MACHINE, runId="r1", jarKey=rig.deploy_release(GONE)).status == "FAILED"
        faults.forget()
        rig.remove_release(GONE, *names)
        rig.deploy_release(OTHER)
        return {"runId": "r1"}

    return prepare


def replaced(rig: Rig) -> None:
    """Let somebody have made one table anew."""
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
    """Let the table have been cut over."""
    arn = rig.client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableArn"]
    rig.client("dynamodb").tag_resource(ResourceArn=arn, Tags=[{"Key": "migration:live", "Value": "now"}])


def without_a_table(rig: Rig) -> None:
    """Let the base be of before the catalog had one of its tables."""
    document = proven(rig)
    del document["tables"][TABLE]
    put(rig, "proven/rates/official.json", document)


def written_by_another(*keys: str, value: str = "foreign") -> Prepare:
    """Let somebody else change items of the table with a sort key, and of the one without."""

    def prepare(rig: Rig) -> None:
        dynamodb = rig.client("dynamodb")
        for key in keys:
            item = {"propertyId": {"N": key}, "restrictionKey": {"S": key}, "value": {"S": value}}
            dynamodb.put_item(TableName=TABLE, Item=item)
        item = {"associationId": {"S": "3"}, "value": {"S": value}}
        dynamodb.put_item(TableName="BaseRateAssociation", Item=item)

    return prepare


def later_base(rig: Rig) -> None:
    """Let the base be newer than every clone."""
    proven(rig, instant="2999-01-01T00:00:00+00:00")


def clones_of_another_domain(*, shared: bool) -> Prepare:
    """Let clones be there that another domain's official run made before this run began."""

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
    """Let another run have proven the tables since."""
    place = {"Bucket": rig.bucket, "Key": "proven/rates/official.json"}
    document = json.loads(rig.client("s3").get_object(**place)["Body"].read())
    put(rig, place["Key"], {**document, "run": "r9", "changing": ""})


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


def of_base(way: Way) -> Way:
    """Return a way that begins from a base, unless it makes one itself."""
    return replace(way, name=CATCH_UP + way.name, machine=CATCH_UP_MACHINE)


def beginning(*prepares: Prepare) -> Prepare:
    return both(based, *prepares)


at_delta = planted("KeepChanges", REFUSED, times=4)
at_export = planted("ExportTable", REFUSED, times=2)
PREPARING = (
    Way("a run", based),
    Way("a rehearsal", lambda rig: nothing(proven(rig, "rehearsal"), changed()(rig)), {"mode": "rehearsal"}),
    Way("nothing differs", lambda rig: nothing(proven(rig))),
    Way("throttling of every call", both(based, lambda rig: throttled_everywhere(rig, CATCH_UP_MACHINE))),
    Way("executions that are not known yet", beginning(lambda _rig: answer_late(7))),
    Way("an input that is refused", given={"maxDeletePercent": 101}, ends="InvalidInput"),
    Way("a domain that runs", planted("RecordInProgressStatus", payload(status="BUSY", holder={"run": "r0"})), ends="DomainAlreadyRunning"),
    Way("a domain that is live", planted("RecordInProgressStatus", payload(status="LIVE", instant="2026-01-01T00:00:00Z")), ends="DomainIsLive", says="are live since"),
    Way("a catch-up that has begun to write", planted("RecordInProgressStatus", payload(status="UNFINISHED", holder={"run": "r0"})), ends="CatchUpUnfinished", says="migrate resume r0"),
    Way("no base", planted("RecordInProgressStatus", payload(status="NO_BASE", reason="no run matched yet")), ends="BaseNotFound", says="no run matched yet"),
    Way("a teardown that ends", beginning(planted("RecordInProgressStatus", payload(status="SEALED")))),
    Way("a teardown that does not end", planted("RecordInProgressStatus", payload(status="WAIT"), times=LIMITS.teardown_laps), ends="TeardownStuck"),
    Way("a run that matched", both(based, lambda rig: verdict(rig, "MATCH", "official"))),
    Way("a run that matched and was not noted", failed(beginning(planted("DeleteStatus", REFUSED, times=4)))),
    Way("a table that is gone", beginning(deleted), ends="TableReplaced", says="the table is gone"),
    Way("a table that was made anew", beginning(replaced), ends="TableReplaced", says="Nothing was written to it"),
    Way("a table that is live", beginning(live), ends="DomainIsLive", says="has the tag migration:live"),
    Way("a table that the base lacks", without_a_table, ends="BaseNotFound", says="the catalog has changed since"),
    Way("tags in pages", beginning(planted("ListProvenTags", {"Tags": [], **PAGE}, {"Tags": []}))),
)  # fmt: skip
CLONING = (
    Way("a clone that failed", beginning(planted("CheckCloneStatus", payload(status="FAILED", reason="storage-full"))), ends="CloneFailed"),
    Way("a clone that takes too long", beginning(planted("CheckCloneStatus", payload(status="INPROCESSING"), times=MANY)), ends="CloneTimedOut"),
    Way("a clone of somebody else", beginning(planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="no tag"))), ends="CloneFailed"),
    Way("a clone that is too old", beginning(planted("CheckCloneStatus", payload(status="AVAILABLE", unproven="", createdAt="2026-01-02T00:00:00Z"))), ends="CloneTooOld"),
    Way("a clone of before the base", later_base, ends="CloneNotFresh", says="holds no later change"),
    Way("a clone without a time", beginning(planted("CheckCloneStatus", payload(status="AVAILABLE", unproven=""))), ends="CloneNotFresh", says="made at an unknown time"),
    Way("clones of before the run", clones_of_another_domain(shared=False), ends="CloneNotFresh", says="No running official run made it"),
    Way("clones of another domain's official run", clones_of_another_domain(shared=True)),
    Way("a failure without a name", beginning(planted("CloneClusters", [{"ok": False, "name": "x", "error": "Odd", "cause": "c"}])), ends="UnknownFailure"),
)  # fmt: skip
SPARKING = (
    Way("a JAR that is not there", beginning(lambda _rig: {"jarKey": "releases/0/none.jar"}), ends="JarNotFound"),
    Way("the application on the third page", beginning(application_on_third_page)),
    Way("no application", beginning(planted("ListApplications", {"Applications": []})), ends="ApplicationNotFound"),
    Way("a bootstrap that fails and says why", beginning(changed(bootstrap={"exit": 1, "says": "password"})), ends="BootstrapFailed"),
    *[Way(f"bootstrap reports {name}", beginning(changed(bootstrap={"exit": 1, "error": name, "says": "planted"})), ends=name) for name in JOB_ERRORS],
    *[Way(f"bootstrap finds {name}", beginning(summary(failure={"error": name, "cause": "planted"})), ends=name) for name in SUMMARY_FAILURES],
    Way("a summary of another attempt", beginning(summary(attempt="other")), ends="BootstrapFailed"),
    Way("a summary of another release", beginning(summary(release=OTHER)), ends="ReleaseChanged", says="Nothing was written to the tables"),
    Way("resume with another release", failed(beginning(at_export), named(OTHER)), ends="ReleaseChanged", says="resume without --jar-key"),
    Way("resume after a deployment", failed(beginning(at_export), lambda rig: nothing(rig.deploy_release(OTHER)))),
    Way("resume after the release lost a file", lost("delta.py"), ends="ReleaseChanged", says="is not whole below"),
    Way("resume over clones made anew", failed(beginning(at_delta), lambda rig: rig.forget_clones())),
    Way("resume what is applied over clones made anew", failed(beginning(at_export), lambda rig: rig.forget_clones()), ends="CloneNotFresh", says="make the tables equal to the clones: migrate repair "),
    Way("resume what a release without a hash wrote", failed(beginning(at_export), old_summary), ends="ReleaseChanged"),
)  # fmt: skip
COUNTING = (
    Way("a delta that fails and says why", beginning(changed(delta={"exit": 1, "says": "planted"})), ends="DeltaFailed", says="planted"),
    Way("a delta that fails in silence", beginning(changed(delta={"exit": 1})), ends="DeltaFailed", says="did not report why"),
    *[Way(f"the delta reports {name}", beginning(changed(delta={"exit": 1, "error": name, "says": "planted"})), ends=name) for name in DELTA_ERRORS],
    Way("changes of another attempt", beginning(changed(delta={"summary": {"attempt": "other"}})), ends="DeltaFailed"),
    Way("changes of another release", beginning(changed(delta={"summary": {"release": OTHER}})), ends="DeltaFailed"),
    Way("changes that miss an item of the base", beginning(changed(delta={"counts": {TABLE: {"unchanged": 1}}})), ends="DeltaFailed", says="do not count every item"),
    Way("changes from fewer items than were proven", beginning(changed(delta={"counts": {TABLE: {"base": 2, "unchanged": 1, "inserted": 3}}})), ends="DeltaFailed"),
    Way("changes without a table", beginning(changed(delta={"summary": {"tables": {}}})), ends="DeltaFailed"),
    Way("resume over a base that was proven since", failed(beginning(planted("BeginWriting", REFUSED, times=4)), other_base)),
)  # fmt: skip
REPAIRING = (
    Way("a repair", mismatched()),
    Way("a repair of a migration", mismatched(machine="rates")),
    Way("a repair after a foreign write", written_over()),
    Way("a repair, an export that takes a while", mismatched(planted("DescribeExportOfBase", export_is("IN_PROGRESS")))),
    Way("a repair, an export that does not end", mismatched(planted("DescribeExportOfBase", export_is("IN_PROGRESS"), times=MANY)), ends="ExportFailed"),
    Way("a repair, an export that fails", mismatched(planted("DescribeExportOfBase", export_is("FAILED", FailureCode="X"))), ends="ExportFailed"),
    Way("a repair of a table of nobody", mismatched(replaced), ends="TableReplaced", says="its tags do not say that a run of this domain and mode made it"),
)  # fmt: skip
APPLYING = (
    Way("an item that somebody changed", beginning(written_by_another("1")), ends="WritersFound", says="They were not overwritten"),
    Way("an item that somebody deletes meanwhile", beginning(planted("WriteDeletes", wrote(conflicts=1))), ends="WritersFound"),
    Way("puts that nobody counted", beginning(planted("WritePuts", wrote(applied=1))), ends="ApplyFailed", says="other puts than the changes hold: BaseRate: 2 of 3"),
    Way("deletions that nobody counted", beginning(planted("WriteDeletes", wrote(applied=2))), ends="ApplyFailed", says="other deletes than the changes hold: BaseRateAssociation: 2 of 1"),
    Way("puts that do not end", beginning(planted("WritePuts", payload(done=False, part=0, offset=0, applied=0, already=0, expired=0, conflicts=0), times=LIMITS.apply_laps)), ends="ApplyFailed", says="had not ended after"),
    Way("deletions that do not end", beginning(planted("WriteDeletes", payload(done=False, part=0, offset=0, applied=0, already=0, expired=0, conflicts=0), times=LIMITS.apply_laps)), ends="ApplyFailed"),
    Way("parts of more than one call", beginning(changed(delta={"partSize": 9}, bootstrap={"items": {"BaseRate": 3, "BaseRateAssociation": 0}, "values": {"BaseRate": {"0": "a", "1": "b", "2": "c"}}}))),
    Way("resume after half of the puts", failed(beginning(planted("WritePuts", None, REFUSED)))),
    Way("resume after half of the deletions", failed(beginning(planted("WriteDeletes", REFUSED)))),
)  # fmt: skip
EXPORTING = (
    Way("a recovery that reaches nowhere", beginning(planted("FindReach", reach(None), times=LIMITS.restorable_laps)), ends="ExportFailed", says="reaches to no instant"),
    Way("a recovery that stays behind", beginning(planted("FindReach", reach("2026-01-01T00:00:00Z"), times=LIMITS.restorable_laps)), ends="ExportFailed", says="so the table cannot be exported as of"),
    Way("an export that takes a while", beginning(planted("DescribeExport", export_is("IN_PROGRESS")))),
    Way("an export that does not end", beginning(planted("DescribeExport", export_is("IN_PROGRESS"), times=MANY)), ends="ExportFailed"),
    Way("an export that fails", beginning(planted("DescribeExport", export_is("FAILED", FailureCode="X"))), ends="ExportFailed"),
    Way("an export that lost an item", beginning(planted("DescribeExport", export_is("COMPLETED", ItemCount=1, ExportManifest="m"))), ends="ExportCountMismatch", says="migrate repair "),
)  # fmt: skip
COMPARING = (
    Way("a compare that fails and says why", beginning(changed(compare={"exit": 1, "says": "clone changed"})), ends="CompareFailed"),
    Way("a difference", beginning(changed(compare={"verdict": {"verdict": "MISMATCH"}})), ends="DataMismatch", says="migrate repair "),
    Way("a verdict without every item", beginning(changed(compare={"verdict": {"tables": {}}})), ends="CompareFailed"),
    Way("a verdict of another release", beginning(changed(compare={"verdict": {"release": OTHER}})), ends="ReleaseChanged"),
)  # fmt: skip
FINISHING = (
    Way("another domain at work", beginning(lambda rig: put(rig, "status/in-progress/availability.json", {"domain": "availability", "run": "a", "execution": "e", "since": "2026-01-01T00:00:00+00:00"}))),
    Way("clones that are to be kept", beginning(lambda _rig: {"keepClones": True})),
    Way("a cluster that is no clone", beginning(planted("CheckIsClone", payload(isClone=False, status="PRESENT", reason="no tag"))), ends="NotAClone"),
    Way("a clone that is gone", beginning(planted("CheckIsClone", payload(isClone=False, status="UNAVAILABLE"), times=2))),
    Way("a clone that is not destroyed", beginning(planted("CheckDestroyStatus", payload(status="INPROCESSING"), times=MANY)), ends="DestroyTimedOut"),
)  # fmt: skip
_ALL = (*PREPARING, *CLONING, *SPARKING, *COUNTING, *REPAIRING, *APPLYING, *EXPORTING, *COMPARING, *FINISHING)
CATCH_UP_WAYS = tuple(of_base(way) for way in _ALL)
