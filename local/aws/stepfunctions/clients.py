"""Clients with which Tasks call AWS.

moto creates one per call, slowly and with a fixed access key. These are kept, and act as the machine's role.
"""

from __future__ import annotations

import threading
from typing import Any

import boto3
from botocore.config import Config
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.sts.models import sts_backends

from local.aws.active import active
from local.aws.seams import replace_everywhere

_TASK_READ_SECONDS = 3600  # a Lambda call takes as long as the function
_lock = threading.Lock()
_clients: dict[tuple[str, ...], Any] = {}
_credentials: dict[str, dict[str, str]] = {}
_roles: dict[str, str] = {}


def role_credentials(role_arn: str) -> dict[str, str]:
    """Return a role's credentials as environment variables, by which moto recognizes the account and the role."""
    with _lock:
        if role_arn not in _credentials:
            session = sts_backends[active().account]["aws"].assume_role(
                region_name=active().region,
                role_session_name="embedded",
                role_arn=role_arn,
                policy="",
                duration=43200,
                external_id="",
            )
            _credentials[role_arn] = {
                "AWS_ACCESS_KEY_ID": session.access_key_id,
                "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
                "AWS_SESSION_TOKEN": session.session_token,
            }
            _roles[session.access_key_id] = role_arn
        return _credentials[role_arn]


def role_of(access_key_id: str) -> str | None:
    """Return the ARN of the role that owns these credentials, or None."""
    return _roles.get(access_key_id)


def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    """Return the client of a service for the role of a state."""
    role = getattr(state_credentials, "role_arn", None) or f"arn:aws:iam::{active().account}:role/states"
    keys = role_credentials(role)
    key = (region, service, keys["AWS_ACCESS_KEY_ID"], active().endpoint_url)
    with _lock:  # creating clients is slow and not thread-safe
        if key not in _clients:
            session: Any = boto3.session.Session()  # the stubs support only literal service names
            _clients[key] = session.client(
                service,
                region_name=region,
                endpoint_url=active().endpoint_url,
                aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                aws_session_token=keys["AWS_SESSION_TOKEN"],
                config=Config(
                    parameter_validation=False,
                    retries={"total_max_attempts": 1},
                    read_timeout=_TASK_READ_SECONDS,
                    max_pool_connections=64,
                ),
            )
        return _clients[key]


def forget() -> None:
    """Clear clients and credentials when their server has ended."""
    with _lock:
        _clients.clear()
        _credentials.clear()
        _roles.clear()


def install() -> None:
    """Give every Task a client of this module."""
    replace_everywhere(boto_client, "boto_client_for", client_for)
