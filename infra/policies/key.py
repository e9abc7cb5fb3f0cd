"""Policy of the stack's key: roles use it by their own policies, services for the stack's resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.naming import Naming

_LOGS = ("kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*")


def data_key(naming: Naming) -> dict[str, Any]:
    """Return the key's policy.

    Imports, exports and jobs use the key with the role that started them, so the roles' policies grant it.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    log_groups = [
        naming.arn("logs", f"log-group:/aws/{folder}/{naming.prefix}-*")
        for folder in ("emr-serverless", "lambda", "vendedlogs/states")
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "RolesByTheirPolicies",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{naming.account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "OurLogGroups",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{naming.region}.amazonaws.com"},
                "Action": list(_LOGS),
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            },
            {
                "Sid": "WhoSendsToOurTopic",
                "Effect": "Allow",
                "Principal": {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": naming.account}},
            },
        ],
    }
