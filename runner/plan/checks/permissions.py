"""Checks of the rights of the caller and of the stack's roles.

IAM simulates them: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.account.environments import SYSTEM
from runner.account.lookups import CLONE_SUFFIX
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account


@dataclass(frozen=True)
class Need:
    """Actions that a principal needs on resources; `context` holds the condition keys."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: dict[str, str] = field(default_factory=dict)


def check_caller(account: Account) -> Iterator[Finding]:
    """Fail on rights to start and follow a run that the caller lacks."""
    caller = str(account.client("sts").get_caller_identity()["Arn"])
    if caller.endswith(":root"):
        return  # the root user has every right, and IAM cannot simulate it
    principal = caller
    if ":assumed-role/" in caller:
        # The session's ARN lacks the role's path.
        role = caller.split("/")[1]
        principal = account.client("iam").get_role(RoleName=role)["Role"]["Arn"]
    executions = account.machine.replace(":stateMachine:", ":execution:")
    # Each clone and table is a Map item: a child execution, which a Map Run lists.
    item, map_run = f"{executions}/any:any", account.machine.replace(":stateMachine:", ":mapRun:") + "/any:any"
    needs = [
        Need(("states:StartExecution",), (account.machine,)),
        Need(("states:DescribeExecution", "states:GetExecutionHistory", "states:ListMapRuns"), (f"{executions}:*",)),
        Need(("states:GetExecutionHistory",), (item,)),
        Need(("states:ListExecutions",), (map_run,)),
    ]
    yield from _denied(
        account, principal, f"the caller {caller}", needs, "let its policy allow it, or take another role"
    )


def check_machine(account: Account) -> Iterator[Finding]:
    """Fail on rights that the state machine's role lacks."""
    machine = account.client("stepfunctions").describe_state_machine(stateMachineArn=account.machine)
    tables = [account.arn("dynamodb", f"table/{account.table_name(t.name)}") for t in account.domain.tables]
    job_role = f"arn:aws:iam::{account.environment.account}:role/{account.name('spark-job')}"
    functions = [account.arn("lambda", f"function:{account.name(n)}") for n in ("aurora-clone", "run-registry")]
    data = f"arn:aws:s3:::{account.bucket('data')}"
    run = account.request.run_id or "any"
    needs = [
        Need(("states:StartExecution",), (account.machine,)),
        Need(("lambda:InvokeFunction",), tuple(functions)),
        Need(("s3:ListBucket",), (data, f"arn:aws:s3:::{account.bucket('artifacts')}")),
        Need(("s3:GetObject",), (f"{data}/{account.prefix}{run}/summary.json",)),
        Need(("s3:PutObject",), (f"{data}/export/{account.request.domain}/{run}/any",)),
        Need(("iam:PassRole",), (job_role,), {"iam:PassedToService": "emr-serverless.amazonaws.com"}),
        Need(("dynamodb:DescribeTable", "dynamodb:ImportTable", "dynamodb:UpdateContinuousBackups"), tuple(tables)),
        Need(("dynamodb:ExportTableToPointInTime", "dynamodb:TagResource"), tuple(tables)),
    ]
    if account.application:
        needs.append(Need(("emr-serverless:StartJobRun",), (account.application["arn"],)))
    if account.request.mode == "official":
        streams = [account.arn("kinesis", f"stream/{name}") for name in account.streams]
        needs.append(Need(("dynamodb:EnableKinesisStreamingDestination",), tuple(tables)))
        needs.append(Need(("kinesis:DescribeStreamSummary",), tuple(streams)))
    yield from _roles(account, str(machine["roleArn"]), needs)


def check_clone_service(account: Account) -> Iterator[Finding]:
    """Fail on rights that the clone service's role lacks."""
    sources = [account.arn("rds", f"cluster:{c.identifier}") for c in account.clusters]
    clones = [account.arn("rds", f"cluster:{c.identifier}{CLONE_SUFFIX}") for c in account.clusters]
    # A clone may be created only with the stack's tags.
    tags = {"system": SYSTEM, "stack": account.environment.name}
    asked = {f"aws:RequestTag/migration:{key}": value for key, value in tags.items()}
    needs = [Need(("rds:RestoreDBClusterToPointInTime",), (*sources, *clones), asked)]
    yield from _roles(account, str(account.clone_function["Role"]), needs)


def check_jobs(account: Account) -> Iterator[Finding]:
    """Fail on rights that the Spark jobs' role lacks."""
    role = account.client("iam").get_role(RoleName=account.name("spark-job"))["Role"]["Arn"]
    data = f"arn:aws:s3:::{account.bucket('data')}"
    prefixes = [f"{data}/{folder}/{account.request.domain}/any" for folder in ("raw", "processed", "reports")]
    needs = [
        Need(("s3:PutObject",), tuple(prefixes)),
        Need(("s3:GetObject",), (f"{data}/export/{account.request.domain}/any",)),
    ]
    yield from _roles(account, role, needs)


def _roles(account: Account, role: str, needs: list[Need]) -> Iterator[Finding]:
    yield from _denied(
        account, role, f"role {role.rsplit('/', 1)[1]}", needs, "deploy the stack, which sets its policy"
    )


def _denied(account: Account, principal: str, about: str, needs: list[Need], todo: str) -> Iterator[Finding]:
    """Simulate each need with IAM; yield the first denied resource of every action."""
    pages = account.client("iam").get_paginator("simulate_principal_policy")
    for need in needs:
        entries = [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in need.context.items()
        ]
        reported: set[str] = set()
        for page in pages.paginate(
            PolicySourceArn=principal,
            ActionNames=list(need.actions),
            ResourceArns=list(need.resources),
            ContextEntries=entries,
        ):
            for result in page["EvaluationResults"]:
                action = result["EvalActionName"]
                if result["EvalDecision"] == "allowed" or action in reported:
                    continue
                reported.add(action)
                what = f"it may not {action} on {result['EvalResourceName']}"
                # A condition key that only the real call has decides later.
                if result["EvalDecision"] == "implicitDeny" and result.get("MissingContextValues"):
                    keys = ", ".join(result["MissingContextValues"])
                    yield Finding("unchecked", about, f"whether {what} depends on {keys}", "nothing")
                else:
                    yield Finding("fails", about, what, todo)
