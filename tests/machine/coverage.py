"""Every state and every transition of the machine, run: `make coverage-states`.

Ways are executions prepared by hand, one for what the service may answer. What then is left are Catches: each is run
by the first way that enters its state, with the error planted there.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.aws.stepfunctions import faults, trace
from local.aws.stepfunctions.faults import Failure
from statemachine.graph import all_states
from tests.machine.catch_up_ways import CATCH_UP, CATCH_UP_MACHINE, CATCH_UP_WAYS
from tests.machine.endings import Ending, differences, ending, stated, write
from tests.machine.expressions import recorded
from tests.machine.rig import Rig
from tests.machine.ways import WAYS, Way, prepared

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

    def __init__(self, rig: Rig, machine: str, ways: tuple[Way, ...]) -> None:
        self._rig = rig
        self._machine = machine
        self._ways = ways
        self.wanted = transitions(rig.definitions[machine])
        self.by: dict[Step, str] = {}
        self.endings: dict[str, Ending] = {}
        self.wrong: list[str] = []
        self._entered: dict[str, Way] = {}
        self._prefix = CATCH_UP if machine == CATCH_UP_MACHINE else ""

    def run_ways(self) -> None:
        """Run what was prepared by hand."""
        for way in self._ways:
            self._run(way)
            self._check(way)

    def run_catches(self) -> None:
        """Run each Catch that no way met."""
        everything = all_states(self._rig.definitions[self._machine])
        for name, how in self.wanted:
            if not how.startswith("catch") or (name, how) in self.by or name not in self._entered:
                continue
            error = everything[name]["Catch"][int(how.split()[1])]["ErrorEquals"][0]
            failure = Failure(UNKNOWN_ERROR if error == "States.ALL" else error, '{"errorMessage": "planted"}')
            way = self._entered[name]
            planting = partial(faults.plant, name, failure, times=4, before_others=True)
            planted = replace(way, name=f"{self._prefix}{error} at {name}", ends="", says="", after=planting)
            self._run(planted)

    def missing(self) -> list[Step]:
        """Return what has not been run."""
        return [step for step in self.wanted if step not in self.by]

    def differences(self) -> list[str]:
        """Return where an ending is not as the file states it."""
        wanted = {name: one for name, one in stated().items() if name.startswith(CATCH_UP) == bool(self._prefix)}
        lost = [f"{name}: no execution has this name" for name in wanted.keys() - self.endings.keys()]
        found = [
            f"{name}: {sentence}"
            for name, actual in self.endings.items()
            for sentence in differences(actual, wanted.get(name))
        ]
        return [*found, *sorted(lost)]

    def _run(self, way: Way) -> None:
        self._rig.reset()
        seen: set[Step] = set()
        given = prepared(self._rig, way)
        with trace.watched(seen.add):
            ended = self._rig.run(self._machine, **given)
        for step in seen & self.wanted.keys():
            self.by.setdefault(step, way.name)
            self._entered.setdefault(step[0], way)
        self.endings[way.name] = ending(self._rig, ended)

    def _check(self, way: Way) -> None:
        """Hold an ending against what its way says, so that no renewed file can say another."""
        actual, expected = self.endings[way.name], way.ends or "SUCCEEDED"
        if actual.ends != expected:
            self.wrong.append(f"{way.name}: ended {actual.ends} instead of {expected}: {actual.cause[:600]}")
        elif way.says not in actual.cause:
            self.wrong.append(f"{way.name}: the cause lacks {way.says!r}: {actual.cause[:600]}")


def main() -> int:
    """Print the table; return 1 below 100 %, or where an execution ends otherwise than stated.

    With `--state`, write the endings into their file instead.
    """
    began = time.monotonic()
    chosen = {"rates": WAYS, CATCH_UP_MACHINE: CATCH_UP_WAYS}
    for machine in [name for name in chosen if f"--but-{name}" in sys.argv]:
        del chosen[machine]
    with tempfile.TemporaryDirectory() as work, Rig(Path(work)) as rig, recorded("coverage"):
        found = [Coverage(rig, machine, ways) for machine, ways in chosen.items()]
        for coverage in found:
            coverage.run_ways()
            coverage.run_catches()
    if "--state" in sys.argv:
        kept = {
            name: one for name, one in stated().items() if name.startswith(CATCH_UP) != (CATCH_UP_MACHINE in chosen)
        }
        write({**(kept if len(chosen) == 1 else {}), **{k: v for one in found for k, v in one.endings.items()}})
    failed = [_told(coverage, time.monotonic() - began) for coverage in found]
    return 1 if any(failed) else 0


def _told(coverage: Coverage, seconds: float) -> bool:
    """Print what was run of a machine, and how; return whether something was not, or ended otherwise."""
    for (name, how), target in coverage.wanted.items():
        way = coverage.by.get((name, how), "--- NOT RUN ---")
        arrow = f" -> {target}" if how != "enter" else ""
        print(f"{name:<26} {how + arrow:<44} {way}")
    run = len(coverage.wanted) - len(coverage.missing())
    print(
        f"{run} of {len(coverage.wanted)} states and transitions ({run / len(coverage.wanted):.1%}) in {seconds:.0f} s"
    )
    wrong = [*coverage.wrong, *coverage.differences()]
    print(f"{len(coverage.endings)} endings, {len(wrong)} differ from what is stated")
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    for name, how in coverage.missing():
        print(f"NOT RUN: {name} {how} -> {coverage.wanted[name, how]}")
    return bool(coverage.missing() or wrong)


if __name__ == "__main__":
    sys.exit(main())
