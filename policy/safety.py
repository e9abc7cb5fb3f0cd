"""Security rules on encryption, privacy, logs, tags and protection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.resource import Resource, Rule, StackRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BUCKET = "aws:s3/bucket:Bucket"
REQUIRED_TAGS = ("cost-centre", "data-class", "environment", "migration:stack", "migration:system", "owner")
PROTECTED_STACKS = ("prod",)
HOLD_DATA = (BUCKET, "aws:kinesis/stream:Stream", "aws:kms/key:Key")
# The property of a resource that names its encryption key.
_KEYS = {
    "aws:cloudwatch/logGroup:LogGroup": ("kmsKeyId",),
    "aws:emrserverless/application:Application": (
        "monitoringConfiguration",
        "s3MonitoringConfiguration",
        "encryptionKeyArn",
    ),
    "aws:kinesis/stream:Stream": ("kmsKeyId",),
    "aws:sns/topic:Topic": ("kmsMasterKeyId",),
}
# Kinds without tags, and objects, which can have only ten tags and are identified by their bucket's.
UNTAGGED = (
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:kms/alias:Alias",
    "aws:lambda/alias:Alias",
    "aws:lambda/permission:Permission",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
)
# The settings without which a bucket is not safe.
_BUCKET_PARTS = {
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "has no ownership controls",
    "aws:s3/bucketPolicy:BucketPolicy": "has no policy that asks for TLS",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "does not block public access",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "is not encrypted",
    "aws:s3/bucketVersioning:BucketVersioning": "is not versioned",
}


def check_encrypted(resource: Resource) -> Iterator[str]:
    """Require encryption with a KMS key, and rotation of KMS keys."""
    if resource.kind in _KEYS and not resource.get(*_KEYS[resource.kind]):
        yield f"{'.'.join(_KEYS[resource.kind])} is not set: the resource is not encrypted with a KMS key"
    if resource.kind == "aws:kinesis/stream:Stream" and resource.get("encryptionType") != "KMS":
        yield "encryptionType is not KMS"
    if resource.kind == "aws:kms/key:Key" and not resource.get("enableKeyRotation"):
        yield "the key is never rotated"
    if resource.kind.endswith(":BucketServerSideEncryptionConfiguration"):
        for rule in resource.get("rules") or ():
            default = rule["applyServerSideEncryptionByDefault"]
            if default["sseAlgorithm"] != "aws:kms" or "kmsMasterKeyId" not in default:
                yield "the bucket is not encrypted with a KMS key of ours"


def check_private(resource: Resource) -> Iterator[str]:
    """Refuse public access, and network rules that are too broad."""
    if resource.kind.endswith(":BucketPublicAccessBlock"):
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
            if not resource.get(name):
                yield f"{name} is not set"
    owner = resource.get("rule", "objectOwnership")
    if resource.kind.endswith(":BucketOwnershipControls") and owner != "BucketOwnerEnforced":
        yield "object ACLs are in effect: objectOwnership is not BucketOwnerEnforced"
    if resource.kind.endswith(":SecurityGroupIngressRule") and not resource.get("referencedSecurityGroupId"):
        yield "allows addresses instead of a security group"
    if resource.kind.endswith(("GroupIngressRule", "GroupEgressRule")) and resource.get("ipProtocol") == "-1":
        yield "allows every protocol and port"


def check_logs_end(resource: Resource) -> Iterator[str]:
    """Refuse logs that never expire."""
    if resource.kind == "aws:cloudwatch/logGroup:LogGroup" and not resource.get("retentionInDays"):
        yield "retentionInDays is not set: the logs never expire"


def check_tagged(resource: Resource) -> Iterator[str]:
    """Require the enterprise's tags on every resource that can have tags."""
    if resource.kind.startswith("aws:") and resource.kind not in UNTAGGED:
        tags = resource.get("tags") or {}
        missing = [name for name in REQUIRED_TAGS if not tags.get(name)]
        if missing:
            yield f"lacks the tags {', '.join(missing)}"


def check_protected(resource: Resource) -> Iterator[str]:
    """Require deletion protection for data of a protected stack."""
    stack = resource.get("tags", "migration:stack") if resource.kind in HOLD_DATA else None
    if stack in PROTECTED_STACKS and not resource.protect:
        yield "holds data of a protected stack, but is not protected"


def check_buckets_whole(resources: Mapping[str, Resource]) -> Iterator[tuple[str, str]]:
    """Require every setting that makes a bucket safe."""
    for urn, bucket in resources.items():
        if bucket.kind == BUCKET:
            parts = {part.kind for part in resources.values() if part.name.startswith(f"{bucket.name}-")}
            yield from ((urn, problem) for kind, problem in _BUCKET_PARTS.items() if kind not in parts)


RULES = (
    Rule("encrypted", "Data, logs and messages are encrypted with a KMS key.", check_encrypted),
    Rule("private", "Nothing is public, and no rule allows addresses or every port.", check_private),
    Rule("logs-end", "Logs expire.", check_logs_end),
    Rule("tagged", "Every resource that can be tagged has the enterprise's tags.", check_tagged),
    Rule("protected", "Resources with data are protected in prod.", check_protected),
)
STACK_RULES = (StackRule("buckets-whole", "Every bucket has all settings that make it safe.", check_buckets_whole),)
