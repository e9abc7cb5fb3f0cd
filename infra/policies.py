"""What each role may do, and on what: documents made of names, no resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import Cluster, Table
    from infra.naming import Naming

Statement = dict[str, Any]
_KMS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey")


def document(*statements: Statement) -> dict[str, Any]:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: Iterable[str], *resources: str, **conditions: Any) -> Statement:  # noqa: ANN401 - IAM's conditions
    """Return a statement that allows actions on resources."""
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": sorted(resources)}
    return {**statement, "Condition": conditions} if conditions else statement


def trust(service: str, account: str) -> dict[str, Any]:
    """Return who may take a role: a service, for resources of this account only."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    )


def objects(bucket: str, *prefixes: str) -> list[str]:
    """Return the ARNs of the objects below prefixes."""
    return [f"arn:aws:s3:::{bucket}/{prefix}*" for prefix in prefixes]


def spark_job(naming: Naming, key_arn: str, clusters: Iterable[Cluster]) -> dict[str, Any]:
    """Return the policy of the Spark jobs."""
    own = objects(naming.data_bucket, "raw/", "processed/", "rejects/", "reports/", "failures/", "logs/")
    secrets = [naming.arn("secretsmanager", f"secret:{c.password_secret}-??????") for c in clusters]
    return document(
        allow(["s3:GetObject"], *objects(naming.artifacts_bucket, "releases/", "specs/")),
        allow(["s3:ListBucket"], *(f"arn:aws:s3:::{b}" for b in (naming.artifacts_bucket, naming.data_bucket))),
        allow(["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"], *own),
        allow(["s3:GetObject"], *objects(naming.data_bucket, "export/")),
        allow(["secretsmanager:GetSecretValue"], *secrets),
        allow(_KMS, key_arn),
        # How EMR Serverless delivers a driver's output.
        allow(["logs:DescribeLogGroups"], "*"),
        allow(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            naming.arn("logs", f"log-group:/aws/emr-serverless/{naming.application}:*"),
        ),
    )


def clone_service(naming: Naming, key_arn: str, clusters: Iterable[Cluster]) -> dict[str, Any]:
    """Return the policy of the clone Lambda: sources are only ever restored from, never changed."""
    sources = [naming.arn("rds", f"cluster:{cluster.identifier}") for cluster in clusters]
    clones = [naming.arn("rds", "cluster:*-clone"), naming.arn("rds", "db:*-clone-1")]
    groups = [naming.arn("rds", f"{kind}:*") for kind in ("subgrp", "cluster-pg", "pg", "og")]
    owned = {"StringEquals": {"aws:ResourceTag/migration:stack": naming.stack}}
    return document(
        allow(["rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:ListTagsForResource"], "*"),
        allow(["rds:RestoreDBClusterToPointInTime"], *sources, *clones, *groups),
        allow(["rds:CreateDBInstance"], *clones, *groups),
        allow(["rds:AddTagsToResource"], *clones),
        allow(["rds:DeleteDBCluster", "rds:DeleteDBInstance"], *clones, **owned),
        allow(["s3:GetObject"], *objects(naming.data_bucket, "status/teardown-seal.json")),
        allow(["states:DescribeExecution"], naming.arn("states", f"execution:{naming.prefix}-*:*")),
        allow(["kms:Decrypt", "kms:DescribeKey"], key_arn),
        _own_log(naming, "aurora-clone"),
    )


def run_registry(naming: Naming, key_arn: str, application_arn: str) -> dict[str, Any]:
    """Return the policy of the registry Lambda."""
    return document(
        allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], *objects(naming.data_bucket, "status/")),
        allow(["s3:ListBucket"], f"arn:aws:s3:::{naming.data_bucket}", StringLike={"s3:prefix": "status/*"}),
        allow(["states:DescribeExecution"], naming.arn("states", f"execution:{naming.prefix}-*:*")),
        allow(["emr-serverless:CancelJobRun", "emr-serverless:ListJobRuns"], application_arn, application_arn + "/*"),
        allow(_KMS, key_arn),
        _own_log(naming, "run-registry"),
    )


