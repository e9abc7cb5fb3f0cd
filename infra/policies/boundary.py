"""The permissions boundary: the most that any role of the stack can do, whatever its own policies say.

An administrator creates it with the stack's first `pulumi up`; only an administrator changes it. It names no table,
cluster or domain of the catalog, so a deployment that adds one does not change it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra.errors import PolicyTooLargeError
from infra.policies import Statement, allow
from infra.policies.access import GITHUB, verbs
from infra.policies.deploy import EMR_LINKED, SECRET, UNBOUND, role_rights
from infra.policies.documents import via
from infra.policies.spark import EMR_SERVERLESS
from infra.policies.tables import deny_on_live

if TYPE_CHECKING:
    from infra.naming import Naming

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST_CHARACTERS = 6_144
_LINKED = ["kinesisreplication.dynamodb.amazonaws.com", EMR_LINKED]  # services that assume a role of the stack


def boundary(naming: Naming, state_bucket: str) -> dict[str, Any]:
    """Return the boundary's document.

    Raises:
        PolicyTooLargeError: The document exceeds IAM's limit for a managed policy.
    """
    made = {
        "Version": "2012-10-17",
        "Statement": [
            allow(_ANYWHERE, "*"),
            *_named(naming),
            *_clusters(naming),
            *_keys(naming),
            *_roles(naming),
            *_deployment(naming, state_bucket),
            *_protected(),
        ],
    }
    size = len(json.dumps(made, separators=(",", ":")))
    if size > _MOST_CHARACTERS:
        raise PolicyTooLargeError(
            f"the permissions boundary has {size} characters, IAM allows {_MOST_CHARACTERS}: "
            "shorten infra/policies/boundary.py"
        )
    return made


def _named(naming: Naming) -> list[Statement]:
    """Return the rights on resources with the stack's name, and on the catalog's tables and streams."""
    prefix = naming.prefix
    rule = naming.arn("events", "rule/StepFunctionsGetEventsForEMRServerlessJobRule")
    machines = [naming.arn("states", f"{kind}:{prefix}-*") for kind in ("stateMachine", "execution", "mapRun")]
    return [
        allow(_OBJECTS, f"arn:aws:s3:::{prefix}-*"),
        allow(verbs("lambda", "GetFunctionConfiguration InvokeFunction"), naming.arn("lambda", f"function:{prefix}-*")),
        allow(_MACHINE, *machines),
        allow(["sns:Publish"], naming.arn("sns", f"{prefix}-*")),
        allow(_APPLICATION, naming.arn("emr-serverless", "/applications/*")),
        allow(verbs("events", "DescribeRule PutRule PutTargets"), rule),
        allow(_TABLE, naming.arn("dynamodb", "table/*")),
        allow(verbs("kinesis", "DescribeStream DescribeStreamSummary PutRecords"), naming.arn("kinesis", "stream/*")),
    ]


def _clusters(naming: Naming) -> list[Statement]:
    """Return the rights on clusters: restore from any, delete only those named as clones."""
    clones = [naming.arn("rds", name) for name in ("cluster:*-clone", "db:*-clone-1")]
    return [
        allow(verbs("rds", "DeleteDBCluster DeleteDBInstance"), *clones),
        allow(verbs("rds", "AddTagsToResource CreateDBInstance RestoreDBClusterToPointInTime"), naming.arn("rds", "*")),
    ]


def _keys(naming: Naming) -> list[Statement]:
    """Return the rights to use keys through services that encrypt; a source's key may belong to another account."""
    services = [via(naming, service)["kms:ViaService"] for service in _ENCRYPTING]
    keys = "arn:aws:kms:*:*:key/*"
    return [
        allow(verbs("kms", _KEY_USE), keys, StringEquals={"kms:ViaService": services}),
        allow(["kms:DescribeKey"], keys),
    ]


