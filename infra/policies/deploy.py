"""Policy of the role that runs `pulumi up`: it manages the stack's resources, by name or by tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.policies import allow, document, merged, objects
from infra.policies.access import GITHUB, preview, reader_secrets, verbs

if TYPE_CHECKING:
    from catalog.models import Catalog
    from infra.naming import Naming
    from infra.policies import Statement

OWN_ROLES = ("deploy", "operator", "preview")  # only an administrator changes them, not the deployment itself
_FUNCTIONS = ("aurora-clone", "run-registry", "run-watch", "table-writer")
EMR_LINKED = "ops.emr-serverless.amazonaws.com"
_LOG_FOLDERS = ("emr-serverless", "lambda", "vendedlogs/states")


def deploy(naming: Naming, catalog: Catalog, state_bucket: str) -> dict[str, Any]:
    """Return the policy of the deploy role."""
    return document(
        *merged(
            *preview(naming, catalog, state_bucket)["Statement"],
            allow(["s3:DeleteObject", "s3:PutObject"], f"arn:aws:s3:::{state_bucket}/*"),
            *_storage(naming),
            *_roles(naming, catalog),
            *_named(naming, catalog),
            *_tagged(naming),
        )
    )


def _storage(naming: Naming) -> list[Statement]:
    prefixes = ("releases/", "specs/")
    return [
        allow(_BUCKET, f"arn:aws:s3:::{naming.artifacts_bucket}", f"arn:aws:s3:::{naming.data_bucket}"),
        allow(verbs("s3", "GetObject GetObjectTagging PutObject"), *objects(naming.artifacts_bucket, *prefixes)),
        allow(verbs("kms", "CreateAlias DeleteAlias UpdateAlias"), naming.arn("kms", f"alias/{naming.prefix}")),
    ]


def _roles(naming: Naming, catalog: Catalog) -> list[Statement]:
    """Return the rights to manage and pass the services' roles; an administrator manages those of people.

    PassRole names each role: it has no condition key for a permissions boundary.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
    """
    role = f"arn:aws:iam::{naming.account}:role/{naming.prefix}-"
    made = [f"{naming.prefix}-{name}" for name in (*_FUNCTIONS, "spark-job")]
    made += [f"{naming.machine(domain)}-*" for domain in catalog.domains]  # the roles of both machines
    services = ["emr-serverless.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com"]
    linked = {"iam:AWSServiceName": EMR_LINKED}
    return [
        allow([*_ROLE_READ, *_ROLE_TAGGED], f"{role}*", naming.boundary_arn),
        *role_rights(naming),
        # The deploy role cannot change the deploy and operator roles; the boundary forbids escaping or changing itself.
        {"Effect": "Deny", "Action": _CHANGED, "Resource": [f"{role}{name}" for name in OWN_ROLES]},
        allow(
            ["iam:PassRole"],
            *(f"arn:aws:iam::{naming.account}:role/{name}" for name in made),
            StringEquals={"iam:PassedToService": services},
        ),
        allow(["iam:GetOpenIDConnectProvider"], f"arn:aws:iam::{naming.account}:oidc-provider/{GITHUB}"),
        # EMR Serverless has a service-linked role in every account that uses it.
        allow(
            ["iam:CreateServiceLinkedRole"],
            f"arn:aws:iam::{naming.account}:role/aws-service-role/{EMR_LINKED}/*",
            StringEquals=linked,
        ),
    ]


def role_rights(naming: Naming) -> list[Statement]:
    """Return the right to write roles that have the stack's name and the stack's boundary."""
    role = f"arn:aws:iam::{naming.account}:role/{naming.prefix}-*"
    return [allow(_ROLE_WRITTEN, role, StringEquals={"iam:PermissionsBoundary": naming.boundary_arn})]


def _named(naming: Naming, catalog: Catalog) -> list[Statement]:
    """Return the rights on resources that have the stack's name."""
    prefix = naming.prefix
    groups = [naming.arn("logs", f"log-group:/aws/{folder}/{prefix}-*") for folder in _LOG_FOLDERS]
    tables = [table for domain in catalog.domains.values() for table in domain.tables]
    named = sorted({naming.stream(table.stream) for table in tables if table.stream})
    # One pattern covers streams with the stack's prefix, because the policy has little room.
    streams = [f"{naming.stream_prefix}*"] if named and naming.stream_prefix else named
    dashboard = f"arn:aws:cloudwatch::{naming.account}:dashboard/{prefix}*"
    return [
        allow(_FUNCTION, naming.arn("lambda", f"function:{prefix}-*")),
        allow(_MACHINE, naming.arn("states", f"stateMachine:{prefix}-*")),
        allow(_LOG_GROUP, *groups),
        *([allow(_STREAM, *(naming.arn("kinesis", f"stream/{name}") for name in streams))] if streams else []),
        allow(_PARAMETERS, naming.arn("rds", f"cluster-pg:{prefix}-*")),
        allow(_TOPIC, naming.arn("sns", f"{prefix}-*")),
        allow(_ALARM, naming.arn("cloudwatch", f"alarm:{prefix}-*"), dashboard),
        allow(_RULE, naming.arn("events", f"rule/{prefix}-*")),
        allow(SECRET, *reader_secrets(naming, catalog)),
    ]