def run_watch(
    naming: Naming, key_arn: str, *, topic_arn: str, machines: Iterable[str], namespace: str
) -> dict[str, Any]:
    """Return the policy of the watch Lambda."""
    machines = list(machines)
    executions = [arn.replace(":stateMachine:", ":execution:") + ":*" for arn in machines]
    return document(
        allow(["states:DescribeExecution"], *executions),
        allow(["states:ListExecutions"], *machines),
        allow(["rds:DescribeDBClusters"], naming.arn("rds", "cluster:*")),
        allow(["cloudwatch:PutMetricData"], "*", StringEquals={"cloudwatch:namespace": namespace}),
        allow(["sns:Publish"], topic_arn),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key_arn),
        _own_log(naming, "run-watch"),
    )


def machine(
    naming: Naming, *, key_arn: str, application_arn: str, job_role_arn: str, tables: Iterable[Table]
) -> dict[str, Any]:
    """Return the policy of one domain's state machine."""
    kinds = [(t.name, t.name + "-rehearsal") for t in tables]
    tables_arns = [naming.arn("dynamodb", f"table/{name}") for pair in kinds for name in pair]
    streams = sorted({naming.arn("kinesis", f"stream/{naming.stream(table.stream)}") for table in tables})
    functions = [naming.arn("lambda", f"function:{naming.function(n)}") for n in ("aurora-clone", "run-registry")]
    buckets = [f"arn:aws:s3:::{name}" for name in (naming.artifacts_bucket, naming.data_bucket)]
    pass_to_emr = {"StringEquals": {"iam:PassedToService": "emr-serverless.amazonaws.com"}}
    return document(
        allow(["lambda:InvokeFunction"], *functions),
        allow(["s3:ListBucket"], *buckets),
        allow(["s3:GetObject"], *objects(naming.data_bucket, "processed/", "reports/", "failures/")),
        # ImportTable and the export act with the caller's rights.
        allow(["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"], *objects(naming.data_bucket, "export/")),
        allow(["iam:GetRole"], job_role_arn),
        allow(["iam:PassRole"], job_role_arn, **pass_to_emr),
        allow(["emr-serverless:ListApplications"], "*"),
        allow(
            [f"emr-serverless:{verb}" for verb in ("CancelJobRun", "GetJobRun", "StartJobRun", "TagResource")],
            application_arn,
            application_arn + "/*",
        ),
        allow(_DYNAMODB, *tables_arns, *(f"{arn}/*" for arn in tables_arns)),
        allow(["dynamodb:ListExports", "dynamodb:ListImports"], "*"),
        allow(
            ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords"],
            *streams,
        ),
        allow(
            _IMPORT_LOG,
            naming.arn("logs", "log-group:/aws-dynamodb/*"),
            naming.arn("logs", "log-group:/aws-dynamodb/*:*"),
        ),
        allow(["logs:DescribeLogGroups", *_LOG_DELIVERY], "*"),
        # How Step Functions hears of a job's end.
        allow(
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            naming.arn("events", "rule/StepFunctionsGetEventsForEMRServerlessJobRule"),
        ),
        allow(_KMS, key_arn),
        # A redriven execution would go on past its lock.
        {"Effect": "Deny", "Action": ["states:RedriveExecution"], "Resource": ["*"]},
    )


def own_executions(naming: Naming, domain: str) -> list[Statement]:
    """Return what a machine with distributed Maps needs besides: to run their items as executions of its own.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    name = naming.machine(domain)
    return [
        allow(["states:StartExecution"], naming.arn("states", f"stateMachine:{name}")),
        allow(["states:DescribeExecution", "states:StopExecution"], naming.arn("states", f"execution:{name}/*")),
    ]


def _own_log(naming: Naming, name: str) -> Statement:
    group = naming.arn("logs", f"log-group:/aws/lambda/{naming.function(name)}:*")
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], group)


_DYNAMODB = [
    f"dynamodb:{verb}"
    for verb in (
        "CreateTable",
        "DeleteTable",
        "DescribeContinuousBackups",
        "DescribeExport",
        "DescribeImport",
        "DescribeKinesisStreamingDestination",
        "DescribeTable",
        "DescribeTimeToLive",
        "EnableKinesisStreamingDestination",
        "ExportTableToPointInTime",
        "ImportTable",
        "ListTagsOfResource",
        "TagResource",
        "UpdateContinuousBackups",
        "UpdateTimeToLive",
    )
]
_IMPORT_LOG = [
    f"logs:{verb}"
    for verb in ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents", "PutRetentionPolicy")
]
_LOG_DELIVERY = [
    f"logs:{verb}"
    for verb in (
        "CreateLogDelivery",
        "DeleteLogDelivery",
        "DescribeResourcePolicies",
        "GetLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "UpdateLogDelivery",
    )
]
