"""Every state and every transition of the machine, run: `make coverage-states`.

Ways are executions prepared by hand, one for what the service may answer. What then is left are Catches: each is run
by the first way that enters its state, with the error planted there.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.aws.stepfunctions import faults, trace
from local.aws.stepfunctions.faults import Failure
from statemachine.graph import all_states
from tests.machine.expressions import recorded
from tests.machine.rig import Rig
from tests.machine.ways import WAYS, Way

if TYPE_CHECKING:
    from local.aws.stepfunctions.trace import Step

UNKNOWN_ERROR = "Planted.UnknownException"


def transitions(machine: dict[str, Any]) -> dict[Step, str]:
    """Return every step that a machine can take, with the state that it leads to."""
    found: dict[Step, str] = {}
    for name, state in machine["States"].items():
        found[name, "enter"] = name
        if state["Type"] == "Choice":
            for index, rule in enumerate(state["Choices"]):
                found[name, f"choice {index}"] = rule["Next"]
            found[name, "default"] = state["Default"]
        elif "Next" in state:
            found[name, "next"] = state["Next"]
        for index, rule in enumerate(state.get("Catch", [])):
            found[name, f"catch {index}"] = rule["Next"]
        if "ItemProcessor" in state:
            found |= transitions(state["ItemProcessor"])
    return found


class Coverage:
    """What was run, and how."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.wanted = transitions(rig.definitions["rates"])
        self.by: dict[Step, str] = {}
        self.wrong: list[str] = []
        self._entered: dict[str, Way] = {}

    def run_ways(self) -> None:
        """Run what was prepared by hand."""
        for way in WAYS:
            self._run(way, way.name)

    def run_catches(self) -> None:
        """Run each Catch that no way met."""
        everything = all_states(self._rig.definitions["rates"])
        for name, how in self.wanted:
            if not how.startswith("catch") or (name, how) in self.by or name not in self._entered:
                continue
            error = everything[name]["Catch"][int(how.split()[1])]["ErrorEquals"][0]
            failure = Failure(UNKNOWN_ERROR if error == "States.ALL" else error, '{"errorMessage": "planted"}')
            way = self._entered[name]
            planting = partial(faults.plant, name, failure, times=4, before_others=True)
            planted = Way(way.name, way.prepare, way.given, after=planting)
            self._run(planted, f"{error} at {name}", check=False)

    def missing(self) -> list[Step]:
        """Return what has not been run."""
        return [step for step in self.wanted if step not in self.by]

    def _run(self, way: Way, told: str, *, check: bool = True) -> None:
        self._rig.reset()
        seen: set[Step] = set()
        given = way.prepare(self._rig) or {}
        way.after()
        with trace.watched(seen.add):
            ended = self._rig.run(**{**way.given, **given})
        for step in seen & self.wanted.keys():
            self.by.setdefault(step, told)
            self._entered.setdefault(step[0], way)
        expected = way.ends or "SUCCEEDED"
        actual = ended.error or ended.status
        if check and actual != expected:
            self.wrong.append(f"{told}: ended {actual} instead of {expected}: {ended.cause[:600]}")
        elif check and way.says not in ended.cause:
            self.wrong.append(f"{told}: the cause lacks {way.says!r}: {ended.cause[:600]}")


def main() -> int:
    """Print the table; return 1 below 100 %."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as work, Rig(Path(work)) as rig, recorded("coverage"):
        coverage = Coverage(rig)
        coverage.run_ways()
        coverage.run_catches()
    for (name, how), target in coverage.wanted.items():
        way = coverage.by.get((name, how), "--- NOT RUN ---")
        arrow = f" -> {target}" if how != "enter" else ""
        print(f"{name:<26} {how + arrow:<44} {way}")
    run = len(coverage.wanted) - len(coverage.missing())
    print(
        f"{run} of {len(coverage.wanted)} states and transitions ({run / len(coverage.wanted):.1%}) "
        f"in {time.monotonic() - began:.0f} s"
    )
    for sentence in coverage.wrong:
        print(f"WRONG: {sentence}")
    for name, how in coverage.missing():
        print(f"NOT RUN: {name} {how} -> {coverage.wanted[name, how]}")
    return 1 if coverage.missing() or coverage.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
