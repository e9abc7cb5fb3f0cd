"""What a domain's state machine may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.policies.documents import Statement, allow, document, list_below, objects, use_key, via
from infra.policies.spark import EMR_SERVERLESS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import Table
    from infra.naming import Naming


def machine(
    naming: Naming, domain: str, *, key_arn: str, application_arn: str, job_role_arn: str, tables: Iterable[Table]
) -> dict[str, Any]:
    """Return the policy of one domain's state machine."""
    tables = list(tables)
    names = [name for table in tables for name in (table.name, f"{table.name}-rehearsal")]
    streams = sorted(
        {naming.arn("kinesis", f"stream/{naming.stream(table.stream)}") for table in tables if table.stream}
    )
    functions = [naming.arn("lambda", f"function:{naming.function(n)}") for n in ("aurora-clone", "run-registry")]
    return document(
        allow(["lambda:InvokeFunction"], *functions),
        list_below(naming.artifacts_bucket, "releases/"),
        list_below(naming.data_bucket, "failures/", "processed/", "reports/"),
        allow(["s3:GetObject"], *objects(naming.data_bucket, "failures/", "processed/", "reports/")),
        use_key(naming, key_arn, "Decrypt", "GenerateDataKey"),
        *_spark(naming, application_arn, job_role_arn),
        *_dynamodb(naming, names),
        *_table_keys(naming, {table.kms_key for table in tables if table.kms_key}),
        *_on_behalf(naming),
        *_own_executions(naming, domain),
        *(_streams(naming, names, streams) if streams else []),
        # A redriven execution would go on past its lock.
        {"Effect": "Deny", "Action": ["states:RedriveExecution"], "Resource": ["*"]},
    )


def catch_up_machine(
    naming: Naming, domain: str, *, key_arn: str, application_arn: str, job_role_arn: str, tables: Iterable[Table]
) -> dict[str, Any]:
    """Return the policy of the state machine that brings a domain's tables to a later instant.

    It looks at the tables and exports them; the table writer alone writes into them.
    """
    tables = list(tables)
    arns = [naming.arn("dynamodb", f"table/{table.name}{suffix}") for table in tables for suffix in ("", "-rehearsal")]
    functions = ("aurora-clone", "run-registry", "table-writer")
    read = ("changes/", "failures/", "processed/", "reports/")
    return document(
        allow(["lambda:InvokeFunction"], *(naming.arn("lambda", f"function:{naming.function(n)}") for n in functions)),
        list_below(naming.artifacts_bucket, "releases/"),
        list_below(naming.data_bucket, *read),
        allow(["s3:GetObject"], *objects(naming.data_bucket, *read)),
        allow(["s3:PutObject"], *objects(naming.data_bucket, "changes/")),  # which attempt's changes are the newest
        use_key(naming, key_arn, "Decrypt", "GenerateDataKey"),
        *_spark(naming, application_arn, job_role_arn),
        allow((f"dynamodb:{verb}" for verb in _EXPORTED), *arns),
        allow(["dynamodb:DescribeExport"], *(f"{arn}/export/*" for arn in arns)),
        allow(["dynamodb:ListExports"], "*"),
        *_table_keys(naming, {table.kms_key for table in tables if table.kms_key}),
        *_on_behalf(naming),
        *_own_executions(naming, f"{domain}-catch-up"),
        {"Effect": "Deny", "Action": ["states:RedriveExecution"], "Resource": ["*"]},
    )


def _own_executions(naming: Naming, domain: str) -> list[Statement]:
    """Return leave to run the items of the Maps as executions of the machine's own.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    # `make verify-aws` migrates one table with a machine beside the domain's own.
    machines = (naming.machine(domain), f"{naming.prefix}-verify-{domain}")
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
        # How Step Functions hears of a job's end.
        allow(
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            naming.arn("events", "rule/StepFunctionsGetEventsForEMRServerlessJobRule"),
        ),
    ]


def _dynamodb(naming: Naming, names: Iterable[str]) -> list[Statement]:
    tables = [naming.arn("dynamodb", f"table/{name}") for name in names]
    return [
        allow((f"dynamodb:{verb}" for verb in _TABLE_ACTIONS), *tables),
        allow(["dynamodb:DescribeImport"], *(f"{arn}/import/*" for arn in tables)),
        allow(["dynamodb:DescribeExport"], *(f"{arn}/export/*" for arn in tables)),
        allow(["dynamodb:ListExports", "dynamodb:ListImports"], "*"),
    ]


def _table_keys(naming: Naming, keys: Iterable[str]) -> list[Statement]:
    """Return leave to encrypt tables with the customer's keys, through DynamoDB alone.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
    """
    aliases = sorted(key for key in keys if key.startswith("alias/"))
    arns = sorted(key for key in keys if not key.startswith("alias/"))
    through = {"StringEquals": via(naming, "dynamodb")}
    actions = [f"kms:{verb}" for verb in _TABLE_KEY]
    # An alias is no resource of IAM: the key is named by the alias that it has.
    by_alias = {**through, "ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}
    return [
        *([allow(actions, *arns, **through)] if arns else []),
        *([allow(actions, naming.arn("kms", "key/*"), **by_alias)] if aliases else []),
    ]


def _streams(naming: Naming, names: Iterable[str], streams: Iterable[str]) -> list[Statement]:
    """Return leave to let tables write their changes to streams."""
    linked = "kinesisreplication.dynamodb.amazonaws.com"
    role = f"arn:aws:iam::{naming.account}:role/aws-service-role/{linked}/*"
    tables = [naming.arn("dynamodb", f"table/{name}") for name in names]
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
    """Return what services do with the machine's rights: write exports, log, and trace."""
    log = naming.arn("logs", "log-group:/aws-dynamodb/imports")
    return [
        allow(["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"], *objects(naming.data_bucket, "export/")),
        allow((f"logs:{verb}" for verb in _IMPORT_LOG), log, f"{log}:*"),
        allow((f"logs:{verb}" for verb in _LOG_DELIVERY), "*"),
        allow((f"xray:{verb}" for verb in _TRACING), "*"),
    ]


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
_EXPORTED = ("DescribeContinuousBackups", "DescribeTable", "ExportTableToPointInTime", "ListTagsOfResource")
_DESTINATION = ("DescribeKinesisStreamingDestination", "EnableKinesisStreamingDestination")
_TABLE_KEY = (
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
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
