"""The failures of a catch-up's own states: each by its name, its state and its words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine import stepping
from tests.unit.statemachine.catch_up_stepping import CLUSTERS, STATES, TABLES, chosen, step
from tests.unit.statemachine.stepping import NAMES, Failed
from tests.unit.statemachine.test_answers_catch_up import BASE
from tests.unit.statemachine.test_failures_of_states import UNKNOWN

COUNTS = {"puts": 1, "deletes": 1, "inserted": 1, "updated": 0, "deleted": 1}
CHANGES = {"attempt": "x1", "tables": dict.fromkeys(TABLES, COUNTS)}
VARIABLES: dict[str, Any] = {
    "run": "r1", "execution": "e", "mode": "official", "suffix": "", "parallelism": 2, "repair": False,
    "applied": "then",
    "base": BASE, "targets": {}, "jar": {"release": "r"}, "bootstrapAttempt": "x1", "changesAttempt": "x1",
    "changes": CHANGES, "putLanes": [], "deleteLanes": [], "writesPerSecond": 0, "instant": "later",
    "summary": {"tables": {}, "release": "r"}, "clones": {name: {"createdAt": "later"} for name in CLUSTERS},
    "registration": {}, "beginCalls": 0, "pageToken": "", "tableTags": [], "existing": {"arn": "a", "id": "i"},
    "own": {
        "run": "r1", "execution": "e", "attempt": "x1", "table": TABLES[0], "tableName": "T", "tableId": "j", "lane": 1,
        "lanes": 2, "rate": 5, "instant": "later", "cluster": "c", "proven": "then",
    },
    "cursor": {"part": 2, "offset": 3}, "applyCalls": 4, "caught": "C",
    "written": {"applied": 0, "already": 0, "expired": 0, "conflicts": 6, "items": 3, "expirable": 1},
    "options": {"name": "T"}, "tableName": "T", "tableArn": "a", "exportArn": "x", "exportChecks": 5,
    "exportState": "FAILED", "exportMessage": "M", "exported": 1, "reach": "", "restorableChecks": 8,
    "uncounted": "T: 1 of 2", "cloneTime": "",
}  # fmt: skip
NOT_THERE, OUT_OF_REACH = "DynamoDb.ResourceNotFoundException", "DynamoDb.InvalidExportTimeException"
RESUME = "Resume with: migrate resume r1"
REPAIR = "make the tables equal to the clones again: migrate repair r1"
START = "Start a new run with: migrate start --environment test --domain rates --mode official"


@pytest.mark.parametrize(
    ("state", "error", "what"),
    [
        ("VerifyTables", "TableReplaced", "the tables could not be checked"),
        ("ExportBase", "ExportFailed", "the tables could not be exported"),
        ("FindChanges", "DeltaFailed", "could not check whether an earlier attempt wrote its changes"),
        ("ReadChanges", "DeltaFailed", "the changes were written, but their summary cannot be read"),
        ("KeepChanges", "DeltaFailed", "the location of the changes could not be recorded"),
        ("BeginWriting", "RegistryFailed", "the changes are known, but the start of writing could not be recorded"),
        ("ApplyPuts", "ApplyFailed", "the puts could not be applied"),
        ("ApplyDeletes", "ApplyFailed", "the deletes could not be applied"),
        ("RecordApplied", "RegistryFailed", "every change is applied, but this could not be recorded"),
        ("ExportTables", "ExportFailed", "the tables could not be exported"),
        ("FindVerdict", "CompareFailed", "could not read the verdict of the earlier attempt"),
        ("ReadVerdict", "CompareFailed", "the job ended, but its verdict cannot be read"),
        ("FindSummary", "BootstrapFailed", "could not check whether an earlier attempt wrote its items"),
        ("RecordInProgressStatus", "RegistryFailed", "could not lock the domain"),
    ],
)
def test_a_call_of_a_catch_up_that_gives_up_is_recorded_in_the_services_words(
    state: str, error: str, what: str
) -> None:
    failed = step(state, answer=UNKNOWN, **VARIABLES)

    cause = f"{what}: Some.Exception: in its own words. {RESUME}"
    assert (failed.to, failed.kept["failure"]) == ("RecordFailure", {"error": error, "cause": cause})


REPORTS = {
    "DescribeProvenTable": "ReportTableNotProven",
    "ListProvenTags": "ReportTableNotProven",
    "WritePuts": "ReportPutsFailed",
    "WriteDeletes": "ReportDeletesFailed",
    "FindReach": "ReportExportRefused",
    "ExportTable": "ReportExportRefused",
    "DescribeExport": "ReportExportLost",
    "ExportTableOfBase": "ReportExportRefusedOfBase",
    "DescribeExportOfBase": "ReportExportLostOfBase",
}


@pytest.mark.parametrize("state", REPORTS)
def test_a_call_of_an_item_of_a_catch_up_that_gives_up_is_reported_in_the_services_words(state: str) -> None:
    failed = step(state, answer=UNKNOWN, **VARIABLES)

    assert (failed.to, failed.kept["caught"]) == (REPORTS[state], "Some.Exception: in its own words")


@pytest.mark.parametrize(
    ("state", "error", "to", "caught"),
    [
        ("WritePuts", "TableReplacedError", "ReportPutsReplaced", "m"),
        ("WriteDeletes", "TableReplacedError", "ReportDeletesReplaced", "m"),
        ("WritePuts", "DomainIsLiveError", "ReportPutsLive", "m"),
        ("WriteDeletes", "DomainIsLiveError", "ReportDeletesLive", "m"),
        ("DescribeProvenTable", NOT_THERE, "ReportTableGone", "C"),
        ("ListProvenTags", NOT_THERE, "ReportTableNotProven", f"{NOT_THERE}: m"),
        ("ExportTable", OUT_OF_REACH, "ReachAwaited", f"{OUT_OF_REACH}: m"),
        ("ExportTableOfBase", OUT_OF_REACH, "ReportExportRefusedOfBase", f"{OUT_OF_REACH}: m"),
    ],
)  # fmt: skip
def test_an_error_that_says_more_than_a_failed_call_has_its_own_way(
    state: str, error: str, to: str, caught: str
) -> None:
    failed = step(state, answer=Failed(error, '{"errorMessage": "m", "errorType": "E"}'), **VARIABLES)

    assert (failed.to, failed.kept["caught"]) == (to, caught)


@pytest.mark.parametrize("state", ["BeginWriting", "RecordApplied", "DeleteStatus"])
def test_a_catch_up_without_its_lock_ends_and_says_where_to_look(state: str) -> None:
    lost = step(state, answer=Failed("LockLostError", '{"errorMessage": "r2 has it"}'), **VARIABLES, proven={})

    cause = "r2 has it. See who has the domain with: migrate status --environment test"
    assert (lost.to, lost.kept["failure"]) == ("RecordFailure", {"error": "LockLost", "cause": cause})


WRITES = {
    "Report{}Conflicts": (
        "WritersFound",
        ("6 items have neither their proven nor their new content: somebody else writes to the table. They were not "
        "overwritten; expected and found values are below "
        f"s3://{NAMES.data_bucket}/conflicts/rates/r1/x1/{TABLES[0]}/. Find out who writes, and {REPAIR}"),
    ),
    "Report{}Replaced": ("TableReplaced", "C"),
    "Report{}Live": ("DomainIsLive", "C"),
    "Report{}NotEnded": (
        "ApplyFailed",
        ("lane 1 of the {} had not ended after 4 calls of the table writer, at "
        f'{{"part":2,"offset":3}}. What is written stays. {RESUME}'),
    ),
    "Report{}Failed": (
        "ApplyFailed",
        ("lane 1 of the {} could not continue from "
        f'{{"part":2,"offset":3}}: C. What is written stays. {RESUME}'),
    ),
}  # fmt: skip
EXPORTS = {
    "ReportExportRefused": f"the export could not be started: C. {RESUME}",
    "ReportExportLost": f"the export x could not be followed: C. It continues. {RESUME}",
    "ReportExportTimedOut": f"the export x had not ended after 5 checks. It continues. {RESUME}",
    "ReportExportFailed": f"the export x ended FAILED (M). {RESUME}",
}
OUTCOMES = {
    **{
        state.format(kind): (error, cause.replace("of the {}", f"of the {kind.lower()}"))
        for kind in ("Puts", "Deletes")
        for state, (error, cause) in WRITES.items()
    },
    **{f"{state}{of}": ("ExportFailed", cause) for of in ("", "OfBase") for state, cause in EXPORTS.items()},
    "ReportExportCountMismatch": (
        "ExportCountMismatch",
        (
            "3 items are expected, of which 1 may expire, but 1 were exported (x). Somebody else writes to the table, "
            f"or items were lost. Find out who writes, and {REPAIR}"
        ),
    ),
    "ReportOutOfReach": (
        "ExportFailed",
        (
            "point-in-time recovery reaches to no instant after 8 checks, so the table cannot be exported as of "
            f"later: C. Enable point-in-time recovery if it is off. {RESUME}"
        ),
    ),
    "ReportTableNotInBase": (
        "BaseNotFound",
        f"the last proven run had no such table: the catalog has changed since. {START}",
    ),
    "ReportTableGone": ("TableReplaced", f"the table is gone. Find out who deleted it. {START}"),
    "ReportTableReplaced": (
        "TableReplaced",
        (
            "a is not the expected table: its TableId is i instead of j. Nothing was written to it. Find out who "
            f"created it. {START}"
        ),
    ),
    "ReportTableLive": (
        "DomainIsLive",
        "a has the tag migration:live: applications write to it, so nothing was written.",
    ),
    "ReportTableNotProven": ("TableReplaced", f"could not check whether it is the expected table: C. {RESUME}"),
    "ReportCloneNotLater": (
        "CloneNotFresh",
        (
            "the clone was made at an unknown time, not after the instant that the tables are proven to be at (then): "
            "it holds no later change. Release the clones with: migrate release-clones --environment test. Then "
            "resume with: migrate resume r1"
        ),
    ),
}


@pytest.mark.parametrize("state", OUTCOMES)
def test_an_item_of_a_catch_up_that_ends_badly_says_why_and_what_to_type(state: str) -> None:
    error, cause = OUTCOMES[state]

    outcome = step(state, **VARIABLES)

    name = "c" if state == "ReportCloneNotLater" else "T"
    assert outcome.output == {"ok": False, "name": name, "error": error, "cause": cause}
    assert outcome.to == ""


def test_what_a_table_lacks_is_said_where_it_has_no_id_and_what_recovery_reaches_where_it_does() -> None:
    of_repair = {**VARIABLES, "own": {**VARIABLES["own"], "tableId": ""}}
    assert "its tags do not say that a run of this domain" in step("ReportTableReplaced", **of_repair).output["cause"]
    reached = step("ReportOutOfReach", **{**VARIABLES, "reach": "now", "caught": ""}).output["cause"]
    assert reached.startswith("point-in-time recovery reaches to now after 8 checks, so the table cannot be exported as of later. Enable")  # fmt: skip  # noqa: E501 - one sentence
    made = step("ReportCloneNotLater", **{**VARIABLES, "cloneTime": "before"}).output["cause"]
    assert made.startswith("the clone was made before, not after")


UNCOUNTED = "the table writer counted a different number of {} than the changes have: T: 1 of 2. What is written stays."
RECORDED = {
    "RecordClonesNewer": (
        "CloneNotFresh",
        "every change was applied before then, and the clones that they came from are gone: those of now are of "
        + str(["later"] * len(CLUSTERS)).replace("'", '"').replace(" ", "")
        + ". So the expected content of the tables is unknown. Where the domain is not live, make the tables equal to "
        "the clones: migrate repair r1",
    ),
    "RecordPutsUncounted": ("ApplyFailed", f"{UNCOUNTED.format('puts')} {RESUME}"),
    "RecordDeletesUncounted": ("ApplyFailed", f"{UNCOUNTED.format('deletes')} {RESUME}"),
    "RecordDataMismatch": (
        "DataMismatch",
        (
            f"s The report is s3://{NAMES.data_bucket}/reports/rates/r1/report.json: read it with migrate report r1. "
            "The clones are kept. To make the tables equal to the clones: migrate repair r1"
        ),
    ),
    "RecordReleaseMixed": (
        "ReleaseChanged",
        (
            "Bootstrap was started as the release r, but its summary is of r. Nothing was written to the tables. "
            "Deploy the stack, which uploads a whole release, and start a new run."
        ),
    ),
}


@pytest.mark.parametrize("state", RECORDED)
def test_what_a_catch_up_refuses_is_recorded_in_whole_sentences(state: str) -> None:
    error, cause = RECORDED[state]

    refused = step(state, **VARIABLES, verdict={"summary": "s"})

    assert (refused.to, refused.kept["failure"]) == ("RecordFailure", {"error": error, "cause": cause})


def test_changes_that_do_not_add_up_are_recorded_with_their_counts() -> None:
    refused = step("RecordChangesWrong", **{**VARIABLES, "changes": {"attempt": "x0"}})

    assert (refused.to, refused.kept["failure"]["error"]) == ("RecordFailure", "DeltaFailed")
    assert refused.kept["failure"]["cause"].endswith(f'{{"attempt":"x0"}}. Nothing was written to the tables. {RESUME}')


def test_each_failure_of_a_catch_up_ends_it_by_its_name() -> None:
    ends = {name for name, state in STATES.items() if state["Type"] == "Fail"} - {"UnknownFailure"}
    refused = {"InvalidInput", "DomainAlreadyRunning", "CatchUpUnfinished"}

    assert {name: chosen("FailureKind", failure={"error": name, "cause": "c"}) for name in ends} == {
        name: "UnknownFailure" if name in refused else name for name in ends
    }
    assert chosen("FailureKind", failure={"error": "Odd", "cause": "c"}) == "UnknownFailure"


def test_every_failing_state_of_a_catch_up_is_tried_here_or_is_a_migrations_too() -> None:
    own = {name: state for name, state in STATES.items() if stepping.STATES.get(name) != state}

    assert {name for name in own if name.startswith("Report")} <= set(OUTCOMES)
    passes = {name for name, state in own.items() if state["Type"] == "Pass" and state.get("Next") == "RecordFailure"}
    assert passes - {"RecordChangesWrong"} == set(RECORDED)
