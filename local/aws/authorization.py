"""IAM: record each call of a role, and refuse it if the role's policies do not allow it.

moto can check actions, but ignores the resources and conditions of policies. This module derives the actions and
resources that AWS would check for a call, and evaluates the role's policies as they were deployed. Operators and tests
have no role here, so their calls pass.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

import xmltodict
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS, XFormedDict
from moto.core.request import determine_request_protocol
from moto.core.responses import ActionResult
from moto.core.utils import get_service_model
from moto.iam.models import iam_backends
from moto.s3.exceptions import S3ClientError
from werkzeug.exceptions import HTTPException

from local.aws.active import active
from local.aws.iam_context import MotoAccount
from local.aws.seams import replace
from local.aws.stepfunctions.clients import role_of
from local.iam.objects import ObjectRequest, object_calls
from local.iam.operations import calls
from local.iam.policy import Call, Statement, statements, within
from local.iam.requests import Scope

_XML_CODE = ("rds", "iam", "sts")  # the error code of the query protocol; JSON services answer AccessDeniedException
_lock = threading.Lock()
_record: dict[str, Counter[Call]] = defaultdict(Counter)
_refused: list[str] = []


def install() -> None:
    """Check each call against the policies of the calling role."""
    replace(ActionAuthenticatorMixin, "_authenticate_and_authorize_action", _authorize)


def forget() -> None:
    """Clear the record when its roles no longer exist."""
    with _lock:
        _record.clear()
        _refused.clear()


def recorded(role: str) -> set[Call]:
    """Return the distinct calls that a role was allowed."""
    with _lock:
        return set(_record[role])


def record_calls(caller: str, *made: Call) -> None:
    """Record calls that arrive without a request, because a service makes them as itself."""
    with _lock:
        _record[caller].update(made)


def refused() -> list[str]:
    """Return the messages of the refused calls, in order."""
    with _lock:
        return list(_refused)


def take_refused() -> list[str]:
    """Return the messages of the refused calls and clear them, for a caller that expected the refusals."""
    with _lock:
        taken = list(_refused)
        _refused.clear()
        return taken


def role_statements(role: str) -> list[Statement]:
    """Return the statements of a role's deployed policies, or an empty list if the role does not exist."""
    deployed = _role(role)
    if deployed is None:
        return []
    documents = [*deployed.policies.values(), *map(_managed, deployed.managed_policies.values())]
    return [statement for text in documents for statement in _parsed(text)]


def boundary_statements(role: str) -> list[Statement]:
    """Return the statements of a role's permissions boundary, or one that allows everything if it has none."""
    deployed = _role(role)
    arn = deployed.permissions_boundary_arn if deployed is not None else None
    if not arn:
        return [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    return list(_parsed(_managed(_backend().managed_policies[arn])))


def permits(role: str, call: Call) -> bool:
    """Return whether a role's deployed policies and its boundary allow a call."""
    arn = f"arn:aws:iam::{active().account}:role/{role}"
    return within(boundary_statements(role), role_statements(role), call, arn)


def _managed(policy: Any) -> str:
    """Return the document of a managed policy's default version."""
    return str(next(version.document for version in policy.versions if version.is_default))


def _role(name: str) -> Any:
    return next((entry for entry in list(_backend().roles.values()) if entry.name == name), None)


def _backend() -> Any:
    return iam_backends[active().account]["aws"]


@lru_cache(maxsize=64)
def _parsed(text: str) -> tuple[Statement, ...]:
    return tuple(statements(text))


def _authorize(self: Any, _request_class: type, resource: str = "*") -> None:
    role_arn = role_of(self.access_key)
    if role_arn is None:
        return
    role = role_arn.rsplit("/", 1)[1]
    made = _object_calls(self, resource) if self.service_name == "s3" else _calls(self)
    for call in made:
        if not permits(role, call):
            _refuse(self, role, call)
    record_calls(role, *made)


def _scope() -> Scope:
    return Scope(active().account, active().region)


def _calls(response: Any) -> list[Call]:
    service, operation = response.boto3_service_name, response._get_action()
    model, request = get_service_model(service), response.normalized_request
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)]
    arguments = parser(model.operation_model(operation), map_type=dict).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )
    arguments = arguments.original_dict() if isinstance(arguments, XFormedDict) else arguments
    return calls(service, operation, arguments, _scope(), MotoAccount())


def _object_calls(response: Any, resource: str) -> list[Call]:
    bucket, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
    action, headers = response._get_action(), response.headers
    query = parse_qs(urlparse(response.uri).query, keep_blank_values=True)
    keys = (unquote(key),) if key else ()
    if action == "DeleteObject" and not keys:  # DeleteObjects, which names its keys in the body
        named = xmltodict.parse(response.body, force_list=("Object",))["Delete"]["Object"]
        keys = tuple(entry["Key"] for entry in named)
    asked = ObjectRequest(
        action,
        bucket,
        keys,
        prefix=query["prefix"][0] if "prefix" in query else None,
        conditional="If-Match" in headers,
        multipart=bool({"uploads", "uploadId"} & set(query)),
        copied=unquote(headers.get("x-amz-copy-source", "")).lstrip("/"),
    )
    return object_calls(asked, _scope(), MotoAccount())


class _Refusal(ServiceException):  # type: ignore[misc]  # moto has no types
    """A refusal of any service; moto derives the error's service from the package of its class."""


def _refuse(response: Any, role: str, call: Call) -> None:
    """Answer with AWS's message: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html."""
    caller = f"arn:aws:sts::{active().account}:assumed-role/{role}/embedded"
    message = (
        f"User: {caller} is not authorized to perform: {call.action} on resource: {call.resource} "
        f"because no identity-based policy allows the {call.action} action"
    )
    with _lock:
        _refused.append(f"{message} ({call})")
    if response.service_name == "s3":
        raise S3ClientError("AccessDenied", message)
    code = "AccessDenied" if response.boto3_service_name in _XML_CODE else "AccessDeniedException"
    _, headers, body = response.serialized(ActionResult(_Refusal(code, message)))
    response.response_headers.update(headers)
    denied = HTTPException(body)
    denied.code = 403
    raise denied
