"""Whether the passwords of the database readers are there; they are not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runner.plan.account import missing
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.models import Cluster
    from runner.plan.account import Account


def check_secret(account: Account, cluster: Cluster) -> Iterator[Finding]:
    """Say that a cluster's secret is missing, deleted, empty, or cannot be resolved by the jobs."""
    about = f"secret {cluster.password_secret}"
    try:
        found = account.client("secretsmanager").describe_secret(SecretId=cluster.password_secret)
    except ClientError as error:
        if not missing(error):
            raise
        yield Finding(
            "fails",
            about,
            "it is not there",
            f"create it: the plaintext password of {cluster.user} on {cluster.identifier}",
        )
        return
    if found.get("DeletedDate"):
        yield Finding("fails", about, "it is about to be deleted", "restore it")
        return
    if not any("AWSCURRENT" in stages for stages in found.get("VersionIdsToStages", {}).values()):
        yield Finding("fails", about, "it has no value", f"put the plaintext password of {cluster.user} into it")
    if not found.get("KmsKeyId"):
        # https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/secrets-manager.html
        yield Finding(
            "warns",
            about,
            "AWS's own key encrypts it; EMR Serverless resolves only secrets under a customer-managed key",
            "encrypt it with a key whose policy admits emr-serverless.amazonaws.com",
        )
