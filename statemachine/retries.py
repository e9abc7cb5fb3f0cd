"""Retry rules per AWS service, for throttling and service faults.

Names are `<Service>.<ModelledError>`; an error that the SDK does not model has the service's name twice.
"""

from __future__ import annotations

from typing import Any

_TRANSIENT = {
    "lambda": (
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.ClientExecutionTimeoutException",
        "ExecutionUnknownError",  # of our functions: DescribeExecution may not know a young caller yet
    ),
    # S3, IAM and EMR Serverless do not model throttling: it has the service's generic name, like every other refusal.
    "s3": ("S3.S3Exception", "S3.SdkClientException"),
    "iam": ("Iam.ServiceFailureException", "Iam.IamException", "Iam.SdkClientException"),
    "kinesis": ("Kinesis.LimitExceededException", "Kinesis.SdkClientException"),
    "emr-serverless": (
        "EmrServerless.InternalServerException",
        "EmrServerless.EmrServerlessException",
        "EmrServerless.SdkClientException",
    ),
    # The optimized integration spells the service's name differently.
    "emr-serverless-job": ("EMRServerless.InternalServerException", "EMRServerless.ThrottlingException"),
    "dynamodb": (
        "DynamoDb.InternalServerErrorException",
        "DynamoDb.ThrottlingException",
        "DynamoDb.RequestLimitExceededException",
        "DynamoDb.LimitExceededException",
        "DynamoDb.SdkClientException",
    ),
}
# DynamoDB may refuse these calls for a while after a table's creation.
_SETTLING = {
    "dynamodb-tags": ("DynamoDb.ResourceInUseException", "DynamoDb.ResourceNotFoundException"),
    "dynamodb-delete": ("DynamoDb.ResourceInUseException",),
    "dynamodb-update": ("DynamoDb.ResourceInUseException",),
    "dynamodb-backups": ("DynamoDb.ContinuousBackupsUnavailableException",),
    "dynamodb-export": (
        "DynamoDb.PointInTimeRecoveryUnavailableException",
        "DynamoDb.InvalidExportTimeException",
    ),
}


def retry(service: str) -> list[dict[str, Any]]:
    """Return the Retry field of a Task that calls `service`.

    Raises:
        KeyError: No retry is defined for the service.
    """
    rules = []
    if service in _SETTLING:
        rules.append(_rule(_SETTLING[service], interval_seconds=15, max_attempts=10))
        service = "dynamodb"
    rules.append(_rule(_TRANSIENT[service], interval_seconds=2, max_attempts=6))
    return rules


def _rule(errors: tuple[str, ...], *, interval_seconds: int, max_attempts: int) -> dict[str, Any]:
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": interval_seconds,
        "MaxAttempts": max_attempts,
        "BackoffRate": 2,
        "MaxDelaySeconds": 120,
        "JitterStrategy": "FULL",
    }
