"""The declared values that guard data and money, each asserted by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.sealing import LAMBDA_TIMEOUT

from tests.customer import customer_catalog

if TYPE_CHECKING:
    from local.deploy.engine import Deployment

GROUP, FUNCTION = "aws:rds/clusterParameterGroup:ClusterParameterGroup", "aws:lambda/function:Function"
ALIAS, RULE = "aws:lambda/alias:Alias", "aws:cloudwatch/eventRule:EventRule"
PERMISSION, ALARM = "aws:lambda/permission:Permission", "aws:cloudwatch/metricAlarm:MetricAlarm"
STREAM, APPLICATION = "aws:kinesis/stream:Stream", "aws:emrserverless/application:Application"
LINES = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketPolicy:BucketPolicy")


def declared(deployment: Deployment, kind: str) -> dict[str, dict[str, Any]]:
    """Return the inputs of the resources of a kind, by name without the stack's prefix."""
    return {
        resource.name.removeprefix("migration-test-"): resource.inputs
        for resource in deployment.resources.values()
        if resource.kind == kind
    }


def test_a_clone_writes_nothing_to_itself(declared_test: Deployment) -> None:
    quiet = {
        "default_transaction_read_only": "1", "max_logical_replication_workers": "0",
        "shared_preload_libraries": "pg_stat_statements",
    }  # fmt: skip
    groups = {
        name: {entry["name"]: entry["value"] for entry in group["parameters"]}
        for name, group in declared(declared_test, GROUP).items()
    }

    wanted = {
        name: {**quiet, **({"rds.logical_replication": "1"} if name.endswith("-logical") else {})}
        for name in groups
        if "postgresql" in name
    }
    mysql = {"binlog_format": "OFF", "event_scheduler": "OFF", "read_only": "1"}
    assert groups == {**wanted, **{name: mysql for name in groups if "mysql" in name}}
    assert any("postgresql" in name for name in groups)
    applied = {
        entry["applyMethod"] for group in declared(declared_test, GROUP).values() for entry in group["parameters"]
    }
    assert applied == {"pending-reboot"}


def test_a_function_lives_no_longer_than_the_registry_takes_it_to(declared_test: Deployment) -> None:
    functions = declared(declared_test, FUNCTION)

    assert set(functions) == {"aurora-clone", "run-registry", "run-watch", "table-writer"}
    assert {function["timeout"] for function in functions.values()} == {LAMBDA_TIMEOUT.total_seconds()}
    handlers = {name: function["handler"] for name, function in functions.items()}
    assert handlers == {name: f"{name.replace('-', '_')}.handler.handler" for name in functions}


def test_the_functions_know_the_stack_its_bucket_and_every_source(declared_test: Deployment) -> None:
    functions = declared(declared_test, FUNCTION)
    variables = {name: function["environment"]["variables"] for name, function in functions.items()}

    assert {known["STACK"] for known in variables.values()} == {"test"}
    assert {known["DATA_BUCKET"] for known in variables.values()} == {"migration-test-data-971779422973"}
    sources = json.loads(variables["aurora-clone"]["SOURCES"])
    assert sorted(sources) == sorted(cluster.identifier for cluster in customer_catalog().clusters.values())
    assert variables["run-registry"]["APPLICATION_ID"] == "${migration-test-spark.id}"
    assert variables["run-watch"]["TOPIC_ARN"] == "${migration-test-notifications.arn}"
    assert len(json.loads(variables["run-watch"]["STATE_MACHINES"])) == 2 * len(customer_catalog().domains)


def test_operators_have_an_alias_of_the_functions_that_tell_them_apart_alone(declared_test: Deployment) -> None:
    assert {name: alias["name"] for name, alias in declared(declared_test, ALIAS).items()} == {
        "aurora-clone-operators": "operators", "run-registry-operators": "operators",
    }  # fmt: skip


def test_the_watch_is_called_at_every_end_of_a_run_and_every_quarter_of_an_hour(declared_test: Deployment) -> None:
    rules = declared(declared_test, RULE)
    pattern = json.loads(rules["run-ended"]["eventPattern"])

    assert rules["check"]["scheduleExpression"] == "rate(15 minutes)"
    assert (pattern["source"], pattern["detail-type"]) == (["aws.states"], ["Step Functions Execution Status Change"])
    assert pattern["detail"]["status"] == ["ABORTED", "FAILED", "SUCCEEDED", "TIMED_OUT"]
    assert len(pattern["detail"]["stateMachineArn"]) == 2 * len(customer_catalog().domains)
    asked = declared(declared_test, PERMISSION).values()
    assert {(permission["action"], permission["principal"]) for permission in asked} == {
        ("lambda:InvokeFunction", "events.amazonaws.com")
    }
    assert all(permission.get("sourceArn") for permission in asked)


@pytest.mark.parametrize(
    ("name", "metric", "threshold", "missing"),
    [
        ("run-too-long", "LongestRunHours", 12, "notBreaching"),
        ("clones-forgotten", "OldestCloneHours", 24, "breaching"),
        ("aurora-clone-errors", "Errors", 1, "notBreaching"),
        ("run-registry-errors", "Errors", 1, "notBreaching"),
        ("run-watch-errors", "Errors", 1, "notBreaching"),
        ("BaseRate-Stream-behind", "GetRecords.IteratorAgeMilliseconds", 3_600_000, "notBreaching"),
        ("BaseRate-Stream-throttled", "WriteProvisionedThroughputExceeded", 1, "notBreaching"),
    ],
)
def test_an_alarm_tells_people_from_its_bound_on(
    declared_test: Deployment, name: str, metric: str, threshold: int, missing: str
) -> None:
    alarm = declared(declared_test, ALARM)[name]

    assert (alarm["metricName"], alarm["threshold"], alarm["treatMissingData"]) == (metric, threshold, missing)
    assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["alarmActions"] == alarm["okActions"] == ["${migration-test-notifications.arn}"]


def test_a_stream_is_encrypted_keeps_its_records_and_goes_with_no_reader(declared_test: Deployment) -> None:
    for stream in declared(declared_test, STREAM).values():
        assert (stream["encryptionType"], stream["kmsKeyId"]) == ("KMS", "alias/aws/kinesis")
        assert (stream["retentionPeriod"], stream["enforceConsumerDeletion"]) == (168, False)


def test_spark_stops_when_nothing_runs_and_has_an_end_to_what_it_may_take(declared_test: Deployment) -> None:
    (application,) = declared(declared_test, APPLICATION).values()

    assert application["autoStopConfiguration"] == {"enabled": True, "idleTimeoutMinutes": 15}
    assert application["maximumCapacity"] == {"cpu": "64 vCPU", "memory": "256 GB", "disk": "1600 GB"}
    assert application["schedulerConfiguration"] == {"maxConcurrentRuns": 4, "queueTimeoutMinutes": 360}
    assert application["releaseLabel"] == "emr-7.9.0"


def test_every_bucket_keeps_versions_and_is_read_over_tls_alone(declared_test: Deployment) -> None:
    versions, policies = (declared(declared_test, kind) for kind in LINES)

    assert [version["versioningConfiguration"] for version in versions.values()] == [{"status": "Enabled"}] * 2
    for bucket, policy in (("artifacts", policies["artifacts-tls"]), ("data", policies["data-tls"])):
        name = f"arn:aws:s3:::migration-test-{bucket}-971779422973"
        assert json.loads(policy["policy"])["Statement"] == [
            {
                "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [name, f"{name}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]  # fmt: skip
