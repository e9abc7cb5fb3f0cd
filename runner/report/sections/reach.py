"""The reach of a verdict: the side that DynamoDB was compared with, and the tables that it does not cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.report.collect.evidence import Evidence


def source(evidence: Evidence) -> str:
    """Return the side that the export was compared with."""
    return "the rows that the run landed" if evidence.is_verification else "the clones"


def notes(evidence: Evidence) -> list[str]:
    """Return the notes on what the verdict does not cover."""
    verdict = evidence.verdict
    if verdict is None:
        return []
    sentences = []
    if verdict.is_verification:
        sentences.append(
            f"This is the verification {verdict.attempt}. No clone was read, and no witness: it holds a new export "
            "against the rows that the run landed, and says nothing of what Aurora holds since."
        )
        if verdict.verdict == "MISMATCH":
            sentences.append(
                f"What the run {evidence.run} proved no longer holds: somebody has written to its tables since. No "
                f"catch-up begins from them and no cut-over goes live with them until they are proven again, as by: "
                f"migrate repair {evidence.run} --environment {evidence.environment}"
            )
    if verdict.left_out:
        sentences.append(
            f"The run is partial: it says nothing of {', '.join(verdict.left_out)}. It proves no state of the domain, "
            "so that no catch-up begins from it."
        )
    return sentences
