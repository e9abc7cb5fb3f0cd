"""What the rules on encryption, privacy, logs, tags and protection say about the nearest right and wrong resource."""

from __future__ import annotations

from typing import Any

import pytest

from policy import safety
from policy.resource import Resource
from tests.unit.policy.reviewed import Case, violations

LOG, KEY, STREAM = "aws:cloudwatch/logGroup:LogGroup", "aws:kms/key:Key", "aws:kinesis/stream:Stream"
TOPIC, BUCKET, ROLE = "aws:sns/topic:Topic", "aws:s3/bucket:Bucket", "aws:iam/role:Role"
SPARK = "aws:emrserverless/application:Application"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNER = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
VERSIONING, BUCKET_POLICY = "aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketPolicy:BucketPolicy"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
BLOCKED = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
TAGS = dict.fromkeys(("cost-centre", "data-class", "environment", "migration:stack", "migration:system", "owner"), "x")
EVERY_PORT = "allows every protocol and port"
ADDRESSES = "allows addresses instead of a security group"
OWN_KEY = "the bucket is not encrypted with a KMS key of ours"
ACLS = "object ACLs are in effect: objectOwnership is not BucketOwnerEnforced"
UNPROTECTED = "holds data of a protected stack, but is not protected"


def encryption(*defaults: dict[str, str]) -> dict[str, Any]:
    return {"rules": [{"applyServerSideEncryptionByDefault": default} for default in defaults]}


def unencrypted(key: str) -> list[str]:
    return [f"{key} is not set: the resource is not encrypted with a KMS key"]


