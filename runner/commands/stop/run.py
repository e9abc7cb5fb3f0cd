"""The steps that stop a run: its execution, then, through the registry, its Map items, job runs and lock."""

from __future__ import annotations

import getpass
import time
import uuid
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from runner.errors import FunctionError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.account.environments import Environment
    from runner.account.executions import Execution
    from runner.account.functions import Functions

_POLL_SECONDS = 5.0
_LIMIT_SECONDS = 600.0  # cancelled job runs end within minutes
_CAUSE = "A person stopped the run"


def stop(
    environment: Environment,
    functions: Functions,
    execution: Execution,
    tell: Callable[[str], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Stop a run and wait until no part of it runs; clones, tables and evidence stay.

    Returns:
        The registry's last status: RECORDED, or NOT_OWNER if the run held no lock.

    Raises:
        UsageError: The run could not be stopped, or a part of it still runs after ten minutes.
    """
    if execution.status == "RUNNING":
        states = environment.client("stepfunctions")
        try:
            states.stop_execution(
                executionArn=execution.arn, error="RunStopped", cause=f"{_CAUSE}: {getpass.getuser()}"
            )
        except (BotoCoreError, ClientError) as error:
            raise UsageError(f"{execution.arn} could not be stopped: {error}") from error
        tell(f"{execution.domain}: the execution {execution.name} is stopped")
    holder = f"operator:{getpass.getuser()}-{uuid.uuid4().hex[:12]}"
    limit, reason = clock() + _LIMIT_SECONDS, ""
    while True:
        status, why = _mark(functions, execution, holder)
        if status in ("RECORDED", "NOT_OWNER"):
            return status
        if clock() > limit:
            raise UsageError(f"{why}; call it again: migrate stop {execution.run} --environment {environment.name}")
        if why != reason:
            tell(f"{execution.domain}: waiting, since {why}")
            reason = why
        sleep(_POLL_SECONDS)


def _mark(functions: Functions, execution: Execution, holder: str) -> tuple[str, str]:
    """Call the registry once; return its status and the reason for waiting.

    DescribeExecution is eventually consistent, so the registry may first see a stopped execution as running.
    """
    try:
        answer = functions.registry("stop", domain=execution.domain, run=execution.run, execution=holder)
    except FunctionError as error:
        if error.name != "StillRunningError":
            raise
        return "WAIT", "Step Functions still shows the execution as running"
    return str(answer["status"]), str(answer.get("reason", ""))
