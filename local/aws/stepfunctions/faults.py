"""Planted answers and errors of states, with which a test simulates rare answers of the service.

The state's own Retry and Catch handle a planted error. A planted answer replaces the call's result, in the names of
Step Functions.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from local.aws.seams import replace


@dataclass(frozen=True)
class Failure:
    """An error as a state's Catch receives it."""

    error: str
    cause: str = "planted"


_lock = threading.Lock()
_planted: dict[str, list[Any]] = {}
_late = [0]  # number of answers about executions that come too late


def plant(state: str, *answers: Any, times: int = 1, before_others: bool = False) -> None:
    """Plant answers for the next visits of a state, in turn and `times` over.

    An answer is a Failure, the result of the call, a function of its real result, or None, which makes the real call.
    """
    with _lock:
        queue = _planted.setdefault(state, [])
        position = 0 if before_others else len(queue)
        queue[position:position] = list(answers) * times


def answer_late(times: int) -> None:
    """Make the functions' next DescribeExecution calls miss the execution: the call is eventually consistent.

    The functions ask for METADATA_ONLY. Callers that follow an execution do not, and see it.
    """
    with _lock:
        _late[0] = times


def is_late() -> bool:
    """Return whether the next answer comes too late, and count it."""
    with _lock:
        _late[0] -= 1
        return _late[0] >= 0


def forget() -> None:
    """Remove the planted answers that no state has met."""
    with _lock:
        _planted.clear()
        _late[0] = 0


def install() -> None:
    """Check for planted answers before each Task and Map."""
    for kind in (StateTaskService, StateMap):
        _wrap(kind)


def _wrap(kind: Any) -> None:
    original = kind._eval_execution

    def evaluate(self: Any, env: Any) -> None:
        with _lock:
            queue = _planted.get(self.name)
            answer = queue.pop(0) if queue else None
        if answer is None:
            original(self, env)
        elif isinstance(answer, Failure):
            raise FailureEventException(_event(env, answer))
        elif callable(answer):
            original(self, env)
            env.stack[-1] = answer(env.stack[-1])
        else:
            env.stack.append(answer)

    replace(kind, "_eval_execution", evaluate)


def _event(env: Any, failure: Failure) -> FailureEvent:
    details = TaskFailedEventDetails(
        resource="planted", resourceType="planted", error=failure.error, cause=failure.cause
    )
    return FailureEvent(
        env=env,
        error_name=CustomErrorName(failure.error),
        event_type=HistoryEventType.TaskFailed,
        event_details=EventDetails(taskFailedEventDetails=details),
    )
