"""Each security rule accepts correct resources and names wrong ones; both stacks pass all of them."""

from __future__ import annotations

import importlib
import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from infra import inputs
from local.deploy.config import stack_config
from local.deploy.recorder import record_config
from policy import privilege, safety, settings
from policy.resource import Resource

if TYPE_CHECKING:
    from local.deploy.engine import Deployment

RULES = {rule.name: rule for rule in (*safety.RULES, *privilege.RULES, *settings.RULES)}
TAGS = dict.fromkeys(safety.REQUIRED_TAGS, "x")
LOG, KEY, STREAM = "aws:cloudwatch/logGroup:LogGroup", "aws:kms/key:Key", "aws:kinesis/stream:Stream"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNER = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
MANAGED, USER = "aws:iam/policy:Policy", "aws:iam/user:User"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
BOUNDARY = "arn:aws:iam::1:policy/migration-test-boundary"
OF_TEST = {"tags": {"migration:stack": "test"}}
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
SPARK, MACHINE = "aws:emrserverless/application:Application", "aws:sfn/stateMachine:StateMachine"
RULE, FUNCTION = "aws:cloudwatch/eventRule:EventRule", "aws:lambda/function:Function"
PRIVATE = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)


def encryption(**default: str) -> dict[str, Any]:
    return {"rules": [{"applyServerSideEncryptionByDefault": default}]}


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def allows(action: str, resource: str = "arn:aws:s3:::b/*", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - IAM's conditions
    return {"Effect": "Allow", "Action": [action], "Resource": [resource], **more}


def equals(key: str, value: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {key: value}}


def taken_by(principal: Any, **equal: str) -> dict[str, str]:  # noqa: ANN401 - IAM's principals
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"assumeRolePolicy": document({**statement, "Condition": {"StringEquals": equal}} if equal else statement)}


def policy(*statements: dict[str, Any], **more: str) -> dict[str, str]:
    return {"policy": document(*statements, **more)}


