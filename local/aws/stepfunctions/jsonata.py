"""JSONata as AWS evaluates it.

moto has the grammar but no evaluator. This module uses jsonata-python, with one important difference. jsonata-python
returns None both for null and for no result; AWS fails the state (States.QueryEvaluationError) if an expression has no
result. moto calls that error States.Runtime, which no Catch matches. moto also evaluates each expression three times,
and writes the variables into its text, so it parses it each time. Here each expression is parsed once and receives the
variables that it reads. AWS adds $partition, $range, $hash, $random, $uuid and $parse, and refuses $eval:
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jsonata
from jsonata.utils import Utils
from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.jsonata import jsonata as seam
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE_FLOATS = 2**53


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """Return the value of an expression with the variables that it reads.

    Raises:
        JSONataException: The expression does not parse, fails, or has no result.
    """
    try:
        answer = _of_this_thread(_parsed(expression)).evaluate(None, _bound(variables))
    except Exception as error:
        raise seam.JSONataException("UNKNOWN", str(error)) from error
    if not isinstance(answer, dict) or "value" not in answer:
        raise seam.JSONataException("UNDEFINED", "The JSONata expression returned nothing (undefined).")
    value = _plain(answer["value"])
    if not isinstance(value, dict | list | str | int | float | bool | None):
        raise seam.JSONataException("UNSUPPORTED", "The JSONata expression returned an unsupported result type.")
    return value


def install() -> None:
    """Make moto use this evaluator."""
    replace(StringJSONata, "_eval_body", _eval_body)


def variables_of(expression: str, env: Any) -> dict[str, Any]:
    """Return the current variables that an expression reads; of $states, only the members that it names."""
    references = [reference.removeprefix("$").split(".") for reference in _references(expression)]
    known = {**env.variable_store._outer_scope, **env.variable_store._inner_scope}
    variables = {name: known[name] for name, *_ in references if name in known}
    members = [path[1:2] for path in references if path[0] == "states"]
    if members:
        states = dict(env.states._states_data)
        named = states if [] in members else {name for (name,) in members}
        variables["states"] = {name: value for name, value in states.items() if name in named}
    return variables


def _eval_body(self: Any, env: Any) -> None:
    try:
        env.stack.append(evaluate(self.expression, variables_of(self.expression, env)))
    except seam.JSONataException as error:
        raise _evaluation_failed(env, self.expression, error) from error


def _evaluation_failed(env: Any, expression: str, error: Exception) -> FailureEventException:
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    cause = f"The JSONata expression '{expression}' could not be evaluated: {error.args[-1]}"
    details = EvaluationFailedEventDetails(cause=cause, error=name.error_name)
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.EvaluationFailed,
            event_details=EventDetails(evaluationFailedEventDetails=details),
        )
    )


@lru_cache(maxsize=4096)
def _references(expression: str) -> frozenset[str]:
    return frozenset(seam.extract_jsonata_variable_references(expression))


@lru_cache(maxsize=4096)
def _parsed(expression: str) -> Any:
    # The object distinguishes null from no result: it omits a member without a result.
    parsed = jsonata.Jsonata(f"{{'value': ({expression})}}")
    for name, function in _FUNCTIONS.items():
        parsed.register_lambda(name, function)
    return parsed


def _of_this_thread(parsed: Any) -> Any:
    """Return a copy for one evaluation, which holds the time and the input. jsonata-python reads it from the thread."""
    own = copy.copy(parsed)
    jsonata.Jsonata.CURRENT.jsonata = own
    return own


def _bound(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return copies of variables in jsonata-python's form: integral numbers without a fraction, and its own null."""
    read = json.loads(to_json_str(variables), parse_float=_number, parse_int=_number)
    return {name: _with_nulls(value) for name, value in read.items()}


def _number(text: str) -> Any:
    return Utils.convert_number(float(text))


def _with_nulls(value: Any) -> Any:
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {key: _with_nulls(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_nulls(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    if value is None or value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_FLOATS:
        return int(value)
    return value


def _partition(items: list[Any], size: float) -> list[list[Any]]:
    return [items[start : start + int(size)] for start in range(0, len(items), int(size))]


def _range(first: float, last: float, step: float) -> list[int]:
    return list(range(int(first), int(last) + (1 if step > 0 else -1), int(step)))


def _hash(text: str, algorithm: str = "SHA-256") -> str:
    return hashlib.new(algorithm.replace("-", "").lower(), text.encode(), usedforsecurity=False).hexdigest()


def _refuse_eval(*_: object) -> None:
    raise ValueError("$eval is not supported by Step Functions")


@lru_cache(maxsize=1)
def _random() -> random.Random:
    return random.Random()  # noqa: S311 - JSONata's $random is no secret


_FUNCTIONS = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "uuid": lambda: str(uuid.uuid4()),
    "random": lambda: _random().random(),
    "parse": json.loads,
    "eval": _refuse_eval,
}
