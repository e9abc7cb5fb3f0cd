"""Roles, their policies, and the identity provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.deploy.cloud import tag_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy.cloud import Cloud, Inputs, Made

_SESSION_SECONDS = 3600  # IAM's default


def _role(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    role = inputs.get("name", name)
    made = cloud.client("iam").create_role(
        RoleName=role,
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        MaxSessionDuration=int(inputs.get("maxSessionDuration", _SESSION_SECONDS)),
        Tags=tag_list(inputs.get("tags")),
        **({"PermissionsBoundary": inputs["permissionsBoundary"]} if "permissionsBoundary" in inputs else {}),
    )["Role"]
    return role, {"arn": made["Arn"], "name": role}


def _role_policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    cloud.client("iam").put_role_policy(RoleName=inputs["role"], PolicyName=name, PolicyDocument=inputs["policy"])
    return f"{inputs['role']}:{name}", {"name": name}


def _policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    arn = cloud.client("iam").create_policy(
        PolicyName=inputs.get("name", name),
        PolicyDocument=inputs["policy"],
        Description=inputs.get("description", ""),
        Tags=tag_list(inputs.get("tags")),
    )["Policy"]["Arn"]
    return arn, {"arn": arn}


def _identity_provider(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    arn = cloud.client("iam").create_open_id_connect_provider(
        Url=inputs["url"], ClientIDList=inputs["clientIdLists"], Tags=tag_list(inputs.get("tags"))
    )["OpenIDConnectProviderArn"]
    return arn, {"arn": arn}


HANDLERS: dict[str, Callable[[Cloud, str, Inputs], Made]] = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _identity_provider,
    "aws:iam/policy:Policy": _policy,
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _role_policy,
}
