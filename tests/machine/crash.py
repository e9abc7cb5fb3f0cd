"""Stop an execution at each of its states, resume it, and require the whole migration: `make crash`."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from local.aws import lambda_
from local.aws.active import active
from local.aws.stepfunctions import trace
from tests.machine.catch_up_scenarios import CATCH_UP_MACHINE, CHANGED, based, mismatched
from tests.machine.races import race
from tests.machine.rig import Rig
from tests.machine.scenarios import nothing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local.aws.stepfunctions.trace import Step
    from tests.machine.scenarios import Prepare

ITEMS = {"BaseRateAssociation": 3, "BaseRate": 3}
_RACES = 20
KILLED = ("RecordInProgressStatus", "StartClone", "RunBootstrap", "RunCompare", "DestroyClone", "LiftSeal")
# In these the stand-in is at work when the execution is stopped, and outlives it.
LONG = {
    "RunBootstrap": {"bootstrap": {"seconds": 1}},
    "RunDelta": {"delta": {"seconds": 1}},
    "RunCompare": {"compare": {"seconds": 1}},
}


@dataclass
class Stop:
    """Stops an execution when it enters a state for the first time."""

    rig: Rig
    state: str
    arn: str = ""
    stopped: bool = False
    _known: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, step: Step) -> None:
        if step != (self.state, "enter"):
            return
        with self._lock:
            if self.stopped:
                return
            self.stopped = True
        self._known.wait(60)
        self.rig.client("stepfunctions").stop_execution(executionArn=self.arn, cause="crash test")

    def of(self, arn: str) -> None:
        self.arn = arn
        self._known.set()


def crash(rig: Rig, state: str, **request: Any) -> list[str]:
    """Stop a run at a state and resume it; return the differences from an undisturbed run."""
    rig.reset()
    rig.control(**LONG.get(state, {}))
    stop = Stop(rig, state)
    with trace.watched(stop):
        stop.of(rig.start(runId="r1", **request))
        ended = rig.end(stop.arn)
    if not stop.stopped:
        return [f"{state} was not entered"]
    if ended.status != "ABORTED":
        return [f"stopped at {state}, the execution ended {ended.status}"]
    rig.control()
    resumed = rig.run(runId="r1", **request)
    return problems(rig, resumed.status, f"{resumed.error} {resumed.cause}", resumed.output, request)


@contextmanager
def lambda_killed(state: str) -> Iterator[None]:
    """End the process of the first function that `state` calls, in the middle of its call."""
    marked = threading.Event()
    original = lambda_._Worker.call

    def call(self: Any, message: dict[str, Any], timeout_seconds: float) -> dict[str, Any] | None:
        if marked.is_set():
            marked.clear()
            active().guard.stop(self._process)
        return original(self, message, timeout_seconds)

    seen: list[Step] = []

    def mark(step: Step) -> None:
        if step == (state, "enter") and not seen:
            seen.append(step)
            marked.set()

    with trace.watched(mark), pytest.MonkeyPatch.context() as patch:
        patch.setattr(lambda_._Worker, "call", call)
        yield


def kill(rig: Rig, state: str) -> list[str]:
    """Kill the function or Spark job of `state`; the run must fail by name, and its resume must succeed."""
    rig.reset()
    if state in LONG:
        (job,) = LONG[state]
        rig.control(**{job: {"killed": True}})
        first = rig.run(runId="r1")
    else:
        with lambda_killed(state):
            first = rig.run(runId="r1")
    if first.status != "FAILED":
        return [f"killed in {state}, the execution ended {first.status}"]
    rig.control()
    resumed = rig.run(runId="r1")
    return problems(rig, resumed.status, f"{resumed.error} {resumed.cause}", resumed.output, {})


def crash_catch_up(rig: Rig, state: str, *, repair: bool = False) -> list[str]:
    """Stop a catch-up or a repair at a state and resume it; return the differences from an undisturbed one."""
    rig.reset()
    (mismatched() if repair else based)(rig)
    rig.control(bootstrap=CHANGED, **LONG.get(state, {}))
    request: dict[str, Any] = {"runId": "r1", "repair": repair}
    stop = Stop(rig, state)
    with trace.watched(stop):
        stop.of(rig.start(CATCH_UP_MACHINE, **request))
        ended = rig.end(stop.arn)
    if not stop.stopped:
        return [f"{state} was not entered"]
    if ended.status != "ABORTED":
        return [f"stopped at {state}, the execution ended {ended.status}"]
    rig.control(bootstrap=CHANGED)
    resumed = rig.run(CATCH_UP_MACHINE, **request)
    differences = problems(
        rig, resumed.status, f"{resumed.error} {resumed.cause}", resumed.output, {"mode": "official"}, CHANGED["items"]
    )
    base = json.loads(rig.client("s3").get_object(Bucket=rig.bucket, Key="proven/rates/official.json")["Body"].read())
    return [
        *differences,
        *[f"the tables are proven by {base['run']}, {base['changing']}"]
        * (base["run"] != "r1" or base["changing"] != ""),
    ]


def problems(
    rig: Rig,
    status: str,
    reason: str,
    output: dict[str, Any],
    request: dict[str, Any],
    items: Mapping[str, int] = MappingProxyType(ITEMS),
) -> list[str]:
    """Return everything that is missing or left over."""
    remains = [] if status == "SUCCEEDED" else [f"the resume ended {status}: {reason[:400]}"]
    if output.get("verdict") != "MATCH":
        remains.append(f"the verdict is {output.get('verdict')}")
    suffix = "" if request.get("mode") == "official" else "-rehearsal"
    if rig.tables() != sorted(name + suffix for name in items):
        remains.append(f"the tables are {rig.tables()}")
    else:
        counted = {
            name: rig.client("dynamodb").scan(TableName=name + suffix, Select="COUNT")["Count"] for name in items
        }
        remains += [f"the tables have {counted} items"] * (counted != items)
    remains += [f"{key} is left" for key in rig.keys("status/")]
    remains += [f"the clone {name} is left" for name in rig.clones()]
    application = rig.deployed["applicationId"]
    runs = rig.client("emr-serverless").list_job_runs(applicationId=application)["jobRuns"]
    remains += [
        f"the job run {run['name']} is {run['state']}" for run in runs if run["state"] in ("RUNNING", "CANCELLING")
    ]
    return remains


def entered(rig: Rig, machine: str = "rates", prepare: Prepare = nothing, **request: Any) -> list[str]:
    """Return the states of an undisturbed run in order of their first entry."""
    rig.reset()
    prepare(rig)
    names: dict[str, None] = {}
    with trace.watched(lambda step: names.setdefault(step[0])):
        assert rig.run(machine, **request).status == "SUCCEEDED"
    return list(names)


def main() -> int:
    """Print every tested point; return 1 if one did not recover."""
    began = time.monotonic()
    tried = failed = 0
    with tempfile.TemporaryDirectory() as work, Rig(Path(work)) as rig:
        seen: set[str] = set()
        for mode in ("rehearsal", "official"):
            # The last state has nothing left to stop.
            for state in [name for name in entered(rig, mode=mode) if name not in seen | {"Succeed"}]:
                seen.add(state)
                remains = crash(rig, state, mode=mode)
                tried += 1
                failed += bool(remains)
                print(
                    f"{mode:<10} {state:<26} {'; '.join(remains) or 'resumed: MATCH, each table once, nothing left'}",
                    flush=True,
                )
        for repair in (False, True):
            prepare, request = (mismatched(), {"runId": "r1", "repair": True}) if repair else (based, {})
            for state in [n for n in entered(rig, CATCH_UP_MACHINE, prepare, **request) if n not in seen | {"Succeed"}]:
                seen.add(state)
                remains = crash_catch_up(rig, state, repair=repair)
                tried += 1
                failed += bool(remains)
                word = "repair" if repair else "catch-up"
                print(f"{word:<10} {state:<26} {'; '.join(remains) or 'resumed: MATCH, nothing left'}", flush=True)
        for state in KILLED:
            remains = kill(rig, state)
            tried += 1
            failed += bool(remains)
            print(f"killed in  {state:<26} {'; '.join(remains) or 'failed by name, resumed: MATCH'}", flush=True)
        raced = [race(rig, seed) for seed in range(_RACES)]
    lost = [sentence for remains in raced for sentence in remains]
    print(f"{tried} points tried, {failed} did not recover, in {time.monotonic() - began:.0f} s")
    print(f"{_RACES} races of two domains, {'; '.join(lost) or 'no clones lost, none left'}")
    return 1 if failed or lost else 0


if __name__ == "__main__":
    sys.exit(main())
