"""A role lists only the folders that it reads, and uses a key only through the key's service."""

from __future__ import annotations

from typing import Any

import pytest

from infra import policies
from local.iam.policy import Call, allowed, context, statements
from tests.unit.infra.test_rights import ARTIFACTS, CLONES, DATA, LOGS, NAMING, REGISTRY, SPARK, STATES, WATCH

FOLDERS = (
    "export",
    "failures",
    "landed",
    "logs",
    "processed",
    "progress",
    "raw",
    "raw-compare",
    "rejects",
    "reports",
    "status",
)
SERVICES = ("dynamodb", "lambda", "rds", "s3", "secretsmanager", "sns")


def may(policy: dict[str, Any], action: str, resource: str, **keys: Any) -> bool:  # noqa: ANN401 - condition keys
    return allowed(statements(policy), Call(action, resource, context(keys)))


@pytest.mark.parametrize(
    ("policy", "folders"),
    [
        (CLONES, {"status"}),
        (REGISTRY, {"status"}),
        (WATCH, set()),
        (SPARK, set(FOLDERS) - {"logs", "status"}),
    ],
)
def test_a_role_lists_the_folders_that_it_reads(policy: dict[str, Any], folders: set[str]) -> None:
    listed = {folder for folder in FOLDERS if may(policy, "s3:ListBucket", DATA, **{"s3:prefix": f"{folder}/x"})}

    assert listed == folders
    assert not may(policy, "s3:ListBucket", DATA, **{"s3:prefix": ""})
    assert not may(policy, "s3:ListBucket", "arn:aws:s3:::payroll", **{"s3:prefix": "status/"})
    assert not may(policy, "s3:ListBucket", ARTIFACTS, **{"s3:prefix": "other/"})


@pytest.mark.parametrize(
    ("policy", "read", "written"),
    [
        (CLONES, set(), set()),
        (REGISTRY, {"status"}, {"status"}),
        (WATCH, set(), set()),
        (SPARK, set(FOLDERS) - {"logs", "status"}, set(FOLDERS) - {"export", "status"}),
    ],
)
def test_a_role_reads_and_writes_its_own_folders(policy: dict[str, Any], read: set[str], written: set[str]) -> None:
    assert {folder for folder in FOLDERS if may(policy, "s3:GetObject", f"{DATA}/{folder}/x")} == read
    assert {folder for folder in FOLDERS if may(policy, "s3:PutObject", f"{DATA}/{folder}/x")} == written
    deleted = written - {"logs"}
    assert {folder for folder in FOLDERS if may(policy, "s3:DeleteObject", f"{DATA}/{folder}/x")} == deleted


@pytest.mark.parametrize(
    ("policy", "services"),
    [(CLONES, {"s3"}), (REGISTRY, {"s3"}), (WATCH, {"sns"}), (SPARK, {"s3"})],
)
def test_a_key_is_used_through_one_service(policy: dict[str, Any], services: set[str]) -> None:
    through = {
        service
        for service in SERVICES
        if may(policy, "kms:Decrypt", "arn:key", **{"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"})
    }

    assert through == services
    for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:ReEncryptFrom", "kms:CreateGrant"):
        assert not may(policy, action, "arn:key", **{"kms:ViaService": "s3.eu-west-1.amazonaws.com"})


def test_a_log_of_another_kind_or_name_is_written_by_nobody() -> None:
    for policy in (CLONES, REGISTRY, WATCH, SPARK):
        for group in ("/aws/lambda/other", "/aws/emr-serverless/other", "/aws/vendedlogs/states/x"):
            assert not may(policy, "logs:PutLogEvents", f"{LOGS}:{group}:log-stream:x")
        assert not may(policy, "logs:DeleteLogGroup", f"{LOGS}:/aws/lambda/{NAMING.function('aurora-clone')}")


def test_no_function_starts_or_changes_an_execution() -> None:
    for policy in (CLONES, REGISTRY, WATCH, SPARK):
        for action in ("states:StartExecution", "states:RedriveExecution", "states:UpdateStateMachine"):
            for resource in (
                f"{STATES}:stateMachine:migration-test-rates",
                f"{STATES}:execution:migration-test-rates:r",
            ):
                assert not may(policy, action, resource), action


def test_a_secret_is_resolved_by_the_application_alone() -> None:
    (statement,) = policies.secret_reader("arn:application")["Statement"]
    entries = statements({"Version": "2012-10-17", "Statement": [statement]})

    def may_read(action: str, service: str, **keys: str) -> bool:
        return allowed(entries, Call(f"secretsmanager:{action}", "*", context(keys)), ("Service", service))

    own = {"aws:SourceArn": "arn:application"}
    assert may_read("GetSecretValue", "emr-serverless.amazonaws.com", **own)
    assert may_read("DescribeSecret", "emr-serverless.amazonaws.com", **own)
    assert not may_read("GetSecretValue", "emr-serverless.amazonaws.com", **{"aws:SourceArn": "arn:other"})
    assert not may_read("GetSecretValue", "emr-serverless.amazonaws.com")
    assert not may_read("GetSecretValue", "lambda.amazonaws.com", **own)
    assert not may_read("PutSecretValue", "emr-serverless.amazonaws.com", **own)


def test_the_jobs_read_releases_and_specs_of_the_artifacts_and_nothing_else_there() -> None:
    for folder in ("releases", "specs"):
        assert may(SPARK, "s3:GetObject", f"{ARTIFACTS}/{folder}/x")
        assert may(SPARK, "s3:ListBucket", ARTIFACTS, **{"s3:prefix": f"{folder}/x"})
    for key in ("other/x", "x", "lambdas/x"):
        assert not may(SPARK, "s3:GetObject", f"{ARTIFACTS}/{key}")
        assert not may(SPARK, "s3:ListBucket", ARTIFACTS, **{"s3:prefix": key})
    for policy in (CLONES, REGISTRY, WATCH):
        assert not may(policy, "s3:GetObject", f"{ARTIFACTS}/releases/x")
