"""The two buckets and their key; the release and the specs in the first."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import kms, s3

from catalog.spec import build_spec, spec_key, spec_text
from infra.errors import ReleaseMissingError

if TYPE_CHECKING:
    from catalog.models import Catalog
    from infra.naming import Naming

_ENTRY_POINTS = ("bootstrap.py", "compare.py")
# Whatever can be made again expires; status/, reports/ and rejects/ never do.
_EXPIRING = ("raw/", "processed/", "export/", "failures/", "logs/")


class Storage(pulumi.ComponentResource):
    """Buckets, encryption, releases and specs."""

    def __init__(self, naming: Naming, keep_days: int) -> None:
        super().__init__("migration:index:Storage", f"{naming.prefix}-storage")
        self._naming = naming
        self._child = pulumi.ResourceOptions(parent=self)
        self.key = kms.Key(
            f"{naming.prefix}-key",
            description="Encrypts the migration's buckets",
            enable_key_rotation=True,
            tags=naming.tags(),
            opts=self._child,
        )
        self.artifacts = self._bucket("artifacts", naming.artifacts_bucket)
        self.data = self._bucket("data", naming.data_bucket)
        s3.BucketLifecycleConfiguration(
            f"{naming.prefix}-data-expiry",
            bucket=self.data.id,
            rules=[
                {
                    "id": prefix.rstrip("/"),
                    "status": "Enabled",
                    "filter": {"prefix": prefix},
                    "expiration": {"days": keep_days},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                }
                for prefix in _EXPIRING
            ],
            opts=self._child,
        )

    def upload_release(self) -> None:
        """Upload the built release; a running migration keeps the one it began with."""
        version = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]
        folder = Path("build/release") / version
        jar = f"rates-avail-migration-bootstrap-{version}.jar"
        for name in (jar, *_ENTRY_POINTS):
            if not (folder / name).exists():
                raise ReleaseMissingError(f"{folder / name} is not there; run `make release` first")
            self._upload(
                f"release-{version}-{name}", f"releases/{version}/{name}", pulumi.FileAsset(str(folder / name))
            )

    def upload_spec(self, catalog: Catalog, domain: str) -> str:
        """Upload a domain's spec and return its key."""
        spec = build_spec(catalog, domain)
        self._upload(spec_key(spec).replace("/", "-"), spec_key(spec), pulumi.StringAsset(spec_text(spec)))
        return spec_key(spec)

    def _upload(self, name: str, key: str, source: pulumi.Asset) -> None:
        s3.BucketObjectv2(
            f"{self._naming.prefix}-{name}",
            bucket=self.artifacts.id,
            key=key,
            source=source,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )

    def _bucket(self, role: str, name: str) -> s3.Bucket:
        label = f"{self._naming.prefix}-{role}"
        bucket = s3.Bucket(label, bucket=name, tags=self._naming.tags(), opts=self._child)
        s3.BucketPublicAccessBlock(
            f"{label}-private",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        s3.BucketServerSideEncryptionConfiguration(
            f"{label}-encryption",
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": self.key.arn,
                    },
                    "bucket_key_enabled": True,
                }
            ],
            opts=self._child,
        )
        s3.BucketPolicy(
            f"{label}-tls", bucket=bucket.id, policy=pulumi.Output.json_dumps(_tls_only(name)), opts=self._child
        )
        return bucket


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
