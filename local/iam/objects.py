"""Actions that an operation on S3 needs, and the KMS actions that S3 calls on behalf of the caller.

S3's actions differ from its operations: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.errors import PolicyError
from local.iam.policy import Call, context

if TYPE_CHECKING:
    from local.iam.requests import AccountFacts, Scope

_LISTING = ("HeadBucket", "ListBucket")
_READING = ("GetObject",)
_WRITING = ("PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts")


@dataclass(frozen=True)
class ObjectRequest:
    """A request to S3: moto's name of its action, and the parameters that decide about it."""

    action: str
    bucket: str
    keys: tuple[str, ...] = ()
    prefix: str | None = None
    conditional: bool = False  # If-Match
    multipart: bool = False
    copied: str = ""  # bucket/key of a copy's source


def object_calls(asked: ObjectRequest, scope: Scope, account: AccountFacts) -> list[Call]:
    """Return the calls that a request makes.

    Raises:
        PolicyError: This module does not support the action.
    """
    action, own = asked.action, f"arn:aws:s3:::{asked.bucket}"
    if action in _LISTING:
        return [Call("s3:ListBucket", own, context({} if asked.prefix is None else {"s3:prefix": asked.prefix}))]
    if action not in (*_READING, *_WRITING):
        raise PolicyError(f"s3:{action} is called by a role, but local/iam/objects.py does not know it")
    calls = [Call(f"s3:{action}", f"{own}/{key}") for key in asked.keys]
    if action == "GetObject":
        calls += _reading(asked.bucket, asked.keys, scope, account)
    if action == "PutObject":
        used = ("GenerateDataKey", "Decrypt") if asked.multipart else ("GenerateDataKey",)
        calls += _kms(used, asked.bucket, scope, account)
    if action in ("DeleteObject", "PutObject") and asked.conditional:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
        calls += [Call("s3:GetObject", f"{own}/{key}") for key in asked.keys]
    if asked.copied:
        source, _, key = asked.copied.partition("/")
        calls += [Call("s3:GetObject", f"arn:aws:s3:::{source}/{key}"), *_reading(source, (key,), scope, account)]
    return calls


def _reading(bucket: str, keys: tuple[str, ...], scope: Scope, account: AccountFacts) -> list[Call]:
    if all(account.has_object(bucket, key) for key in keys):
        return _kms(("Decrypt",), bucket, scope, account)
    # A caller without the right to list gets 403 instead of 404. AWS does not document whether s3:prefix is set then.
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    return [Call("s3:ListBucket", f"arn:aws:s3:::{bucket}")]


def _kms(actions: tuple[str, ...], bucket: str, scope: Scope, account: AccountFacts) -> list[Call]:
    key = account.bucket_key(bucket)
    via = context({"kms:ViaService": f"s3.{scope.region}.amazonaws.com"})
    return [Call(f"kms:{action}", key, via) for action in actions] if key else []
