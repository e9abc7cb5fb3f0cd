"""A report of a verification and of a partial run says how far its verdict reaches."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from runner.report.collect import run
from runner.report.document import build
from tests.unit.runner.fakes import Bucket, environment
from tests.unit.runner.report import samples


def judged(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a verdict
    """Return the document of a run that matched, whose verdict says something else."""
    evidence = samples.match()
    return build(replace(evidence, verdict={**(evidence.verdict or {}), **changes}))


def test_a_verdict_against_the_clones_needs_no_word() -> None:
    document = judged(against="clones", leftOut=[])

    assert document["headline"] == build(samples.match())["headline"]
    assert document["notes"] == build(samples.match())["notes"]


def test_a_verification_says_that_no_clone_was_read_and_where_its_documents_lie() -> None:
    document = judged(against="raw", attempt="v1", witness=None)

    assert "in the rows that the run landed and in DynamoDB" in document["headline"]
    assert any(
        note.startswith("This is the verification v1. No clone was read, and no witness") for note in document["notes"]
    )
    base = f"s3://data/reports/rates/{samples.RUN}/verifications/v1"
    assert document["places"]["verdict"] == f"{base}/verdict.json"
    assert document["places"]["comparison"] == f"{base}/report.json"


def test_a_verification_that_differs_says_that_the_proof_holds_no_longer() -> None:
    notes = judged(against="raw", attempt="v1", verdict="MISMATCH")["notes"]

    (told,) = [note for note in notes if "no longer holds" in note]
    assert told.startswith(f"What the run {samples.RUN} proved no longer holds")
    assert told.endswith(f"migrate repair {samples.RUN} --environment test")


def test_a_partial_run_names_the_tables_that_it_says_nothing_of() -> None:
    notes = judged(leftOut=["Other", "Another"])["notes"]

    assert (
        "The run is partial: it says nothing of Other, Another. It proves no state of the domain, so that no catch-up "
        "begins from it."
    ) in notes


BASE = "reports/rates/r1"
OWN, OWN_REPORT = {"attempt": "x1", "verdict": "MATCH"}, {"attempt": "x1", "of": "the run"}
MATCH, MISMATCH = ({"attempt": "v1", "against": "raw", "verdict": word} for word in ("MATCH", "MISMATCH"))
VERIFIED = {"attempt": "v1", "of": "the verification"}


@pytest.mark.parametrize(
    ("newest", "verify", "own", "of_verification", "expected"),
    [
        ("x1", False, OWN, None, (OWN, OWN_REPORT)),
        ("v1", True, OWN, MATCH, (MATCH, VERIFIED)),
        ("v1", True, MISMATCH, MISMATCH, (MISMATCH, VERIFIED)),
        ("v1", True, OWN, None, (OWN, OWN_REPORT)),
        ("x2", False, MISMATCH, MISMATCH, (MISMATCH, VERIFIED)),
        ("x2", False, OWN, MATCH, (OWN, OWN_REPORT)),
    ],
    ids=["a run", "verified", "broken", "without a verdict", "resumed after it broke", "resumed after it held"],
)
def test_a_report_shows_the_newest_verdict_with_the_comparison_beside_it(
    newest: str,
    *,
    verify: bool,
    own: dict[str, str],
    of_verification: dict[str, str] | None,
    expected: tuple[dict[str, str], dict[str, str]],
) -> None:
    objects = {f"{BASE}/verdict.json": own, f"{BASE}/report.json": OWN_REPORT}
    if of_verification:
        folder = f"{BASE}/verifications/v1"
        objects |= {f"{folder}/verdict.json": of_verification, f"{folder}/report.json": VERIFIED}
    looking = run._Gathering(environment(s3=Bucket(**objects)), "rates", "r1", {})
    last: Any = SimpleNamespace(name=newest, input={"verify": True} if verify else {})

    assert looking._judgement([last]) == dict(zip(("verdict", "comparison"), expected, strict=True))
