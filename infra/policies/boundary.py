"""The permissions boundary: the most that any role of the stack can do, whatever its own policies say.

An administrator makes it with the stack's first `pulumi up`, and alone changes it. It names no table, cluster or
domain of the catalog, so that a deployment that adds one leaves it as it is.
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
_LINKED = ["kinesisreplication.dynamodb.amazonaws.com", EMR_LINKED]  # services that have a role of their own


def boundary(naming: Naming, state_bucket: str) -> dict[str, Any]:
    """Return the boundary's document.

    Raises:
        PolicyTooLargeError: IAM would refuse it as a managed policy.
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
    """Return what has the stack's name, and the tables and streams that the catalog names."""
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
    """Return what is done to clusters: anything can be restored from, and only what is named as a clone is deleted."""
    clones = [naming.arn("rds", name) for name in ("cluster:*-clone", "db:*-clone-1")]
    return [
        allow(verbs("rds", "DeleteDBCluster DeleteDBInstance"), *clones),
        allow(verbs("rds", "AddTagsToResource CreateDBInstance RestoreDBClusterToPointInTime"), naming.arn("rds", "*")),
    ]


def _keys(naming: Naming) -> list[Statement]:
    """Return the use of keys, through the services that encrypt for us; sources may have keys of another account."""
    services = [via(naming, service)["kms:ViaService"] for service in _ENCRYPTING]
    keys = "arn:aws:kms:*:*:key/*"
    return [
        allow(verbs("kms", _KEY_USE), keys, StringEquals={"kms:ViaService": services}),
        allow(["kms:DescribeKey"], keys),
    ]


def _roles(naming: Naming) -> list[Statement]:
    """Return what services and operators do with roles: look at ours, and hand the jobs' own to the jobs."""
    role = f"arn:aws:iam::{naming.account}:role/{naming.prefix}-*"
    job = f"arn:aws:iam::{naming.account}:role/{naming.job_role}"
    linked = [f"arn:aws:iam::{naming.account}:role/aws-service-role/{service}/*" for service in _LINKED]
    return [
        allow(verbs("iam", "GetRole SimulatePrincipalPolicy"), role),
        allow(["iam:PassRole"], job, StringEquals={"iam:PassedToService": EMR_SERVERLESS}),
        allow(["iam:CreateServiceLinkedRole"], *linked, StringEquals={"iam:AWSServiceName": _LINKED}),
    ]


def _deployment(naming: Naming, state_bucket: str) -> list[Statement]:
    """Return what the role that deploys does besides; an administrator alone changes that role and its policy."""
    role = f"arn:aws:iam::{naming.account}:role/{naming.prefix}"
    provider = f"arn:aws:iam::{naming.account}:oidc-provider/{GITHUB}"
    deploys = {"ArnEquals": {"aws:PrincipalArn": f"{role}-deploy"}}
    reads_state = {"ArnEquals": {"aws:PrincipalArn": [f"{role}-deploy", f"{role}-preview"]}}
    looked_at = [f"{role}-*", naming.boundary_arn, provider]
    return [
        allow(verbs("s3", "GetObject ListBucket"), f"arn:aws:s3:::{state_bucket}*", **reads_state),
        allow([*(f"{service}:*" for service in _DEPLOYED), *SECRET], "*", **deploys),
        allow(verbs("iam", "Get* List* PassRole TagRole UntagRole"), *looked_at, **deploys),
        *(_also(statement, deploys) for statement in role_rights(naming)),
    ]


def _also(statement: Statement, conditions: dict[str, Any]) -> Statement:
    return {**statement, "Condition": {**statement.get("Condition", {}), **conditions}}


def _protected() -> list[Statement]:
    """Return what no role of the stack does, whatever else is attached to it.

    It does not get out of the boundary, and writes to no live table.
    """
    return [
        {"Effect": "Deny", "Action": UNBOUND, "Resource": ["*"]},
        deny_on_live(verbs("dynamodb", "*Item DeleteTable")),
    ]


_ENCRYPTING = ("dynamodb", "rds", "s3", "sns")
_KEY_USE = "CreateGrant Decrypt Encrypt GenerateDataKey* ReEncrypt*"
# Whole services, in which the policy of the role that deploys names its actions one by one; none makes a principal.
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
    # A secret's keys and readers, never its value.
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
