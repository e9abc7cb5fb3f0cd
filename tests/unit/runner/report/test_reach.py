"""The report of a verification and of a partial run says how far its verdict reaches."""

from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from runner.report.collect import run
from runner.report.inputs.comparison import Comparison, Verdict
from runner.report.inputs.execution import Request
from tests.unit.runner.fakes import Bucket, environment
from tests.unit.runner.report import samples
from tests.unit.runner.report.raw import document_of


class OneObject:
    """S3 with one object, whatever its bytes."""

    exceptions = Bucket.exceptions

    def __init__(self, key: str, content: bytes) -> None:
        self._key, self._content = key, content

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: ARG002, N803 - boto3's
        if Key != self._key:
            raise self.exceptions.NoSuchKey
        return {"Body": io.BytesIO(self._content)}


def with_verdict(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a verdict
    """Return the document of a run that matched, whose verdict says something else."""
    evidence = samples.match()
    return document_of(replace(evidence, verdict={**(evidence.verdict or {}), **changes}))


def test_a_verdict_against_the_clones_needs_no_word() -> None:
    document = with_verdict(against="clones", leftOut=[])

    assert document["headline"] == document_of(samples.match())["headline"]
    assert document["notes"] == document_of(samples.match())["notes"]


def test_a_verification_says_that_no_clone_was_read_and_where_its_documents_lie() -> None:
    document = with_verdict(against="raw", attempt="v1", witness=None)

    assert "in the rows that the run landed and in DynamoDB" in document["headline"]
    assert any(
        note.startswith("This is the verification v1. No clone was read, and no witness") for note in document["notes"]
    )
    base = f"s3://data/reports/rates/{samples.RUN}/verifications/v1"
    assert document["places"]["verdict"] == f"{base}/verdict.json"
    assert document["places"]["comparison"] == f"{base}/report.json"


def test_a_verification_that_differs_says_that_the_proof_holds_no_longer() -> None:
    notes = with_verdict(against="raw", attempt="v1", verdict="MISMATCH")["notes"]

    (sentence,) = [note for note in notes if "no longer holds" in note]
    assert sentence.startswith(f"What the run {samples.RUN} proved no longer holds")
    assert sentence.endswith(f"migrate repair {samples.RUN} --environment test")


def test_a_partial_run_names_the_tables_that_it_says_nothing_of() -> None:
    notes = with_verdict(leftOut=["Other", "Another"])["notes"]

    assert (
        "The run is partial: it says nothing of Other, Another. It proves no state of the domain, so that no catch-up "
        "begins from it."
    ) in notes


BASE, BUCKET = "reports/rates/r1", "migration-test-data-971779422973"
OWN, OWN_REPORT = {"attempt": "x1", "verdict": "MATCH"}, {"attempt": "x1", "commit": "of the run"}
MATCH, MISMATCH = ({"attempt": "v1", "against": "raw", "verdict": word} for word in ("MATCH", "MISMATCH"))
VERIFIED = {"attempt": "v1", "commit": "of the verification"}


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
    collection = run._Collection(environment(s3=Bucket(**objects)), "rates", "r1", {})
    last: Any = SimpleNamespace(name=newest, input=Request(verify=True) if verify else Request())

    assert collection._verdict([last]) == (Verdict.model_validate(expected[0]), Comparison.model_validate(expected[1]))


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        (b"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"[]", f"s3://{BUCKET}/{BASE}/verdict.json holds no JSON object"),
        (
            b'{"verdict": "secret", "tables": {"T": {"matched": "secret"}}}',
            (
                "verdict: Input should be 'MATCH' or 'MISMATCH'; tables.T.matched: Input should be a valid integer, "
                "unable to parse string as an integer"
            ),
        ),
    ],
    ids=["cut off", "no object", "other types"],
)
def test_a_document_that_cannot_be_parsed_is_named_without_its_values(stored: bytes, problem: str) -> None:
    collection = run._Collection(environment(s3=OneObject(f"{BASE}/verdict.json", stored)), "rates", "r1", {})

    assert collection._verdict([]) == (None, None)
    assert collection._problems == [f"The document s3://{BUCKET}/{BASE}/verdict.json could not be read: {problem}"]
