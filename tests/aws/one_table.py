"""A rehearsal of one table by its own state machine next to the deployed ones, from clones to comparison."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from catalog.spec import build_spec, spec_key, spec_text
from statemachine.limits import Limits
from statemachine.render import render
from tests.deployed import deployed_names, with_single_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.models import Catalog
    from runner.account.environments import Environment


def migrate(
    environment: Environment,
    catalog: Catalog,
    domain: str,
    table: str,
    *,
    tell: Callable[[str], None],
    poll_seconds: float = 30,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Run the machine to its end, delete it, and return the answer of DescribeExecution.

    It takes the domain's lock as every run does, and destroys the clones if no other domain needs them.
    """
    small = with_single_table(catalog, domain, table)
    spec = build_spec(small, domain)
    key = environment.client("kms").describe_key(KeyId=f"alias/migration-{environment.name}")["KeyMetadata"]["Arn"]
    names = deployed_names(environment.name, environment.account, spec_key(spec), key)
    environment.client("s3").put_object(Bucket=names.artifacts_bucket, Key=spec_key(spec), Body=spec_text(spec))
    states = environment.client("stepfunctions")
    deployed = states.describe_state_machine(stateMachineArn=environment.machine(domain))
    machine = states.create_state_machine(
        name=f"{environment.prefix}-verify-{domain}",
        definition=render(small, domain, names, limits or Limits()),
        roleArn=deployed["roleArn"],
    )["stateMachineArn"]
    try:
        execution = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
        tell(f"started {execution}")
        while True:
            description: dict[str, Any] = states.describe_execution(executionArn=execution)
            if description["status"] != "RUNNING":
                return description
            time.sleep(poll_seconds)
    finally:
        states.delete_state_machine(stateMachineArn=machine)


def verdict(description: dict[str, Any]) -> str:
    """Return MATCH, or the run's error and cause."""
    output = json.loads(description.get("output") or "{}")
    return str(
        output.get("verdict") or f"{description.get('error', description['status'])}: {description.get('cause', '')}"
    )
