"""Lambda handler: one operation of the clone service per event."""

from __future__ import annotations

import json
import logging
import os
from functools import cache
from typing import Any, Protocol

import boto3

from aurora_clone.binding import require_caller
from aurora_clone.clusters import Rds
from aurora_clone.errors import InvalidEventError
from aurora_clone.seal import S3Seal
from aurora_clone.service import CloneService, CloneSettings

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


@cache
def service() -> CloneService:
    """Return the service, built on first use so that importing calls no AWS."""
    environment = os.environ
    settings = CloneSettings(
        stack=environment["STACK"],
        sources=frozenset(json.loads(environment["SOURCES"])),
        instance_class=environment["CLONE_INSTANCE_CLASS"],
        security_group_id=environment.get("CLONE_SECURITY_GROUP_ID", ""),
        parameter_groups=json.loads(environment.get("CLONE_PARAMETER_GROUPS", "{}")),
    )
    seal = S3Seal(boto3.client("s3"), boto3.client("stepfunctions"), environment["DATA_BUCKET"])
    return CloneService(Rds(boto3.client("rds")), seal, settings)


class Invocation(Protocol):
    """The part of Lambda's context that the handler uses."""

    invoked_function_arn: str


def handler(event: dict[str, Any], context: Invocation) -> dict[str, Any]:
    """Answer one event: {"operation", "source", "clone", "runId", "domain", "mode", "seal": {"etag", "execution"}}.

    `start` tags the clone with "runId", "domain" and "mode"; `destroy` needs the seal.
    """
    seal = event.get("seal")
    holder = str(seal.get("execution", "")) if isinstance(seal, dict) else ""
    require_caller(context.invoked_function_arn, _text(event, "operation"), holder)
    answer = answer_event(service(), event)
    logger.info(json.dumps({"operation": event["operation"], "clone": event["clone"], "answer": answer}))
    return answer


def answer_event(clones: CloneService, event: dict[str, Any]) -> dict[str, Any]:
    """Carry out the event's operation.

    Raises:
        InvalidEventError: A field is missing or the operation is unknown.
    """
    source, clone = _text(event, "source"), _text(event, "clone")
    match _text(event, "operation"):
        case "status":
            return clones.status(source, clone)
        case "start":
            # An execution of an older definition passes neither domain nor mode.
            domain, mode = (str(event.get(name, "")) for name in ("domain", "mode"))
            return clones.start(source, clone, _text(event, "runId"), domain=domain, mode=mode)
        case "verify":
            return clones.verify(source, clone)
        case "destroy":
            seal = event.get("seal")
            if not isinstance(seal, dict):
                raise InvalidEventError("seal: is missing or no object with etag and execution")
            return clones.destroy(source, clone, _text(seal, "etag"), _text(seal, "execution"))
        case unknown:
            raise InvalidEventError(f"operation: {unknown!r} is not status, start, verify or destroy")


def _text(event: dict[str, Any], field: str) -> str:
    value = event.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidEventError(f"{field}: is missing or not a text")
    return value
