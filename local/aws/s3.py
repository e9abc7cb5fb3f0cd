"""S3: atomic conditional writes, no folders, and bucket policies that require TLS.

moto checks the condition and then writes without a lock: now and then two of sixteen writers win. moto ignores the
Condition of a Deny. This endpoint does not use TLS and never leaves the machine, so it counts as secure. moto returns
an object's KMS key, which Hadoop's client refuses to send without TLS.

S3 has no folders. Hadoop's client writes an empty object for each folder, EMR's does not. Such objects are dropped
here, so a folder without a file does not exist.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-folders.html
"""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, FakeKey, S3Backend
from moto.s3.responses import S3Response

from local.aws.seams import replace, serialise

_KMS_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_lock = threading.RLock()


def install() -> None:
    """Let one writer at a time check its condition and write."""
    serialise(S3Response, ("put_object", "delete_object"), _lock)
    replace(FakeBucket, "get_permission", _permission)
    original = FakeKey.response_dict.fget

    def headers(self: Any) -> dict[str, Any]:
        return {name: value for name, value in original(self).items() if name != _KMS_KEY}

    replace(FakeKey, "response_dict", property(headers))
    put = S3Backend.put_object

    def put_object(self: Any, bucket_name: str, key_name: str, value: bytes, *more: Any, **named: Any) -> FakeKey:
        if value or not key_name.endswith("/"):
            return put(self, bucket_name, key_name, value, *more, **named)
        # The ETag is passed in: moto cannot compute it after the object is deleted.
        written = put(self, bucket_name, key_name, value, *more, **{**named, "etag": hashlib.md5(b"").hexdigest()})  # noqa: S324 - S3's own
        del self.get_bucket(bucket_name).keys[key_name]
        return written

    replace(S3Backend, "put_object", put_object)


def _permission(self: Any, action: str, resource: str) -> PermissionResult:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(self.policy)
    document["Statement"] = [entry for entry in document["Statement"] if not _asks_for_tls(entry)]
    return IAMPolicy(json.dumps(document)).is_action_permitted(action, resource)


def _asks_for_tls(statement: dict[str, Any]) -> bool:
    return bool(statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false")
