"""Validation of the deployed definitions and policies by AWS's own validators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.environments import Environment

# Suggestions of the analyzer are left to a reader; these two types are mistakes.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-validation.html
_WRONG = ("ERROR", "SECURITY_WARNING")


def problems(environment: Environment) -> Iterator[str]:
    """Yield the validators' complaints about the deployed stack."""
    states, analyzer = environment.client("stepfunctions"), environment.client("accessanalyzer")
    for name, definition in _definitions(environment, states):
        yield from of_definition(states, name, definition)
    for name, policy in _role_policies(environment):
        yield from of_policy(analyzer, name, policy, "IDENTITY_POLICY")
    for name, policy in _bucket_policies(environment):
        yield from of_policy(analyzer, name, policy, "RESOURCE_POLICY")


def of_definition(states: Any, name: str, definition: str) -> Iterator[str]:
    """Yield the diagnostics of ValidateStateMachineDefinition."""
    answer = states.validate_state_machine_definition(definition=definition, type="STANDARD", severity="WARNING")
    for diagnostic in answer["diagnostics"]:
        location = diagnostic.get("location", "somewhere")
        yield f"{name}: {diagnostic['severity']} {diagnostic['code']}: {diagnostic['message']} ({location})"


def of_policy(analyzer: Any, name: str, policy: str, kind: str) -> Iterator[str]:
    """Yield the mistakes that Access Analyzer's ValidatePolicy reports."""
    pages = analyzer.get_paginator("validate_policy").paginate(policyDocument=policy, policyType=kind)
    for page in pages:
        for finding in page["findings"]:
            if finding["findingType"] in _WRONG:
                yield f"{name}: {finding['findingType']} {finding['issueCode']}: {finding['findingDetails']}"


def _definitions(environment: Environment, states: Any) -> Iterator[tuple[str, str]]:
    for page in states.get_paginator("list_state_machines").paginate():
        for machine in page["stateMachines"]:
            if machine["name"].startswith(f"{environment.prefix}-"):
                described = states.describe_state_machine(stateMachineArn=machine["stateMachineArn"])
                yield f"state machine {machine['name']}", described["definition"]


def _role_policies(environment: Environment) -> Iterator[tuple[str, str]]:
    iam = environment.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if not role["RoleName"].startswith(f"{environment.prefix}-"):
                continue
            for policy in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=policy)["PolicyDocument"]
                yield f"policy {policy} of {role['RoleName']}", _text(document)


def _bucket_policies(environment: Environment) -> Iterator[tuple[str, str]]:
    s3 = environment.client("s3")
    for role in ("artifacts", "data"):
        bucket = f"{environment.prefix}-{role}-{environment.account}"
        yield f"policy of the bucket {bucket}", s3.get_bucket_policy(Bucket=bucket)["Policy"]


def _text(document: Any) -> str:
    """Return a policy's JSON, which boto3 has already decoded and other clients may not."""
    return unquote(document) if isinstance(document, str) else json.dumps(document)
