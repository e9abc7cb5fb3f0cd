"""Complete executions of a catch-up and of a repair with answers written by hand: every state in order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.catch_up_stepping import CLUSTERS, TABLES, walk
from tests.unit.statemachine.stepping import NAMES, Failed, Walk, body, payload
from tests.unit.statemachine.test_walks import (
    ALL_CLUSTERS,
    DESTROY,
    FAIL,
    FINISH,
    LISTING,
    OF_NEW_CLONE,
    RELEASE,
    SPARK,
    WRITTEN,
    answers,
    ended,
)

BEGAN, INSTANT = "2026-01-01T00:00:00Z", "2126-02-03T04:05:06Z"
BASE = {
    "run": "r0",
    "attempt": "x0",
    "changing": "",
    "instants": dict.fromkeys(CLUSTERS, BEGAN),
    "tables": {name: {"tableId": "i", "prefix": "p0/", "items": 4, "listing": "l"} for name in TABLES},
}
COUNTED = {
    "base": 4, "items": 3, "inserted": 1, "updated": 1, "deleted": 2, "unchanged": 1, "puts": 2, "deletes": 1,
}  # fmt: skip
CHANGES = body(attempt="x1", release=RELEASE, tables=dict.fromkeys(TABLES, COUNTED))
CURSOR = {"part": 1, "offset": 0}


def catch_up(**changes: object) -> Walk:
    """Return a catch-up that goes well, but for the changed answers."""
    nothing = {"already": 0, "expired": 0, "conflicts": 0}
    reach = {"PointInTimeRecoveryDescription": {"LatestRestorableDateTime": INSTANT}}
    early = {"PointInTimeRecoveryDescription": {"LatestRestorableDateTime": BEGAN}}
    exported = answers()["DescribeExport"]
    return walk(
        answers(
            **{
                "RecordInProgressStatus": ended("OWNED", began=BEGAN, officialRuns=[], base=BASE),
                "DescribeProvenTable": {"Table": {"TableArn": "a", "TableId": "i"}},
                "ListProvenTags": {"Tags": [{"Key": "k", "Value": "v"}]},
                "ReadSummary": body(
                    attempt="x1", release=RELEASE, failure=None, specHash=NAMES.spec_hash,
                    tables={name: {**WRITTEN, "listing": LISTING} for name in TABLES},
                ),
                "FindChanges": Failed("S3.NoSuchKeyException"),
                "RunDelta": {},
                "ReadChanges": CHANGES,
                "KeepChanges": {},
                "BeginWriting": ended("CHANGING"),
                "WritePuts": payload(done=True, applied=1, **CURSOR, **nothing),
                "WriteDeletes": lambda _, n: payload(done=bool(n % 2), applied=1, **CURSOR, **nothing),
                "RecordApplied": ended("APPLIED", instant=INSTANT),
                "FindReach": lambda _, n: {"ContinuousBackupsDescription": reach if n % 2 else early},
                "ExportTableOfBase": {"ExportDescription": {"ExportArn": "x"}},
                "DescribeExportOfBase": exported,
                **changes,
            }
        )
    )  # fmt: skip


BEGIN = ["DefineVariables", "CheckInput", "PrepareVariables", "RecordInProgressStatus", "DomainFree", "FindVerdict"]
OF_PROVEN = ["TakeProvenTable", "TableInBase", "DescribeProvenTable", "ListProvenTags", "ProvenTableMatches", "TableIsProven"]  # fmt: skip  # noqa: E501 - one list
VERIFIED = ["VerifyTables", *OF_PROVEN * len(TABLES), "TablesVerified"]
CLONED = ["CloneClusters", *OF_NEW_CLONE * len(CLUSTERS)]
BOOTSTRAP = ["FindSummary", "RunBootstrap", "ReadSummary", "CheckSummary", "ChangesKnown"]
DELTA = ["FindChanges", "PrepareDelta", "RunDelta", "ReadChanges", "CheckChanges", "KeepChanges", "BeginWriting"]
PUTS = ["ApplyPuts", *["TakePuts", "WritePuts", "PutsWritten", "PutsApplied"] * 2 * len(TABLES), "PutsCounted"]
OF_DELETES = ["TakeDeletes", "WriteDeletes", "DeletesWritten", "WriteDeletes", "DeletesWritten", "DeletesApplied"]
DELETES = ["ApplyDeletes", *OF_DELETES * len(TABLES), "DeletesCounted"]
QUIET = ["WaitUntilQuiet", "TakeInstant", "RecordApplied"]
OF_EXPORT = [
    "TakeWrittenTable", "FindReach", "ReachesInstant", "ReachAwaited", "WaitForReach", "FindReach", "ReachesInstant",
    "ExportTable", "DescribeExport", "ExportStatus", "WaitForExport", "DescribeExport", "ExportStatus",
    "CheckExportCounts", "TableMigrated",
]  # fmt: skip
EXPORTED = ["ExportTables", *OF_EXPORT * len(TABLES), "TablesExported"]
COMPARE = ["PrepareCompare", "RunCompare", "ReadVerdict", "DataMatches"]
OF_BASE = [
    "TakeTableOfBase", "ExportTableOfBase", "DescribeExportOfBase", "ExportStatusOfBase", "WaitForExportOfBase",
    "DescribeExportOfBase", "ExportStatusOfBase", "TableMigratedOfBase",
]  # fmt: skip
ITEMS = [*BEGIN, *VERIFIED, *CLONED, *SPARK, *BOOTSTRAP]
WRITES = [*PUTS, *DELETES, *QUIET, *EXPORTED, *COMPARE]


def test_a_catch_up_writes_the_differences_and_proves_the_tables_anew() -> None:
    run = catch_up()

    end, output = run.run({"runId": "r1"})

    assert (end, output["verdict"], output["clones"]) == ("Succeed", "MATCH", "destroyed")
    assert run.path == [*ITEMS, *DELTA, *WRITES, *FINISH, *DESTROY, "Succeed"]
    assert [call["Payload"]["lane"] for call in run.asked["WritePuts"]] == [0, 1] * len(TABLES)
    assert {call["ExportTime"] for call in run.asked["ExportTable"]} == {INSTANT}
    proven = run.asked["DeleteStatus"][0]["Payload"]["proven"]
    assert (proven["kind"], sorted(proven["tables"])) == ("catch-up", sorted(TABLES))
    assert len(run.asked["DestroyClone"]) == len(ALL_CLUSTERS)


def test_a_repair_exports_the_tables_first_and_finds_the_differences_there() -> None:
    run = catch_up()

    assert run.run({"runId": "r1", "repair": True})[0] == "Succeed"

    of_base = ["ExportBase", *OF_BASE * len(TABLES), "BaseExported", *DELTA[1:]]
    assert run.path == [*ITEMS, *of_base, *WRITES, *FINISH, *DESTROY, "Succeed"]
    passed = run.asked["RunDelta"][0]["JobDriver"]["SparkSubmit"]["EntryPointArguments"]
    exports = "[" + ",".join(f'{{"table":"{name}","manifest":"m"}}' for name in TABLES) + "]"
    assert passed[-2:] == ["--exports", exports]
    assert run.asked["DeleteStatus"][0]["Payload"]["proven"]["kind"] == "repair"


def test_a_resumed_catch_up_applies_the_changes_that_its_earlier_attempt_had_found() -> None:
    earlier = {"attempt": "x7", "items": "x1", "base": "r0/x0", "release": RELEASE}
    changes = body(attempt="x7", release=RELEASE, tables=dict.fromkeys(TABLES, COUNTED))
    run = catch_up(FindChanges=body(**earlier), ReadChanges=changes)

    assert run.run({"runId": "r1"})[0] == "Succeed"

    adopted = ["FindChanges", "ChangesFound", "AdoptChanges", *DELTA[3:]]
    assert run.path == [*ITEMS, *adopted, *WRITES, *FINISH, *DESTROY, "Succeed"]
    assert {call["Payload"]["attempt"] for call in run.asked["WritePuts"]} == {"x7"}


def test_a_catch_up_whose_changes_are_applied_only_exports_and_compares() -> None:
    instant = "2127-01-01T00:00:00Z"
    begun = ended("OWNED", began=BEGAN, officialRuns=[], base=BASE, applied=instant)
    reach = {"PointInTimeRecoveryDescription": {"LatestRestorableDateTime": instant}}
    run = catch_up(RecordInProgressStatus=begun, FindReach={"ContinuousBackupsDescription": reach})

    assert run.run({"runId": "r1"})[0] == "Succeed"

    assert {"RunDelta", "BeginWriting", "WritePuts", "WriteDeletes", "RecordApplied"} & set(run.path) == set()
    assert run.path[: len(ITEMS) + 1] == [*ITEMS, "ExportTables"]
    assert {call["ExportTime"] for call in run.asked["ExportTable"]} == {instant}


def test_a_recovery_that_refuses_the_instant_after_all_is_waited_for() -> None:
    def export(_: object, visits: int) -> object:
        refused = Failed("DynamoDb.InvalidExportTimeException", "too late")
        return refused if visits % 2 == 0 else {"ExportDescription": {"ExportArn": "x"}}

    run = catch_up(ExportTable=export)

    assert run.run({"runId": "r1"})[0] == "Succeed"

    again = ["ExportTable", "ReachAwaited", "WaitForReach", "FindReach", "ReachesInstant"]
    begun = run.path.index("ExportTable")
    assert run.path[begun : begun + 5] == again


@pytest.mark.parametrize(
    ("changes", "end", "path"),
    [
        (
            {"WritePuts": payload(done=True, applied=0, already=0, expired=0, conflicts=1, **CURSOR)},
            "WritersFound",
            ["ReportPutsConflicts", "PutsCounted", *FAIL],
        ),
        (
            {"WritePuts": payload(done=True, applied=0, already=0, expired=0, conflicts=0, **CURSOR)},
            "ApplyFailed",
            ["PutsApplied", "PutsCounted", "RecordPutsUncounted", *FAIL],
        ),
        (
            {"WriteDeletes": Failed("DomainIsLiveError", "it is live")},
            "DomainIsLive",
            ["ReportDeletesLive", "DeletesCounted", *FAIL],
        ),
        (
            {"DescribeProvenTable": {"Table": {"TableArn": "a", "TableId": "other"}}},
            "TableReplaced",
            ["ReportTableReplaced", "TablesVerified", *FAIL],
        ),
        (
            {"ReadVerdict": body(attempt="x1", release=RELEASE, verdict="MISMATCH", tables={}, summary="2.")},
            "DataMismatch",
            ["DataMatches", "RecordDataMismatch", *FAIL],
        ),
    ],
)
def test_a_catch_up_that_meets_something_else_ends_by_its_name(
    changes: dict[str, Any], end: str, path: list[str]
) -> None:
    run = catch_up(**changes)

    assert run.run({"runId": "r1"})[0] == end

    assert run.path[-len(path) - 1 :] == [*path, end]
    assert {"DeleteStatus", "DestroyClones"} & set(run.path) == set()
