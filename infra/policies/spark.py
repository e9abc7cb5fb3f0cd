"""Policies of the Spark jobs and of the database password secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.policies.documents import allow, document, list_below, objects, use_key

if TYPE_CHECKING:
    from infra.naming import Naming

_WRITTEN = (
    "raw/",
    "raw-compare/",
    "landed/",
    "processed/",
    "changes/",
    "progress/",
    "rejects/",
    "reports/",
    "failures/",
)
EMR_SERVERLESS = "emr-serverless.amazonaws.com"


def spark_job(naming: Naming, key_arn: str) -> dict[str, Any]:
    """Return the policy of the Spark jobs.

    It grants no secret: EMR Serverless resolves the passwords itself, as `secret_reader` allows.
    """
    read = objects(naming.artifacts_bucket, "releases/", "specs/")
    # Hadoop checks that no ancestor is a file before it creates a folder; EMR's S3 client marks folders with objects.
    ancestors = [f"arn:aws:s3:::{naming.data_bucket}/{prefix.rstrip('/')}" for prefix in _WRITTEN]
    marks = [f"{ancestor}_$folder$" for ancestor in ancestors]
    log = naming.arn("logs", f"log-group:/aws/emr-serverless/{naming.application}")
    return document(
        allow(["s3:GetObject"], *read, *objects(naming.data_bucket, "export/", *_WRITTEN), *ancestors, *marks),
        list_below(naming.artifacts_bucket, "releases/", "specs/"),
        list_below(naming.data_bucket, "export/", *_WRITTEN),
        allow(["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], *objects(naming.data_bucket, *_WRITTEN)),
        allow(["s3:PutObject"], *objects(naming.data_bucket, "logs/"), *marks),
        use_key(naming, key_arn, "Decrypt", "GenerateDataKey"),
        # EMR Serverless delivers a driver's output with these rights.
        allow(["logs:DescribeLogGroups"], "*"),
        allow(["logs:DescribeLogStreams"], log),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{log}:log-stream:*"),
    )


def secret_reader(application_arn: str) -> dict[str, Any]:
    """Return the resource policy of a password secret: only job runs of this application may resolve it.

    https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/secrets-manager.html
    """
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": EMR_SERVERLESS},
            "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": application_arn}},
        }
    )
