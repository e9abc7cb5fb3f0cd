"""Database password secrets; the key of each must be able to admit EMR Serverless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aws import secretsmanager

from infra.errors import SecretKeyError

if TYPE_CHECKING:
    from collections.abc import Iterable


def look_up_secrets(names: Iterable[str]) -> dict[str, str]:
    """Return the ARNs of secrets by name; a preview looks them up too.

    Raises:
        SecretKeyError: A secret is encrypted with a key that EMR Serverless cannot be admitted to.
    """
    arns = {}
    for name in names:
        secret = secretsmanager.get_secret(name=name)
        # Without this check, the jobs of the first run fail after an hour.
        if not secret.kms_key_id or secret.kms_key_id.endswith("alias/aws/secretsmanager"):
            raise SecretKeyError(
                f"the secret {name} is encrypted with the account's default key, whose policy cannot admit "
                "EMR Serverless; give it a key of its own, as docs/secrets.md says"
            )
        arns[name] = secret.arn
    return arns
