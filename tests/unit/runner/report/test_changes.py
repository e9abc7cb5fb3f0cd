"""A catch-up in the report: its base, its changes, their outcomes, and the runs before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from runner.account.executions import Execution
from runner.report.collect.changes import DeltaDocuments, Read, earlier_runs, read_changes
from runner.report.collect.history import read_attempt
from runner.report.collect.writes import read_writes
from runner.report.inputs.base import Input
from runner.report.inputs.changes import ChangesManifest, ChangesSummary, TableCounts
from runner.report.inputs.comparison import Verdict
from runner.report.page import render
from tests.unit.runner.report import catch_ups, samples
from tests.unit.runner.report.raw import document_of, report_of

InputT = TypeVar("InputT", bound=Input)
COUNTS = {"base": 96, "items": 98, "inserted": 4, "updated": 3, "deleted": 2, "unchanged": 91}
DOMAIN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates"


def reader(stored: dict[str, dict[str, Any]]) -> Read:
    """Return what reads documents of a bucket."""

    def read(key: str, model: type[InputT]) -> InputT | None:
        return model.model_validate(stored[key]) if key in stored else None

    return read


def test_the_lanes_of_a_table_are_added_up_and_each_counts_its_last_word() -> None:
    other = catch_ups.lane("Puts", 0, catch_ups.settled(7), table="Other")
    exported = (catch_ups.LANES[0][0].replace("ApplyPuts", "ExportTables"), catch_ups.LANES[0][1])

    assert read_writes([*catch_ups.LANES, other, exported]) == {
        "BaseRate": {"applied": 7, "already": 1, "expired": 1, "conflicts": 0},
        "Other": {"applied": 7, "already": 0, "expired": 0, "conflicts": 0},
    }


def test_a_lane_that_has_not_answered_yet_counts_nothing() -> None:
    arn, events = catch_ups.LANES[0]

    assert read_writes([(arn, events[:2])]) == {"BaseRate": dict.fromkeys(catch_ups.settled(0), 0)}


def test_a_catch_up_says_what_it_began_from_what_it_changed_and_what_was_written() -> None:
    document = document_of(catch_ups.catch_up())

    counts = {**COUNTS, "changes": 9, "applied": 7, "already": 1, "expired": 1, "conflicts": 0}
    assert document["changes"] == {
        "base": {
            "run": catch_ups.BASE,
            "kind": "items",
            "first": "2026-11-24T10:00:05.000Z",
            "last": "2026-11-24T10:00:08.500Z",
        },
        "attempt": catch_ups.RUN,
        "tables": [{"table": "BaseRate", **counts}],
        "totals": counts,
        "conflicts": None,
    }
    assert document["state"] == {
        "proven": {
            "run": catch_ups.RUN,
            "kind": "catch-up",
            "provenAt": "2026-11-25T12:01:00.000Z",
            "isThisRun": True,
            "first": "2026-11-25T12:00:05.000Z",
            "last": "2026-11-25T12:00:08.500Z",
            "changing": None,
        },
        "live": None,
    }
    assert (document["run"]["kind"], document["run"]["mode"]) == ("catch-up", "official")
    assert [(job["job"], job["phaseSeconds"]) for job in document["jobs"]][1] == ("delta", catch_ups.CHANGES["phases"])


def test_a_bootstrap_has_no_changes_and_a_repair_begins_from_an_export() -> None:
    repair = document_of(catch_ups.repair())

    assert document_of(samples.match())["changes"] is None
    assert repair["changes"]["base"] == {"run": None, "kind": "export", "first": None, "last": None}
    assert (repair["run"]["kind"], repair["changes"]["totals"]["changes"]) == ("repair", 0)


def test_a_catch_up_that_step_functions_forgot_is_one_by_its_documents() -> None:
    forgotten = document_of(replace(catch_ups.catch_up(), attempts=()))

    assert forgotten["run"]["kind"] == "catch-up"
    assert forgotten["changes"]["totals"] == {
        **COUNTS,
        "changes": 9,
        **dict.fromkeys(("applied", "already", "expired", "conflicts")),
    }


def test_the_items_of_a_catch_up_are_held_against_its_export() -> None:
    (table,) = document_of(catch_ups.catch_up())["tables"]

    assert [check["name"] for check in table["checks"]] == [
        "every row read is an item or accounted for",
        "every item was exported, or had expired",
        "every item is equal in the clones and in the export, or had expired",
    ]
    assert {check["holds"] for check in table["checks"]} == {True}


def execution(name: str, kind: str = "-catch-up", status: str = "SUCCEEDED", **request: Any) -> Execution:  # noqa: ANN401 - input
    return Execution(
        arn=f"{DOMAIN}{kind}:{name}",
        domain="rates",
        status=status,
        started=samples.NOON,
        stopped=samples.NOON + dt.timedelta(minutes=5),
        input=request,
        output={},
    )


def test_earlier_catch_ups_are_those_of_the_same_tables_each_as_it_ended() -> None:
    executions = [
        execution("later"),
        execution("this"),
        execution("second-try", runId="first"),
        execution("first", status="FAILED"),
        execution("rehearsed", mode="rehearsal"),
        execution("bootstrap", kind="", mode="official"),
        execution("mended", repair=True, runId="mended"),
    ]
    stored: dict[str, dict[str, Any]] = {
        "changes/rates/first/newest.json": {"attempt": "a"},
        "changes/rates/first/a/summary.json": {"tables": {"T": COUNTS}},
    }

    earlier = earlier_runs(reader(stored), executions, "this", "official")

    assert [(run.run, run.kind, run.status, run.tables) for run in earlier] == [
        ("first", "catch-up", "SUCCEEDED", {"T": TableCounts(**COUNTS)}),
        ("mended", "repair", "SUCCEEDED", {}),
    ]


@pytest.mark.parametrize("base", [{"run": "b", "attempt": "b-2"}, {"exports": {}}])
def test_the_documents_of_a_catch_up_are_those_of_its_newest_delta_job(base: dict[str, Any]) -> None:
    folder = "changes/rates/r"
    stored: dict[str, dict[str, Any]] = {
        f"{folder}/newest.json": {"attempt": "r-2"},
        f"{folder}/r-2/summary.json": {"attempt": "r-2"},
        f"{folder}/r-2/manifest.json": {"base": base},
        "reports/rates/b/verdict.json": {"clones": {}},
    }

    assert read_changes(reader(stored), "rates", "r") == DeltaDocuments(
        ChangesSummary(attempt="r-2"),
        ChangesManifest.model_validate({"base": base}),
        Verdict(clones={}) if "run" in base else None,
    )
    assert read_changes(reader({}), "rates", "r") == DeltaDocuments()


def test_a_verification_says_what_it_compared_with_and_where_its_own_verdict_is() -> None:
    document = document_of(samples.verification())

    assert document["run"]["kind"] == "verification"
    assert document["headline"].startswith(
        "All 97 items of 1 table are the same in the rows that the run landed and in"
    )
    assert document["places"]["verdict"] == (
        f"s3://data/reports/rates/{samples.RUN}/verifications/{samples.RUN}-verify/verdict.json"
    )
    assert document["notes"][0].startswith(f"This is the verification {samples.RUN}-verify. No clone was read")
    assert document["changes"] is None


@pytest.mark.parametrize(
    ("verdict", "sentence", "absent"),
    [
        ("PENDING", "The verdict on what they held at that instant follows.", "found differences"),
        ("MISMATCH", "The comparison at the instant of the cut-over found differences.", "follows."),
        ("MATCH", "ana cut the domain over", "found differences"),
    ],
)
def test_a_cut_over_before_its_verdict_says_what_became_of_it(verdict: str, sentence: str, absent: str) -> None:
    evidence = replace(
        catch_ups.live(), live={**catch_ups.LIVE, "applied": "2026-11-25T12:29:00+00:00", "verdict": verdict}
    )

    page = render(report_of(evidence))

    assert (sentence in page, absent in page) == (True, False)


def test_a_live_mark_of_a_cut_over_that_followed_a_match_says_so() -> None:
    assert document_of(catch_ups.live())["state"]["live"] == {
        "instant": "2026-11-25T12:30:00.000Z",
        "run": catch_ups.RUN,
        "by": "ana",
        "confirmed": True,
        "verdict": "MATCH",
    }


def test_a_table_of_a_catch_up_that_its_own_history_tells_has_no_import() -> None:
    item = samples.History()
    item.enter("TakeWrittenTable", state_input={"options": {"name": "BaseRate"}})
    item.leave("TableMigrated", {"ok": True, "name": "BaseRate", "tableName": "BaseRate", "exported": 97})
    arn = f"{catch_ups.ARN.rsplit(':', 1)[0]}/ExportTables:1"

    attempt = read_attempt(replace(samples.execution("SUCCEEDED"), arn=catch_ups.ARN), [], [(arn, item.events)])

    assert attempt.migrated["BaseRate"].exported == 97
