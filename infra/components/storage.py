"""The two buckets and the key that encrypts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import kms, s3

from infra.components.protection import holds_data
from infra.policies.key import data_key

if TYPE_CHECKING:
    from infra.naming import Naming

# Objects that a run can make again expire. status/, reports/, rejects/, conflicts/, proven/ and live/ never do.
EXPIRING = ("changes/", "export/", "failures/", "landed/", "logs/", "processed/", "progress/", "raw/", "raw-compare/")
KEPT = ("conflicts/", "rejects/", "reports/")
_REPLACED_KEPT_DAYS = 90
_SCRATCH_KEPT_DAYS = 1
_INCOMPLETE_KEPT_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """Inputs of :class:`Storage`."""

    naming: Naming
    keep_days: int  # of objects that a run can make again


class Storage(pulumi.ComponentResource):
    """The artifacts and data buckets: versioned, encrypted with the stack's key, and readable over TLS only.

    Versions let an operator restore a release, report or lock that was overwritten or deleted. The lock protocol does
    not depend on versions: S3 checks a condition against the current version, and after a delete marker there is none.
    ImportTable and Spark read current versions. Expired objects keep no version longer than a day, and no rule names
    status/.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
    """

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Storage", name, None, opts)
        self._naming = args.naming
        self._child = pulumi.ResourceOptions(parent=self)
        prefix = args.naming.prefix
        key = kms.Key(
            f"{prefix}-key",
            description="Encrypts the migration's buckets, logs and messages",
            enable_key_rotation=True,
            policy=pulumi.Output.json_dumps(data_key(args.naming), sort_keys=True),
            tags=args.naming.tags(),
            opts=holds_data(args.naming, self),
        )
        kms.Alias(f"{prefix}-key-alias", name=f"alias/{prefix}", target_key_id=key.key_id, opts=self._child)
        self.key_arn = key.arn
        self.artifacts = self._bucket("artifacts", args.naming.artifacts_bucket)
        self.data = self._bucket("data", args.naming.data_bucket)
        self._expiry("artifacts", self.artifacts, [_replaced_expire("releases/"), _replaced_expire("specs/")])
        expiring = [_expire(folder, args.keep_days) for folder in EXPIRING]
        kept = [_replaced_expire(folder) for folder in KEPT]
        self._expiry("data", self.data, [*expiring, *kept])
        self.register_outputs({"artifacts": self.artifacts.id, "data": self.data.id, "key_arn": self.key_arn})

    def _bucket(self, role: str, name: str) -> s3.Bucket:
        label = f"{self._naming.prefix}-{role}"
        bucket = s3.Bucket(label, bucket=name, tags=self._naming.tags(), opts=holds_data(self._naming, self))
        s3.BucketPublicAccessBlock(
            f"{label}-private",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        s3.BucketOwnershipControls(
            f"{label}-owner", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=self._child
        )
        s3.BucketVersioning(
            f"{label}-versions", bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=self._child
        )
        s3.BucketServerSideEncryptionConfiguration(
            f"{label}-encryption",
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": self.key_arn,
                    },
                    "bucket_key_enabled": True,  # one KMS call per bucket and hour instead of one per object
                }
            ],
            opts=self._child,
        )
        policy = pulumi.Output.json_dumps(_tls_only(name), sort_keys=True)
        s3.BucketPolicy(f"{label}-tls", bucket=bucket.id, policy=policy, opts=self._child)
        return bucket

    def _expiry(self, role: str, bucket: s3.Bucket, rules: list[s3.BucketLifecycleConfigurationRuleArgsDict]) -> None:
        s3.BucketLifecycleConfiguration(
            f"{self._naming.prefix}-{role}-expiry", bucket=bucket.id, rules=rules, opts=self._child
        )


def _expire(prefix: str, days: int) -> s3.BucketLifecycleConfigurationRuleArgsDict:
    rule = _replaced_expire(prefix, _SCRATCH_KEPT_DAYS)
    rule["expiration"] = {"days": days}
    return rule


def _replaced_expire(prefix: str, kept_days: int = _REPLACED_KEPT_DAYS) -> s3.BucketLifecycleConfigurationRuleArgsDict:
    return {
        "id": prefix.rstrip("/"),
        "status": "Enabled",
        "filter": {"prefix": prefix},
        "noncurrent_version_expiration": {"noncurrent_days": kept_days},
        "abort_incomplete_multipart_upload": {"days_after_initiation": _INCOMPLETE_KEPT_DAYS},
    }


def _tls_only(bucket: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
