"""Actions that an operation needs: its own, and those of the services that it calls on behalf of the caller.

Most operations are an action of the same name on the resources that their arguments name. This module has the
exceptions, from the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/). It refuses an operation that it does not support
by name, so that no call goes unchecked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.errors import PolicyError
from local.iam import tables
from local.iam.policy import Call, context
from local.iam.requests import request_tags, resource_tags, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.iam.requests import AccountFacts, Arguments, Scope


def calls(service: str, operation: str, arguments: Arguments, scope: Scope, account: AccountFacts) -> list[Call]:
    """Return the calls that IAM checks for an operation.

    Raises:
        PolicyError: This module does not support the operation.
    """
    known = _SERVICES.get(service)
    if known is None:
        raise PolicyError(f"{service}:{operation} is called by a role, but local/iam/operations.py does not know it")
    return known(operation, arguments, scope, account)


def _rds(operation: str, arguments: Arguments, scope: Scope, account: AccountFacts) -> list[Call]:
    action = f"rds:{operation}"
    cluster = scope.arn("rds", f"cluster:{arguments.get('DBClusterIdentifier') or '*'}")
    instance = scope.arn("rds", f"db:{arguments.get('DBInstanceIdentifier') or '*'}")
    asked = context(request_tags(arguments.get("Tags")))
    match operation:
        case "DescribeDBClusters":
            return [Call(action, cluster)]
        case "DescribeDBClusterParameters":
            return [Call(action, scope.arn("rds", f"cluster-pg:{arguments['DBClusterParameterGroupName']}"))]
        case "DescribeDBInstances" | "DescribeEvents":
            return [Call(action, instance if operation == "DescribeDBInstances" else "*")]
        case "DeleteDBCluster" | "DeleteDBInstance":
            doomed = cluster if operation == "DeleteDBCluster" else instance
            return [Call(action, doomed, context(resource_tags(doomed, account)))]
        case "CreateDBInstance":
            subnets, engine = account.rds_groups(arguments["DBClusterIdentifier"])
            used = [instance, cluster, *_groups(scope, subnets, engine, f"pg:default.{engine}")]
        case "RestoreDBClusterToPointInTime":
            subnets, engine = account.rds_groups(arguments["SourceDBClusterIdentifier"])
            group = arguments.get("DBClusterParameterGroupName") or f"default.{engine}"
            source = scope.arn("rds", f"cluster:{arguments['SourceDBClusterIdentifier']}")
            used = [cluster, source, *_groups(scope, subnets, engine, f"cluster-pg:{group}")]
        case _:
            return unknown("rds", operation)
    tagging = [Call("rds:AddTagsToResource", used[0], asked)] if asked else []
    return [*(Call(action, arn, asked) for arn in used), *tagging]


def _groups(scope: Scope, subnets: str, engine: str, parameters: str) -> list[str]:
    return [scope.arn("rds", name) for name in (f"subgrp:{subnets or 'default'}", f"og:default:{engine}", parameters)]


def _emr_serverless(operation: str, arguments: Arguments, scope: Scope, _account: AccountFacts) -> list[Call]:
    if operation == "ListApplications":
        return [Call("emr-serverless:ListApplications", "*")]
    application = scope.arn("emr-serverless", f"/applications/{arguments['applicationId']}")
    match operation:
        case "StartJobRun":
            tags = context(request_tags(arguments.get("tags")))
            return [
                Call("emr-serverless:StartJobRun", application, tags),
                *([Call("emr-serverless:TagResource", f"{application}/jobruns/new", tags)] if tags else []),
                Call(
                    "iam:PassRole",
                    arguments["executionRoleArn"],
                    context({"iam:PassedToService": "emr-serverless.amazonaws.com"}),
                ),
            ]
        case "ListJobRuns":
            return [Call("emr-serverless:ListJobRuns", application)]
        case "GetJobRun" | "CancelJobRun":
            return [Call(f"emr-serverless:{operation}", f"{application}/jobruns/{arguments['jobRunId']}")]
    return unknown("emr-serverless", operation)


def _single_resource(
    service: str, actions: Mapping[str, tuple[str, str, str]]
) -> Callable[[str, Arguments, Scope, AccountFacts], list[Call]]:
    """Return a function for operations on one resource; `actions` has the action, argument and kind of each."""

    def find(operation: str, arguments: Arguments, scope: Scope, _account: AccountFacts) -> list[Call]:
        if operation not in actions:
            return unknown(service, operation)
        action, argument, kind = actions[operation]
        named = arguments[argument]
        arn = named if named.startswith("arn:") else scope.arn(service, kind + named)
        # The resource of a function includes its alias or version.
        return [Call(f"{service}:{action}", f"{arn}:{arguments['Qualifier']}" if arguments.get("Qualifier") else arn)]

    return find


def _stepfunctions(operation: str, arguments: Arguments, _scope: Scope, _account: AccountFacts) -> list[Call]:
    if operation == "ListExecutions":  # of a machine, or the children of a Map Run
        return [Call("states:ListExecutions", arguments.get("mapRunArn") or arguments["stateMachineArn"])]
    if operation not in ("DescribeExecution", "ListMapRuns", "StopExecution"):
        return unknown("states", operation)
    return [Call(f"states:{operation}", arguments["executionArn"])]


def _iam(operation: str, arguments: Arguments, scope: Scope, _account: AccountFacts) -> list[Call]:
    if operation != "GetRole":
        return unknown("iam", operation)
    return [Call("iam:GetRole", f"arn:aws:iam::{scope.account}:role/{arguments['RoleName']}")]


def _sns(operation: str, arguments: Arguments, scope: Scope, account: AccountFacts) -> list[Call]:
    if operation != "Publish":
        return unknown("sns", operation)
    key = account.topic_key(arguments["TopicArn"])
    via = context({"kms:ViaService": f"sns.{scope.region}.amazonaws.com"})
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    used = [Call(f"kms:{action}", key, via) for action in ("Decrypt", "GenerateDataKey")] if key else []
    return [Call("sns:Publish", arguments["TopicArn"]), *used]


def _cloudwatch(operation: str, arguments: Arguments, _scope: Scope, _account: AccountFacts) -> list[Call]:
    if operation != "PutMetricData":
        return unknown("cloudwatch", operation)
    return [Call("cloudwatch:PutMetricData", "*", context({"cloudwatch:namespace": arguments["Namespace"]}))]


_SERVICES: dict[str, Callable[[str, Arguments, Scope, AccountFacts], list[Call]]] = {
    "cloudwatch": _cloudwatch,
    "dynamodb": tables.calls,
    "emr-serverless": _emr_serverless,
    "iam": _iam,
    "kinesis": _single_resource(
        "kinesis", {"DescribeStreamSummary": ("DescribeStreamSummary", "StreamName", "stream/")}
    ),
    "lambda": _single_resource("lambda", {"Invoke": ("InvokeFunction", "FunctionName", "function:")}),
    "rds": _rds,
    "sns": _sns,
    "stepfunctions": _stepfunctions,
}
