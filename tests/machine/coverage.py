"""Runs of every state and every transition of the machine: `make coverage-states`.

Scenarios are executions prepared by hand, one for each answer of a service. Only Catches remain then: the first
scenario that enters a Catch's state runs it, with the error planted there.
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
from tests.machine.catch_up_scenarios import CATCH_UP, CATCH_UP_MACHINE, CATCH_UP_SCENARIOS
from tests.machine.endings import Ending, differences, ending, stated, write
from tests.machine.expressions import recorded
from tests.machine.rig import Rig
from tests.machine.scenarios import SCENARIOS, Scenario, prepared

if TYPE_CHECKING:
    from local.aws.stepfunctions.trace import Step

UNKNOWN_ERROR = "Planted.UnknownException"


def transitions(machine: dict[str, Any]) -> dict[Step, str]:
    """Return every step that a machine can take, with the state that it leads to."""
    steps: dict[Step, str] = {}
    for name, state in machine["States"].items():
        steps[name, "enter"] = name
        if state["Type"] == "Choice":
            for index, rule in enumerate(state["Choices"]):
                steps[name, f"choice {index}"] = rule["Next"]
            steps[name, "default"] = state["Default"]
        elif "Next" in state:
            steps[name, "next"] = state["Next"]
        for index, rule in enumerate(state.get("Catch", [])):
            steps[name, f"catch {index}"] = rule["Next"]
        if "ItemProcessor" in state:
            steps |= transitions(state["ItemProcessor"])
    return steps


class Coverage:
    """The states and transitions that ran."""

    def __init__(self, rig: Rig, machine: str, scenarios: tuple[Scenario, ...]) -> None:
        self._rig = rig
        self._machine = machine
        self._scenarios = scenarios
        self.wanted = transitions(rig.definitions[machine])
        self.by: dict[Step, str] = {}
        self.endings: dict[str, Ending] = {}
        self.wrong: list[str] = []
        self._entered: dict[str, Scenario] = {}
        self._prefix = CATCH_UP if machine == CATCH_UP_MACHINE else ""

    def run_ways(self) -> None:
        """Run the prepared scenarios."""
        for scenario in self._scenarios:
            self._run(scenario)
            self._check(scenario)

    def run_catches(self) -> None:
        """Run each Catch that no scenario reached."""
        everything = all_states(self._rig.definitions[self._machine])
        for name, how in self.wanted:
            if not how.startswith("catch") or (name, how) in self.by or name not in self._entered:
                continue
            error = everything[name]["Catch"][int(how.split()[1])]["ErrorEquals"][0]
            failure = Failure(UNKNOWN_ERROR if error == "States.ALL" else error, '{"errorMessage": "planted"}')
            scenario = self._entered[name]
            planting = partial(faults.plant, name, failure, times=4, before_others=True)
            planted = replace(scenario, name=f"{self._prefix}{error} at {name}", ends="", says="", after=planting)
            self._run(planted)

    def missing(self) -> list[Step]:
        """Return the steps that have not run."""
        return [step for step in self.wanted if step not in self.by]

    def differences(self) -> list[str]:
        """Return the endings that differ from the file."""
        wanted = {
            name: wanted_ending
            for name, wanted_ending in stated().items()
            if name.startswith(CATCH_UP) == bool(self._prefix)
        }
        lost = [f"{name}: no execution has this name" for name in wanted.keys() - self.endings.keys()]
        differing = [
            f"{name}: {sentence}"
            for name, actual in self.endings.items()
            for sentence in differences(actual, wanted.get(name))
        ]
        return [*differing, *sorted(lost)]

    def _run(self, scenario: Scenario) -> None:
        self._rig.reset()
        seen: set[Step] = set()
        request = prepared(self._rig, scenario)
        with trace.watched(seen.add):
            ended = self._rig.run(self._machine, **request)
        for step in seen & self.wanted.keys():
            self.by.setdefault(step, scenario.name)
            self._entered.setdefault(step[0], scenario)
        self.endings[scenario.name] = ending(self._rig, ended)

    def _check(self, scenario: Scenario) -> None:
        """Compare an ending with its scenario, so that no renewed file can state another."""
        actual, expected = self.endings[scenario.name], scenario.ends or "SUCCEEDED"
        if actual.ends != expected:
            self.wrong.append(f"{scenario.name}: ended {actual.ends} instead of {expected}: {actual.cause[:600]}")
        elif scenario.says not in actual.cause:
            self.wrong.append(f"{scenario.name}: the cause lacks {scenario.says!r}: {actual.cause[:600]}")


def main() -> int:
    """Print the table; return 1 below 100 %, or if an execution does not end as stated.

    With `--state`, write the endings into their file instead.
    """
    began = time.monotonic()
    chosen = {"rates": SCENARIOS, CATCH_UP_MACHINE: CATCH_UP_SCENARIOS}
    for machine in [name for name in chosen if f"--but-{name}" in sys.argv]:
        del chosen[machine]
    with tempfile.TemporaryDirectory() as work, Rig(Path(work)) as rig, recorded("coverage"):
        coverages = [Coverage(rig, machine, scenarios) for machine, scenarios in chosen.items()]
        for coverage in coverages:
            coverage.run_ways()
            coverage.run_catches()
    if "--state" in sys.argv:
        kept = {
            name: coverage
            for name, coverage in stated().items()
            if name.startswith(CATCH_UP) != (CATCH_UP_MACHINE in chosen)
        }
        write(
            {
                **(kept if len(chosen) == 1 else {}),
                **{k: v for coverage in coverages for k, v in coverage.endings.items()},
            }
        )
    failed = [_report(coverage, time.monotonic() - began) for coverage in coverages]
    return 1 if any(failed) else 0


def _report(coverage: Coverage, seconds: float) -> bool:
    """Print how each step of a machine ran; return whether a step is missing or an execution ended differently."""
    for (name, how), target in coverage.wanted.items():
        scenario = coverage.by.get((name, how), "--- NOT RUN ---")
        arrow = f" -> {target}" if how != "enter" else ""
        print(f"{name:<26} {how + arrow:<44} {scenario}")
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
