"""S3: conditional writes that are atomic, and a bucket policy that may ask for TLS.

moto looks at the condition and then writes, without a lock between: now and then two of sixteen writers win. It reads
a Deny without its Condition; this endpoint speaks no TLS and never leaves the machine, so it counts as secure. And it
tells an object's KMS key, which Hadoop's client then refuses to repeat without TLS.
"""

from __future__ import annotations

import json
import threading
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, FakeKey
from moto.s3.responses import S3Response

from local.aws.seams import replace, serialise

_KMS_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_lock = threading.RLock()


def install() -> None:
    """Let one writer at a time look and write."""
    serialise(S3Response, ("put_object", "delete_object"), _lock)
    replace(FakeBucket, "get_permission", _permission)
    told = FakeKey.response_dict.fget

    def headers(self: Any) -> dict[str, Any]:
        return {name: value for name, value in told(self).items() if name != _KMS_KEY}

    replace(FakeKey, "response_dict", property(headers))


def _permission(self: Any, action: str, resource: str) -> PermissionResult:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(self.policy)
    document["Statement"] = [entry for entry in document["Statement"] if not _asks_for_tls(entry)]
    return IAMPolicy(json.dumps(document)).is_action_permitted(action, resource)


def _asks_for_tls(statement: dict[str, Any]) -> bool:
    return bool(statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false")
