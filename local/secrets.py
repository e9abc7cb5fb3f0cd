"""The customer's secrets, which exist before the first deployment, with a key that EMR Serverless may use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.aws.server import EmbeddedAws


def make_secrets(aws: EmbeddedAws, passwords: Mapping[str, str]) -> None:
    """Create plaintext secrets by name, as docs/secrets.md describes."""
    key = aws.client("kms").create_key(
        Description="Database readers", Policy=json.dumps(key_policy(aws.active.account, aws.active.region))
    )
    secrets = aws.client("secretsmanager")
    for name, password in passwords.items():
        secrets.create_secret(Name=name, SecretString=password, KmsKeyId=key["KeyMetadata"]["Arn"])


def key_policy(account: str, region: str) -> dict[str, Any]:
    """Return the policy of the readers' key.

    https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/secrets-manager.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TheAccountByItsPolicies",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "EmrServerlessForSecrets",
                "Effect": "Allow",
                "Principal": {"Service": "emr-serverless.amazonaws.com"},
                "Action": ["kms:Decrypt", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
            },
        ],
    }
