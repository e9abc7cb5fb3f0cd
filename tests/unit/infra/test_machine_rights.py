"""The rights of a domain's state machine and, beside each, the nearest action that it may not."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.loader import load_catalog
from infra import policies
from infra.naming import Naming
from infra.policies import documents, merged
from infra.policies.tables import table_keys
from local.iam.policy import Call, allowed, context, statements
from tests.deployed import REGION

ACCOUNT = "971779422973"
NAMING = Naming("test", ACCOUNT, REGION)
DATA, ARTIFACTS = f"arn:aws:s3:::{NAMING.data_bucket}", f"arn:aws:s3:::{NAMING.artifacts_bucket}"
TABLES = load_catalog().domains["rates"].tables
STREAM = next(table.stream for table in TABLES if table.stream)
KEY, ALIAS = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k", "alias/tables"
APPLICATION, ROLE = f"arn:aws:emr-serverless:{REGION}:{ACCOUNT}:/applications/a", f"arn:aws:iam::{ACCOUNT}:role/job"
LINKED = "kinesisreplication.dynamodb.amazonaws.com"
LINKED_ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{LINKED}/AWSServiceRoleForDynamoDB"
THROUGH_S3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
THROUGH_DYNAMODB = {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}
JOB_TAGS = ["migration:domain", "migration:run", "migration:system"]


def machine(**options: Any) -> dict[str, Any]:  # noqa: ANN401 - the model's fields
    tables = [table.model_copy(update=options) for table in TABLES]
    return policies.machine(
        NAMING, "rates", key_arn="arn:key", application_arn=APPLICATION, job_role_arn=ROLE, tables=tables
    )


POLICY, BY_ARN, BY_ALIAS = machine(), machine(kms_key=KEY), machine(kms_key=ALIAS)


def may(policy: dict[str, Any], action: str, resource: str, **keys: Any) -> bool:  # noqa: ANN401 - condition keys
    return allowed(statements(policy), Call(action, resource, context(keys)))


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def cases(actions: str, allowed_on: str, refused_on: str, **keys: Any) -> list[tuple[str, str, dict[str, Any], bool]]:  # noqa: ANN401 - condition keys
    """Return each action on an allowed resource and, with the same keys, on a denied one."""
    return [
        (action, resource, keys, resource == allowed_on)
        for action in actions.split()
        for resource in (allowed_on, refused_on)
    ]


TABLE, REHEARSAL, OTHER = (arn("dynamodb", f"table/{name}") for name in ("BaseRate", "BaseRate-rehearsal", "Other"))
OF_A_TABLE = (
    "dynamodb:CreateTable dynamodb:DeleteTable dynamodb:DescribeContinuousBackups dynamodb:DescribeTable "
    "dynamodb:DescribeTimeToLive dynamodb:ExportTableToPointInTime dynamodb:ImportTable dynamodb:ListTagsOfResource "
    "dynamodb:TagResource dynamodb:UpdateContinuousBackups dynamodb:UpdateTable dynamodb:UpdateTimeToLive "
    "dynamodb:DescribeKinesisStreamingDestination dynamodb:EnableKinesisStreamingDestination"
)
IMPORT_LOG = arn("logs", "log-group:/aws-dynamodb/imports")
LOG_ACTIONS = (
    "logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents logs:PutRetentionPolicy"
)
RULE = arn("events", "rule/StepFunctionsGetEventsForEMRServerlessJobRule")
NAME = "migration-test-rates"
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and the same guide's page of X-Ray
DELIVERY = (
    "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies "
    "logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery"
)
TRACING = "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments"


@pytest.mark.parametrize(
    ("action", "resource", "keys", "allows"),
    [
        *cases("lambda:InvokeFunction", arn("lambda", f"function:{NAMING.function('aurora-clone')}"), arn("lambda", "function:x")),
        *cases("lambda:InvokeFunction", arn("lambda", f"function:{NAMING.function('run-registry')}"), arn("lambda", f"function:{NAMING.function('run-watch')}")),
        *cases("s3:ListBucket", ARTIFACTS, f"{ARTIFACTS}2", **{"s3:prefix": "releases/"}),
        *cases("s3:ListBucket", DATA, f"{DATA}2", **{"s3:prefix": "failures/rates/"}),
        *cases("s3:ListBucket", DATA, f"{DATA}2", **{"s3:prefix": "processed/rates/"}),
        *cases("s3:ListBucket", DATA, f"{DATA}2", **{"s3:prefix": "reports/rates/"}),
        ("s3:ListBucket", ARTIFACTS, {"s3:prefix": "specs/"}, False),
        ("s3:ListBucket", DATA, {"s3:prefix": "status/"}, False),
        ("s3:ListBucket", DATA, {"s3:prefix": "raw/"}, False),
        ("s3:ListBucket", DATA, {"s3:prefix": ""}, False),
        *cases("s3:GetObject", f"{DATA}/failures/x", f"{DATA}/raw/x"),
        *cases("s3:GetObject", f"{DATA}/processed/x", f"{DATA}/status/x"),
        *cases("s3:GetObject", f"{DATA}/reports/x", f"{DATA}/logs/x"),
        ("s3:GetObject", f"{ARTIFACTS}/releases/x", {}, False),
        *cases("s3:AbortMultipartUpload s3:PutObject s3:PutObjectAcl", f"{DATA}/export/x", f"{DATA}/processed/x"),
        ("s3:DeleteObject", f"{DATA}/export/x", {}, False),
        *cases("kms:Decrypt kms:GenerateDataKey", "arn:key", "arn:other", **THROUGH_S3),
        ("kms:Decrypt", "arn:key", {}, False),
        ("kms:CreateGrant", "arn:key", THROUGH_S3, False),
        *cases("iam:GetRole", ROLE, f"{ROLE}2"),
        *cases("iam:PassRole", ROLE, f"{ROLE}2", **{"iam:PassedToService": "emr-serverless.amazonaws.com"}),
        ("iam:PassRole", ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}, False),
        ("iam:PassRole", ROLE, {}, False),
        ("emr-serverless:ListApplications", "*", {}, True),
        *cases("emr-serverless:StartJobRun", APPLICATION, f"{APPLICATION}2"),
        *cases("emr-serverless:CancelJobRun emr-serverless:GetJobRun", f"{APPLICATION}/jobruns/1", f"{APPLICATION}2/jobruns/1"),
        *cases("emr-serverless:TagResource", f"{APPLICATION}/jobruns/1", APPLICATION, **{"aws:TagKeys": JOB_TAGS}),
        *[("emr-serverless:TagResource", f"{APPLICATION}/jobruns/1", {"aws:TagKeys": [key]}, True) for key in JOB_TAGS],
        ("emr-serverless:TagResource", f"{APPLICATION}/jobruns/1", {"aws:TagKeys": [*JOB_TAGS, "owner"]}, False),
        *cases("events:DescribeRule events:PutRule events:PutTargets", RULE, arn("events", "rule/other")),
        *cases(OF_A_TABLE, TABLE, OTHER),
        *cases(OF_A_TABLE, REHEARSAL, f"{OTHER}-rehearsal"),
        ("dynamodb:DeleteItem", TABLE, {}, False),
        ("dynamodb:PutItem", TABLE, {}, False),
        *cases("dynamodb:DescribeImport", f"{TABLE}/import/1", f"{OTHER}/import/1"),
        *cases("dynamodb:DescribeExport", f"{REHEARSAL}/export/1", f"{OTHER}/export/1"),
        ("dynamodb:ListExports", "*", {}, True),
        ("dynamodb:ListImports", "*", {}, True),
        *cases("kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:PutRecords", arn("kinesis", f"stream/{NAMING.stream(STREAM)}"), arn("kinesis", "stream/x")),
        ("kinesis:ListStreams", "*", {}, True),
        *cases("iam:CreateServiceLinkedRole", LINKED_ROLE, ROLE, **{"iam:AWSServiceName": LINKED}),
        ("iam:CreateServiceLinkedRole", LINKED_ROLE, {"iam:AWSServiceName": "ecs.amazonaws.com"}, False),
        ("iam:CreateServiceLinkedRole", LINKED_ROLE, {}, False),
        *cases(LOG_ACTIONS, IMPORT_LOG, arn("logs", "log-group:/aws/lambda/x")),
        *cases(LOG_ACTIONS, f"{IMPORT_LOG}:log-stream:x", arn("logs", "log-group:/aws/lambda/x:log-stream:x")),
        *[(action, "*", {}, True) for action in f"{DELIVERY} {TRACING}".split()],
        *cases("states:StartExecution", arn("states", f"stateMachine:{NAME}"), arn("states", "stateMachine:migration-test-availability")),
        *cases("states:StartExecution", arn("states", "stateMachine:migration-test-verify-rates"), arn("states", "stateMachine:x")),
        *cases("states:DescribeExecution states:StopExecution", arn("states", f"execution:{NAME}/MigrateTables:1"), arn("states", f"execution:{NAME}:r")),
        *cases("states:DescribeExecution states:StopExecution", arn("states", "execution:migration-test-verify-rates/X:1"), arn("states", "execution:migration-test-availability/X:1")),
        ("states:RedriveExecution", arn("states", f"execution:{NAME}/MigrateTables:1"), {}, False),
        ("rds:DeleteDBCluster", "*", {}, False),
        ("secretsmanager:GetSecretValue", "*", {}, False),
    ],
)  # fmt: skip
def test_a_machine_may_do_what_its_states_do_and_nothing_beside(
    *, action: str, resource: str, keys: dict[str, Any], allows: bool
) -> None:
    assert may(POLICY, action, resource, **keys) is allows


def test_a_redriven_execution_is_refused_whatever_another_policy_allows() -> None:
    everything = [documents.allow(["*"], "*")]
    call = Call("states:RedriveExecution", arn("states", f"execution:{NAME}:r"), context({}))

    assert allowed(everything, call)
    assert not allowed([*everything, *statements(POLICY)], call)


OF_A_KEY = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]


@pytest.mark.parametrize("action", OF_A_KEY)
def test_a_tables_key_is_used_through_dynamodb_alone(action: str) -> None:
    aliased = {**THROUGH_DYNAMODB, "kms:ResourceAliases": [ALIAS]}

    assert may(BY_ARN, action, KEY, **THROUGH_DYNAMODB)
    assert may(BY_ALIAS, action, KEY, **aliased)
    assert not may(BY_ARN, action, f"{KEY}2", **THROUGH_DYNAMODB)
    assert not may(BY_ARN, action, KEY)
    assert not may(BY_ARN, action, KEY, **THROUGH_S3)
    assert not may(BY_ALIAS, action, KEY, **THROUGH_DYNAMODB)
    assert not may(BY_ALIAS, action, KEY, **{**aliased, "kms:ResourceAliases": ["alias/other"]})
    assert not may(BY_ALIAS, action, KEY, **{"kms:ResourceAliases": [ALIAS]})
    assert not may(POLICY, action, KEY, **THROUGH_DYNAMODB)


def test_keys_are_named_by_their_arns_and_by_their_aliases_in_a_condition() -> None:
    through = {"StringEquals": THROUGH_DYNAMODB}
    by_arn = {"Effect": "Allow", "Action": OF_A_KEY, "Resource": [KEY, f"{KEY}2"], "Condition": through}
    by_alias = {
        "Effect": "Allow",
        "Action": OF_A_KEY,
        "Resource": [arn("kms", "key/*")],
        "Condition": {**through, "ForAnyValue:StringEquals": {"kms:ResourceAliases": [ALIAS, "alias/z"]}},
    }

    assert table_keys(NAMING, ["alias/z", f"{KEY}2", ALIAS, KEY]) == [by_arn, by_alias]
    assert table_keys(NAMING, [f"{KEY}2", KEY]) == [by_arn]
    assert table_keys(NAMING, ["alias/z", ALIAS]) == [by_alias]
    assert table_keys(NAMING, []) == []


def test_a_domain_without_streams_may_enable_none() -> None:
    without = machine(stream=None)

    assert not may(without, "dynamodb:EnableKinesisStreamingDestination", TABLE)
    assert not may(without, "iam:CreateServiceLinkedRole", LINKED_ROLE, **{"iam:AWSServiceName": LINKED})
    assert not may(without, "kinesis:ListStreams", "*")


def test_statements_of_one_scope_are_merged_whatever_the_order_of_their_keys() -> None:
    first = {"Effect": "Allow", "Action": ["a:A"], "Resource": ["x"]}
    second = {"Resource": ["x"], "Action": ["a:B"], "Effect": "Allow"}

    assert merged(first, second) == [{"Effect": "Allow", "Action": ["a:A", "a:B"], "Resource": ["x"]}]
    assert len(merged(first, {**second, "Effect": "Deny"})) == 2


CATCH_UP = policies.catch_up_machine(
    NAMING, "rates", key_arn="arn:key", application_arn=APPLICATION, job_role_arn=ROLE, tables=TABLES
)
FUNCTIONS = ("aurora-clone", "run-registry", "run-watch", "table-writer")
FOLDERS = [
    "changes",
    "conflicts",
    "export",
    "failures",
    "live",
    "logs",
    "processed",
    "progress",
    "proven",
    "raw",
    "rejects",
    "reports",
    "status",
]


def test_a_catch_up_calls_the_functions_that_its_states_call() -> None:
    called = {
        name
        for name in FUNCTIONS
        if may(CATCH_UP, "lambda:InvokeFunction", arn("lambda", f"function:{NAMING.function(name)}"))
    }

    assert called == set(FUNCTIONS) - {"run-watch"}


def test_a_catch_up_lists_reads_and_writes_its_own_folders() -> None:
    listed = {name for name in FOLDERS if may(CATCH_UP, "s3:ListBucket", DATA, **{"s3:prefix": f"{name}/rates/"})}
    read, written, deleted = (
        {name for name in FOLDERS if may(CATCH_UP, f"s3:{verb}Object", f"{DATA}/{name}/x")}
        for verb in ("Get", "Put", "Delete")
    )

    assert listed == read == {"changes", "failures", "processed", "reports"}
    assert (written, deleted) == ({"changes", "export"}, set())
    assert not may(CATCH_UP, "s3:ListBucket", DATA, **{"s3:prefix": ""})


@pytest.mark.parametrize(
    ("action", "resource", "keys", "allows"),
    [
        *cases("dynamodb:DescribeExport", f"{TABLE}/export/1", f"{OTHER}/export/1"),
        *cases("dynamodb:DescribeExport", f"{REHEARSAL}/export/1", f"{REHEARSAL}/import/1"),
        ("dynamodb:ListExports", "*", {}, True),
        ("dynamodb:ListImports", "*", {}, False),
        ("dynamodb:DescribeImport", f"{TABLE}/import/1", {}, False),
    ],
)
def test_a_catch_up_follows_the_exports_of_its_tables_and_no_import(
    *, action: str, resource: str, keys: dict[str, Any], allows: bool
) -> None:
    assert may(CATCH_UP, action, resource, **keys) is allows