def _roles(naming: Naming) -> list[Statement]:
    """Return the rights on roles: read the stack's, and pass the job role to Spark jobs."""
    role = f"arn:aws:iam::{naming.account}:role/{naming.prefix}-*"
    job = f"arn:aws:iam::{naming.account}:role/{naming.job_role}"
    linked = [f"arn:aws:iam::{naming.account}:role/aws-service-role/{service}/*" for service in _LINKED]
    return [
        allow(verbs("iam", "GetRole SimulatePrincipalPolicy"), role),
        allow(["iam:PassRole"], job, StringEquals={"iam:PassedToService": EMR_SERVERLESS}),
        allow(["iam:CreateServiceLinkedRole"], *linked, StringEquals={"iam:AWSServiceName": _LINKED}),
    ]


def _deployment(naming: Naming, state_bucket: str) -> list[Statement]:
    """Return the further rights of the deploy role; only an administrator changes that role and its policy."""
    role = f"arn:aws:iam::{naming.account}:role/{naming.prefix}"
    provider = f"arn:aws:iam::{naming.account}:oidc-provider/{GITHUB}"
    deploys = {"ArnEquals": {"aws:PrincipalArn": f"{role}-deploy"}}
    previews = {"ArnEquals": {"aws:PrincipalArn": f"{role}-preview"}}
    looked_at = [f"{role}-*", naming.boundary_arn, provider]
    return [
        allow(verbs("s3", "GetObject ListBucket"), f"arn:aws:s3:::{state_bucket}*", **previews),
        allow([*(f"{service}:*" for service in _DEPLOYED), *SECRET], "*", **deploys),
        allow(verbs("iam", "Get* List* PassRole TagRole UntagRole"), *looked_at, **deploys),
        *(_also(statement, deploys) for statement in role_rights(naming)),
    ]


def _also(statement: Statement, conditions: dict[str, Any]) -> Statement:
    return {**statement, "Condition": {**statement.get("Condition", {}), **conditions}}


def _protected() -> list[Statement]:
    """Return what is denied to every role of the stack, whatever its own policies allow.

    A role cannot escape the boundary or write to a live table.
    """
    return [
        {"Effect": "Deny", "Action": UNBOUND, "Resource": ["*"]},
        deny_on_live(verbs("dynamodb", "*Item DeleteTable")),
    ]


_ENCRYPTING = ("dynamodb", "rds", "s3", "sns")
_KEY_USE = "CreateGrant Decrypt Encrypt GenerateDataKey* ReEncrypt*"
# Whole services; the deploy policy lists their actions individually, and none of them creates a principal.
_DEPLOYED = (
    "cloudwatch",
    "ec2",
    "emr-serverless",
    "events",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "rds",
    "s3",
    "sns",
    "states",
)
_ANYWHERE = [
    *verbs("cloudwatch", "GetMetricStatistics PutMetricData"),
    *verbs("dynamodb", "DescribeLimits ListExports ListImports ListTables"),
    *verbs("ec2", "DescribeRouteTables DescribeSubnets DescribeVpcAttribute DescribeVpcs"),
    *verbs("emr-serverless", "ListApplications"),
    *verbs("kinesis", "ListStreams"),
    *verbs(
        "logs",
        "*LogDeliver* CreateLog* Describe* PutLogEvents PutRe*",
    ),
    *verbs("rds", "DescribeDB* DescribeEvents ListTagsForResource"),
    # A secret's key and policy, never its value.
    *verbs("secretsmanager", "DescribeSecret GetResourcePolicy"),
    *verbs("servicequotas", "GetServiceQuota"),
    *verbs("states", "ListStateMachines ValidateStateMachineDefinition"),
    *verbs("xray", "GetSampling* PutT*"),
]
_OBJECTS = verbs("s3", "AbortMultipartUpload DeleteObject GetObject ListBucket PutObject PutObjectAcl")
_MACHINE = verbs("states", "Describe* GetExecutionHistory List* StartExecution StopExecution")
_APPLICATION = verbs(
    "emr-serverless",
    "CancelJobRun GetApplication GetDashboardForJobRun GetJobRun ListJobRuns StartJobRun StopApplication TagResource",
)
_TABLE = verbs(
    "dynamodb",
    "*Item CreateTable DeleteTable Describe* EnableKinesis* ExportTable* ImportTable ListTags* TagResource "
    "UpdateContinuousBackups UpdateTable UpdateTimeToLive",
)
