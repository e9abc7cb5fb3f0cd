"""The results of the parts' tests, read from pytest's reports, and printed in pytest's form."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # what is read, pytest has written here
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ORDER = ("failed", "passed", "skipped", "xfailed", "errors")
_SLOWEST = 12


@dataclass(frozen=True)
class Result:
    """The tests of one part."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)  # by test, with what it set up


def read(path: Path) -> Result:
    """Return a report's result, or an error if pytest ended without a report."""
    result = Result()
    if not path.is_file():
        result.counts["errors"] += 1
        return result
    for case in ET.parse(path).getroot().iter("testcase"):  # noqa: S314 - pytest's own
        name = f"{case.get('classname')}::{case.get('name')}"
        outcome = _outcome(case)
        result.counts[outcome] += 1
        result.seconds[name] = result.seconds.get(name, 0.0) + float(case.get("time", 0))
        if outcome == "skipped":
            result.skipped.append(f"{name}: {case[0].get('message')}")
    return result


def _outcome(case: ET.Element) -> str:
    kinds = {child.tag: child.get("type", "") for child in case}
    if "error" in kinds:
        return "errors"
    if "failure" in kinds:
        return "failed"
    if "skipped" in kinds:
        return "xfailed" if kinds["skipped"] == "pytest.xfail" else "skipped"
    return "passed"


def slowest(results: list[Result]) -> list[str]:
    """Return the tests that took the longest."""
    seconds = {name: taken for result in results for name, taken in result.seconds.items()}
    most = sorted(seconds, key=lambda name: -seconds[name])[:_SLOWEST]
    return [f"{seconds[name]:8.2f} s  {name}" for name in most]


def closing_line(results: list[Result], seconds: float) -> str:
    """Return the summary line, in pytest's form."""
    total = sum((result.counts for result in results), Counter[str]())
    said = ", ".join(f"{total[kind]} {_word(kind, total[kind])}" for kind in _ORDER if total[kind]) or "no tests ran"
    minutes, rest = divmod(int(seconds), 60)
    text = f" {said} in {seconds:.2f}s ({minutes // 60}:{minutes % 60:02}:{rest:02}) "
    return text.center(80, "=")


def _word(kind: str, count: int) -> str:
    return "error" if kind == "errors" and count == 1 else kind
