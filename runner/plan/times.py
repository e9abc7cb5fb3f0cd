"""How long the phases take and how much Spark they need: from the last run, or from rates that are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.plan.model import NOT_KNOWN, PhasePlan
from runner.words import PHASES

if TYPE_CHECKING:
    from runner.plan.earlier import Manifest, Timing
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


def phases(totals: Totals, timing: Timing | None, manifest: Manifest | None, vcpu: int | None) -> list[PhasePlan]:
    """Return the expected time of each phase, with its source."""
    if timing is None:
        return [PhasePlan(name, *_assumed(name, totals, vcpu)) for name in PHASES.values()]
    ratio = growth(totals, timing, manifest)
    planned = []
    for name in PHASES.values():
        seconds = timing.seconds.get(name)
        source = f"the run {timing.run}"
        if seconds is None:
            planned.append(PhasePlan(name, *_assumed(name, totals, vcpu)))
        elif name in _GROWING and ratio is not None and ratio > 1:
            planned.append(PhasePlan(name, seconds * ratio, f"{source}, for {ratio:.1f} times its bytes"))
        else:
            planned.append(PhasePlan(name, seconds, source))
    return planned


def growth(totals: Totals, timing: Timing, manifest: Manifest | None) -> float | None:
    """Return how many times the timed run's bytes there are now, if its manifest is the one at hand."""
    if manifest is None or manifest.run != timing.run or totals.source_bytes is None or totals.at_most:
        return None
    former = sum(sum(figures[2::2]) for clusters in manifest.content["audit"].values() for figures in clusters.values())
    return totals.source_bytes / former if former else None


def vcpu_hours(totals: Totals, timing: Timing | None, manifest: Manifest | None) -> tuple[float | None, str]:
    """Return the vCPU-hours of both jobs, and where that comes from."""
    if timing is not None and timing.vcpu_hours is not None:
        return timing.vcpu_hours * max(1.0, growth(totals, timing, manifest) or 1.0), f"the run {timing.run}"
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
