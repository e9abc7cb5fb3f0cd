"""Policies of a domain's two state machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.policies.documents import Statement, allow, document, list_below, objects, use_key
from infra.policies.spark import EMR_SERVERLESS
from infra.policies.tables import deny_on_live, table_arns, table_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import TableSettings
    from infra.naming import Naming


def machine(
    naming: Naming,
    domain: str,
    *,
    key_arn: str,
    application_arn: str,
    job_role_arn: str,
    tables: Iterable[TableSettings],
) -> dict[str, Any]:
    """Return the policy of a domain's state machine, which creates its tables but never replaces a live one."""
    tables = list(tables)
    names = [table.name for table in tables]
    streams = sorted(
        {naming.arn("kinesis", f"stream/{naming.stream(table.stream)}") for table in tables if table.stream}
    )
    # `make verify-aws` migrates a single table with a second state machine.
    machines = (naming.machine(domain), f"{naming.prefix}-verify-{domain}")
    return document(
        *_common(naming, machines, key_arn=key_arn, application_arn=application_arn, job_role_arn=job_role_arn),
        allow(["lambda:InvokeFunction"], *_functions(naming, "aurora-clone", "run-registry")),
        *_objects(naming, "failures/", "processed/", "reports/"),
        *_dynamodb(naming, names),
        deny_on_live(f"dynamodb:{verb}" for verb in _NEVER_LIVE),
        *table_keys(naming, {table.kms_key for table in tables if table.kms_key}),
        *_import_log(naming),
        *(_streams(naming, names, streams) if streams else []),
    )


def catch_up_machine(
    naming: Naming,
    domain: str,
    *,
    key_arn: str,
    application_arn: str,
    job_role_arn: str,
    tables: Iterable[TableSettings],
) -> dict[str, Any]:
    """Return the policy of the state machine that brings a domain's tables to a later instant.

    The machine describes and exports tables. Only the table writer writes items; this policy cannot create, change or
    delete a table.
    """
    tables = list(tables)
    arns = table_arns(naming, (table.name for table in tables))
    machines = (naming.catch_up_machine(domain),)
    return document(
        *_common(naming, machines, key_arn=key_arn, application_arn=application_arn, job_role_arn=job_role_arn),
        allow(["lambda:InvokeFunction"], *_functions(naming, "aurora-clone", "run-registry", "table-writer")),
        *_objects(naming, "changes/", "failures/", "processed/", "reports/"),
        allow(["s3:PutObject"], *objects(naming.data_bucket, "changes/")),  # names the attempt with the newest changes
        allow((f"dynamodb:{verb}" for verb in _EXPORTED), *arns),
        allow(["dynamodb:DescribeExport"], *(f"{arn}/export/*" for arn in arns)),
        allow(["dynamodb:ListExports"], "*"),
        *table_keys(naming, {table.kms_key for table in tables if table.kms_key}),
    )


def _common(
    naming: Naming, machines: Iterable[str], *, key_arn: str, application_arn: str, job_role_arn: str
) -> list[Statement]:
    """Return the rights that both machines of a domain have."""
    return [
        list_below(naming.artifacts_bucket, "releases/"),
        use_key(naming, key_arn, "Decrypt", "GenerateDataKey"),
        *_spark(naming, application_arn, job_role_arn),
        *_on_behalf(naming),
        *_own_executions(naming, machines),
        # A redriven execution would continue without its lock.
        {"Effect": "Deny", "Action": ["states:RedriveExecution"], "Resource": ["*"]},
    ]


def _functions(naming: Naming, *names: str) -> list[str]:
    return [naming.arn("lambda", f"function:{naming.function(name)}") for name in names]


def _objects(naming: Naming, *prefixes: str) -> list[Statement]:
    """Return the rights to list and read objects of the data bucket."""
    return [
        list_below(naming.data_bucket, *prefixes),
        allow(["s3:GetObject"], *objects(naming.data_bucket, *prefixes)),
    ]


