"""JSONata as AWS evaluates it.

moto ships the grammar but no evaluator. jsonata-python is one, with a difference that matters: it returns None for
null and for nothing alike, where AWS fails the state (States.QueryEvaluationError) if an expression yields nothing;
moto calls that States.Runtime, which no Catch is told, and evaluates each expression three times.
AWS adds $partition, $range, $hash, $random, $uuid and $parse, and refuses $eval:
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from functools import lru_cache
from typing import Any

import jsonata
from jsonata.utils import Utils
from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.intrinsic import jsonata as intrinsics
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.jsonata import jsonata as seam
from moto.stepfunctions.parser.asl.jsonata import validations
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local.aws.seams import replace, replace_everywhere

_WHOLE_FLOATS = 2**53


def evaluate(expression: str) -> Any:
    """Evaluate an expression that begins with moto's variable declarations.

    Raises:
        JSONataException: It does not parse, fails, or yields nothing.
    """
    try:
        # The wrapping tells a null from nothing: a member whose value is nothing is left out.
        answer = _parsed(f"{{'value': ({expression})}}").evaluate(None)
    except Exception as error:
        raise seam.JSONataException("UNKNOWN", str(error)) from error
    if not isinstance(answer, dict) or "value" not in answer:
        raise seam.JSONataException("UNDEFINED", "The JSONata expression returned nothing (undefined).")
    value = _plain(answer["value"])
    if not isinstance(value, dict | list | str | int | float | bool | None):
        raise seam.JSONataException("UNSUPPORTED", "The JSONata expression returned an unsupported result type.")
    return value


def install() -> None:
    """Give moto the evaluator, and let no variable's text break its declaration."""
    replace(seam, "_eval_jsonata", evaluate)
    # `evaluate` has looked already: another two evaluations would tell nothing new.
    replace_everywhere(validations, "validate_jsonata_expression_output", lambda *_: None)
    original = StringJSONata._eval_body

    def eval_body(self: Any, env: Any) -> None:
        try:
            original(self, env)
        except seam.JSONataException as error:
            raise _evaluation_failed(env, self.expression, error) from error

    replace(StringJSONata, "_eval_body", eval_body)
    replace_everywhere(seam, "encode_jsonata_variable_declarations", _declare)
    for name in ("$hash", "$uuid", "$partition", "$range", "$parse"):
        intrinsics._DECLARATION_BY_VARIABLE_REFERENCE.pop(name, None)


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


def _parsed(expression: str) -> Any:
    parsed = jsonata.Jsonata(expression)
    for name, function in _FUNCTIONS.items():
        parsed.register_lambda(name, function)
    return parsed


def _declare(bindings: dict[str, Any]) -> str:
    return "".join(f"{name}:={_encoded(value)};" for name, value in bindings.items())


def _encoded(value: Any) -> str:
    return str(to_json_str(value, separators=(",", ":")))


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