OURS, AES = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "arn"}, {"sseAlgorithm": "AES256"}
OF_JOBS = "monitoringConfiguration.s3MonitoringConfiguration.encryptionKeyArn"
ENCRYPTED: list[Case] = [
    ("encrypted", LOG, {"kmsKeyId": "arn"}, []),
    ("encrypted", LOG, {"kmsMasterKeyId": "arn"}, unencrypted("kmsKeyId")),
    ("encrypted", TOPIC, {"kmsMasterKeyId": "arn"}, []),
    ("encrypted", TOPIC, {"kmsKeyId": "arn"}, unencrypted("kmsMasterKeyId")),
    ("encrypted", SPARK, {"monitoringConfiguration": {"s3MonitoringConfiguration": {"encryptionKeyArn": "arn"}}}, []),
    ("encrypted", SPARK, {"monitoringConfiguration": {"encryptionKeyArn": "arn"}}, unencrypted(OF_JOBS)),
    ("encrypted", SPARK, {"monitoringConfiguration": {"s3MonitoringConfiguration": {}}}, unencrypted(OF_JOBS)),
    ("encrypted", STREAM, {"encryptionType": "KMS", "kmsKeyId": "k"}, []),
    ("encrypted", STREAM, {"encryptionType": "KMS"}, unencrypted("kmsKeyId")),
    ("encrypted", STREAM, {"encryptionType": "NONE", "kmsKeyId": "k"}, ["encryptionType is not KMS"]),
    ("encrypted", STREAM, {}, [*unencrypted("kmsKeyId"), "encryptionType is not KMS"]),
    ("encrypted", KEY, {"enableKeyRotation": True}, []),
    ("encrypted", KEY, {"enableKeyRotation": False}, ["the key is never rotated"]),
    ("encrypted", KEY, {}, ["the key is never rotated"]),
    ("encrypted", ROLE, {}, []),
    ("encrypted", ROLE, encryption(AES), []),
    ("encrypted", ENCRYPTION, {}, []),
    ("encrypted", ENCRYPTION, encryption(OURS), []),
    ("encrypted", ENCRYPTION, encryption(AES), [OWN_KEY]),
    ("encrypted", ENCRYPTION, encryption({**OURS, "sseAlgorithm": "AES256"}), [OWN_KEY]),
    ("encrypted", ENCRYPTION, encryption({"sseAlgorithm": "aws:kms"}), [OWN_KEY]),
    ("encrypted", ENCRYPTION, encryption(AES, OURS, AES), [OWN_KEY, OWN_KEY]),
]
ENFORCED = {"rule": {"objectOwnership": "BucketOwnerEnforced"}}
PRIVATE: list[Case] = [
    ("private", BLOCK, dict.fromkeys(BLOCKED, True), []),
    *[("private", BLOCK, {**dict.fromkeys(BLOCKED, True), name: False}, [f"{name} is not set"]) for name in BLOCKED],
    ("private", BLOCK, {}, [f"{name} is not set" for name in BLOCKED]),
    ("private", OWNER, ENFORCED, []),
    ("private", OWNER, {"rule": {"objectOwnership": "BucketOwnerPreferred"}}, [ACLS]),
    ("private", OWNER, {}, [ACLS]),
    ("private", ROLE, {}, []),
    ("private", INGRESS, {"referencedSecurityGroupId": "sg-1", "ipProtocol": "tcp"}, []),
    ("private", INGRESS, {"cidrIpv4": "10.0.0.0/8", "ipProtocol": "tcp"}, [ADDRESSES]),
    ("private", INGRESS, {"referencedSecurityGroupId": "sg-1", "ipProtocol": "-1"}, [EVERY_PORT]),
    ("private", INGRESS, {"cidrIpv4": "10.0.0.0/8", "ipProtocol": "-1"}, [ADDRESSES, EVERY_PORT]),
    ("private", EGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp"}, []),
    ("private", EGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"}, [EVERY_PORT]),
    ("private", ROLE, {"ipProtocol": "-1"}, []),
]
LABELLED: list[Case] = [
    ("logs-end", LOG, {"retentionInDays": 30.0}, []),
    ("logs-end", LOG, {"retentionInDays": 0}, ["retentionInDays is not set: the logs never expire"]),
    ("logs-end", LOG, {}, ["retentionInDays is not set: the logs never expire"]),
    ("logs-end", ROLE, {}, []),
    ("tagged", ROLE, {"tags": TAGS}, []),
    *[("tagged", ROLE, {"tags": {**TAGS, name: ""}}, [f"lacks the tags {name}"]) for name in TAGS],
    ("tagged", ROLE, {}, [f"lacks the tags {', '.join(TAGS)}"]),
    ("tagged", ROLE, {"tags": {"owner": "x"}}, [f"lacks the tags {', '.join(list(TAGS)[:-1])}"]),
    ("tagged", "pulumi:providers:aws", {}, []),
    *[
        ("tagged", f"aws:{kind}", {}, [])
        for kind in (
            "cloudwatch/dashboard:Dashboard",
            "cloudwatch/eventTarget:EventTarget",
            "cloudwatch/logMetricFilter:LogMetricFilter",
            "iam/rolePolicy:RolePolicy",
            "kms/alias:Alias",
            "lambda/alias:Alias",
            "lambda/permission:Permission",
            "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "s3/bucketObjectv2:BucketObjectv2",
            "s3/bucketOwnershipControls:BucketOwnershipControls",
            "s3/bucketPolicy:BucketPolicy",
            "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "s3/bucketVersioning:BucketVersioning",
            "secretsmanager/secretPolicy:SecretPolicy",
            "sns/topicPolicy:TopicPolicy",
            "sns/topicSubscription:TopicSubscription",
        )
    ],
]
PROTECTED: list[Case] = [
    ("protected", STREAM, {"tags": {"migration:stack": "test"}}, []),
    ("protected", STREAM, {"tags": {"migration:stack": "prod"}}, [UNPROTECTED]),
]
CASES = [*ENCRYPTED, *PRIVATE, *LABELLED, *PROTECTED]


@pytest.mark.parametrize(
    ("kind", "stack", "protect", "problems"),
    [
        *[(kind, "prod", False, [UNPROTECTED]) for kind in (BUCKET, STREAM, KEY)],
        *[(kind, "prod", True, []) for kind in (BUCKET, STREAM, KEY)],
        *[(kind, "test", False, []) for kind in (BUCKET, STREAM, KEY)],
        (ROLE, "prod", False, []),
        (LOG, "prod", False, []),
    ],
)
def test_data_of_production_is_protected(kind: str, stack: str, problems: list[str], *, protect: bool) -> None:
    assert violations("protected", kind, {"tags": {"migration:stack": stack}}, protect=protect) == problems


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (OWNER, "has no ownership controls"),
        (BUCKET_POLICY, "has no policy that asks for TLS"),
        (BLOCK, "does not block public access"),
        (ENCRYPTION, "is not encrypted"),
        (VERSIONING, "is not versioned"),
    ],
)
def test_a_bucket_without_one_of_its_settings_is_named_whatever_another_bucket_has(kind: str, problem: str) -> None:
    (rule,) = safety.STACK_RULES
    kinds = (OWNER, BUCKET_POLICY, BLOCK, ENCRYPTION, VERSIONING)
    declared = {
        f"{bucket}-{part}": Resource(kind=part, name=f"{bucket}-part", properties={})
        for bucket in ("data", "database")
        for part in kinds
    } | {bucket: Resource(kind=BUCKET, name=bucket, properties={}) for bucket in ("data", "database")}

    assert (rule.name, rule.description) == ("buckets-whole", "Every bucket has all settings that make it safe.")
    assert list(rule.check(declared)) == []
    del declared[f"data-{kind}"]
    assert list(rule.check(declared)) == [("data", problem)]
