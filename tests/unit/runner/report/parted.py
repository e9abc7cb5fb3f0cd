"""A run whose table is made of two parts, one of which differs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.unit.runner.report import samples

if TYPE_CHECKING:
    from tests.unit.runner.report.raw import RawEvidence

ROOM = {"rowsRead": 60, "items": 60, "rejected": 0, "superseded": 0, "filtered": 0, "unmatched": 0}
PLAN = {"rowsRead": 45, "items": 38, "rejected": 1, "superseded": 4, "filtered": 2, "unmatched": 3}
NOTHING = dict.fromkeys(samples.CLASSES, 0)
SAME = {**NOTHING, "matched": 60, "compared": 60, "exported": 60}
OTHER = {**NOTHING, "matched": 36, "changed": 1, "expired": 1, "compared": 38, "exported": 37}


def parted() -> RawEvidence:
    """A run of a table of the parts room and plan."""
    mismatched = samples.mismatch()
    return replace(
        mismatched,
        manifest=_with(mismatched.manifest, {"room": written(ROOM), "plan": written(PLAN)}),
        comparison=_with(mismatched.comparison, {"room": compared(SAME), "plan": compared(OTHER)}),
        verdict=_with(mismatched.verdict, {"room": SAME, "plan": OTHER}),
        limits={"BaseRate.plan": {"rejected": 2, "filtered": 2, "unmatched": 3}},
    )


def written(counts: dict[str, int]) -> dict[str, Any]:
    """Return what Bootstrap wrote of a part."""
    return {**samples.WRITTEN, **counts}


def compared(counts: dict[str, int]) -> dict[str, Any]:
    """Return what Compare found of a part."""
    return {**samples.COMPARED, **counts}


def _with(document: dict[str, Any] | None, parts: dict[str, Any]) -> dict[str, Any]:
    assert document is not None
    return {**document, "tables": {"BaseRate": {**document["tables"]["BaseRate"], "parts": parts}}}
