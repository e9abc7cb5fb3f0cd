"""Secrets of a job run: EMR Serverless reads them as itself, if the secret's and the key's policies allow it.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/secrets-manager.html
"""

from __future__ import annotations

from moto.kms.models import kms_backends
from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends

from local.aws.active import active
from local.aws.authorization import record_calls
from local.errors import SecretError
from local.iam.policy import Call, allowed, context, statements

SERVICE = "emr-serverless.amazonaws.com"


def resolve(secret_id: str, application_arn: str) -> str:
    """Return a plaintext secret's value for a job run of an application.

    Raises:
        SecretError: The secret does not exist, uses the account's default key, or a policy does not allow the service.
    """
    settings = active()
    backend = secretsmanager_backends[settings.account][settings.region]
    if secret_id not in backend.secrets:
        raise SecretError(f"there is no secret {secret_id}")
    secret = backend.secrets[secret_id]
    if secret.kms_key_id in (None, SecretsManagerBackend.DEFAULT_KMS_KEY_ALIAS):
        raise SecretError(f"the secret {secret_id} has no customer-managed key; {SERVICE} cannot decrypt it")
    keys = kms_backends[settings.account][settings.region]
    asked = context({"aws:SourceArn": application_arn})
    through = context({"kms:ViaService": f"secretsmanager.{settings.region}.amazonaws.com"})
    policy, key_policy = str(secret.policy or "{}"), str(keys.get_key_policy(secret.kms_key_id))
    for text, call in (
        (policy, Call("secretsmanager:DescribeSecret", secret.arn, asked)),
        (policy, Call("secretsmanager:GetSecretValue", secret.arn, asked)),
        (key_policy, Call("kms:DescribeKey", secret.kms_key_id, through)),
        (key_policy, Call("kms:Decrypt", secret.kms_key_id, through)),
    ):
        record_calls(SERVICE, call)
        if not allowed(statements(text), call, ("Service", SERVICE)):
            raise SecretError(f"{SERVICE} is not authorized to perform {call}")
    version = next(v for v in secret.versions.values() if "AWSCURRENT" in v["version_stages"])
    return str(version["secret_string"])
