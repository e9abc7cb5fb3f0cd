"""Stopping of the Spark application; AWS updates it only while it is stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.account.environments import Environment

_LIVING = ["CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"]
_UNENDED = ["SUBMITTED", "PENDING", "SCHEDULED", "QUEUED", "RUNNING", "CANCELLING"]
_UPDATABLE = ("CREATED", "STOPPED")
_POLL_SECONDS = 5.0
_LOOKS = 120


def stop_application(environment: Environment, *, sleep: Callable[[float], None] = time.sleep) -> str:
    """Stop the environment's application, wait, and return its name.

    Raises:
        UsageError: The application does not exist, runs jobs, or does not stop.
    """
    emr = environment.client("emr-serverless")
    name = f"{environment.prefix}-spark"
    identifier = _identifier(emr, name)
    pages = emr.get_paginator("list_job_runs").paginate(applicationId=identifier, states=_UNENDED)
    jobs = [job["name"] for page in pages for job in page["jobRuns"]]
    if jobs:
        raise UsageError(f"{name} runs {', '.join(jobs)}; wait for the end of the migration, or stop it first")
    if _state(emr, identifier) not in _UPDATABLE:
        emr.stop_application(applicationId=identifier)
    for _ in range(_LOOKS):
        if _state(emr, identifier) in _UPDATABLE:
            return name
        sleep(_POLL_SECONDS)
    raise UsageError(f"{name} is {_state(emr, identifier)} after {_LOOKS * _POLL_SECONDS:.0f} s; look at it in EMR")


def _identifier(emr: Any, name: str) -> str:  # noqa: ANN401 - a boto3 client
    pages = emr.get_paginator("list_applications").paginate(states=_LIVING)
    identifiers = [entry["id"] for page in pages for entry in page["applications"] if entry["name"] == name]
    if len(identifiers) != 1:
        raise UsageError(
            f"there are {len(identifiers)} applications named {name}, not one; deploy the stack, or delete others"
        )
    return str(identifiers[0])


def _state(emr: Any, identifier: str) -> str:  # noqa: ANN401 - a boto3 client
    return str(emr.get_application(applicationId=identifier)["application"]["state"])
