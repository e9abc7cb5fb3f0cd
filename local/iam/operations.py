"""The actions that an operation needs: its own, and those of the services that it calls in the caller's name.

Mostly an operation is an action of the same name on the resources that its arguments name. What is not so is written
here, from the Service Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/).
An operation that is not here is refused by name, so that no call passes unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from local.errors import PolicyError
from local.iam.policy import Call, context

Arguments = Mapping[str, Any]


class Surroundings(Protocol):
    """What a call's evaluation asks of the account."""

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource, none if it is not there."""

    def rds_groups(self, source: str) -> tuple[str, str]:
        """Return a cluster's subnet group and engine."""

    def bucket_key(self, bucket: str) -> str | None:
        """Return the ARN of the key that encrypts a bucket, or None."""

    def topic_key(self, arn: str) -> str | None:
        """Return the ARN of the key that encrypts a topic, or None."""

    def has_object(self, bucket: str, key: str) -> bool:
        """Say whether an object is there."""


@dataclass(frozen=True)
class Place:
    """The account and region of a call."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def calls(service: str, operation: str, given: Arguments, place: Place, around: Surroundings) -> list[Call]:
    """Return the calls that an operation is made of, for IAM.

    Raises:
        PolicyError: The operation is not known here.
    """
    known = _SERVICES.get(service)
    if known is None:
        raise PolicyError(f"{service}:{operation} is called by a role, but local/iam/operations.py does not know it")
    return known(operation, given, place, around)


def request_tags(given: Iterable[Mapping[str, str]] | Mapping[str, str] | None) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys of the tags that a request gives."""
    pairs = dict(given) if isinstance(given, Mapping) else {tag["Key"]: tag["Value"] for tag in given or ()}
    keys: dict[str, str | tuple[str, ...]] = {f"aws:RequestTag/{key}": value for key, value in pairs.items()}
    return {**keys, "aws:TagKeys": tuple(sorted(pairs))} if pairs else {}


def resource_tags(arn: str, around: Surroundings) -> dict[str, str]:
    """Return the condition keys of a resource's own tags."""
    return {f"aws:ResourceTag/{key}": value for key, value in around.tags(arn).items()}


def _rds(operation: str, given: Arguments, place: Place, around: Surroundings) -> list[Call]:
    action = f"rds:{operation}"
    cluster = place.arn("rds", f"cluster:{given.get('DBClusterIdentifier') or '*'}")
    instance = place.arn("rds", f"db:{given.get('DBInstanceIdentifier') or '*'}")
    asked = context(request_tags(given.get("Tags")))
    match operation:
        case "DescribeDBClusters":
            return [Call(action, cluster)]
        case "DescribeDBClusterParameters":
            return [Call(action, place.arn("rds", f"cluster-pg:{given['DBClusterParameterGroupName']}"))]
        case "DescribeDBInstances":
            return [Call(action, instance)]
        case "DeleteDBCluster" | "DeleteDBInstance":
            doomed = cluster if operation == "DeleteDBCluster" else instance
            return [Call(action, doomed, context(resource_tags(doomed, around)))]
        case "CreateDBInstance":
            subnets, engine = around.rds_groups(given["DBClusterIdentifier"])
            used = [instance, cluster, *_groups(place, subnets, engine, f"pg:default.{engine}")]
        case "RestoreDBClusterToPointInTime":
            subnets, engine = around.rds_groups(given["SourceDBClusterIdentifier"])
            group = given.get("DBClusterParameterGroupName") or f"default.{engine}"
            source = place.arn("rds", f"cluster:{given['SourceDBClusterIdentifier']}")
            used = [cluster, source, *_groups(place, subnets, engine, f"cluster-pg:{group}")]
        case _:
            return _unknown("rds", operation)
    tagging = [Call("rds:AddTagsToResource", used[0], asked)] if asked else []
    return [*(Call(action, arn, asked) for arn in used), *tagging]


def _groups(place: Place, subnets: str, engine: str, parameters: str) -> list[str]:
    return [place.arn("rds", name) for name in (f"subgrp:{subnets or 'default'}", f"og:default:{engine}", parameters)]


def _dynamodb(operation: str, given: Arguments, place: Place, _around: Surroundings) -> list[Call]:
    action = f"dynamodb:{operation}"
    if operation in ("ListImports", "ListExports"):
        return [Call(action, "*")]
    if operation == "ImportTable":
        creation = given["TableCreationParameters"]
        return [Call(action, place.arn("dynamodb", f"table/{creation['TableName']}")), *_table_key(creation, place)]
    named = next((given[key] for key in _DYNAMODB_NAMES.get(operation, ()) if key in given), None)
    if named is None:
        return _unknown("dynamodb", operation)
    arn = named if named.startswith("arn:") else place.arn("dynamodb", f"table/{named}")
    tags = context(request_tags(given.get("Tags")))
    own = Call(action, arn, tags)
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.Operations.html
    tagging = [Call("dynamodb:TagResource", arn, tags)] if operation == "CreateTable" and tags else []
    return [own, *tagging, *_table_key(given, place)]


