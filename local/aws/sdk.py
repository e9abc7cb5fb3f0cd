"""Names and values of Step Functions' SDK integrations, derived from botocore's service models.

Step Functions calls AWS through the Java SDK v2. Its member names are capitalized getters, and only a leading acronym
is folded (DBClusterIdentifier -> DbClusterIdentifier, but SourceDBClusterIdentifier stays).
"""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.response import StreamingBody

_session = botocore.session.get_session()
_ALIASES = {"sfn": "stepfunctions", "states": "stepfunctions", "cloudwatchlogs": "logs", "eventbridge": "events"}
# Java client names with inner capitals, which botocore's models lack.
_CLIENT_NAMES = {
    "dynamodb": "DynamoDb",
    "emrserverless": "EmrServerless",
    "stepfunctions": "Sfn",
    "secretsmanager": "SecretsManager",
}


@cache
def service_name(name: str) -> str:
    """Return botocore's name of a service, which resource ARNs spell without hyphens."""
    known = {service.replace("-", ""): service for service in _session.get_available_services()}
    plain = _ALIASES.get(name, name).replace("-", "").lower()
    return str(known.get(plain, name))


@cache
def model(service: str) -> Any:
    """Return the service's model."""
    return _session.get_service_model(service)


@cache
def operation(service: str, action: str) -> OperationModel | None:
    """Return the model of an operation, which ARNs spell in camelCase."""
    matching: OperationModel | None = None
    for name in model(service).operation_names:
        if name.lower() == action.lower():
            matching = model(service).operation_model(name)
    return matching


def member_name(name: str) -> str:
    """Return Step Functions' name of a member."""
    name = name[:1].upper() + name[1:]
    capitals = next((i for i, letter in enumerate(name) if not letter.isupper()), len(name))
    if capitals <= 1:
        return name
    acronym = capitals if capitals == len(name) else capitals - 1
    return name[0] + name[1:acronym].lower() + name[acronym:]


def error_name(service: str, code: str) -> str:
    """Return the name that a Catch matches: the modelled error, or else the service's general one."""
    client = _CLIENT_NAMES.get(service.replace("-", ""), service[:1].upper() + service[1:])
    for shape in model(service).error_shapes:
        declared = shape.metadata.get("error", {}).get("code", shape.name)
        if code.rsplit(".", 1)[-1] in (shape.name, declared):
            stem = shape.name.removesuffix("Fault").removesuffix("Exception")
            return f"{client}.{member_name(stem)}Exception"
    return f"{client}.{client}Exception"


def to_boto(value: Any, shape: Shape | None) -> Any:
    """Return a Task's arguments with botocore's member names; a blob other than bytes becomes JSON."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = {member_name(name).lower(): name for name in shape.members}
        return {
            members.get(key.lower(), key): to_boto(item, shape.members.get(members.get(key.lower(), "")))
            for key, item in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_boto(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: to_boto(item, shape.value) for key, item in value.items()}
    if shape is not None and shape.type_name == "blob" and not isinstance(value, bytes):
        return json.dumps(value, separators=(",", ":")).encode()
    return value


def from_boto(value: Any, shape: Shape | None) -> Any:
    """Return an answer in Step Functions' form: its member names, times as text, bodies read."""
    if isinstance(value, StreamingBody | bytes):
        content = value.read() if isinstance(value, StreamingBody) else value
        return content.decode("utf-8", "replace")
    if isinstance(value, dt.datetime):
        moment = value.astimezone(dt.UTC)
        return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")
    if isinstance(value, dict) and isinstance(shape, MapShape):
        return {key: from_boto(item, shape.value) for key, item in value.items()}
    if isinstance(value, dict):
        members = shape.members if isinstance(shape, StructureShape) else {}
        return {member_name(key): from_boto(item, members.get(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [from_boto(item, getattr(shape, "member", None)) for item in value]
    return value