def _tagged(naming: Naming) -> list[Statement]:
    """Return the rights on resources with random ids; creating and changing them needs the stack's tag."""
    asked = {"aws:RequestTag/migration:stack": naming.stack}
    owned = {"aws:ResourceTag/migration:stack": naming.stack}
    made = {
        "ec2:CreateAction": ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup"]
    }
    made["ec2:CreateAction"].append("CreateVpcEndpoint")
    return [
        allow(verbs("kms", "CreateKey TagResource"), "*", StringEquals=asked),
        allow(_KEY, naming.arn("kms", "key/*"), StringEquals=owned),
        allow(["emr-serverless:CreateApplication"], "*", StringEquals=asked),
        allow(_APPLICATION, naming.arn("emr-serverless", "/applications/*"), StringEquals=owned),
        # EMR Serverless uses this right of the caller that creates an application in a VPC.
        allow(
            ["ec2:CreateNetworkInterface"],
            naming.arn("ec2", "network-interface/*"),
            StringEquals={"aws:CalledViaLast": EMR_LINKED},
        ),
        allow([*_LISTED, *verbs("ec2", "CreateSecurityGroup CreateVpcEndpoint")], "*"),
        allow(["ec2:CreateTags"], "*", StringEquals=made),
        allow(_GROUP, "*", StringEquals=owned),
    ]


SECRET = verbs("secretsmanager", "DeleteResourcePolicy PutResourcePolicy ValidateResourcePolicy")
_ALARM = verbs(
    "cloudwatch",
    "DeleteAlarms DeleteDashboards DescribeAlarms GetDashboard ListTagsForResource PutDashboard PutMetricAlarm "
    "TagResource UntagResource",
)
_APPLICATION = verbs(
    "emr-serverless",
    "DeleteApplication GetApplication ListTagsForResource StopApplication TagResource UntagResource UpdateApplication",
)
_BUCKET = verbs(
    "s3",
    "CreateBucket DeleteBucket DeleteBucketPolicy GetAccelerateConfiguration GetBucketAcl GetBucketCORS "
    "GetBucketLogging GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy "
    "GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite "
    "GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration ListBucket "
    "PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning "
    "PutEncryptionConfiguration PutLifecycleConfiguration",
)
_FUNCTION = verbs(
    "lambda",
    "AddPermission CreateAlias CreateFunction DeleteAlias DeleteFunction GetAlias GetFunction "
    "GetFunctionCodeSigningConfig GetPolicy ListTags ListVersionsByFunction RemovePermission TagResource UntagResource "
    "UpdateAlias UpdateFunctionCode UpdateFunctionConfiguration",
)
_GROUP = verbs(
    "ec2",
    "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress DeleteSecurityGroup DeleteVpcEndpoints "
    "ModifySecurityGroupRules ModifyVpcEndpoint RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
)
_KEY = verbs(
    "kms",
    "CreateAlias Decrypt DeleteAlias DescribeKey EnableKeyRotation GenerateDataKey GetKeyPolicy GetKeyRotationStatus "
    "ListResourceTags PutKeyPolicy ScheduleKeyDeletion UntagResource UpdateAlias UpdateKeyDescription",
)
_LISTED = [
    *verbs("ec2", "DescribeNetworkInterfaces DescribePrefixLists DescribeSecurityGroupRules DescribeSecurityGroups"),
    *verbs("ec2", "DescribeVpcEndpoints"),
    *verbs("kms", "ListAliases"),
    *verbs("logs", "DescribeLogGroups"),
    *verbs("states", "ListStateMachines"),  # a deployment waits until no execution runs
]
_LOG_GROUP = verbs(
    "logs",
    "AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DisassociateKmsKey ListTagsForResource "
    "PutRetentionPolicy TagResource UntagResource",
)
_MACHINE = verbs(
    "states",
    "CreateStateMachine DeleteStateMachine DescribeStateMachine ListExecutions ListStateMachineVersions "
    "ListTagsForResource TagResource UntagResource UpdateStateMachine",
)
_PARAMETERS = verbs(
    "rds",
    "AddTagsToResource CreateDBClusterParameterGroup DeleteDBClusterParameterGroup DescribeDBClusterParameterGroups "
    "DescribeDBClusterParameters ListTagsForResource ModifyDBClusterParameterGroup RemoveTagsFromResource "
    "ResetDBClusterParameterGroup",
)
_ROLE_READ = verbs(
    "iam",
    "GetPolicy GetPolicyVersion GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole "
    "ListRolePolicies ListRoleTags",
)
# Each requires the boundary as a condition, so a role cannot be created without it.
_ROLE_WRITTEN = verbs("iam", "CreateRole DeleteRole DeleteRolePolicy PutRolePolicy UpdateAssumeRolePolicy")
_ROLE_TAGGED = verbs("iam", "TagRole UntagRole")
_CHANGED = [*_ROLE_WRITTEN, *_ROLE_TAGGED]
# Actions that would escape a boundary; the boundary itself denies them.
UNBOUND = verbs(
    "iam",
    "AttachRolePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion DeleteRolePermissionsBoundary "
    "PutRolePermissionsBoundary SetDefaultPolicyVersion",
)
_RULE = verbs(
    "events",
    "DeleteRule DescribeRule ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets TagResource "
    "UntagResource",
)
_STREAM = verbs(
    "kinesis",
    "AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream DescribeStream DescribeStreamSummary "
    "IncreaseStreamRetentionPeriod ListTagsForResource ListTagsForStream RemoveTagsFromStream StartStreamEncryption "
    "StopStreamEncryption TagResource UntagResource UpdateShardCount UpdateStreamMode",
)
_TOPIC = verbs(
    "sns",
    "CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes ListTagsForResource "
    "SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource",
)
