"""Estimates of phase times and Spark use, from the last run or from the plan of the jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.labels import PHASES
from runner.plan.constants import load_constants
from runner.plan.model import NOT_KNOWN, PhasePlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.live.eta import Expectation
    from runner.plan.earlier import Manifest, Usage
    from runner.plan.model import JobPlan, Totals

# The phases whose time depends on the data's size.
_GROWING = ("Bootstrap", "Tables", "Compare")
# Used until a run has been timed. AWS documents no times; a rehearsal measures the real ones.
_FIXED_SECONDS = {"Prepare": 60.0, "Clone": 1200.0, "Locate Spark": 30.0, "Finish": 30.0, "Destroy": 1200.0}
# One report: 10 GB took up to two hours (hashicorp/terraform-provider-aws#27250).
_IMPORT_BYTES_PER_SECOND = 10e9 / 7200
_TABLE_SECONDS = 1200.0  # an import of little data, recovery, stream and export
_ASSUMED = "assumed"


def phases(
    totals: Totals, expected: Expectation, manifest: Manifest | None, jobs: Sequence[JobPlan]
) -> list[PhasePlan]:
    """Return the expected time of each phase, with its source."""
    ratio = growth(totals, manifest)
    planned = []
    for name in PHASES.values():
        seconds = expected.seconds.get(name)
        source = "the last successful run" if expected.runs == 1 else f"the median of {expected.runs} successful runs"
        if seconds is None:
            planned.append(PhasePlan(name, *_assumed(name, totals, jobs)))
        elif name in _GROWING and ratio > 1:
            planned.append(PhasePlan(name, seconds * ratio, f"{source}, for {ratio:.1f} times the last bytes"))
        else:
            planned.append(PhasePlan(name, seconds, source))
    return planned


def growth(totals: Totals, manifest: Manifest | None) -> float:
    """Return the ratio of the current bytes to the last Bootstrap's; 1 if unknown."""
    if manifest is None or totals.source_bytes is None or totals.at_most or not manifest.bytes:
        return 1.0
    return totals.source_bytes / manifest.bytes


def vcpu_hours(
    totals: Totals, usage: Usage | None, manifest: Manifest | None, jobs: Sequence[JobPlan]
) -> tuple[float | None, str]:
    """Return the vCPU-hours of both jobs, and their source."""
    if usage is not None and usage.vcpu_hours is not None:
        return usage.vcpu_hours * max(1.0, growth(totals, manifest)), f"the run {usage.run}"
    if not jobs:
        return None, NOT_KNOWN
    return sum(job.vcpu_seconds for job in jobs) / 3600, f"{_ASSUMED}: {_constants()}"


def _assumed(name: str, totals: Totals, jobs: Sequence[JobPlan]) -> tuple[float | None, str]:
    if name in _FIXED_SECONDS:
        return _FIXED_SECONDS[name], _ASSUMED
    if totals.source_bytes is None or totals.import_bytes is None:
        return None, "not known without sizes"
    if name == "Tables":
        source = f"{_ASSUMED}: imports at 5 GB an hour, the slowest that was reported"
        return _TABLE_SECONDS + totals.import_bytes / _IMPORT_BYTES_PER_SECOND, source
    job = next((job for job in jobs if job.job == name), None)
    if job is None or job.seconds is None:
        return None, "not known without an application"
    return job.seconds, f"{_ASSUMED}, on {job.workers.executors} executors: {_constants()}"


def _constants() -> str:
    constants = load_constants()
    return f"the constants of {constants.measured.date}, at {constants.design.caution:g} times their time"