def spark(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - properties
    return {
        "type": "spark",
        "releaseLabel": "emr-7.9.0",
        "maximumCapacity": {"cpu": "16 vCPU", "memory": "64 GB"},
        "autoStopConfiguration": {"enabled": True},
    } | changed


def machine(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - properties
    return {"definition": "{}", "loggingConfiguration": {"level": "ALL", "logDestination": "arn:*"} | changed}


GOOD = [
    ("encrypted", LOG, {"kmsKeyId": "arn"}),
    ("encrypted", KEY, {"enableKeyRotation": True}),
    ("encrypted", STREAM, {"encryptionType": "KMS", "kmsKeyId": "alias/aws/kinesis"}),
    ("encrypted", "aws:sns/topic:Topic", {"kmsMasterKeyId": "arn"}),
    ("encrypted", SPARK, {"monitoringConfiguration": {"s3MonitoringConfiguration": {"encryptionKeyArn": "arn"}}}),
    ("encrypted", ENCRYPTION, encryption(sseAlgorithm="aws:kms", kmsMasterKeyId="arn")),
    ("private", BLOCK, PRIVATE),
    ("private", OWNER, {"rule": {"objectOwnership": "BucketOwnerEnforced"}}),
    ("private", INGRESS, {"referencedSecurityGroupId": "sg-1", "ipProtocol": "tcp"}),
    ("private", EGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp"}),
    ("logs-end", LOG, {"retentionInDays": 30.0}),
    ("tagged", ROLE, {"tags": TAGS}),
    ("tagged", POLICY, {}),
    ("protected", STREAM, {"tags": {"migration:stack": "test"}}),
    ("no-wildcard", POLICY, policy(allows("s3:GetObject"), allows("rds:DescribeDBClusters", "*"))),
    ("no-wildcard", POLICY, policy({"Effect": "Deny", "Action": "*", "Resource": "*"})),
    ("trust", ROLE, taken_by({"Service": "states.amazonaws.com"}, **{"aws:SourceAccount": "1"})),
    ("trust", ROLE, taken_by({"Service": "lambda.amazonaws.com"})),
    ("trust", ROLE, taken_by({"Federated": "arn"}, **{"token:sub": "repo:o/n:environment:test"})),
    ("boundary", ROLE, {"permissionsBoundary": BOUNDARY, **OF_TEST}),
    ("boundary", MANAGED, policy(allows("s3:*"), allows("iam:GetRole", "*"))),
    ("boundary", MANAGED, policy({"Effect": "Deny", "Action": "iam:*", "Resource": "*"})),
    ("boundary", MANAGED, policy(allows("iam:PutRolePolicy", Condition=equals("iam:PermissionsBoundary", BOUNDARY)))),
    ("boundary", MANAGED, policy(allows("iam:PassRole", Condition=equals("iam:PassedToService", "x")))),
    ("documents", POLICY, policy(allows("s3:GetObject"))),
    ("name", ROLE, {"name": "r" * 64}),
    ("name", "aws:s3/bucket:Bucket", {"bucket": "migration-test-data-971779422973"}),
    ("spark", SPARK, spark()),
    ("state-machine", MACHINE, machine()),
    ("schedule", RULE, {"scheduleExpression": "rate(1 hour)"}),
    ("schedule", RULE, {"scheduleExpression": "cron(0 10 * * ? *)"}),
    ("schedule", RULE, {"eventPattern": "{}"}),
    ("numbers", FUNCTION, {"timeout": 300.0}),
    ("numbers", STREAM, {"streamModeDetails": {"streamMode": "PROVISIONED"}, "shardCount": 4.0}),
]

BAD = [
    ("encrypted", LOG, {}, "kmsKeyId is not set"),
    ("encrypted", KEY, {}, "the key is never rotated"),
    ("encrypted", STREAM, {"kmsKeyId": "k"}, "encryptionType is not KMS"),
    ("encrypted", SPARK, {}, "monitoringConfiguration.s3MonitoringConfiguration.encryptionKeyArn is not set"),
    ("encrypted", ENCRYPTION, encryption(sseAlgorithm="AES256"), "not encrypted with a KMS key of ours"),
    ("encrypted", ENCRYPTION, encryption(sseAlgorithm="aws:kms"), "not encrypted with a KMS key of ours"),
    ("private", BLOCK, PRIVATE | {"blockPublicPolicy": False}, "blockPublicPolicy is not set"),
    ("private", OWNER, {"rule": {"objectOwnership": "ObjectWriter"}}, "object ACLs are in effect"),
    ("private", INGRESS, {"cidrIpv4": "10.0.0.0/8", "ipProtocol": "tcp"}, "allows addresses"),
    ("private", EGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"}, "allows every protocol and port"),
    ("logs-end", LOG, {}, "the logs never expire"),
    ("tagged", ROLE, {"tags": TAGS | {"owner": ""}}, "lacks the tags owner"),
    ("protected", STREAM, {"tags": {"migration:stack": "prod"}}, "is not protected"),
    ("no-wildcard", POLICY, policy(allows("s3:Get*")), "allows s3:Get*: name the actions"),
    ("no-wildcard", POLICY, policy(allows("s3:GetObject", "*")), "allows s3:GetObject on every resource"),
    ("trust", ROLE, taken_by("*"), "anybody may assume it"),
    ("trust", ROLE, taken_by({"AWS": "*"}), "anybody may assume it"),
    ("trust", ROLE, taken_by({"Service": "states.amazonaws.com"}), "assume it for another account"),
    ("trust", ROLE, taken_by({"Federated": "arn"}, **{"token:aud": "sts"}), "any workflow may assume it"),
    ("trust", ROLE, taken_by({"Federated": "arn"}, **{"token:sub": "repo:o/*"}), "any workflow may assume it"),
    ("boundary", ROLE, OF_TEST, "has no permissions boundary"),
    ("boundary", ROLE, {"permissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess", **OF_TEST}, "not the st"),
    ("boundary", ROLE, {"permissionsBoundary": BOUNDARY, "tags": {"migration:stack": "prod"}}, "not the stack's own"),
    ("boundary", USER, {}, "use an inline policy of a role of the stack"),
    ("boundary", ATTACHMENT, {"policyArn": "arn"}, "attaches a policy that is reviewed elsewhere"),
    ("boundary", MANAGED, policy(allows("*", "*")), "a boundary that allows * can be escaped"),
    ("boundary", MANAGED, policy(allows("iam:*", "*")), "a boundary that allows iam:* can be escaped"),
    ("boundary", MANAGED, policy(allows("iam:PutRolePolicy", "*")), "a boundary that allows iam:PutRolePolicy can"),
    (
        "boundary",
        MANAGED,
        policy(allows("sts:AssumeRole", Condition=equals("aws:PrincipalArn", "r"))),
        "sts:AssumeRole",
    ),
    ("boundary", MANAGED, policy(allows("organizations:LeaveOrganization", "*")), "organizations:LeaveOrganization"),
    ("documents", MANAGED, policy(*[allows("a" * 100)] * 50), "IAM allows 6144"),
    ("documents", POLICY, policy({"Effect": "Allow", "Resource": "*"}), "statement 0 has no Action"),
    ("documents", POLICY, policy({"Effect": "Allow", "Action": "s3:GetObject"}), "statement 0 has no Resource"),
    ("documents", POLICY, policy({"Effect": "allow", "Action": "a", "Resource": "r"}), "has the Effect 'allow'"),
    ("documents", POLICY, policy(allows("a", NotAction="b")), "statement 0 has NotAction"),
    ("documents", POLICY, policy(allows("a"), version="2008-10-17"), "Version is not 2012-10-17"),
    ("documents", POLICY, policy(*[allows("a" * 100)] * 80), "IAM allows 10240"),
    ("name", ROLE, {"name": "r" * 65}, "does not match"),
    ("name", "aws:s3/bucket:Bucket", {"bucket": "Data_Bucket"}, "does not match"),
    ("name", "aws:s3/bucket:Bucket", {"bucket": "b" * 64}, "does not match"),
    ("name", MACHINE, {"name": "m" * 81}, "does not match"),
    ("spark", SPARK, spark(type="SPARK"), "type is 'SPARK'"),
    ("spark", SPARK, spark(releaseLabel="7.9.0"), "releaseLabel is '7.9.0'"),
    ("spark", SPARK, spark(maximumCapacity={"cpu": "16", "memory": "64 GB"}), "maximumCapacity.cpu is '16'"),
    ("spark", SPARK, spark(maximumCapacity={"cpu": "16 vCPU", "memory": "64GB"}), "maximumCapacity.memory is '64GB'"),
    ("spark", SPARK, spark(autoStopConfiguration={"enabled": False}), "does not stop automatically"),
    ("state-machine", MACHINE, machine(logDestination="arn"), "does not end with :*"),
    ("state-machine", MACHINE, machine(level="ERROR"), "level is not ALL"),
    ("state-machine", MACHINE, machine() | {"definition": "x" * 1_048_577}, "larger than 1048576 bytes"),
    ("schedule", RULE, {"scheduleExpression": "rate(1 hours)"}, "neither rate(2 hours) nor cron()"),
    ("schedule", RULE, {"scheduleExpression": "cron(0 10 * * ?)"}, "neither rate(2 hours) nor cron()"),
    ("schedule", RULE, {"scheduleExpression": "cron(0 10 * * * *)"}, "must have `?`"),
    ("numbers", LOG, {"retentionInDays": 45.0}, "retentionInDays is 45"),
    ("numbers", FUNCTION, {"timeout": 901.0}, "it must be 1 to 900 seconds"),
    (
        "numbers",
        STREAM,
        {"streamModeDetails": {"streamMode": "ON_DEMAND"}, "shardCount": 4.0},
        "shardCount is set though the stream is ON_DEMAND",
    ),
]


def violations(rule: str, kind: str, properties: dict[str, Any]) -> list[str]:
    return list(RULES[rule].check(Resource(kind=kind, name="x", properties=properties)))


@pytest.mark.parametrize(("rule", "kind", "properties"), GOOD, ids=[f"{c[0]}-{n}" for n, c in enumerate(GOOD)])
def test_a_rule_passes_what_is_right(rule: str, kind: str, properties: dict[str, Any]) -> None:
    assert violations(rule, kind, properties) == []


@pytest.mark.parametrize(("rule", "kind", "properties", "problem"), BAD, ids=[f"{c[0]}-{n}" for n, c in enumerate(BAD)])
def test_a_rule_names_what_is_wrong(rule: str, kind: str, properties: dict[str, Any], problem: str) -> None:
    (violation,) = violations(rule, kind, properties)

    assert problem in violation


def test_every_rule_has_a_good_and_a_bad_case() -> None:
    assert {case[0] for case in GOOD} == {case[0] for case in BAD} == set(RULES)


def resources(deployment: Deployment) -> dict[str, Resource]:
    return {
        declared.urn: Resource(
            kind=declared.kind, name=declared.name, properties=declared.inputs, protect=declared.protect
        )
        for declared in deployment.resources.values()
        if declared.custom
    }


def test_a_bucket_is_whole_or_what_it_lacks_is_named(declared_test: Deployment) -> None:
    declared = resources(declared_test)
    (rule,) = safety.STACK_RULES
    assert list(rule.check(declared)) == []

    urn = next(urn for urn, resource in declared.items() if resource.name == "migration-test-data")
    for kind, problem in safety._BUCKET_PARTS.items():
        less = {u: r for u, r in declared.items() if r.kind != kind or not r.name.startswith("migration-test-data-")}
        assert list(rule.check(less)) == [(urn, problem)]


def test_the_stacks_pass_every_rule(either_stack: Deployment) -> None:
    declared = resources(either_stack)

    problems = [f"{r.name}: {p}" for r in declared.values() for rule in RULES.values() for p in rule.check(r)]
    assert problems == []


def pulumi_class(kind: str) -> Any:  # noqa: ANN401 - Pulumi's classes
    _, module, name = kind.split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{module.split('/')[0].replace('lambda', 'lambda_')}"), name)


def test_what_is_not_tagged_cannot_be() -> None:
    for kind in set(safety.UNTAGGED) - {"aws:s3/bucketObjectv2:BucketObjectv2"}:
        assert "tags" not in inspect.signature(pulumi_class(kind)._internal_init).parameters, kind


def test_every_kind_that_a_rule_reads_is_one_of_pulumis() -> None:
    kinds = {*settings.NAMES, *safety.UNTAGGED, *safety._KEYS, *safety._BUCKET_PARTS, *privilege._DOCUMENTS}
    kinds |= set(privilege._PRINCIPALS)

    assert all(pulumi_class(kind) for kind in kinds)


def test_the_longest_names_fit_every_service(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_catalog()
    longest = {"d" * 31: catalog.domains["rates"].model_copy(update={"name": "d" * 31})}
    monkeypatch.setattr(inputs, "load_catalog", lambda *_: catalog.model_copy(update={"domains": longest}))
    changed = {"rates-avail-migration-bootstrap:plainStreamNames": "false"}

    declared = resources(record_config("s" * 10, stack_config("test") | changed))

    names = [resource.get("name") for resource in declared.values()]
    assert f"migration-{'s' * 10}-{'d' * 31}-machine" in names
    assert [f"{r.name}: {p}" for r in declared.values() for rule in RULES.values() for p in rule.check(r)] == []