def _own_executions(naming: Naming, machines: Iterable[str]) -> list[Statement]:
    """Return the rights to run Map items as child executions.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    machines = list(machines)
    items = [naming.arn("states", f"execution:{name}/*") for name in machines]
    return [
        allow(["states:StartExecution"], *(naming.arn("states", f"stateMachine:{name}") for name in machines)),
        allow(["states:DescribeExecution", "states:StopExecution"], *items),
    ]


def _spark(naming: Naming, application_arn: str, job_role_arn: str) -> list[Statement]:
    tags = {"ForAllValues:StringEquals": {"aws:TagKeys": ["migration:domain", "migration:run", "migration:system"]}}
    return [
        allow(["iam:GetRole"], job_role_arn),
        allow(["iam:PassRole"], job_role_arn, StringEquals={"iam:PassedToService": EMR_SERVERLESS}),
        allow(["emr-serverless:ListApplications"], "*"),
        allow(["emr-serverless:StartJobRun"], application_arn),
        allow(["emr-serverless:TagResource"], f"{application_arn}/jobruns/*", **tags),
        allow(["emr-serverless:CancelJobRun", "emr-serverless:GetJobRun"], f"{application_arn}/jobruns/*"),
        # Step Functions learns of a job's end by this rule.
        allow(
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            naming.arn("events", "rule/StepFunctionsGetEventsForEMRServerlessJobRule"),
        ),
    ]


def _dynamodb(naming: Naming, names: Iterable[str]) -> list[Statement]:
    tables = table_arns(naming, names)
    return [
        allow((f"dynamodb:{verb}" for verb in _TABLE_ACTIONS), *tables),
        allow(["dynamodb:DescribeImport"], *(f"{arn}/import/*" for arn in tables)),
        allow(["dynamodb:DescribeExport"], *(f"{arn}/export/*" for arn in tables)),
        allow(["dynamodb:ListExports", "dynamodb:ListImports"], "*"),
    ]


def _streams(naming: Naming, names: Iterable[str], streams: Iterable[str]) -> list[Statement]:
    """Return the rights to enable streaming of table changes."""
    linked = "kinesisreplication.dynamodb.amazonaws.com"
    role = f"arn:aws:iam::{naming.account}:role/aws-service-role/{linked}/*"
    tables = table_arns(naming, names)
    return [
        allow((f"dynamodb:{verb}" for verb in _DESTINATION), *tables),
        allow(
            ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:PutRecords"],
            *streams,
        ),
        allow(["kinesis:ListStreams"], "*"),
        allow(["iam:CreateServiceLinkedRole"], role, StringEquals={"iam:AWSServiceName": linked}),
    ]


def _on_behalf(naming: Naming) -> list[Statement]:
    """Return the rights that services use on the machine's behalf: write exports, logs and traces."""
    return [
        allow(["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"], *objects(naming.data_bucket, "export/")),
        allow((f"logs:{verb}" for verb in _LOG_DELIVERY), "*"),
        allow((f"xray:{verb}" for verb in _TRACING), "*"),
    ]


def _import_log(naming: Naming) -> list[Statement]:
    log = naming.arn("logs", "log-group:/aws-dynamodb/imports")
    return [allow((f"logs:{verb}" for verb in _IMPORT_LOG), log, f"{log}:*")]


_EXPORTED = ("DescribeContinuousBackups", "DescribeTable", "ExportTableToPointInTime", "ListTagsOfResource")
_NEVER_LIVE = (
    "DeleteTable",
    "ImportTable",
    "TagResource",
    "UpdateContinuousBackups",
    "UpdateTable",
    "UpdateTimeToLive",
)
_TABLE_ACTIONS = (
    "CreateTable",
    "DeleteTable",
    "DescribeContinuousBackups",
    "DescribeTable",
    "DescribeTimeToLive",
    "ExportTableToPointInTime",
    "ImportTable",
    "ListTagsOfResource",
    "TagResource",
    "UpdateContinuousBackups",
    "UpdateTable",
    "UpdateTimeToLive",
)
_DESTINATION = ("DescribeKinesisStreamingDestination", "EnableKinesisStreamingDestination")
_IMPORT_LOG = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents", "PutRetentionPolicy")
_LOG_DELIVERY = (
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeLogGroups",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
)
_TRACING = ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
