"""Checks of the database password secrets; the values are not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runner.account.lookups import missing
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.models import Cluster
    from runner.account.lookups import Account

# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/secrets-manager.html
_DEFAULT_KEY = "alias/aws/secretsmanager"
_SERVICE = "emr-serverless.amazonaws.com"


def check_secret(account: Account, cluster: Cluster) -> Iterator[Finding]:
    """Fail if a cluster's secret is missing, deleted or empty, or the jobs cannot resolve it."""
    about = f"secret {cluster.password_secret}"
    try:
        described = account.client("secretsmanager").describe_secret(SecretId=cluster.password_secret)
    except ClientError as error:
        if not missing(error):
            raise
        yield Finding(
            "fails",
            about,
            "it does not exist",
            f"create it: the plaintext password of {cluster.user} on {cluster.identifier}",
        )
        return
    if described.get("DeletedDate"):
        yield Finding("fails", about, "it is about to be deleted", "restore it")
        return
    if not any("AWSCURRENT" in stages for stages in described.get("VersionIdsToStages", {}).values()):
        yield Finding("fails", about, "it has no value", f"put the plaintext password of {cluster.user} into it")
    if described.get("KmsKeyId", _DEFAULT_KEY).endswith(_DEFAULT_KEY):
        yield Finding(
            "fails",
            about,
            "AWS's own key encrypts it; EMR Serverless resolves only secrets under a customer-managed key",
            f"encrypt it with a key whose policy admits {_SERVICE}",
        )


def check_secret_policy(account: Account, cluster: Cluster) -> Iterator[Finding]:
    """Fail if a secret's policy does not admit EMR Serverless, which resolves it for the jobs."""
    try:
        answer = account.client("secretsmanager").get_resource_policy(SecretId=cluster.password_secret)
    except ClientError as error:
        if missing(error):
            return  # `check_secret` reports it
        raise
    if _SERVICE not in answer.get("ResourcePolicy", ""):
        yield Finding(
            "fails", f"secret {cluster.password_secret}", f"no policy of it admits {_SERVICE}", "deploy the stack"
        )
