"""The versions that a run used, its documents' addresses and its notes, from whichever documents are there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.report.inputs.execution import Request
from tests.unit.runner.report import catch_ups, samples
from tests.unit.runner.report.raw import document_of

if TYPE_CHECKING:
    from tests.unit.runner.report.raw import RawEvidence

JAR = "s3://artifacts/releases/1.0.0/x.jar"
KNOWN = {
    "release": "1.0.0",
    "commit": samples.IDENTITY["commit"],
    "jar": JAR,
    "catalogHash": "ab" * 32,
    "emrRelease": "emr-7.9.0",
}


def asked_for(jar: str | None) -> RawEvidence:
    """Return a match whose newest attempt asked for a JAR."""
    evidence = samples.match()
    (attempt,) = evidence.attempts
    request = Request.model_validate({**samples.REQUEST, **({"jarKey": jar} if jar else {})})
    return replace(evidence, attempts=(replace(attempt, input=request),))


def test_the_versions_are_the_verdicts_which_are_newer_than_the_manifests() -> None:
    evidence = samples.match()
    older = {"release": "0.9.0", "commit": "old", "jar": "s3://artifacts/old.jar", "specHash": "cd" * 32}

    assert document_of(evidence)["versions"] == KNOWN
    with_older = replace(evidence, manifest={**(evidence.manifest or {}), **older})
    assert document_of(with_older)["versions"] == KNOWN


@pytest.mark.parametrize("name", ["verdict", "manifest"])
def test_one_of_both_documents_is_enough_for_the_versions(name: str) -> None:
    others: dict[str, Any] = {other: None for other in ("verdict", "manifest", "comparison") if other != name}

    assert document_of(replace(samples.match(), **others))["versions"] == KNOWN


def test_a_commit_that_is_empty_is_unknown() -> None:
    evidence = samples.match()
    document = document_of(replace(evidence, verdict={**(evidence.verdict or {}), "commit": ""}))

    assert document["versions"] == {**KNOWN, "commit": None}


def test_the_jar_is_the_asked_for_one_until_a_job_says_which_it_ran() -> None:
    asked = asked_for("releases/2.0.0/y.jar")
    unheard = replace(asked, verdict=None, manifest=None, comparison=None, job_runs=())

    assert document_of(asked)["versions"]["jar"] == JAR
    assert document_of(unheard)["versions"] == {**dict.fromkeys(KNOWN), "jar": "releases/2.0.0/y.jar"}
    assert document_of(replace(unheard, attempts=()))["versions"] == dict.fromkeys(KNOWN)


def test_every_emr_release_is_named_once_and_in_order() -> None:
    labels = ("emr-7.9.0", "emr-7.10.0", "emr-7.9.0", "")
    runs = tuple({**samples.job_run(n, "bootstrap"), "releaseLabel": label} for n, label in enumerate(labels))

    assert document_of(replace(samples.match(), job_runs=runs))["versions"]["emrRelease"] == "emr-7.10.0, emr-7.9.0"


def test_the_documents_of_a_catch_up_are_named_and_linked() -> None:
    document = document_of(catch_ups.with_writers())

    places = {
        "verdict": None,
        "comparison": None,
        "differences": None,
        "manifest": f"s3://data/processed/rates/{catch_ups.RUN}/manifest.json",
        "rejects": f"s3://data/rejects/rates/{catch_ups.RUN}/",
        "logs": "s3://data/logs/",
        "changes": f"s3://data/changes/rates/{catch_ups.RUN}/",
        "conflicts": f"s3://data/conflicts/rates/{catch_ups.RUN}/",
    }
    assert document["places"] == places
    page = "https://eu-west-1.console.aws.amazon.com/s3"
    assert document["placeLinks"] == {
        **dict.fromkeys(places),
        "manifest": f"{page}/object/data?region=eu-west-1&prefix=processed/rates/{catch_ups.RUN}/manifest.json",
        "rejects": f"{page}/buckets/data?region=eu-west-1&prefix=rejects/rates/{catch_ups.RUN}/",
        "logs": f"{page}/buckets/data?region=eu-west-1&prefix=logs/",
        "changes": f"{page}/buckets/data?region=eu-west-1&prefix=changes/rates/{catch_ups.RUN}/",
        "conflicts": f"{page}/buckets/data?region=eu-west-1&prefix=conflicts/rates/{catch_ups.RUN}/",
    }


def test_one_table_with_rejected_rows_is_enough_to_name_their_folder() -> None:
    evidence = samples.match()
    none_rejected = {**samples.WRITTEN, "rejected": 0}

    def rejects(*tables: dict[str, Any]) -> str | None:
        named = {f"Table{number}": table for number, table in enumerate(tables)}
        document = document_of(replace(evidence, manifest={**(evidence.manifest or {}), "tables": named}))
        folder: str | None = document["places"]["rejects"]
        return folder

    assert rejects(none_rejected, samples.WRITTEN) == f"s3://data/rejects/rates/{samples.RUN}/"
    assert rejects(none_rejected, none_rejected) is None


def test_a_verdict_of_an_earlier_attempt_is_pointed_out_after_what_could_not_be_read() -> None:
    evidence = replace(samples.match(), problems=("the locks: AccessDenied",))
    (attempt,) = evidence.attempts
    later = replace(attempt, arn=f"{samples.ARN}-2")

    assert document_of(evidence)["notes"] == ["the locks: AccessDenied"]
    assert document_of(replace(evidence, attempts=(attempt, later)))["notes"] == [
        "the locks: AccessDenied",
        f"The verdict is of the attempt {samples.RUN}; the newest one is {samples.RUN}-2.",
    ]
    assert document_of(replace(evidence, attempts=(), problems=()))["notes"] == [
        "No execution of this run is known any more: Step Functions keeps them for 90 days."
    ]


def test_a_run_of_which_nothing_is_left_is_unknown() -> None:
    lost = replace(samples.forgotten(), verdict=None, comparison=None)
    document = document_of(lost)

    assert (document["schemaVersion"], document["verdict"], document["status"]) == (2, "NONE", "UNKNOWN")
    assert document["generatedAt"] == "2026-11-25T13:00:00.000Z"
    undecided = replace(samples.match(), verdict={**samples.IDENTITY, "tables": {}})
    assert document_of(undecided)["verdict"] == "NONE"
