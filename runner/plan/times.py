"""How long the phases take and how much Spark they need: from the last run, or from rates that are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.plan.model import NOT_KNOWN, PhasePlan
from runner.words import PHASES

if TYPE_CHECKING:
    from runner.expectation import Expectation
    from runner.plan.earlier import Manifest, Usage
    from runner.plan.model import Totals

# The phases whose time follows the data's size.
_GROWING = ("Bootstrap", "Tables", "Compare")
# Where no run has been timed yet. AWS documents no times; a rehearsal tells the true ones.
_FIXED_SECONDS = {"Prepare": 60.0, "Clone": 1200.0, "Locate Spark": 30.0, "Finish": 30.0, "Destroy": 1200.0}
_JOB_START_SECONDS = 180.0
_BYTES_PER_VCPU_SECOND = 1_000_000.0  # of column values, for one job
# One report: 10 GB took up to two hours (hashicorp/terraform-provider-aws#27250).
_IMPORT_BYTES_PER_SECOND = 10e9 / 7200
_TABLE_SECONDS = 1200.0  # an import of little, recovery, stream and export
_ASSUMED = "assumed"


def phases(totals: Totals, expected: Expectation, manifest: Manifest | None, vcpu: int | None) -> list[PhasePlan]:
    """Return the expected time of each phase, with its source."""
    ratio = growth(totals, manifest)
    planned = []
    for name in PHASES.values():
        seconds = expected.seconds.get(name)
        source = "the last successful run" if expected.runs == 1 else f"the median of {expected.runs} successful runs"
        if seconds is None:
            planned.append(PhasePlan(name, *_assumed(name, totals, vcpu)))
        elif name in _GROWING and ratio > 1:
            planned.append(PhasePlan(name, seconds * ratio, f"{source}, for {ratio:.1f} times the last bytes"))
        else:
            planned.append(PhasePlan(name, seconds, source))
    return planned


def growth(totals: Totals, manifest: Manifest | None) -> float:
    """Return how many times the last Bootstrap's bytes there are now; 1 where that is not known."""
    if manifest is None or totals.source_bytes is None or totals.at_most or not manifest.bytes:
        return 1.0
    return totals.source_bytes / manifest.bytes


def vcpu_hours(totals: Totals, usage: Usage | None, manifest: Manifest | None) -> tuple[float | None, str]:
    """Return the vCPU-hours of both jobs, and where that comes from."""
    if usage is not None and usage.vcpu_hours is not None:
        return usage.vcpu_hours * max(1.0, growth(totals, manifest)), f"the run {usage.run}"
    if totals.source_bytes is None:
        return None, NOT_KNOWN
    told = f"{_ASSUMED}: {_BYTES_PER_VCPU_SECOND / 1e6:.0f} MB of values per vCPU and second, for each of two jobs"
    return 2 * totals.source_bytes / _BYTES_PER_VCPU_SECOND / 3600, told


def _assumed(name: str, totals: Totals, vcpu: int | None) -> tuple[float | None, str]:
    if name in _FIXED_SECONDS:
        return _FIXED_SECONDS[name], _ASSUMED
    if totals.source_bytes is None or totals.import_bytes is None:
        return None, "not known without sizes"
    if name == "Tables":
        told = f"{_ASSUMED}: imports at 5 GB an hour, the slowest that was reported"
        return _TABLE_SECONDS + totals.import_bytes / _IMPORT_BYTES_PER_SECOND, told
    if vcpu is None:
        return None, "not known without an application"
    return _JOB_START_SECONDS + totals.source_bytes / _BYTES_PER_VCPU_SECOND / vcpu, f"{_ASSUMED}, on {vcpu} vCPU"
