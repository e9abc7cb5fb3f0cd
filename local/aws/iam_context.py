"""Facts of moto's account that decide about a call: tags, groups, keys and objects."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.rds.models import rds_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends

from local.aws.active import active


class MotoAccount:
    """The account as moto's backends hold it, read without a request."""

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a table, a cluster or a database instance."""
        if arn.split(":", 3)[2] == "dynamodb":
            return self._of_table(arn.split(":", 5)[5].removeprefix("table/"))
        resource = self._rds(arn.split(":", 5)[5])
        return {tag["Key"]: tag["Value"] for tag in resource.tags} if resource is not None else {}

    def rds_groups(self, source: str) -> tuple[str, str]:
        """Return a cluster's subnet group and engine."""
        cluster = self._rds(f"cluster:{source}")
        return (str(cluster.db_subnet_group or ""), str(cluster.engine)) if cluster is not None else ("", "aurora")

    def bucket_key(self, bucket: str) -> str | None:
        """Return the ARN of the key that encrypts a bucket, or None."""
        stored = s3_backends[active().account]["aws"].buckets.get(bucket)
        rule = (stored.encryption or {}).get("Rule", {}) if stored is not None else {}
        rule = rule[0] if isinstance(rule, list) else rule
        key = rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
        return str(key) if key else None

    def topic_key(self, arn: str) -> str | None:
        """Return the ARN of the key that encrypts a topic, or None."""
        topic = sns_backends[active().account][active().region].topics.get(arn)
        return str(topic.kms_master_key_id) if topic is not None and topic.kms_master_key_id else None

    def has_object(self, bucket: str, key: str) -> bool:
        """Return whether an object exists."""
        backend = s3_backends[active().account]["aws"]
        # A deleted object of a versioned bucket leaves a delete marker among the keys.
        return bucket in backend.buckets and backend.get_object(bucket, key) is not None

    def _of_table(self, name: str) -> dict[str, str]:
        """Return the tags of a table; imports and exports have none."""
        table = dynamodb_backends[active().account][active().region].tables.get(name)
        return {tag["Key"]: tag["Value"] for tag in table.tags} if table is not None else {}

    def _rds(self, resource: str) -> Any:
        kind, _, name = resource.partition(":")
        backend = rds_backends[active().account][active().region]
        return (backend.clusters if kind == "cluster" else backend.databases).get(name)
