"""Building blocks of policy documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.errors import PolicyTooLargeError
from infra.policies.shortening import characters, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.naming import Naming

Statement = dict[str, Any]
# All inline policies of a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST_CHARACTERS = 10_240


def document(*statements: Statement) -> dict[str, Any]:
    """Return a policy document, shortened if it exceeds IAM's limit.

    Raises:
        PolicyTooLargeError: The shortest form still exceeds the limit of a role's inline policies.
    """
    made = shortened(list(statements), _MOST_CHARACTERS)
    size = characters(made)
    if size > _MOST_CHARACTERS:
        raise PolicyTooLargeError(
            f"a role's policy has {size} characters, IAM allows {_MOST_CHARACTERS}; the catalog has more clusters or "
            "tables than one role can name: split the domain"
        )
    return {"Version": "2012-10-17", "Statement": made}


def allow(actions: Iterable[str], *resources: str, **conditions: Any) -> Statement:  # noqa: ANN401 - IAM's conditions
    """Return a statement that allows actions on resources."""
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": sorted(resources)}
    return {**statement, "Condition": conditions} if conditions else statement


def trust(service: str, account: str) -> dict[str, Any]:
    """Return the trust policy of a service's role, for resources of this account only.

    Lambda is not documented to pass a source account, and only functions of the role's own account can have the role:
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    """
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if service != "lambda.amazonaws.com":
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
    return document(statement)


def objects(bucket: str, *prefixes: str) -> list[str]:
    """Return the ARNs of the objects below prefixes."""
    return [f"arn:aws:s3:::{bucket}/{prefix}*" for prefix in prefixes]


def list_below(bucket: str, *prefixes: str) -> Statement:
    """Return the right to list a bucket below prefixes, which also makes a missing object a 404.

    GetObject has no s3:prefix. Without the right to list, S3 answers 403 for a missing object.
    """
    wanted = {"s3:prefix": sorted(f"{prefix}*" for prefix in prefixes)}
    return allow(["s3:ListBucket"], f"arn:aws:s3:::{bucket}", StringLikeIfExists=wanted)


def use_key(naming: Naming, key_arn: str, *actions: str) -> Statement:
    """Return the right to use the buckets' key, only through S3."""
    return allow((f"kms:{action}" for action in actions), key_arn, StringEquals=via(naming, "s3"))


def via(naming: Naming, service: str) -> dict[str, str]:
    """Return the condition that limits a key's use to a service."""
    return {"kms:ViaService": f"{service}.{naming.region}.amazonaws.com"}


def own_log(naming: Naming, function: str) -> Statement:
    """Return the right to write a function's log."""
    group = naming.arn("logs", f"log-group:/aws/lambda/{naming.function(function)}:log-stream:*")
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], group)


def executions(naming: Naming) -> Statement:
    """Return the right to describe executions of this stack's machines."""
    return allow(["states:DescribeExecution"], naming.arn("states", f"execution:{naming.prefix}-*:*"))
