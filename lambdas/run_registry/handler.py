"""The Lambda: one operation of the registry per event."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

import boto3

from run_registry.binding import require_own
from run_registry.callers import Caller
from run_registry.documents import MODES
from run_registry.errors import InvalidEventError
from run_registry.executions import AwsExecutions
from run_registry.service import RunRegistry
from run_registry.store import S3Store

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


@cache
def registry() -> RunRegistry:
    """Return the registry, built on first use so that importing calls no AWS."""
    store = S3Store(boto3.client("s3"), os.environ["DATA_BUCKET"])
    executions = AwsExecutions(
        boto3.client("stepfunctions"), boto3.client("emr-serverless"), os.environ["APPLICATION_ID"]
    )
    return RunRegistry(store, executions, lambda: datetime.now(UTC))


class Invocation(Protocol):
    """What the handler asks of Lambda's context."""

    invoked_function_arn: str


def handler(event: dict[str, Any], context: Invocation) -> dict[str, Any]:
    """Answer one event: {"operation", "domain", "run", "execution", and what the operation needs}.

    `begin` needs "mode", `fail` "error" and "cause", `lift` "etag".
    """
    require_own(context.invoked_function_arn, os.environ["STACK"], _caller(event), _text(event, "operation"))
    answer = answer_event(registry(), event)
    logger.info(json.dumps({"operation": event["operation"], "domain": event["domain"], "answer": answer}))
    return answer


def answer_event(service: RunRegistry, event: dict[str, Any]) -> dict[str, Any]:
    """Carry out the event's operation.

    Raises:
        InvalidEventError: A field is missing or the operation is unknown.
    """
    caller = _caller(event)
    match _text(event, "operation"):
        case "begin":
            return service.begin(replace(caller, mode=_mode(event)))
        case "finish":
            return service.finish(caller)
        case "fail":
            return service.fail(caller, _text(event, "error"), str(event.get("cause", "")))
        case "lift":
            return service.lift(caller, _text(event, "etag"))
        case "release":
            return service.release(caller)
        case "stop":
            return service.stop(caller)
        case unknown:
            raise InvalidEventError(f"operation: {unknown!r} is not begin, finish, fail, lift, release or stop")


def _caller(event: dict[str, Any]) -> Caller:
    return Caller(domain=_text(event, "domain"), run=_text(event, "run"), execution=_text(event, "execution"))


def _mode(event: dict[str, Any]) -> str:
    """Return the run's mode, or nothing for an execution of a definition that did not say it yet."""
    mode = str(event.get("mode", ""))
    if mode and mode not in MODES:
        raise InvalidEventError(f"mode: {mode!r} is not {' or '.join(MODES)}")
    return mode


def _text(event: dict[str, Any], field: str) -> str:
    value = event.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidEventError(f"{field}: is missing or no text")
    return value
