"""The rights of each role and, beside each, the nearest action that it may not do."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.loader import load_catalog
from infra import policies
from infra.account.sources import Sources
from infra.errors import PolicyTooLargeError
from infra.naming import Naming
from infra.policies import documents
from local.iam.policy import Call, allowed, context, statements
from tests.deployed import REGION

ACCOUNT = "971779422973"
NAMING = Naming("test", ACCOUNT, REGION)
RDS = f"arn:aws:rds:{REGION}:{ACCOUNT}"
STATES = f"arn:aws:states:{REGION}:{ACCOUNT}"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
DATA, ARTIFACTS = f"arn:aws:s3:::{NAMING.data_bucket}", f"arn:aws:s3:::{NAMING.artifacts_bucket}"
SOURCE_KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
SYSTEM = "rates-avail-migration-bootstrap"
OURS = {"migration:stack": "test", "migration:system": SYSTEM}
TAGS = OURS | {"migration:source": "lipsdb", "migration:run": "r", "migration:domain": "d", "migration:mode": "m"}
OWNED = {f"aws:ResourceTag/{key}": value for key, value in OURS.items()}
ASKED = {f"aws:RequestTag/{key}": value for key, value in TAGS.items()} | {"aws:TagKeys": list(TAGS)}
OTHER_STACK = {**OWNED, "aws:ResourceTag/migration:stack": "prod"}
THROUGH_S3 = {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
THROUGH_RDS = {"kms:ViaService": "rds.eu-west-1.amazonaws.com", "kms:GrantIsForAWSResource": "true"}

CLONES = policies.clone_service(NAMING, "arn:key", load_catalog().clusters.values(), Sources((), (SOURCE_KEY,)))
REGISTRY = policies.run_registry(NAMING, "arn:key", "arn:application")
WATCH = policies.run_watch(
    NAMING, "arn:key", topic_arn="arn:topic", machines=[f"{STATES}:stateMachine:migration-test-rates"], namespace="Ours"
)
SPARK = policies.spark_job(NAMING, "arn:key")
TABLES = tuple(table for domain in load_catalog().domains.values() for table in domain.tables)
WRITER = policies.table_writer(NAMING, "arn:key", TABLES)
RATES = load_catalog().domains["rates"].tables
MACHINE, CATCH_UP = (
    made(NAMING, "rates", key_arn="arn:key", application_arn="arn:application", job_role_arn="arn:job", tables=RATES)
    for made in (policies.machine, policies.catch_up_machine)
)
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"
LIVE = {"aws:ResourceTag/migration:live": "2026-11-30T07:00:00Z", "aws:ResourceTag/migration:stack": "test"}
OWN_TABLE = {"aws:ResourceTag/migration:stack": "test"}


def may(policy: dict[str, Any], action: str, resource: str, **keys: Any) -> bool:  # noqa: ANN401 - condition keys
    return allowed(statements(policy), Call(action, resource, context(keys)))


@pytest.mark.parametrize(
    ("action", "resource", "keys", "allows"),
    [
        ("rds:DeleteDBCluster", "cluster:lipsdb-clone", OWNED, True),
        ("rds:DeleteDBCluster", "cluster:lipsdb-clone", {}, False),
        ("rds:DeleteDBCluster", "cluster:lipsdb-clone", OTHER_STACK, False),
        ("rds:DeleteDBCluster", "cluster:lipsdb-clone", {"aws:ResourceTag/migration:stack": "test"}, False),
        ("rds:DeleteDBCluster", "cluster:lipsdb-clone", {"aws:ResourceTag/migration:system": SYSTEM}, False),
        ("rds:DeleteDBCluster", "cluster:lipsdb", OWNED, False),
        ("rds:DeleteDBInstance", "db:lipsdb-clone-1", OWNED, True),
        ("rds:DeleteDBInstance", "db:lipsdb-clone-1", {}, False),
        ("rds:DeleteDBInstance", "db:lipsdb-clone-1", OTHER_STACK, False),
        ("rds:DeleteDBInstance", "db:lipsdb-1", OWNED, False),
        ("rds:RestoreDBClusterToPointInTime", "cluster:lipsdb", ASKED, True),
        ("rds:RestoreDBClusterToPointInTime", "cluster:lipsdb-clone", ASKED, True),
        ("rds:RestoreDBClusterToPointInTime", "cluster:lipsdb-clone", {}, False),
        ("rds:RestoreDBClusterToPointInTime", "cluster:other", ASKED, False),
        ("rds:RestoreDBClusterToPointInTime", "subgrp:any", ASKED, True),
        ("rds:RestoreDBClusterToPointInTime", "og:default:aurora-mysql-8-0", ASKED, True),
        ("rds:RestoreDBClusterToPointInTime", "og:own", ASKED, False),
        ("rds:CreateDBInstance", "cluster:lipsdb-clone", ASKED, True),
        ("rds:CreateDBInstance", "db:lipsdb-clone-1", ASKED, True),
        ("rds:CreateDBInstance", "db:lipsdb-clone-1", {}, False),
        ("rds:CreateDBInstance", "cluster:lipsdb", ASKED, False),
        ("rds:CreateDBInstance", "pg:default.aurora-postgresql16", ASKED, True),
        ("rds:CreateDBInstance", "pg:own", ASKED, False),
        ("rds:CreateDBInstance", "subgrp:any", ASKED, True),
        ("rds:AddTagsToResource", "cluster:lipsdb-clone", ASKED, True),
        ("rds:AddTagsToResource", "db:lipsdb-clone-1", ASKED, True),
        ("rds:AddTagsToResource", "cluster:lipsdb-clone", {}, False),
        ("rds:AddTagsToResource", "cluster:lipsdb", ASKED, False),
        ("rds:AddTagsToResource", "cluster:lipsdb-clone", ASKED | {"aws:TagKeys": [*TAGS, "owner"]}, False),
        ("rds:AddTagsToResource", "cluster:lipsdb-clone", ASKED | {"aws:RequestTag/migration:stack": "prod"}, False),
        ("rds:DescribeDBClusters", "cluster:any", {}, True),
        ("rds:ListTagsForResource", "cluster:any", {}, True),
        ("rds:ListTagsForResource", "db:any", {}, False),
        ("rds:DescribeDBInstances", "db:lipsdb-clone-1", {}, True),
        ("rds:DescribeDBInstances", "db:lipsdb-1", {}, False),
        ("rds:DescribeDBClusterParameters", "cluster-pg:any", {}, True),
        ("rds:ModifyDBCluster", "cluster:lipsdb-clone", OWNED, False),
    ],
)
def test_the_clone_service_makes_and_deletes_clones_that_have_our_tags_alone(
    *, action: str, resource: str, keys: dict[str, Any], allows: bool
) -> None:
    assert may(CLONES, action, f"{RDS}:{resource}", **keys) is allows


@pytest.mark.parametrize("engine", ["aurora-mysql", "aurora-postgresql"])
def test_a_clone_gets_a_parameter_group_of_the_stack(engine: str) -> None:
    own = f"{RDS}:cluster-pg:{NAMING.clone_parameter_group(engine)}16"
    used = {cluster.engine for cluster in load_catalog().clusters.values()}

    assert may(CLONES, "rds:RestoreDBClusterToPointInTime", own, **ASKED) is (engine in used)
    assert not may(CLONES, "rds:RestoreDBClusterToPointInTime", f"{RDS}:cluster-pg:default.{engine}16", **ASKED)


@pytest.mark.parametrize(
    ("policy", "action", "resource", "keys", "allows"),
    [
        (CLONES, "s3:GetObject", f"{DATA}/status/teardown-seal.json", {}, True),
        (CLONES, "s3:GetObject", f"{DATA}/status/in-progress/rates.json", {}, False),
        (CLONES, "s3:ListBucket", DATA, {"s3:prefix": "status/"}, True),
        (CLONES, "s3:ListBucket", DATA, {}, True),
        (CLONES, "s3:ListBucket", DATA, {"s3:prefix": "raw/"}, False),
        (CLONES, "s3:PutObject", f"{DATA}/status/teardown-seal.json", {}, False),
        (CLONES, "kms:Decrypt", "arn:key", THROUGH_S3, True),
        (CLONES, "kms:Decrypt", "arn:key", {}, False),
        (CLONES, "kms:GenerateDataKey", "arn:key", THROUGH_S3, False),
        (CLONES, "kms:CreateGrant", SOURCE_KEY, THROUGH_RDS, True),
        (CLONES, "kms:CreateGrant", SOURCE_KEY, {"kms:ViaService": "rds.eu-west-1.amazonaws.com"}, False),
        (CLONES, "kms:CreateGrant", SOURCE_KEY, {"kms:GrantIsForAWSResource": "true"}, False),
        (CLONES, "kms:DescribeKey", SOURCE_KEY, THROUGH_RDS, True),
        (CLONES, "kms:DescribeKey", SOURCE_KEY, {}, False),
        (CLONES, "states:DescribeExecution", f"{STATES}:execution:migration-test-rates:r", {}, True),
        (CLONES, "states:DescribeExecution", f"{STATES}:execution:migration-prod-rates:r", {}, False),
        (REGISTRY, "s3:GetObject", f"{DATA}/status/in-progress/rates.json", {}, True),
        (REGISTRY, "s3:PutObject", f"{DATA}/status/in-progress/rates.json", {}, True),
        (REGISTRY, "s3:DeleteObject", f"{DATA}/status/in-progress/rates.json", {}, True),
        (REGISTRY, "s3:DeleteObject", f"{DATA}/raw/x", {}, False),
        *((REGISTRY, "s3:GetObject", f"{DATA}/{kept}/rates.json", {}, True) for kept in ("proven", "live")),
        *((REGISTRY, "s3:PutObject", f"{DATA}/{kept}/rates.json", {}, True) for kept in ("proven", "live")),
        (REGISTRY, "s3:DeleteObject", f"{DATA}/live/rates.json", {}, True),
        (REGISTRY, "s3:DeleteObject", f"{DATA}/proven/rates/official.json", {}, False),
        *((REGISTRY, "s3:ListBucket", DATA, {"s3:prefix": f"{kept}/"}, True) for kept in ("proven", "live")),
        (WRITER, "s3:GetObject", f"{DATA}/changes/rates/r/a/BaseRate/parts.json", {}, True),
        (WRITER, "s3:PutObject", f"{DATA}/changes/rates/r/a/BaseRate/parts.json", {}, False),
        (WRITER, "s3:PutObject", f"{DATA}/conflicts/rates/r/a/BaseRate/puts-0-0.json", {}, True),
        (WRITER, "s3:GetObject", f"{DATA}/conflicts/rates/r/a/BaseRate/puts-0-0.json", {}, False),
        (WRITER, "s3:DeleteObject", f"{DATA}/conflicts/rates/r/a/BaseRate/puts-0-0.json", {}, False),
        (WRITER, "s3:GetObject", f"{DATA}/status/in-progress/rates.json", {}, False),
        (WRITER, "s3:PutObject", f"{DATA}/proven/rates/official.json", {}, False),
        (WRITER, "s3:ListBucket", DATA, {"s3:prefix": "changes/"}, True),
        (WRITER, "s3:ListBucket", DATA, {"s3:prefix": "processed/"}, False),
        (WRITER, "kms:Decrypt", "arn:key", THROUGH_S3, True),
        (WRITER, "kms:GenerateDataKey", "arn:key", THROUGH_S3, True),
        (WRITER, "kms:Decrypt", "arn:key", {}, False),
        (WRITER, "states:DescribeExecution", f"{STATES}:execution:migration-test-rates-catch-up:r", {}, True),
        (WRITER, "states:DescribeExecution", f"{STATES}:execution:migration-prod-rates-catch-up:r", {}, False),
        (WRITER, "states:StopExecution", f"{STATES}:execution:migration-test-rates-catch-up:r", {}, False),
        (REGISTRY, "s3:ListBucket", DATA, {"s3:prefix": "status/"}, True),
        (REGISTRY, "kms:Decrypt", "arn:key", THROUGH_S3, True),
        (REGISTRY, "kms:GenerateDataKey", "arn:key", THROUGH_S3, True),
        (REGISTRY, "kms:GenerateDataKey", "arn:key", {}, False),
        (REGISTRY, "emr-serverless:ListJobRuns", "arn:application", {}, True),
        (REGISTRY, "emr-serverless:CancelJobRun", "arn:application/jobruns/1", {}, True),
        (REGISTRY, "emr-serverless:CancelJobRun", "arn:other/jobruns/1", {}, False),
        (REGISTRY, "emr-serverless:StartJobRun", "arn:application", {}, False),
        (REGISTRY, "states:DescribeExecution", f"{STATES}:execution:migration-test-rates:r", {}, True),
        (REGISTRY, "states:ListMapRuns", f"{STATES}:execution:migration-test-rates:r", {}, True),
        (REGISTRY, "states:ListMapRuns", f"{STATES}:execution:other:r", {}, False),
        (REGISTRY, "states:ListExecutions", f"{STATES}:mapRun:migration-test-rates/CloneClusters:1", {}, True),
        (REGISTRY, "states:ListExecutions", f"{STATES}:mapRun:other/CloneClusters:1", {}, False),
        (REGISTRY, "states:StopExecution", f"{STATES}:execution:migration-test-rates/CloneClusters:1", {}, True),
        (REGISTRY, "states:StopExecution", f"{STATES}:execution:migration-test-rates:r", {}, False),
        (WATCH, "states:DescribeExecution", f"{STATES}:execution:migration-test-rates:r", {}, True),
        (WATCH, "states:DescribeExecution", f"{STATES}:execution:migration-test-other:r", {}, False),
        (WATCH, "states:ListExecutions", f"{STATES}:stateMachine:migration-test-rates", {}, True),
        (WATCH, "rds:DescribeDBClusters", f"{RDS}:cluster:any", {}, True),
        (WATCH, "rds:ListTagsForResource", f"{RDS}:cluster:any", {}, True),
        (WATCH, "rds:DeleteDBCluster", f"{RDS}:cluster:lipsdb-clone", OWNED, False),
        (WATCH, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "Ours"}, True),
        (WATCH, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/RDS"}, False),
        (WATCH, "sns:Publish", "arn:topic", {}, True),
        (WATCH, "sns:Publish", "arn:other", {}, False),
        (WATCH, "kms:Decrypt", "arn:key", {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}, True),
        (WATCH, "kms:GenerateDataKey", "arn:key", {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}, True),
        (WATCH, "kms:GenerateDataKey", "arn:key", THROUGH_S3, False),
    ],
)
def test_a_function_may_do_what_it_is_for_and_nothing_beside(
    *, policy: dict[str, Any], action: str, resource: str, keys: dict[str, Any], allows: bool
) -> None:
    assert may(policy, action, resource, **keys) is allows


@pytest.mark.parametrize(
    ("policy", "function"),
    [(CLONES, "aurora-clone"), (REGISTRY, "run-registry"), (WATCH, "run-watch"), (WRITER, "table-writer")],
)
@pytest.mark.parametrize("action", ["logs:CreateLogStream", "logs:PutLogEvents"])
def test_a_function_writes_its_own_log(policy: dict[str, Any], function: str, action: str) -> None:
    assert may(policy, action, f"{LOGS}:/aws/lambda/{NAMING.function(function)}:log-stream:x")
    assert not may(policy, action, f"{LOGS}:/aws/lambda/other:log-stream:x")


@pytest.mark.parametrize("name", ["BaseRate", "BaseRate-rehearsal", "Inventory", "Inventory-rehearsal"])
def test_the_writer_writes_to_the_tables_of_the_domains_and_to_none_that_is_live(name: str) -> None:
    for verb in ("PutItem", "UpdateItem", "DeleteItem"):
        assert may(WRITER, f"dynamodb:{verb}", f"{TABLE}/{name}", **OWN_TABLE), verb
        assert may(WRITER, f"dynamodb:{verb}", f"{TABLE}/{name}"), verb
        assert not may(WRITER, f"dynamodb:{verb}", f"{TABLE}/{name}", **LIVE), verb
    for verb in ("GetItem", "DescribeTable", "DescribeTimeToLive", "ListTagsOfResource"):
        assert may(WRITER, f"dynamodb:{verb}", f"{TABLE}/{name}", **LIVE), verb


@pytest.mark.parametrize("name", ["Orders", "BaseRate2", "BaseRate-rehearsal-2", "BaseRate/index/x", "*"])
def test_the_writer_touches_no_other_table(name: str) -> None:
    for verb in ("PutItem", "UpdateItem", "DeleteItem", "GetItem", "DescribeTable", "ListTagsOfResource"):
        assert not may(WRITER, f"dynamodb:{verb}", f"{TABLE}/{name}", **OWN_TABLE), verb


@pytest.mark.parametrize("policy", [WRITER, CATCH_UP], ids=["the writer", "the catch-up machine"])
def test_nobody_makes_changes_or_deletes_a_table_during_a_catch_up(policy: dict[str, Any]) -> None:
    for verb in ("CreateTable", "DeleteTable", "ImportTable", "TagResource", "UntagResource", "UpdateTable"):
        assert not may(policy, f"dynamodb:{verb}", f"{TABLE}/BaseRate", **OWN_TABLE), verb
    for verb in ("BatchWriteItem", "Scan", "Query", "UpdateTimeToLive", "UpdateContinuousBackups", "PartiQLDelete"):
        assert not may(policy, f"dynamodb:{verb}", f"{TABLE}/BaseRate", **OWN_TABLE), verb


def test_the_catch_up_machine_exports_tables_and_writes_items_through_the_writer_alone() -> None:
    for verb in ("DescribeContinuousBackups", "DescribeTable", "ExportTableToPointInTime", "ListTagsOfResource"):
        assert may(CATCH_UP, f"dynamodb:{verb}", f"{TABLE}/BaseRate", **OWN_TABLE), verb
        assert not may(CATCH_UP, f"dynamodb:{verb}", f"{TABLE}/Inventory", **OWN_TABLE), verb
    for verb in ("PutItem", "UpdateItem", "DeleteItem", "GetItem"):
        assert not may(CATCH_UP, f"dynamodb:{verb}", f"{TABLE}/BaseRate", **OWN_TABLE), verb
    functions = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:migration-test"
    assert may(CATCH_UP, "lambda:InvokeFunction", f"{functions}-table-writer")
    assert not may(CATCH_UP, "lambda:InvokeFunction", f"{functions}-table-writer:operators")
    assert not may(CATCH_UP, "lambda:InvokeFunction", f"{functions}-run-watch")
    assert not may(MACHINE, "lambda:InvokeFunction", f"{functions}-table-writer")


@pytest.mark.parametrize(
    ("policy", "machine"), [(MACHINE, "migration-test-rates"), (CATCH_UP, "migration-test-rates-catch-up")]
)
def test_a_machine_runs_the_items_of_its_own_maps(policy: dict[str, Any], machine: str) -> None:
    assert may(policy, "states:StartExecution", f"{STATES}:stateMachine:{machine}")
    assert may(policy, "states:StopExecution", f"{STATES}:execution:{machine}/ApplyPuts:x")
    for other in {"migration-test-rates", "migration-test-rates-catch-up", "migration-test-availability"} - {machine}:
        assert not may(policy, "states:StartExecution", f"{STATES}:stateMachine:{other}")
    assert not may(policy, "states:RedriveExecution", f"{STATES}:execution:{machine}:x")


@pytest.mark.parametrize(
    "verb",
    ["DeleteTable", "ImportTable", "TagResource", "UpdateContinuousBackups", "UpdateTable", "UpdateTimeToLive"],
)
def test_a_migration_replaces_and_changes_no_live_table(verb: str) -> None:
    assert may(MACHINE, f"dynamodb:{verb}", f"{TABLE}/BaseRate", **OWN_TABLE)
    assert not may(MACHINE, f"dynamodb:{verb}", f"{TABLE}/BaseRate", **LIVE)


def test_a_writer_uses_the_keys_of_its_tables_through_dynamodb_alone() -> None:
    key = "arn:aws:kms:eu-west-1:971779422973:key/0"
    policy = policies.table_writer(NAMING, "arn:key", [RATES[0].model_copy(update={"kms_key": key})])

    assert may(policy, "kms:Decrypt", key, **{"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"})
    assert not may(policy, "kms:Decrypt", key, **THROUGH_S3)


WRITTEN = ["changes", "raw", "processed", "rejects", "reports", "failures"]


@pytest.mark.parametrize("prefix", WRITTEN)
def test_the_jobs_write_below_their_own_prefixes(prefix: str) -> None:
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"):
        assert may(SPARK, action, f"{DATA}/{prefix}/x"), action
    assert may(SPARK, "s3:ListBucket", DATA, **{"s3:prefix": f"{prefix}/x"})
    # Hadoop looks whether an ancestor is a file, and EMR's client marks folders.
    for name in (prefix, f"{prefix}_$folder$"):
        assert may(SPARK, "s3:GetObject", f"{DATA}/{name}")
    assert may(SPARK, "s3:PutObject", f"{DATA}/{prefix}_$folder$")
    assert not may(SPARK, "s3:PutObject", f"{DATA}/{prefix}")


@pytest.mark.parametrize(
    ("action", "resource", "keys", "allows"),
    [
        ("s3:GetObject", f"{DATA}/export/x", {}, True),
        ("s3:PutObject", f"{DATA}/export/x", {}, False),
        ("s3:DeleteObject", f"{DATA}/export/x", {}, False),
        ("s3:GetObject", f"{DATA}/status/x", {}, False),
        ("s3:PutObject", f"{DATA}/status/teardown-seal.json", {}, False),
        ("s3:ListBucket", DATA, {"s3:prefix": "export/x"}, True),
        ("s3:ListBucket", DATA, {"s3:prefix": "status/"}, False),
        ("s3:GetObject", f"{ARTIFACTS}/releases/x", {}, True),
        ("s3:GetObject", f"{ARTIFACTS}/specs/x", {}, True),
        ("s3:PutObject", f"{ARTIFACTS}/releases/x", {}, False),
        ("s3:ListBucket", ARTIFACTS, {"s3:prefix": "releases/x"}, True),
        ("s3:ListBucket", ARTIFACTS, {"s3:prefix": "specs/x"}, True),
        ("s3:PutObject", f"{DATA}/logs/x", {}, True),
        ("s3:GetObject", f"{DATA}/logs/x", {}, False),
        ("kms:Decrypt", "arn:key", THROUGH_S3, True),
        ("kms:GenerateDataKey", "arn:key", THROUGH_S3, True),
        ("kms:Decrypt", "arn:key", {}, False),
        ("logs:DescribeLogGroups", "*", {}, True),
        ("logs:DescribeLogStreams", f"{LOGS}:/aws/emr-serverless/{NAMING.application}", {}, True),
        ("logs:CreateLogStream", f"{LOGS}:/aws/emr-serverless/{NAMING.application}:log-stream:x", {}, True),
        ("logs:PutLogEvents", f"{LOGS}:/aws/emr-serverless/{NAMING.application}:log-stream:x", {}, True),
        ("logs:PutLogEvents", f"{LOGS}:/aws/lambda/x:log-stream:x", {}, False),
        ("dynamodb:PutItem", "*", {}, False),
        ("secretsmanager:GetSecretValue", "*", {}, False),
    ],
)
def test_the_jobs_read_releases_and_exports_and_hold_no_secret(
    *, action: str, resource: str, keys: dict[str, Any], allows: bool
) -> None:
    assert may(SPARK, action, resource, **keys) is allows


@pytest.mark.parametrize(
    ("service", "account", "allows"),
    [
        ("states.amazonaws.com", ACCOUNT, True),
        ("states.amazonaws.com", "111122223333", False),
        ("lambda.amazonaws.com", "111122223333", True),
    ],
)
def test_a_role_is_taken_by_its_service_for_this_account(*, service: str, account: str, allows: bool) -> None:
    (statement,) = documents.trust(service, ACCOUNT)["Statement"]

    assert (statement["Effect"], statement["Principal"], statement["Action"]) == (
        "Allow",
        {"Service": service},
        "sts:AssumeRole",
    )
    condition = statement.get("Condition", {"StringEquals": {"aws:SourceAccount": account}})
    assert (condition == {"StringEquals": {"aws:SourceAccount": account}}) is allows


def test_statements_of_one_scope_are_merged_and_others_stay_apart() -> None:
    first, second = documents.allow(["a:B"], "x", "w"), documents.allow(["a:A", "a:B"], "w", "x")
    other = documents.allow(["a:C"], "x", StringEquals={"k": "v"})

    assert policies.merged(first, other, second) == [
        {"Effect": "Allow", "Action": ["a:A", "a:B"], "Resource": ["w", "x"]},
        {"Effect": "Allow", "Action": ["a:C"], "Resource": ["x"], "Condition": {"StringEquals": {"k": "v"}}},
    ]


def test_a_policy_may_have_as_many_characters_as_iam_allows_and_no_more() -> None:
    def of_length(more: int) -> dict[str, Any]:
        return documents.document(documents.allow(["a:B"], "x" * more))

    empty = len('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["a:B"],"Resource":[""]}]}')
    assert of_length(10_240 - empty)["Version"] == "2012-10-17"
    with pytest.raises(PolicyTooLargeError, match="has 10241 characters, IAM allows 10240"):
        of_length(10_241 - empty)


def test_events_are_read_where_a_source_has_a_binary_log_alone() -> None:
    (cluster, *_) = load_catalog().clusters.values()
    mysql = cluster.model_copy(update={"engine": "aurora-mysql"})
    with_mysql = policies.clone_service(NAMING, "arn:key", [cluster, mysql], Sources((), ()))

    assert may(with_mysql, "rds:DescribeEvents", "*")
    assert not may(CLONES, "rds:DescribeEvents", "*")
    assert not may(WATCH, "rds:DescribeEvents", "*")
