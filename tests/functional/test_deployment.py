"""The deployed Pulumi program: every declared resource exists and is safe."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import yaml

from local.deploy.cloud import Cloud
from local.deploy.program import deploy
from local.deploy.recorder import record
from local.errors import DeployError

if TYPE_CHECKING:
    from local.stack import LocalStack


def test_everything_the_program_declares_was_made(stack: LocalStack) -> None:
    declared = [resource for resource in stack.deployment.resources.values() if resource.custom]
    names = {
        kind: {resource.inputs[key] for resource in declared if resource.kind.endswith(f":{kind}")}
        for kind, key in (
            ("Bucket", "bucket"),
            ("Function", "name"),
            ("LogGroup", "name"),
            ("MetricAlarm", "name"),
            ("Role", "name"),
            ("StateMachine", "name"),
            ("Stream", "name"),
        )
    }

    assert set(stack.deployment.resources) == set(record("test", {"catalog": str(stack.catalog_folder)}).resources)
    assert all(names.values())
    assert names["Bucket"] <= listed(stack, "s3", "list_buckets", "Name")
    assert names["Function"] <= listed(stack, "lambda", "list_functions", "FunctionName")
    assert names["LogGroup"] <= listed(stack, "logs", "describe_log_groups", "logGroupName")
    assert names["MetricAlarm"] <= listed(stack, "cloudwatch", "describe_alarms", "AlarmName")
    assert names["Role"] <= listed(stack, "iam", "list_roles", "RoleName")
    assert names["StateMachine"] <= listed(stack, "stepfunctions", "list_state_machines", "name")
    assert names["Stream"] <= set(stack.client("kinesis").list_streams()["StreamNames"])
    assert stack.deployment.outputs["dataBucket"] == "migration-test-data-971779422973"


def listed(stack: LocalStack, service: str, operation: str, key: str) -> set[str]:
    """Return the names of all resources of a service."""
    pages = stack.client(service).get_paginator(operation).paginate()
    answers = [value for page in pages for value in page.values() if isinstance(value, list)]
    return {entry[key] for answer in answers for entry in answer if key in entry}


def test_the_deployed_definition_names_what_was_deployed(stack: LocalStack) -> None:
    states = stack.client("stepfunctions")
    for domain in stack.catalog.domains:
        definition = states.describe_state_machine(stateMachineArn=stack.machine_arn(domain))["definition"]
        document = json.loads(definition)
        begin = document["States"]["RecordInProgressStatus"]["Arguments"]["FunctionName"]
        assert begin == "arn:aws:lambda:eu-west-1:971779422973:function:migration-test-run-registry"
        assert "null" not in definition.replace("'null'", "")
        assert "000000000000" not in definition


def test_release_and_specs_are_uploaded(stack: LocalStack) -> None:
    listed = stack.client("s3").list_objects_v2(Bucket=stack.deployment.outputs["artifactsBucket"])["Contents"]
    keys = [entry["Key"] for entry in listed]

    assert [re.sub("-[0-9a-f]{12}/", "-<hash>/", key) for key in keys if key.startswith("releases/")] == [
        "releases/1.0.0-<hash>/bootstrap.py",
        "releases/1.0.0-<hash>/compare.py",
        "releases/1.0.0-<hash>/delta.py",
        "releases/1.0.0-<hash>/rates-avail-migration-bootstrap-1.0.0.jar",
    ]
    specs = [key.rpartition("-")[0] for key in keys if key.startswith("specs/")]
    assert specs == [f"specs/{domain}" for domain in sorted(stack.catalog.domains)]


def test_buckets_are_private_encrypted_and_never_expire_a_lock(stack: LocalStack) -> None:
    s3 = stack.client("s3")
    for role in ("artifactsBucket", "dataBucket"):
        bucket = stack.deployment.outputs[role]
        assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rules = s3.get_bucket_lifecycle_configuration(Bucket=stack.data_bucket)["Rules"]
    prefixes = sorted(rule["Filter"]["Prefix"] for rule in rules if "Expiration" in rule)
    assert not [rule for rule in rules if rule["Filter"]["Prefix"].startswith("status")]
    scratch = ["landed/", "logs/", "processed/", "progress/", "raw-compare/", "raw/"]
    assert prefixes == ["changes/", "export/", "failures/", *scratch]


def test_every_stack_file_allows_one_account_of_its_own() -> None:
    accounts = {}
    for stack in ("test", "prod"):
        with open(f"Pulumi.{stack}.yaml", encoding="utf-8") as text:  # noqa: PTH123 - read once
            (accounts[stack],) = yaml.safe_load(text)["config"]["aws:allowedAccountIds"]

    assert accounts == {"test": "971779422973", "prod": "492606605575"}


def test_a_stack_is_not_deployed_to_another_account(stack: LocalStack) -> None:
    with pytest.raises(DeployError, match=r"this is account 971779422973, but Pulumi\.prod\.yaml allows 492606605575"):
        deploy(Cloud(stack.aws), "prod")
    with pytest.raises(DeployError, match=r"Pulumi\.nope\.yaml is missing; the stacks are prod, test"):
        deploy(Cloud(stack.aws), "nope")
