"""Complete executions of a verification and of a rehearsal of some tables, with answers written by hand."""

from __future__ import annotations

from typing import Any

from tests.unit.statemachine.stepping import NAMES, Walk, body
from tests.unit.statemachine.test_walks import (
    CLONE,
    FINISH,
    IMPORT,
    LISTING,
    OBJECTS,
    RELEASE,
    SETTINGS,
    SPARK,
    TABLES,
    TAGS,
    UNPROTECTED,
    WRITTEN,
    answers,
    ended,
)

FIRST = TABLES[0]


def arguments(walk: Walk, state: str) -> list[str]:
    """Return what a job was started with."""
    (asked,) = walk.asked[state]
    return list(asked["JobDriver"]["SparkSubmit"]["EntryPointArguments"])


def test_a_rehearsal_of_some_tables_makes_these_alone_and_proves_no_state() -> None:
    summary = body(attempt="x1", release=RELEASE, failure=None, tables={FIRST: {**WRITTEN, "listing": LISTING}})
    matched = body(attempt="x1", release=RELEASE, verdict="MATCH", tables={FIRST: {"matched": 3, "expired": 0}})
    walk = Walk(answers(DescribeSettings=UNPROTECTED, CheckPrefix=OBJECTS, ReadSummary=summary, ReadVerdict=matched))

    end, output = walk.run({"runId": "r1", "tables": [FIRST, FIRST]})

    assert (end, [table["name"] for table in output["tables"]]) == ("Succeed", [FIRST])
    assert [call["TableName"] for call in walk.asked["FindTable"]] == [f"{FIRST}-rehearsal"]
    assert [call["TableName"] for call in walk.asked["ExportTable"] if "TableName" in call] == []
    assert len(walk.asked["ImportTable"]) == len(walk.asked["ExportTable"]) == 1
    assert walk.path.count("TableLeftOut") == len(TABLES) - 1
    for job in ("RunBootstrap", "RunCompare"):
        passed = arguments(walk, job)
        assert passed[passed.index("--tables") + 1] == f'["{FIRST}"]'
    (finished,) = walk.asked["DeleteStatus"]
    assert "proven" not in finished["Payload"]


def test_a_verification_exports_and_compares_and_does_nothing_else() -> None:
    base = {
        "run": "r1",
        "attempt": "x0",
        "changing": "",
        "tables": {
            name: {"tableName": name, "tableId": "i", "tableArn": f"arn-{name}", "prefix": "p/", "items": 3}
            for name in TABLES
        },
    }
    tables: dict[str, Any] = {name: {**WRITTEN, "listing": LISTING} for name in TABLES}
    summary = {"specHash": NAMES.spec_hash, "attempt": "x0", "release": RELEASE, "failure": None}
    walk = Walk(
        answers(
            RecordInProgressStatus=ended("OWNED", began="2026-01-01T00:00:00Z", officialRuns=[], base=base),
            FindSummary=body(**summary, clones={}, tables=tables),
            FindProvenTable={"Table": {"TableArn": "a", "TableId": "i"}},
        )
    )

    end, output = walk.run({"runId": "r1", "mode": "official", "verify": True})

    assert (end, output["clones"]) == ("Succeed", "kept as requested")
    assert output["report"] == f"s3://{NAMES.data_bucket}/reports/rates/r1/verifications/x1/report.json"
    of_table = [
        "TakeTable", "TableChosen", "FindProvenTable", "ProvenTableExists", "ExportTable", "DescribeExport",
        "ExportStatus", "WaitForExport", "DescribeExport", "ExportStatus", "CheckExportCounts", "TableVerified",
    ]  # fmt: skip
    assert walk.path == [
        "DefineVariables", "CheckInput", "PrepareVariables", "RecordInProgressStatus", "DomainFree", "TakeProof",
        *SPARK[1:], "FindSummary", "SummaryFound", "AdoptSummary", "CheckSummary", "MigrateTables",
        *of_table * len(TABLES), "TablesMigrated", "PrepareCompare", "RunCompare", "ReadVerdict", "DataMatches",
        *FINISH, "LiftSeal", "ClonesDestroyed", "Succeed",
    ]  # fmt: skip
    assert {*CLONE, *IMPORT[2:], *SETTINGS, *TAGS} & set(walk.path) == set()
    begun = walk.asked["RecordInProgressStatus"][0]["Payload"]
    assert (begun["kind"], begun["mode"]) == ("verification", "official")
    passed = arguments(walk, "RunCompare")
    assert (passed[-1], passed[passed.index("--clones") + 1]) == ("--verify", "{}")
    assert walk.asked["ReadVerdict"][0]["Key"] == "reports/rates/r1/verifications/x1/verdict.json"
    assert "proven" not in walk.asked["DeleteStatus"][0]["Payload"]


def test_a_verification_whose_evidence_is_of_another_attempt_is_refused() -> None:
    base = {"run": "r1", "attempt": "x0", "changing": "", "tables": {}}
    summary = {"specHash": NAMES.spec_hash, "attempt": "x2", "release": RELEASE, "failure": None}
    walk = Walk(
        answers(
            RecordInProgressStatus=ended("OWNED", began="2026-01-01T00:00:00Z", officialRuns=[], base=base),
            FindSummary=body(**summary, clones={}, tables=dict.fromkeys(TABLES, WRITTEN)),
        )
    )

    end, output = walk.run({"runId": "r1", "verify": True})

    assert (end, output["Cause"][:40]) == ("VerificationRefused", "the run r1 used another catalog than the")
    assert {"RunBootstrap", "RunCompare"} & set(walk.path) == set()
