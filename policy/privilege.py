"""Security rules on IAM documents: no wildcard without a reason, and no document that AWS misreads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policy.resource import Resource, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Actions without a resource, or whose resource does not exist before the call.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
WHOLE_ACCOUNT = {
    "cloudwatch:GetMetricStatistics": "metrics have no resource",
    "cloudwatch:PutMetricData": "metrics have no resource; their namespace is a condition",
    "dynamodb:DescribeLimits": "quotas belong to the account",
    "dynamodb:ListExports": "lists all exports",
    "dynamodb:ListImports": "lists all imports",
    "dynamodb:ListTables": "lists",
    "ec2:AuthorizeSecurityGroupEgress": "the group has a random id; its tag is a condition",
    "ec2:AuthorizeSecurityGroupIngress": "the group has a random id; its tag is a condition",
    "ec2:CreateSecurityGroup": "there is no group yet",
    "ec2:CreateTags": "there is no resource yet; what creates it is a condition",
    "ec2:CreateVpcEndpoint": "there is no endpoint yet",
    "ec2:DeleteSecurityGroup": "the group has a random id; its tag is a condition",
    "ec2:DeleteVpcEndpoints": "the endpoint has a random id; its tag is a condition",
    "ec2:DescribeNetworkInterfaces": "lists",
    "ec2:DescribePrefixLists": "lists",
    "ec2:DescribeRouteTables": "lists",
    "ec2:DescribeSecurityGroupRules": "lists",
    "ec2:DescribeSecurityGroups": "lists",
    "ec2:DescribeSubnets": "lists",
    "ec2:DescribeVpcEndpoints": "lists",
    "ec2:DescribeVpcs": "lists",
    "ec2:DescribeVpcAttribute": "the stack finds the VPC by its name",
    "ec2:ModifySecurityGroupRules": "the group has a random id; its tag is a condition",
    "ec2:ModifyVpcEndpoint": "the endpoint has a random id; its tag is a condition",
    "ec2:RevokeSecurityGroupEgress": "the group has a random id; its tag is a condition",
    "ec2:RevokeSecurityGroupIngress": "the group has a random id; its tag is a condition",
    "emr-serverless:CreateApplication": "there is no application yet; the requested tag is a condition",
    "emr-serverless:ListApplications": "lists",
    "kinesis:ListStreams": "lists",
    "kms:CreateKey": "there is no key yet; the requested tag is a condition",
    "kms:ListAliases": "lists",
    "kms:TagResource": "a key is created with its tags; the requested tag is a condition",
    "logs:CreateLogDelivery": "log delivery has no resource",
    "logs:DeleteLogDelivery": "log delivery has no resource",
    "logs:DescribeLogGroups": "lists",
    "logs:DescribeResourcePolicies": "log delivery has no resource",
    "logs:GetLogDelivery": "log delivery has no resource",
    "logs:ListLogDeliveries": "log delivery has no resource",
    "logs:PutResourcePolicy": "log delivery has no resource",
    "logs:UpdateLogDelivery": "log delivery has no resource",
    "rds:DescribeDBClusters": "lists",
    "rds:DescribeDBInstances": "lists",
    "rds:DescribeEvents": "lists",
    "rds:ListTagsForResource": "reads only tags",
    "servicequotas:GetServiceQuota": "quotas belong to the account",
    "states:ListStateMachines": "lists",
    "states:ValidateStateMachineDefinition": "takes a text",
    "xray:GetSamplingRules": "tracing has no resource",
    "xray:GetSamplingTargets": "tracing has no resource",
    "xray:PutTelemetryRecords": "tracing has no resource",
    "xray:PutTraceSegments": "tracing has no resource",
}
# Lambda's guide has no condition for this trust: it does not say that Lambda names the account that it acts for.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
_NAMELESS = "lambda.amazonaws.com"
_INLINE_POLICY_CHARACTERS = 10_240  # of all inline policies of a role in total, without white space
_MANAGED_POLICY_CHARACTERS = 6_144
_TRUST_CHARACTERS = 2_048
_DOCUMENTS = {
    "aws:iam/policy:Policy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
}
# Resources that grant rights outside of the boundary, or without a role.
_PRINCIPALS = {
    "aws:iam/accessKey:AccessKey": "a key never expires",
    "aws:iam/group:Group": "a group has no boundary",
    "aws:iam/policyAttachment:PolicyAttachment": "attaches a policy that is reviewed elsewhere",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "attaches a policy that is reviewed elsewhere",
    "aws:iam/user:User": "passwords and keys of users never expire",
    "aws:iam/userPolicy:UserPolicy": "passwords and keys of users never expire",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "passwords and keys of users never expire",
}
_ACCOUNTS = ("*", "account", "iam", "organizations", "sts")  # services that create or assume principals
_HARMLESS = ("get", "list", "simulate", "tagrole", "untagrole")
# Conditions that limit a boundary's other IAM actions to the boundary, to services, or to the deploying role. A negated
# operator, and one that holds when the key is absent (`…IfExists`, `ForAllValues:`, `Null`), limits nothing.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_BINDING = {"aws:PrincipalArn", "iam:AWSServiceName", "iam:PassedToService", "iam:PermissionsBoundary"}
_REQUIRING = ("ArnEquals", "StringEquals")


def check_no_wildcard(resource: Resource) -> Iterator[str]:
    """Refuse a role's policy with wildcards in actions, or on all resources if AWS supports named ones."""
    if resource.kind != "aws:iam/rolePolicy:RolePolicy":
        return
    for statement in resource.document("policy")["Statement"]:
        if statement["Effect"] != "Allow":
            continue
        actions, resources = _list(statement.get("Action")), _list(statement.get("Resource"))
        for action in actions:
            if "*" in action:
                yield f"allows {action}: name the actions"
            if "*" in resources and action not in WHOLE_ACCOUNT:
                yield f"allows {action} on every resource without a reason in policy/privilege.py"


