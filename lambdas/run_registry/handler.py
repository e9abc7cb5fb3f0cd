"""Lambda handler: one operation of the registry per event."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import boto3

from run_registry import approvals, events
from run_registry.binding import require_caller
from run_registry.errors import InvalidEventError
from run_registry.executions import AwsExecutions
from run_registry.service import RunRegistry
from run_registry.store import S3Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from run_registry.sealing import Answer

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


@cache
def store() -> S3Store:
    """Return the store, built on first use."""
    return S3Store(boto3.client("s3"), os.environ["DATA_BUCKET"])


@cache
def registry() -> RunRegistry:
    """Return the registry, built on first use so that importing calls no AWS."""
    executions = AwsExecutions(
        boto3.client("stepfunctions"), boto3.client("emr-serverless"), os.environ["APPLICATION_ID"]
    )
    return RunRegistry(store(), executions, lambda: datetime.now(UTC))


class Invocation(Protocol):
    """The part of Lambda's context that the handler uses."""

    invoked_function_arn: str


def handler(event: dict[str, Any], context: Invocation) -> dict[str, Any]:
    """Answer one event: {"operation", "domain", "run", "execution", and the operation's own fields}.

    `begin` needs "mode" and takes "kind", `fail` needs "error" and "cause", `lift` "etag", `applied` "instant",
    `cutOver` "instant" and takes "verifyAfter"; `finish` takes "proven".
    """
    operation = events.text(event, "operation")
    require_caller(context.invoked_function_arn, os.environ["STACK"], events.caller_of(event), operation)
    approval = approvals.approval(
        event, datetime.now(UTC).isoformat(timespec="seconds"), is_needed=os.environ.get("SECOND_PERSON") == "true"
    )
    answer = answer_event(registry(), event)
    approvals.record(store(), approval)
    logged = {name: value for name, value in answer.items() if name != "base"}  # large, and also in the bucket
    logger.info(json.dumps({"operation": operation, "domain": event["domain"], "answer": logged}))
    return answer


def answer_event(service: RunRegistry, event: dict[str, Any]) -> dict[str, Any]:
    """Carry out the event's operation.

    Raises:
        InvalidEventError: A field is missing or the operation is unknown.
    """
    caller = events.caller_of(event)
    operations: dict[str, Callable[[], Answer]] = {
        "begin": lambda: service.begin(replace(caller, mode=events.mode(event))),
        "change": lambda: service.change(caller),
        "applied": lambda: service.applied(caller, events.instant(event)),
        "finish": lambda: service.finish(caller, events.proven(event)),
        "fail": lambda: service.fail(caller, events.text(event, "error"), str(event.get("cause", ""))),
        "lift": lambda: service.lift(caller, events.text(event, "etag")),
        "release": lambda: service.release(caller),
        "stop": lambda: service.stop(caller),
        "cutOver": lambda: service.cut_over(
            caller, events.instant(event), verify_after=events.flag(event, "verifyAfter")
        ),
    }
    operation = events.text(event, "operation")
    if operation not in operations:
        *names, last = operations
        raise InvalidEventError(f"operation: {operation!r} is not {', '.join(names)} or {last}")
    return operations[operation]()
