"""Objects in S3 that are written and deleted only with a condition."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from run_registry.errors import StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable

ATTEMPTS = 6
_REFUSED = 412  # another object exists, or ours does not
_GONE = 404
_AGAIN = (409, 429, 500, 502, 503, 504)  # concurrent conditional write, throttling, faults


@dataclass(frozen=True)
class Stored:
    """An object and the ETag that a condition names it by."""

    body: str
    etag: str


class Store(Protocol):
    """The storage that the registry needs."""

    def get(self, key: str) -> Stored | None:
        """Return the object, or None."""

    def put_new(self, key: str, body: str) -> str | None:
        """Write the object if there is none; return its ETag, or None if one exists."""

    def put_if(self, key: str, body: str, etag: str) -> str | None:
        """Replace the object if it is still the one of `etag`; return the new ETag, or None."""

    def delete_if(self, key: str, etag: str) -> bool:
        """Delete the object if it is still the one of `etag`; return whether it was."""

    def list(self, prefix: str) -> list[str]:
        """Return the keys that begin with `prefix`, in order."""


class S3Store:
    """The store in a bucket.

    The store retries a 409 or 5xx with backoff. A lost response appears as a 412 on the caller's own write, which the
    caller recognises by reading the object.
    S3 is strongly consistent: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
    """

    def __init__(self, s3: Any, bucket: str, sleep: Callable[[float], None] = time.sleep) -> None:  # noqa: ANN401 - boto3 generates its clients at run time
        self._s3 = s3
        self._bucket = bucket
        self._sleep = sleep

    def get(self, key: str) -> Stored | None:
        """Return the object, or None."""
        answer = self._call(self._s3.get_object, Key=key)
        if isinstance(answer, int):
            return None
        return Stored(answer["Body"].read().decode(), answer["ETag"])

    def put_new(self, key: str, body: str) -> str | None:
        """Write the object if there is none."""
        answer = self._call(self._s3.put_object, Key=key, Body=body.encode(), IfNoneMatch="*")
        return None if isinstance(answer, int) else str(answer["ETag"])

    def put_if(self, key: str, body: str, etag: str) -> str | None:
        """Replace the object if it is still the one of `etag`."""
        answer = self._call(self._s3.put_object, Key=key, Body=body.encode(), IfMatch=etag)
        return None if isinstance(answer, int) else str(answer["ETag"])

    def delete_if(self, key: str, etag: str) -> bool:
        """Delete the object if it is still the one of `etag`."""
        return not isinstance(self._call(self._s3.delete_object, Key=key, IfMatch=etag), int)

    def list(self, prefix: str) -> list[str]:
        """Return the keys that begin with `prefix`."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def _call(self, operation: Callable[..., Any], **arguments: object) -> Any:  # noqa: ANN401 - boto3's answer
        """Return the answer, or the status of a refusal (404, 412)."""
        for attempt in range(ATTEMPTS):
            try:
                return operation(Bucket=self._bucket, **arguments)
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                if status in (_REFUSED, _GONE):
                    return status
                if status not in _AGAIN:
                    raise
            self._sleep(random.uniform(0, 0.2 * 2**attempt))  # noqa: S311 - jitter
        raise StoreBusyError(f"s3://{self._bucket}/{arguments['Key']}: refused {ATTEMPTS} times; try again later")