def check_trust(resource: Resource) -> Iterator[str]:
    """Refuse a role that others may assume: a service for another account, or a workflow of another repository."""
    if resource.kind != "aws:iam/role:Role":
        return
    for statement in resource.document("assumeRolePolicy")["Statement"]:
        condition = statement.get("Condition", {}).get("StringEquals", {})
        principal = statement["Principal"]
        if principal == "*" or "*" in _list(principal.get("AWS")):
            yield "anybody may assume it"
        elif "AWS" in principal:
            yield "accounts, users or roles may assume it: trust a service or a workflow"
        elif principal.get("Service", _NAMELESS) != _NAMELESS and "aws:SourceAccount" not in condition:
            yield "a service may assume it for another account: there is no condition on aws:SourceAccount"
        elif "Federated" in principal:
            claims = [key for key in condition if key.endswith(":sub")]
            if not claims or any("*" in subject for key in claims for subject in _list(condition[key])):
                yield "any workflow may assume it: there is no exact condition on `sub`"


def check_documents(resource: Resource) -> Iterator[str]:
    """Refuse documents that AWS refuses late or misreads."""
    if resource.kind not in _DOCUMENTS:
        return
    document = resource.document(_DOCUMENTS[resource.kind])
    if document.get("Version") != "2012-10-17":
        yield "the policy's Version is not 2012-10-17: variables would be plain text"
    for number, statement in enumerate(document["Statement"]):
        yield from _problems(number, statement, resource.kind)
    size = sum(len(part) for part in resource.properties[_DOCUMENTS[resource.kind]].split())
    limit = {
        "aws:iam/policy:Policy": _MANAGED_POLICY_CHARACTERS,
        "aws:iam/role:Role": _TRUST_CHARACTERS,
        "aws:iam/rolePolicy:RolePolicy": _INLINE_POLICY_CHARACTERS,
    }
    if size > limit.get(resource.kind, size):
        yield f"the policy has {size} characters; IAM allows {limit[resource.kind]}"


def _problems(number: int, statement: Mapping[str, Any], kind: str) -> Iterator[str]:
    for key in ("NotAction", "NotPrincipal", "NotResource"):
        if key in statement:
            yield f"statement {number} has {key}, which also allows future actions, principals and resources"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"statement {number} has the Effect {statement.get('Effect')!r}"
    if not _list(statement.get("Action")):
        yield f"statement {number} has no Action"
    if kind != "aws:iam/role:Role" and not _list(statement.get("Resource")):
        yield f"statement {number} has no Resource"


def check_boundary(resource: Resource) -> Iterator[str]:
    """Require the stack's permissions boundary on every role, and a boundary that cannot be escaped."""
    if resource.kind == "aws:iam/role:Role":
        boundary = resource.get("permissionsBoundary")
        name = f"migration-{resource.get('tags', 'migration:stack')}-boundary"
        if not boundary:
            yield "has no permissions boundary: its policy could make it an administrator"
        elif boundary.startswith("arn:") and not boundary.endswith(f":policy/{name}"):
            yield f"has the permissions boundary {boundary}, not the stack's own, {name}"
    if resource.kind in _PRINCIPALS:
        yield f"{_PRINCIPALS[resource.kind]}: use an inline policy of a role of the stack"
    if resource.kind == "aws:iam/policy:Policy":
        for statement in resource.document("policy")["Statement"]:
            if statement["Effect"] == "Allow":
                yield from _escapes(statement)


def _escapes(statement: Mapping[str, Any]) -> Iterator[str]:
    conditions = statement.get("Condition", {})
    bound = any(key in _BINDING for operator in _REQUIRING for key in conditions.get(operator, ()))
    for action in _list(statement.get("Action")):
        # IAM ignores the case of a service: reference_policies_elements_action.html of the same guide.
        service, _, verb = action.lower().partition(":")
        harmless = service == "iam" and (bound or verb.startswith(_HARMLESS))
        if service in _ACCOUNTS and not harmless:
            yield f"a boundary that allows {action} can be escaped"


def _list(value: Any) -> list[str]:  # noqa: ANN401 - IAM allows a single value or a list
    return [value] if isinstance(value, str) else list(value or ())


RULES = (
    Rule("no-wildcard", "Roles have named actions, on named resources if AWS supports them.", check_no_wildcard),
    Rule("trust", "Only a service for this account or the subject of one workflow may assume a role.", check_trust),
    Rule("boundary", "Every role has the stack's boundary, which cannot be escaped.", check_boundary),
    Rule("documents", "Policies are complete, within IAM's limits, and explicit.", check_documents),
)