def _table_key(creation: Arguments, place: Place) -> list[Call]:
    """Return what a table's creation asks of the customer's key in the caller's name.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
    """
    key = creation.get("SSESpecification", {}).get("KMSMasterKeyId", "")
    if not key:
        return []
    keys: dict[str, str | tuple[str, ...]] = {"kms:ViaService": f"dynamodb.{place.region}.amazonaws.com"}
    if key.startswith("alias/"):
        keys["kms:ResourceAliases"] = (key,)
        key = place.arn("kms", "key/of-the-alias")
    return [Call(f"kms:{action}", key, context(keys)) for action in _TABLE_KEY]


def _emr_serverless(operation: str, given: Arguments, place: Place, _around: Surroundings) -> list[Call]:
    if operation == "ListApplications":
        return [Call("emr-serverless:ListApplications", "*")]
    application = place.arn("emr-serverless", f"/applications/{given['applicationId']}")
    match operation:
        case "StartJobRun":
            tags = context(request_tags(given.get("tags")))
            return [
                Call("emr-serverless:StartJobRun", application, tags),
                *([Call("emr-serverless:TagResource", f"{application}/jobruns/new", tags)] if tags else []),
                Call(
                    "iam:PassRole",
                    given["executionRoleArn"],
                    context({"iam:PassedToService": "emr-serverless.amazonaws.com"}),
                ),
            ]
        case "ListJobRuns":
            return [Call("emr-serverless:ListJobRuns", application)]
        case "GetJobRun" | "CancelJobRun":
            return [Call(f"emr-serverless:{operation}", f"{application}/jobruns/{given['jobRunId']}")]
    return _unknown("emr-serverless", operation)


def _simple(
    service: str, actions: Mapping[str, tuple[str, str, str]]
) -> Callable[[str, Arguments, Place, Surroundings], list[Call]]:
    """Return the calls of operations that name one resource: action, argument, and the resource's kind."""

    def find(operation: str, given: Arguments, place: Place, _around: Surroundings) -> list[Call]:
        if operation not in actions:
            return _unknown(service, operation)
        action, argument, kind = actions[operation]
        named = given[argument]
        arn = named if named.startswith("arn:") else place.arn(service, kind + named)
        # The alias or version of a function is part of the resource.
        return [Call(f"{service}:{action}", f"{arn}:{given['Qualifier']}" if given.get("Qualifier") else arn)]

    return find


def _stepfunctions(operation: str, given: Arguments, _place: Place, _around: Surroundings) -> list[Call]:
    if operation == "ListExecutions":  # of a machine, or the children of a Map Run
        return [Call("states:ListExecutions", given.get("mapRunArn") or given["stateMachineArn"])]
    if operation not in ("DescribeExecution", "ListMapRuns", "StopExecution"):
        return _unknown("states", operation)
    return [Call(f"states:{operation}", given["executionArn"])]


def _iam(operation: str, given: Arguments, place: Place, _around: Surroundings) -> list[Call]:
    if operation != "GetRole":
        return _unknown("iam", operation)
    return [Call("iam:GetRole", f"arn:aws:iam::{place.account}:role/{given['RoleName']}")]


def _sns(operation: str, given: Arguments, place: Place, around: Surroundings) -> list[Call]:
    if operation != "Publish":
        return _unknown("sns", operation)
    key = around.topic_key(given["TopicArn"])
    via = context({"kms:ViaService": f"sns.{place.region}.amazonaws.com"})
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    used = [Call(f"kms:{action}", key, via) for action in ("Decrypt", "GenerateDataKey")] if key else []
    return [Call("sns:Publish", given["TopicArn"]), *used]


def _cloudwatch(operation: str, given: Arguments, _place: Place, _around: Surroundings) -> list[Call]:
    if operation != "PutMetricData":
        return _unknown("cloudwatch", operation)
    return [Call("cloudwatch:PutMetricData", "*", context({"cloudwatch:namespace": given["Namespace"]}))]


def _unknown(service: str, operation: str) -> list[Call]:
    raise PolicyError(f"{service}:{operation} is called by a role, but local/iam/operations.py does not know it")


_TABLE_KEY = ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")
_DYNAMODB_NAMES = {
    **dict.fromkeys(
        (
            "CreateTable",
            "DeleteTable",
            "DescribeContinuousBackups",
            "DescribeKinesisStreamingDestination",
            "DescribeTable",
            "DescribeTimeToLive",
            "EnableKinesisStreamingDestination",
            "UpdateContinuousBackups",
            "UpdateTable",
            "UpdateTimeToLive",
        ),
        ("TableName",),
    ),
    "DescribeExport": ("ExportArn",),
    "DescribeImport": ("ImportArn",),
    "ExportTableToPointInTime": ("TableArn",),
    "ListTagsOfResource": ("ResourceArn",),
    "TagResource": ("ResourceArn",),
}
_SERVICES: dict[str, Callable[[str, Arguments, Place, Surroundings], list[Call]]] = {
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "emr-serverless": _emr_serverless,
    "iam": _iam,
    "kinesis": _simple("kinesis", {"DescribeStreamSummary": ("DescribeStreamSummary", "StreamName", "stream/")}),
    "lambda": _simple("lambda", {"Invoke": ("InvokeFunction", "FunctionName", "function:")}),
    "rds": _rds,
    "sns": _sns,
    "stepfunctions": _stepfunctions,
}
