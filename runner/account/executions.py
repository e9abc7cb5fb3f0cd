"""Executions, looked up by ARN, execution name, run id or domain."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from catalog.errors import CatalogError
from catalog.loader import load_catalog
from runner.account.environments import domain_of, is_catch_up
from runner.account.json_texts import json_object
from runner.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from runner.account.environments import Environment

# Every domain of the catalog; "both" is the older word.
ALL = ("all", "both")
LOOKED_BACK = 200  # executions of a domain; only the input has the run id, so each costs a call
_ARN_PARTS = 8


@dataclass(frozen=True)
class Execution:
    """An execution as DescribeExecution returns it."""

    arn: str
    domain: str
    status: str
    started: dt.datetime
    stopped: dt.datetime | None
    input: dict[str, Any]
    output: dict[str, Any]
    error: str = ""
    cause: str = ""

    @property
    def name(self) -> str:
        """Return the execution's name."""
        return self.arn.rsplit(":", 1)[1]

    @property
    def run(self) -> str:
        """Return its run id; the name of a first attempt is the run id."""
        return str(self.input.get("runId") or self.name)

    @property
    def is_catch_up(self) -> bool:
        """Return whether it is a catch-up or a repair."""
        return is_catch_up(self.arn)

    @property
    def verdict(self) -> str:
        """Return MATCH, MISMATCH, or NONE if the run compared nothing."""
        return "MISMATCH" if self.error == "DataMismatch" else str(self.output.get("verdict") or "NONE")


def domains(catalog: Path) -> list[str]:
    """Return the domains of an environment's catalog.

    Raises:
        UsageError: The catalog is wrong.
    """
    try:
        return sorted(load_catalog(catalog).domains)
    except CatalogError as error:
        raise UsageError(str(error)) from error


def is_arn(text: str) -> bool:
    """Return whether a text is the ARN of an execution."""
    return len(text.split(":")) == _ARN_PARTS and text.split(":")[5] == "execution"


def describe(states: Any, arn: str) -> Execution:  # noqa: ANN401 - a boto3 client
    """Return an execution.

    Raises:
        UsageError: The execution does not exist, or the caller may not read it.
    """
    try:
        answer = states.describe_execution(executionArn=arn)
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"{arn} cannot be read: {error}") from error
    return Execution(
        arn=arn,
        domain=domain_of(arn),
        status=answer["status"],
        started=answer["startDate"],
        stopped=answer.get("stopDate"),
        input=json_object(answer.get("input")),
        output=json_object(answer.get("output")),
        error=answer.get("error", ""),
        cause=answer.get("cause", ""),
    )


def newest_first(
    environment: Environment,
    domain: str,
    status: str | None = None,
    *,
    migrations: bool = True,
    catch_ups: bool = True,
) -> Iterator[str]:
    """Yield the ARNs of a domain's executions; none if it is not deployed.

    Migrations have other phases and times than catch-ups and repairs, so the caller can leave out either kind.
    """
    machines = [environment.machine(domain)] if migrations else []
    machines += [environment.catch_up_machine(domain)] if catch_ups else []
    listed = [_listed(environment, machine, domain, status) for machine in machines]
    yield from (arn for _, arn in heapq.merge(*listed, key=lambda entry: entry[0], reverse=True))


def _listed(
    environment: Environment, machine: str, domain: str, status: str | None
) -> Iterator[tuple[dt.datetime, str]]:
    """Yield the start time and ARN of each execution of a state machine, newest first."""
    states = environment.client("stepfunctions")
    chosen = {"statusFilter": status} if status else {}
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine, **chosen)
    try:
        for page in pages:
            for listed in page["executions"]:
                yield listed["startDate"], str(listed["executionArn"])
    except states.exceptions.StateMachineDoesNotExist:
        return
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"the executions of {domain} cannot be listed: {error}") from error


def find(environment: Environment, target: str) -> list[Execution]:
    """Return the executions that a target names: one by ARN or name, or the newest of each domain.

    Raises:
        UsageError: No execution matches the target.
    """
    states = environment.client("stepfunctions")
    if is_arn(target):
        return [describe(states, target)]
    known = domains(environment.catalog)
    if target in ALL:
        newest_ones = (next(newest_first(environment, domain), None) for domain in known)
        everything = [describe(states, arn) for arn in newest_ones if arn]
        if not everything:
            raise UsageError(f"no migration was started in {environment.name} in the last 90 days")
        return everything
    if target in known:
        newest = next(newest_first(environment, target), None)
        if newest is None:
            raise UsageError(f"no migration of {target} was started in {environment.name} in the last 90 days")
        return [describe(states, newest)]
    executions = [execution for domain in known if (execution := _of_run(environment, states, domain, target))]
    if not executions:
        raise UsageError(
            f"no domain, run id or execution named {target!r} (domains: {', '.join(known)}; searched the "
            f"{LOOKED_BACK} newest executions of each in {environment.name}); "
            f"list them: migrate status --environment {environment.name}"
        )
    return executions


def _of_run(environment: Environment, states: Any, domain: str, target: str) -> Execution | None:  # noqa: ANN401 - a boto3 client
    """Return the domain's newest execution of a run, or the execution of that name."""
    for looked, arn in enumerate(newest_first(environment, domain)):
        if looked == LOOKED_BACK:
            break
        execution = describe(states, arn)
        if target in (execution.run, execution.name):
            return execution
    return None
