"""Map Runs: a distributed Map starts its items as child executions, which the service describes and lists.

If the threshold is zero, a child that does not succeed fails the Map Run and the Map. moto continues with null as its
result. When the parent is stopped, Step Functions stops the children later; AWS does not document when. Here it takes
longer than any Lambda call can.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_MapRunExecutionCounts.html
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType, MapRunStartedEventDetails, MapRunStatus
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.states import ItemData, MapData
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local.aws import authorization
from local.aws.active import active
from local.aws.seams import replace
from local.aws.stepfunctions.children import Child
from local.iam.policy import Call

STOPPED_AFTER_SECONDS = 600.0  # scaled like every Wait
_LOOK_SECONDS = 0.02
_lock = threading.Lock()
_runs: dict[str, MapRun] = {}


class _AbortedError(Exception):
    """The parent was stopped in its Map; no Retry or Catch handles that."""


class MapRun:
    """A Map Run with its items, its started children, and its outcome."""

    def __init__(self, parent: Any, record: Any, program: Any, inputs: list[Any]) -> None:
        self.parent, self.record, self._program = parent, record, program
        self.children: list[Child] = []
        self.failed = False
        self._waiting = list(enumerate(inputs))
        self._results: dict[int, Any] = {}
        self._ended = threading.Event()
        self._stopping = threading.Event()
        self._open = 0
        with _lock:
            _runs[record.map_run_arn] = self

    def run(self, env: Any) -> list[Any]:
        """Run all items, up to the Map's concurrency at once, and return their results in the items' order."""
        most = self.record.max_concurrency or len(self._waiting)
        # All of them have started before one can fail and leave the others pending.
        self._open = min(most, len(self._waiting))
        for child in [self._next() for _ in range(self._open)]:
            threading.Thread(target=self._work, args=(child,), daemon=True).start()
        while self._waiting or self._open:
            if not env.is_running():
                threading.Thread(target=self._stop_later, daemon=True).start()
                raise _AbortedError
            if self.failed:
                self._stop_children()
            self._pause()
        return [self._results.get(index) for index in range(len(self._results))]

    def describe(self) -> dict[str, Any]:
        """Return the answer of DescribeMapRun; each child has one item."""
        states = Counter(str(child.exec_status.value) for child in list(self.children))
        counts = {"pending": len(self._waiting), "total": len(self.children) + len(self._waiting)}
        for status in ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"):
            counts[status.lower() if status != "TIMED_OUT" else "timedOut"] = states[status]
        counts["resultsWritten"] = 0
        return {**self.record.describe(), "itemCounts": counts, "executionCounts": counts}

    def _work(self, child: tuple[int, Child] | None) -> None:
        try:
            while child is not None:
                index, execution = child
                execution.run()
                if str(execution.status) != "SUCCEEDED":
                    self.failed = True
                self._results[index] = execution.output
                child = self._next()
        finally:
            with _lock:
                self._open -= 1
            self._ended.set()

    def _next(self) -> tuple[int, Child] | None:
        with _lock:
            if self.failed or self._stopping.is_set():
                self._waiting.clear()
            if not self._waiting:
                return None
            index, child_input = self._waiting.pop(0)
            label = self.record.map_run_arn.split("/", 1)[1].split(":")[0]
            child = Child(self.parent, self.record.map_run_arn, label, self._program, child_input)
            self.children.append(child)
            return index, child

    def _stop_later(self) -> None:
        """Let the children run on for a while after the parent has stopped, then stop them."""
        end = time.monotonic() + STOPPED_AFTER_SECONDS * active().time_scale
        while self._open and time.monotonic() < end and not active().stopping.is_set():
            self._pause()
        self._stopping.set()
        while self._open and not active().stopping.is_set():
            self._stop_children()
            self._pause()
        self.record.set_stop(MapRunStatus.ABORTED)

    def _pause(self) -> None:
        self._ended.wait(_LOOK_SECONDS)
        self._ended.clear()

    def _stop_children(self) -> None:
        now = dt.datetime.now(dt.UTC)
        for child in list(self.children):
            child.stop(now, error=None, cause="the Map Run ended")


def forget() -> None:
    """Clear the Map Runs of an embedded AWS that has ended."""
    with _lock:
        _runs.clear()


def of_execution(arn: str) -> list[MapRun]:
    """Return the Map Runs that an execution started, newest first."""
    with _lock:
        return [run for run in reversed(_runs.values()) if run.record.execution_arn == arn]


def of_arn(arn: str) -> MapRun | None:
    """Return a Map Run by its ARN, or None."""
    with _lock:
        return _runs.get(arn)


def child(arn: str) -> Child | None:
    """Return a child execution by its ARN, or None."""
    with _lock:
        return next(
            (execution for run in _runs.values() for execution in run.children if execution.exec_arn == arn), None
        )


def install() -> None:
    """Run the items of distributed Maps as child executions."""
    original, original_error = StateMap._eval_state, StateMap._from_error

    def evaluate(self: Any, env: Any) -> None:
        try:
            original(self, env)
        except _AbortedError:
            return

    def from_error(self: Any, env: Any, ex: Exception) -> Any:
        if isinstance(ex, _AbortedError):
            raise ex
        return original_error(self, env, ex)

    replace(StateMap, "_eval_state", evaluate)
    replace(StateMap, "_from_error", from_error)
    replace(DistributedIterationComponent, "_eval_body", _eval_body)


def _eval_body(self: Any, env: Any) -> None:
    evaluation = env.stack.pop()
    record = evaluation.map_run_record
    _require_start(env, record)
    inputs = [_selected(env, evaluation, index, item) for index, item in enumerate(evaluation.input_items)]
    started = MapRunStartedEventDetails(mapRunArn=record.map_run_arn)
    _record_event(env, HistoryEventType.MapRunStarted, mapRunStartedEventDetails=started)
    parent = stepfunctions_parser_backends[active().account][active().region].describe_execution(record.execution_arn)
    run = MapRun(parent, record, self._get_iteration_program(), inputs)
    try:
        results = run.run(env)
    except _AbortedError:
        _record_event(env, HistoryEventType.MapRunAborted)
        raise
    if run.failed:
        record.set_stop(MapRunStatus.FAILED)
        raise FailureEventException(_failure(env, *_THRESHOLD))
    record.set_stop(MapRunStatus.SUCCEEDED)
    _record_event(env, HistoryEventType.MapRunSucceeded)
    env.stack.append(results)


_THRESHOLD = (
    StatesErrorNameType.StatesExceedToleratedFailureThreshold,
    "The specified tolerated failure threshold was exceeded",
)


def _require_start(env: Any, record: Any) -> None:
    """Fail the Map Run if the role may not start its own machine.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    role = str(env.aws_execution_details.role_arn).rsplit("/", 1)[1]
    call = Call(
        "states:StartExecution", record.execution_arn.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0]
    )
    if authorization.role_statements(role) and not authorization.permits(role, call):
        raise FailureEventException(_failure(env, StatesErrorNameType.StatesPermissions, f"{role} may not {call}"))
    authorization.record_calls(role, call)


def _selected(env: Any, evaluation: Any, index: int, item: Any) -> Any:
    """Return a child's input: the parent's variables are in scope of the selector."""
    if evaluation.item_selector is None:
        return item
    frame = env.open_inner_frame()
    try:
        frame.states.context_object.context_object_data["Map"] = MapData(Item=ItemData(Index=index, Value=item))
        frame.states.reset(input_value=env.states.get_input())
        evaluation.item_selector.eval(frame)
        return frame.stack[-1]
    finally:
        env.delete_frame(frame)


def _record_event(env: Any, kind: Any, **details: Any) -> None:
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=kind,
        event_details=EventDetails(**details) if details else None,
    )


def _failure(env: Any, kind: Any, cause: str) -> FailureEvent:
    details = {"error": kind.to_name(), "cause": cause}
    return FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=kind),
        event_type=HistoryEventType.MapRunFailed,
        event_details=EventDetails(mapRunFailedEventDetails=details),
    )
