"""Readers of the JSON documents that functions and jobs keep in S3."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.account.lookups import missing
from runner.errors import UsageError


def read_json(s3: Any, bucket: str, key: str) -> dict[str, Any] | None:  # noqa: ANN401 - a boto3 client
    """Return a document, or None if it does not exist.

    Raises:
        BotoCoreError, ClientError: The bucket cannot be read.
        ValueError: The object's content is not a JSON object.
    """
    try:
        document = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if missing(error, "NoSuchKey"):
            return None
        raise
    if not isinstance(document, dict):
        raise ValueError(f"s3://{bucket}/{key} holds no JSON object")  # noqa: TRY004 - as for what is no JSON
    return document


def read_json_or_refuse(s3: Any, bucket: str, key: str) -> dict[str, Any] | None:  # noqa: ANN401 - a boto3 client
    """Return a document, or None if it does not exist.

    Raises:
        UsageError: The bucket cannot be read.
    """
    try:
        return read_json(s3, bucket, key)
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"s3://{bucket}/{key} cannot be read: {error}") from error
