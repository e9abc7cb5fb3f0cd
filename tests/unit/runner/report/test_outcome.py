"""The title, the tone and the sentence of a run's outcome, by status, failure and verdict."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from runner.failure_advice import REFUSED
from runner.report.model.report import Outcome, Report
from runner.report.model.run import Failure
from runner.report.sections.outcome import headline, outcome
from tests.unit.runner.report import catch_ups, gallery, samples
from tests.unit.runner.report.raw import report_of


@cache
def report(name: str = "match") -> Report:
    return report_of(gallery.ALL[name]())


def ended(status: str, verdict: str = "NONE", error: str = "", phase: str | None = "Compare", **more: Any) -> Report:  # noqa: ANN401 - fields of a report
    failure = (
        Failure(error=error, cause="A cause. And what to do.", phase=phase, items=(), runbook="r") if error else None
    )
    return report().model_copy(update={"status": status, "verdict": verdict, "failure": failure, **more})


@pytest.mark.parametrize(
    ("finished", "kind", "title", "tone"),
    [
        (ended("SUCCEEDED", "MATCH"), "match", "MATCH", "good"),
        (ended("SUCCEEDED", "MISMATCH"), "mismatch", "MISMATCH", "bad"),
        (ended("FAILED", "MISMATCH", "DataMismatch"), "mismatch", "MISMATCH", "bad"),
        (ended("FAILED", "NONE", "RowsRejected"), "failed", "Failed in Compare: RowsRejected", "bad"),
        (ended("FAILED", "MISMATCH", "RowsRejected"), "failed", "Failed in Compare: RowsRejected", "bad"),
        (ended("FAILED", "NONE", "RegistryFailed", None), "failed", "Failed: RegistryFailed", "bad"),
        (ended("FAILED", "NONE", "FAILED"), "failed", "Failed in Compare", "bad"),
        (ended("TIMED_OUT", "NONE", "TIMED_OUT"), "failed", "Timed out in Compare", "bad"),
        (ended("ABORTED", "NONE", "ABORTED"), "stopped", "Stopped in Compare", "bad"),
        (ended("ABORTED", "NONE", "RunStopped"), "stopped", "Stopped in Compare: RunStopped", "bad"),
        (ended("FAILED", "MATCH", "DestroyFailed", "Destroy"), "failed",
         "MATCH, but failed in Destroy: DestroyFailed", "warn"),
        (ended("ABORTED", "MATCH", "RunStopped"), "failed", "MATCH, but stopped in Compare: RunStopped", "warn"),
        (ended("SUCCEEDED"), "unknown", "Succeeded", "none"),
        (ended("UNKNOWN"), "unknown", "No longer known", "none"),
        (ended("UNKNOWN", "MATCH"), "match", "MATCH", "good"),
        *((ended("FAILED", "NONE", error), "refused", f"Not started: {error}", "bad") for error in REFUSED),
    ],
)  # fmt: skip
def test_an_outcome_has_a_title_and_a_tone(finished: Report, kind: Any, title: str, tone: Any) -> None:  # noqa: ANN401 - literals
    assert outcome(finished) == Outcome(kind=kind, title=title, tone=tone)


def test_a_run_that_goes_on_is_in_the_last_phase_of_its_newest_attempt() -> None:
    running = report("running")
    (attempt,) = running.attempts
    fresh = attempt.model_copy(update={"phases": (), "elapsed_seconds": 7.0})

    words = "Running: Bootstrap, 59 min 59 s so far"
    assert outcome(running) == Outcome(kind="running", title=words, tone="info")
    begun = running.model_copy(update={"attempts": (attempt, fresh)})
    assert outcome(begun).title == "Running: just started, 7 s so far"
    assert headline(begun) == "The first phase begins."


SAME = "All 97 items of 1 table are the same in {} and in DynamoDB; 1 more had expired."
WROTE = "9 items differed from the tables before: 4 inserted, 3 updated, 2 deleted."


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("match", SAME.format("the clones")),
        ("mismatch", "2 of 98 items differ between the clones and DynamoDB, in 1 table."),
        ("disputed", "Of 108 rows that the witness read another way, 1 differs."),
        ("refused", "The run was refused before it touched anything."),
        ("failed-in-bootstrap", "DatabaseError: the password is wrong. Nothing was compared."),
        ("verification", SAME.format("the rows that the run landed")),
        ("catch-up", f"{SAME.format('the clones')} {WROTE}"),
        ("repair", f"{SAME.format('the clones')} No item had to be written."),
    ],
)
def test_a_headline_says_what_was_compared_and_changed(name: str, sentence: str) -> None:
    assert report(name).headline == sentence


def tables(*counts: dict[str, int | None], verdict: str = "MISMATCH") -> dict[str, Any]:
    """Return tables whose counts are otherwise unknown."""
    (table,) = report().tables
    unknown = dict.fromkeys(type(table.counts).model_fields)
    return {
        "tables": tuple(
            table.model_copy(
                update={"verdict": verdict, "counts": table.counts.model_copy(update={**unknown, **known})}
            )
            for known in counts
        )
    }


def test_a_match_adds_up_what_was_compared() -> None:
    counts = ({"compared": 2_000, "matched": 1_500, "expired": 1_000}, {"compared": 5, "matched": 5}, {"matched": 7})

    assert headline(ended("SUCCEEDED", "MATCH", **tables(*counts))) == (
        "All 1,505 items of 2 tables are the same in the clones and in DynamoDB; 1,000 more had expired."
    )
    assert headline(ended("SUCCEEDED", "MATCH", **tables({"compared": 1})), "the rows") == (
        "All 0 items of 1 table are the same in the rows and in DynamoDB."
    )
    assert headline(ended("SUCCEEDED", "MATCH", tables=())) == (
        "All 0 items of 0 tables are the same in the clones and in DynamoDB."
    )


def test_a_mismatch_adds_up_what_differs() -> None:
    each = {"changed": 1_000, "missing": 200, "extra": 30, "duplicate": 4, "undecodable": 5}
    counts = ({"compared": 2_000, **each}, {"compared": 1, "missing": 1}, {"compared": 3}, {})

    assert headline(ended("FAILED", "MISMATCH", "DataMismatch", **tables(*counts), witness=None)) == (
        "1,240 of 2,004 items differ between the clones and DynamoDB, in 2 tables."
    )
    assert headline(ended("FAILED", "MISMATCH", **tables({"compared": 9, "extra": 1}), witness=None), "the rows") == (
        "1 of 9 items differs between the rows and DynamoDB, in 1 table."
    )
    # A table that matched differs in nothing, whatever its counts.
    agreed = tables({"compared": 4, "extra": 3}, verdict="MATCH")
    assert headline(ended("FAILED", "MISMATCH", **agreed, witness=None)) == ""


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"differences": 1, "sampled": 9}, "Of 9 rows that the witness read another way, 1 differs."),
        ({"differences": 2_000, "sampled": 9_000}, "Of 9,000 rows that the witness read another way, 2,000 differ."),
        ({"differences": 3, "sampled": None}, "Of 0 rows that the witness read another way, 3 differ."),
        ({"differences": 0, "sampled": 9}, ""),
    ],
)
def test_a_dispute_of_the_witness_is_a_sentence_of_its_own(facts: dict[str, int | None], sentence: str) -> None:
    witness = report().witness
    assert witness is not None
    disputed = {"witness": witness.model_copy(update=facts)}

    assert headline(ended("FAILED", "MISMATCH", **tables({"compared": 1}), **disputed)) == sentence
    both = headline(ended("FAILED", "MISMATCH", **tables({"compared": 9, "extra": 1}), **disputed))
    assert both == f"1 of 9 items differs between the clones and DynamoDB, in 1 table. {sentence}".rstrip()


def test_an_attempt_that_failed_after_a_mismatch_is_named() -> None:
    later = ended("FAILED", "MISMATCH", "ExportFailed", **tables({"compared": 9, "extra": 1}), witness=None)

    assert headline(later) == (
        "1 of 9 items differs between the clones and DynamoDB, in 1 table. "
        "The newest attempt failed before it compared: ExportFailed."
    )


def with_cause(cause: str) -> str:
    failed = ended("FAILED", "NONE", "BootstrapFailed")
    assert failed.failure is not None
    return headline(failed.model_copy(update={"failure": failed.failure.model_copy(update={"cause": cause})}))


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("A fact. What to do.", "A fact."),
        ("A fact\n  over lines! More.", "A fact over lines!"),
        ("Why? Because.", "Why?"),
        ("a.b is no end", "a.b is no end."),
        ("x" * 299 + ".", "x" * 299 + "."),
        ("x" * 300, "x" * 300 + "."),
        ("x" * 301, "x" * 300 + "…"),
        ("x" * 302 + " y. z", "x" * 300 + "…"),
    ],
)
def test_the_first_sentence_of_a_cause_states_the_fact(cause: str, sentence: str) -> None:
    assert with_cause(cause) == f"{sentence} Nothing was compared."


TAKEN = "The phase Bootstrap has taken 59 min 44 s."


def test_a_running_job_is_told_in_the_headline_of_its_own_phase() -> None:
    reading = report("reading")
    (job,) = reading.progress
    empty = job.model_copy(update={"summary": ""})
    other = job.model_copy(update={"job": "compare", "summary": "other"})

    def of(*jobs: Any) -> str:  # noqa: ANN401 - jobs' progress
        return headline(reading.model_copy(update={"progress": jobs}))

    lower = job.model_copy(update={"summary": "reading begins"})
    assert of(other, empty, lower) == f"{TAKEN} Reading begins."
    assert (of(other), of(empty), of()) == (TAKEN, TAKEN, TAKEN)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"applied": 1_000, "already": 20, "expired": 3, "changes": 5_000}, "1,023 of 5,000 changes are written."),
        ({"applied": 4, "already": None, "expired": None, "changes": 9}, "4 of 9 changes are written."),
        ({"applied": None, "changes": 9}, ""),
        ({"applied": 4, "changes": None}, ""),
    ],
)
def test_a_catch_up_that_writes_says_how_much_is_written(facts: dict[str, int | None], words: str) -> None:
    applying = report("applying")
    changes = applying.changes
    assert changes is not None
    totals = changes.totals.model_copy(update=facts)

    sentence = headline(applying.model_copy(update={"changes": changes.model_copy(update={"totals": totals})}))

    phase = applying.attempts[-1].phases[-1]
    assert phase.name == "Apply"
    assert sentence.startswith("The phase Apply has taken ")
    assert sentence.partition(". ")[2] == words
    without = headline(applying.model_copy(update={"changes": None}))
    assert without.startswith("The phase Apply has taken ")
    assert "written" not in without


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"changes": 1, "inserted": 0, "updated": 1, "deleted": None},
            " 1 item differed from the tables before: 1 updated.",
        ),
        (
            {"changes": 5_001, "inserted": 5_000, "updated": 0, "deleted": 1},
            " 5,001 items differed from the tables before: 5,000 inserted, 1 deleted.",
        ),
        ({"changes": 0}, " No item had to be written."),
        ({"changes": None}, ""),
    ],
)
def test_a_catch_up_says_what_it_wrote(facts: dict[str, int | None], words: str) -> None:
    caught_up = report_of(catch_ups.catch_up())
    changes = caught_up.changes
    assert changes is not None
    totals = changes.totals.model_copy(update=facts)

    sentence = headline(caught_up.model_copy(update={"changes": changes.model_copy(update={"totals": totals})}))

    assert sentence == report_of(samples.match()).headline + words
