"""Least privilege of the Spark jobs, proven by a real migration; tests/machine proves the other roles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.aws import authorization
from local.aws.secrets import SERVICE
from local.iam.policy import statements
from tests import privileges
from tests.deployed import REGION

if TYPE_CHECKING:
    from local.stack import LocalStack
    from tests.functional.recording import Recorded


def names(stack: LocalStack) -> dict[str, str]:
    kms, application = stack.client("kms"), stack.deployment.outputs["applicationId"]
    (alias,) = [entry for entry in kms.list_aliases()["Aliases"] if entry["AliasName"].startswith("alias/migration")]
    key = kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["Arn"]
    arn = f"arn:aws:emr-serverless:{REGION}:{stack.account}:/applications/{application}"
    return privileges.stack_names(stack.account, key, arn)


def test_every_call_of_the_jobs_is_allowed_and_every_action_they_may_is_used(
    stack: LocalStack, migrated: Recorded
) -> None:
    role = "migration-test-spark-job"

    assert {progress.status for progress in migrated.ended.values()} == {"SUCCEEDED"}
    assert authorization.recorded(role)
    assert [said for said in authorization.refused() if "/migration-test-" in said] == []
    assert privileges.complaints("spark-job", role, names(stack)) == []


def test_emr_serverless_resolves_every_password_by_what_the_secret_and_its_key_allow(
    stack: LocalStack, migrated: Recorded
) -> None:
    assert migrated.ended
    made = authorization.recorded(SERVICE)
    secrets, kms = stack.client("secretsmanager"), stack.client("kms")
    keys = set()
    for cluster in stack.clusters:
        secret = secrets.describe_secret(SecretId=cluster.password_secret)
        policy = statements(secrets.get_resource_policy(SecretId=secret["ARN"])["ResourcePolicy"])
        asked = [call for call in made if call.resource == secret["ARN"]]
        assert {call.action for call in asked} == {"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"}
        assert privileges.unused(policy, asked, ("Service", SERVICE)) == []
        keys.add(secret["KmsKeyId"])
    (key,) = keys
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    service = [entry for entry in policy["Statement"] if SERVICE in str(entry["Principal"])]
    asked = [call for call in made if call.resource == key]
    assert privileges.unused(service, asked, ("Service", SERVICE)) == []
