"""Descriptions, listings and histories of executions.

moto gives an execution no name if the request has none. The context has the start time as a datetime, which expressions
cannot read. A text output lacks its quotes, a timed-out execution has no stop date, and a history has neither pages nor
order.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import ExecutionDoesNotExist, ResourceNotFound
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local.aws.active import active
from local.aws.seams import replace
from local.aws.stepfunctions import faults, map_runs
from local.aws.stepfunctions.children import Child

_PAGE = 100
_MAX_PAGE = 1000


def install() -> None:
    """Correct contexts, descriptions and histories, and fail a Choice that no rule matches."""
    original_details = Execution.get_start_execution_details
    original_describe = StepFunctionResponse.describe_execution
    original_choice = StateChoice._eval_state

    def start_details(self: Any) -> Any:
        details = original_details(self)
        details.start_time = _iso(self.start_date)
        return details

    def describe(self: Any) -> Any:
        if self._get_param("includedData") == "METADATA_ONLY" and faults.is_late():
            raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{self._get_param('executionArn')}'")
        answer = original_describe(self)
        return ActionResult(_described(self, dict(answer.result)))

    def choose(self: Any, env: Any) -> None:
        try:
            original_choice(self, env)
        except RuntimeError as error:
            if not str(error.args[0]).startswith("No branching option"):
                raise
            raise _no_choice_matched(env, self.name) from error

    original_start = StepFunctionsParserBackend.start_execution

    def start(self: Any, state_machine_arn: str, name: str | None, execution_input: str) -> Any:
        return original_start(self, state_machine_arn, name or str(uuid.uuid4()), execution_input)

    original_error = Environment.set_error

    def set_error(self: Any, error: Any) -> None:
        # A stopped Map fails, and would turn ABORTED into FAILED.
        if not isinstance(self._program_state, ProgramStopped | ProgramTimedOut):
            original_error(self, error)

    _find_children()
    replace(Environment, "set_error", set_error)
    replace(StepFunctionsParserBackend, "start_execution", start)
    replace(Execution, "get_start_execution_details", start_details)
    replace(StepFunctionResponse, "describe_execution", describe)
    replace(StepFunctionResponse, "get_execution_history", _history)
    replace(StepFunctionResponse, "list_executions", _list)
    replace(StepFunctionResponse, "list_map_runs", _list_map_runs)
    replace(StepFunctionResponse, "describe_map_run", _describe_map_run)
    replace(StateChoice, "_eval_state", choose)


def _find_children() -> None:
    """Look up the children of Map Runs by their ARN too."""
    original_describe = StepFunctionsParserBackend.describe_execution
    original_stop = StepFunctionsParserBackend.stop_execution

    def describe(self: Any, execution_arn: str) -> Any:
        return map_runs.child(execution_arn) or original_describe(self, execution_arn)

    def stop(self: Any, execution_arn: str) -> Any:
        child = map_runs.child(execution_arn)
        if child is None:
            return original_stop(self, execution_arn)
        child.stop(_now(), error=None, cause=None)
        return child

    replace(StepFunctionsParserBackend, "describe_execution", describe)
    replace(StepFunctionsParserBackend, "stop_execution", stop)


def _list(self: Any) -> ActionResult:
    """List the executions of a machine without its children, or the children of a Map Run, newest first."""
    map_run_arn = self._get_param("mapRunArn")
    if map_run_arn:
        executions = list(_map_run(map_run_arn).children)
    else:
        executions = list(
            self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn")).executions
        )
    status = self._get_param("statusFilter")
    matching = [execution for execution in executions if status in (None, str(execution.exec_status.value))]
    matching.sort(key=lambda execution: str(execution.start_date), reverse=True)
    return _page(self, "executions", [_listed(execution) for execution in matching])


def _listed(execution: Any) -> dict[str, Any]:
    entry = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": str(execution.exec_status.value),
        **_dates(execution),
    }
    if isinstance(execution, Child):
        entry |= {"mapRunArn": execution.map_run_arn, "itemCount": 1}
    return entry


def _list_map_runs(self: Any) -> ActionResult:
    arn = self._get_param("executionArn")
    self.stepfunction_backend.describe_execution(arn)
    return _page(self, "mapRuns", [run.record.list_item() for run in map_runs.of_execution(arn)])


def _describe_map_run(self: Any) -> ActionResult:
    return ActionResult(_map_run(self._get_param("mapRunArn")).describe())


def _map_run(arn: str) -> map_runs.MapRun:
    run = map_runs.of_arn(arn)
    if run is None:
        raise ResourceNotFound(arn)
    return run


def _page(response: Any, member: str, entries: list[Any]) -> ActionResult:
    size = min(int(response._get_param("maxResults") or _PAGE), _MAX_PAGE)
    start = int(response._get_param("nextToken") or 0)
    answer: dict[str, Any] = {member: entries[start : start + size]}
    if start + size < len(entries):
        answer["nextToken"] = str(start + size)
    return ActionResult(answer)


def _dates(execution: Any) -> dict[str, dt.datetime]:
    """Return the start and stop date of an execution.

    A caller that waits for a time after the end waits scaled, as every Wait does. So the end is moved back by that
    scale, and the start by as much, which keeps the duration.
    """
    began, ended = execution.start_date, execution.stop_date
    if ended is None:
        return {"startDate": began}
    age = _now() - ended
    moved = age / active().time_scale - age
    return {"startDate": began - moved, "stopDate": ended - moved}


def _described(response: Any, answer: dict[str, Any]) -> dict[str, Any]:
    execution = response.stepfunction_backend.describe_execution(answer["executionArn"])
    answer["redriveCount"] = 0
    answer |= _dates(execution)
    if isinstance(execution, Child):
        answer["mapRunArn"] = execution.map_run_arn
    if answer["status"] == "SUCCEEDED":
        answer["output"] = json.dumps(execution.output)
    if response._get_param("includedData") == "METADATA_ONLY":
        for name in ("input", "output", "cause", "error"):
            answer.pop(name, None)
    return answer


def _history(self: Any) -> ActionResult:
    arn = self._get_param("executionArn")
    events = list(self.stepfunction_backend.get_execution_history(arn)["events"])
    if self._get_param("reverseOrder"):
        events.reverse()
    return _page(self, "events", events)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _iso(moment: dt.datetime | str) -> str:
    if isinstance(moment, str):
        return moment
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _no_choice_matched(env: Any, state: str) -> FailureEventException:
    kind = StatesErrorNameType.StatesNoChoiceMatched
    details = {"error": kind.to_name(), "cause": f"No choice rule of the state {state} matches, and it has no Default."}
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=StatesErrorName(typ=kind),
            event_type=HistoryEventType.ExecutionFailed,
            event_details=EventDetails(executionFailedEventDetails=details),
        )
    )
