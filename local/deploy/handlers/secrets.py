"""Resource policies of the customer's secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy.cloud import Cloud, Inputs, Made


def _secret_policy(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    cloud.client("secretsmanager").put_resource_policy(
        SecretId=inputs["secretArn"], ResourcePolicy=inputs["policy"], BlockPublicPolicy=inputs["blockPublicPolicy"]
    )
    return inputs["secretArn"], {}


def _secret(cloud: Cloud, inputs: Inputs) -> dict[str, Any]:
    secret = cloud.client("secretsmanager").describe_secret(SecretId=inputs["name"])
    return {
        "id": secret["ARN"],
        "arn": secret["ARN"],
        "name": secret["Name"],
        "kmsKeyId": secret.get("KmsKeyId", ""),
        "description": secret.get("Description", ""),
        "policy": "",
        "tags": {tag["Key"]: tag["Value"] for tag in secret.get("Tags", [])},
    }


HANDLERS: dict[str, Callable[[Cloud, str, Inputs], Made]] = {
    "aws:secretsmanager/secretPolicy:SecretPolicy": _secret_policy,
}
SOURCES: dict[str, Callable[[Cloud, Inputs], dict[str, Any]]] = {
    "aws:secretsmanager/getSecret:getSecret": _secret,
}
