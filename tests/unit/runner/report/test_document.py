"""The report's document: every fact from its source, and nothing that is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from runner.account.prices import load_prices
from runner.report.inputs.execution import MigratedTable
from tests.unit.runner.report import gallery, samples
from tests.unit.runner.report.raw import document_of

TAKEN = "The phase Bootstrap has taken 59 min 44 s."
SCHEMA = json.loads(Path("docs/report.schema.json").read_text())


def table() -> dict[str, Any]:
    (matched,) = document_of(samples.match())["tables"]
    return dict(matched)


@pytest.mark.parametrize("name", gallery.ALL)
def test_every_report_is_what_the_schema_says(name: str) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

    problems = [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(document_of(gallery.ALL[name]()))]

    assert problems == []


def test_the_counts_are_a_chain_that_holds_at_every_step() -> None:
    assert table()["counts"] == {
        "rowsRead": 105,
        "items": 98,
        "rejected": 1,
        "superseded": 4,
        "filtered": 2,
        "unmatched": 3,
        "duplicateKeys": 0,
        "expirable": 10,
        "supersededKeys": 3,
        "keysWithoutItem": 1,
        "imported": 98,
        "exported": 97,
        "compared": 98,
        "matched": 97,
        "changed": 0,
        "missing": 0,
        "extra": 0,
        "duplicate": 0,
        "undecodable": 0,
        "expired": 1,
    }
    assert [(check["name"], check["holds"]) for check in table()["checks"]] == [
        ("every row read is an item or accounted for", True),
        ("every item was imported", True),
        ("every imported item was exported, or had expired", True),
        ("every item is equal in the clones and in the export, or had expired", True),
    ]


def test_a_lost_item_breaks_the_step_where_it_was_lost() -> None:
    evidence = samples.match()
    (attempt,) = evidence.attempts
    lost = {"BaseRate": attempt.migrated["BaseRate"].model_copy(update={"imported": 97, "exported": 96})}

    (short,) = document_of(replace(evidence, attempts=(replace(attempt, migrated=lost),)))["tables"]

    broken = [check for check in short["checks"] if not check["holds"]]
    assert broken == [
        {"name": "every item was imported", "left": {"items": 98}, "right": {"imported": 97}, "holds": False}
    ]


def test_import_and_export_are_named_with_what_they_are_billed_by() -> None:
    page = "https://eu-west-1.console.aws.amazon.com/dynamodbv2/home?region=eu-west-1#table?name=BaseRate-rehearsal"
    assert table()["import"] == {
        "arn": samples.IMPORT_ARN,
        "link": page,
        "status": "COMPLETED",
        "startedAt": "2026-11-25T12:00:31.000Z",
        "endedAt": "2026-11-25T12:00:32.000Z",
        "processedBytes": 2**30,
        "errors": 0,
    }
    assert table()["export"] == {
        "arn": samples.EXPORT_ARN,
        "link": f"{page}&tab=streams",
        "status": "COMPLETED",
        "startedAt": "2026-11-25T12:00:36.000Z",
        "endedAt": "2026-11-25T12:00:37.000Z",
        "exportTime": "2026-11-25T12:00:36.000Z",
        "billedBytes": 2**29,
        "manifest": f"s3://data/{samples.MANIFEST}",
    }


def test_after_a_resume_the_newest_attempts_import_export_and_counts_are_shown() -> None:
    evidence = samples.match()
    (newest,) = evidence.attempts
    import_arn, export_arn = f"{samples.TABLE_ARN}/import/0", f"{samples.TABLE_ARN}/export/0"
    outcome = {"imported": 5, "exported": 4, "import_arn": import_arn, "export_arn": export_arn, "manifest": "export/0"}
    earlier = replace(
        newest,
        arn=f"{samples.ARN}-0",
        migrated={"BaseRate": newest.migrated["BaseRate"].model_copy(update=outcome)},
        imports={import_arn: newest.imports[samples.IMPORT_ARN].model_copy(update={"import_arn": import_arn})},
        exports={export_arn: newest.exports[samples.EXPORT_ARN].model_copy(update={"export_arn": export_arn})},
        stages={"BaseRate": "Export"},
    )

    (resumed,) = document_of(replace(evidence, attempts=(earlier, newest)))["tables"]

    assert resumed == table()
    assert (resumed["import"]["arn"], resumed["export"]["arn"]) == (samples.IMPORT_ARN, samples.EXPORT_ARN)
    assert (resumed["counts"]["imported"], resumed["counts"]["exported"]) == (98, 97)


def test_a_verification_keeps_the_import_of_the_attempt_that_created_the_table() -> None:
    evidence = samples.match()
    (attempt,) = evidence.attempts
    output = {"name": "BaseRate", "tableName": "BaseRate-rehearsal", "exportArn": samples.EXPORT_ARN, "exported": 96}
    exported = MigratedTable.parse({**output, "manifest": samples.MANIFEST})
    verification = replace(attempt, arn=f"{samples.ARN}-verify", migrated={"BaseRate": exported}, imports={})

    (shown,) = document_of(replace(evidence, attempts=(attempt, verification)))["tables"]

    assert shown["import"] == table()["import"]
    assert (shown["counts"]["imported"], shown["counts"]["exported"]) == (98, 96)


def test_what_a_rule_of_the_catalog_hid_is_counted_by_column() -> None:
    assert table()["columns"] == [
        {"column": "remark", "changed": 0, "rule": "excluded", "tolerance": None, "passedOver": 3},
        {"column": "amount", "changed": 0, "rule": "tolerance", "tolerance": "0.01", "passedOver": 2},
    ]


def test_the_snapshots_tell_their_spread() -> None:
    assert document_of(samples.match())["snapshots"] == {
        "first": "2026-11-25T12:00:05.000Z",
        "last": "2026-11-25T12:00:08.500Z",
        "spreadSeconds": 3.5,
        "reused": 0,
        "clones": [
            {
                "cluster": "lipsdb",
                "createdAt": "2026-11-25T12:00:05.000Z",
                "afterFirstSeconds": 0.0,
                "ageSeconds": 0.0,
                "madeBy": None,
                "position": "0/402E2F0",
            },
            {
                "cluster": "partition-01",
                "createdAt": "2026-11-25T12:00:08.500Z",
                "afterFirstSeconds": 3.5,
                "ageSeconds": 0.0,
                "madeBy": None,
                "position": None,
            },
        ],
    }


def test_reused_clones_say_how_old_they_were_and_who_made_them() -> None:
    snapshots = document_of(samples.reused())["snapshots"]

    assert snapshots["reused"] == 2
    assert [(clone["ageSeconds"], clone["madeBy"]) for clone in snapshots["clones"]] == [
        (10801.0, {"run": "rates-rehearsal-0", "domain": "rates", "mode": "rehearsal"}),
        (10800.0, None),
    ]


def test_an_extract_says_its_condition_its_unread_columns_and_what_it_reads() -> None:
    driving, reference = document_of(samples.match())["extracts"]

    assert driving == {
        "table": "BaseRate",
        "extract": "rate",
        "condition": "status <> 'X' AND price < 10",
        "leftOut": ["internal_note"],
        "newColumns": ["currency", "<b>tax</b>"],
        "clusters": [
            {
                "cluster": "partition-01",
                "rows": 105,
                "kind": "partitioned table",
                "estimate": 2000,
                "estimateDiffers": True,
                "inside": 105,
                "outside": 400,
                "witness": {"rows": 105, "sampled": 105, "landed": 105, "exported": 98, "differences": 0},
            }
        ],
    }
    assert (reference["condition"], reference["leftOut"], reference["newColumns"]) == (None, [], [])
    (cluster,) = reference["clusters"]
    assert (cluster["estimate"], cluster["estimateDiffers"], cluster["inside"]) == (None, None, None)


@pytest.mark.parametrize(
    ("estimate", "differs"), [(505, False), (1010, False), (1011, True), (253, False), (252, True), (0, True)]
)
def test_an_estimate_is_compared_with_all_rows_of_the_table(estimate: int, *, differs: bool) -> None:
    matched = samples.match()
    sources = {samples.DRIVING: {"partition-01": {"kind": "table", "estimate": estimate}}}

    driving = document_of(replace(matched, manifest={**(matched.manifest or {}), "sources": sources}))["extracts"][0]

    # 105 rows meet the condition, 400 do not.
    assert driving["clusters"][0]["estimateDiffers"] is differs


def test_the_counts_stand_beside_what_the_catalog_accepts() -> None:
    assert table()["limits"] == {"rejected": 5, "filtered": 2, "unmatched": 3}
    assert table()["traced"] is True


def test_a_witness_that_agrees_says_how_much_it_saw() -> None:
    assert document_of(samples.match())["witness"] == {
        "sampled": 108,
        "landed": 108,
        "exported": 98,
        "differences": 0,
        "samples": [],
    }


def test_a_witness_that_disputes_a_row_makes_the_table_a_mismatch() -> None:
    document = document_of(samples.disputed())

    assert document["headline"] == "Of 108 rows that the witness read another way, 1 differs."
    assert [entry["verdict"] for entry in document["tables"]] == ["MISMATCH"]
    (sample,) = document["witness"]["samples"]
    assert (sample["column"], sample["against"]) == ("amount", "landed")
    assert (sample["clone"]["text"], sample["value"]["text"]) == ("7.038531e-26", "7.0385313e-26")


def test_compared_means_keys_whatever_an_older_verdict_called_so() -> None:
    document = document_of(samples.older())

    assert document["tables"][0]["counts"]["compared"] == 98
    assert (document["witness"], document["tables"][0]["traced"]) == (None, None)
    assert document["extracts"][0]["newColumns"] is None


def test_an_undecodable_line_of_the_export_is_no_compared_key() -> None:
    matched = samples.match()
    classes = {**samples.COMPARED, "undecodable": 2}
    comparison = {**(matched.comparison or {}), "tables": {"BaseRate": classes}}

    (with_lines,) = document_of(replace(matched, comparison=comparison))["tables"]

    assert (with_lines["counts"]["compared"], with_lines["verdict"]) == (98, "MISMATCH")


def test_the_cost_is_quantity_times_the_price_of_the_file() -> None:
    cost = document_of(samples.match())["cost"]

    prices = load_prices().prices
    by_name = {line["what"].split(",")[0] + line["unit"]: line for line in cost["lines"]}
    imports = by_name["DynamoDB importsGB of uncompressed source"]
    assert (imports["quantity"], imports["usd"]) == (1.0, prices["dynamodb-import"].usd)
    assert by_name["DynamoDB exportsGB of table"]["usd"] == 0.5 * prices["dynamodb-export"].usd
    assert by_name["Spark jobsvCPU-hours"]["quantity"] == 4.0
    assert by_name["Spark jobsGB-hours"]["quantity"] == 16.0
    assert by_name["Step Functionstransitions"]["quantity"] == 19
    (clones,) = [line for line in cost["lines"] if line["unit"] == "instance-hours"]
    # Each clone costs from the run's start to when it was gone.
    history = [attempt.destroyed.values() for attempt in samples.match().attempts]
    seconds = sum((moment - samples.NOON).total_seconds() - 1 for moments in history for moment in moments)
    assert clones["quantity"] == round(seconds / 3600, 6)
    assert cost["total"] == round(sum(line["usd"] for line in cost["lines"]), 4)


def test_disk_beyond_what_is_free_is_a_line_of_the_cost() -> None:
    matched = samples.match()
    used = {"vCPUHour": 2.0, "memoryGBHour": 8.0, "storageGBHour": 40.0}
    runs = tuple({**run, "billedResourceUtilization": used} for run in matched.job_runs)

    lines = document_of(replace(matched, job_runs=runs))["cost"]["lines"]

    (disk,) = [line for line in lines if line["what"] == "Spark jobs, disk"]
    assert disk["quantity"] == 40.0 * len(runs)
    assert "Spark jobs, disk" not in {line["what"] for line in document_of(matched)["cost"]["lines"]}


def test_a_difference_shows_key_column_and_both_values_and_says_that_it_is_a_part() -> None:
    (differing,) = document_of(samples.mismatch())["tables"]

    assert differing["differences"] == {
        "total": 2,
        "partial": True,
        "classes": [{"class": "changed", "count": 2, "keysShown": 1}],
        "samples": [
            {
                "class": "changed",
                "key": "1000#A / 2027-01-01",
                "column": "amount",
                "clones": {"type": "N", "text": "12.34", "characters": 5, "cut": False},
                "dynamodb": {"type": "N", "text": "12", "characters": 2, "cut": False},
            }
        ],
        "place": f"s3://data/reports/rates/{samples.RUN}/mismatches/BaseRate/",
    }


def test_a_long_value_is_cut_with_its_whole_length_and_a_key_never() -> None:
    (differing,) = document_of(samples.hostile())["tables"]
    first, second, third, whole = differing["differences"]["samples"]

    assert first["key"] == samples.HOSTILE * 20
    assert (len(second["clones"]["text"]), second["clones"]["characters"], second["clones"]["cut"]) == (
        1024,
        102402,
        True,
    )
    assert second["dynamodb"] == {"type": None, "text": "(absent)", "characters": 8, "cut": False}
    assert third["key"] == "x" * 2048
    assert (whole["column"], whole["clones"]["text"], whole["dynamodb"]["text"]) == (None, "present", "absent")


@pytest.mark.parametrize(
    ("canonical", "text"),
    [("N:1234e-2", "12.34"), ("N:-5e3", "-5000"), ("N:0", "0"), ("N:1e125", "1e125"), ("N:oops", "oops")],
)
def test_a_number_is_written_out_where_that_reads_better(canonical: str, text: str) -> None:
    sample = {**samples.CHANGED, "source": canonical}

    (differing,) = document_of(samples.mismatch((sample,)))["tables"]

    assert differing["differences"]["samples"][0]["clones"]["text"] == text


def test_a_run_that_failed_in_a_job_says_where_why_and_what_stays() -> None:
    document = document_of(samples.failed_in_bootstrap())

    title = "Failed in Bootstrap: BootstrapFailed"
    assert document["outcome"] == {"kind": "failed", "title": title, "tone": "bad"}
    assert document["headline"] == "DatabaseError: the password is wrong. Nothing was compared."
    assert document["failure"] == {
        "error": "BootstrapFailed",
        "cause": "DatabaseError: the password is wrong",
        "phase": "Bootstrap",
        "items": [],
        "runbook": "docs/runbooks/run-failed.md#the-jobs",
    }
    assert [clone["name"] for clone in document["remains"]["clones"]] == ["lipsdb-clone", "partition-01-clone"]
    assert document["remains"]["clonesUsdPerHour"] == 0.572
    assert document["remains"]["heldBy"] == [
        {"domain": "rates", "run": samples.RUN, "state": "FAILED", "since": "2026-11-25T12:00:00.000Z"}
    ]
    assert [step["command"] for step in document["next"] if step["command"]] == [
        "migrate resume rates-rehearsal-1 --environment test",
        "migrate release-clones --environment test",
    ]
    assert set(document["tables"][0]["counts"].values()) == {None}
    # The snapshots are known from the history alone.
    assert document["snapshots"]["spreadSeconds"] == 3.5


def test_a_refused_run_has_nothing_to_go_on_with() -> None:
    document = document_of(samples.refused())

    assert document["outcome"] == {"kind": "refused", "title": "Not started: InvalidInput", "tone": "bad"}
    assert document["headline"] == "The run was refused before it touched anything."
    assert document["next"] == [
        {
            "what": "Correct the input that the cause names, and start again",
            "command": None,
            "link": "docs/runbooks/run-failed.md#before-anything-is-created",
        },
        {"what": "Nothing was touched, and nothing is left to clean up after this run", "command": None, "link": None},
    ]
    assert document["cost"]["lines"][0]["what"] == "Step Functions"


def test_a_running_run_says_its_phase_and_how_to_watch_it() -> None:
    document = document_of(samples.running())

    title = "Running: Bootstrap, 59 min 59 s so far"
    assert document["outcome"] == {"kind": "running", "title": title, "tone": "info"}
    assert document["headline"] == TAKEN
    assert [step["command"] for step in document["next"]] == [f"migrate follow {samples.ARN}"]
    assert document["attempts"][0]["phases"][-1]["outcome"] == "running"


def test_a_running_job_says_how_far_it_is_by_table_and_cluster() -> None:
    document = document_of(samples.reading())
    summary = "40,000 of 100,000 rows read (40 %), 2,000 rows/s, 16.0 MB, about 30 s left"

    assert document["headline"] == f"{TAKEN} {summary}."
    assert document["progress"] == [
        {
            "job": "bootstrap",
            "attempt": samples.RUN,
            "state": "running",
            "phase": "read",
            "writtenAt": "2026-11-25T12:59:40.000Z",
            "summary": summary,
            "stages": [
                {
                    "table": "BaseRate",
                    "stage": "read",
                    **samples.moved(40_000, 100_000),
                    "percent": 40,
                    "rowsPerSecond": 2_000.0,
                    "secondsLeft": 30,
                    "ended": False,
                    "clusters": [
                        {"cluster": "lipsdb", **samples.moved(30_000, 30_000), "percent": 100},
                        {"cluster": "partition-01", **samples.moved(10_000, 70_000), "percent": 14},
                    ],
                }
            ],
        }
    ]


def test_a_job_that_was_ended_from_outside_says_how_far_it_got() -> None:
    (job,) = document_of(samples.stopped_reading())["progress"]

    assert (job["state"], job["phase"], job["summary"]) == ("stopped", "read", "40,000 rows read, 16.0 MB")


def test_the_progress_of_another_attempt_or_version_is_not_in_the_report() -> None:
    for changes in ({"attempt": "an-earlier-one"}, {"run": "another"}, {"version": 2}):
        evidence = replace(samples.reading(), progress=(samples.job_document(**changes),))

        assert document_of(evidence)["progress"] == []
        assert document_of(evidence)["headline"] == TAKEN


def test_a_job_of_another_phase_is_not_in_the_headline() -> None:
    evidence = replace(samples.reading(), progress=(samples.job_document(job="compare"),))

    assert document_of(evidence)["headline"] == TAKEN


def test_a_run_that_step_functions_forgot_is_told_from_its_documents() -> None:
    document = document_of(samples.forgotten())

    assert (document["verdict"], document["status"], document["attempts"]) == ("MATCH", "UNKNOWN", [])
    assert document["tables"][0]["counts"]["rowsRead"] == 105
    assert document["notes"] == ["No execution of this run is known any more: Step Functions keeps them for 90 days."]


def test_a_resumed_run_tells_both_attempts_and_adds_their_cost_up() -> None:
    first, second = samples.failed_in_bootstrap().attempts[0], samples.match().attempts[0]
    later = replace(second, arn=f"{samples.ARN}-again")

    document = document_of(replace(samples.match(), attempts=(first, later)))

    assert [attempt["status"] for attempt in document["attempts"]] == ["FAILED", "SUCCEEDED"]
    assert document["failure"] is None
    assert document["notes"] == [
        "The verdict is of the attempt rates-rehearsal-1; the newest one is rates-rehearsal-1-again."
    ]
    (transitions,) = [line for line in document["cost"]["lines"] if line["what"] == "Step Functions"]
    assert transitions["quantity"] == first.transitions + second.transitions
