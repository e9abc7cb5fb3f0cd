"""Buckets, their settings and objects, and the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.naming import REGION
from local.deploy.archives import content
from local.deploy.cloud import pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy.cloud import Cloud, Inputs, Made


def _bucket(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    bucket = inputs.get("bucket", name)
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": pairs(inputs.get("tags"))})
    return bucket, {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}


def _public_access_block(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    block = {name[0].upper() + name[1:]: inputs[name] for name in names}
    cloud.client("s3").put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=block)
    return inputs["bucket"], {}


def _bucket_encryption(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"],
                "KMSMasterKeyID": rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"],
            },
            "BucketKeyEnabled": rule["bucketKeyEnabled"],
        }
        for rule in inputs["rules"]
    ]
    cloud.client("s3").put_bucket_encryption(
        Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
    )
    return inputs["bucket"], {}


def _bucket_policy(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    cloud.client("s3").put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])
    return inputs["bucket"], {}


def _bucket_lifecycle(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    rules = [
        {
            "ID": rule["id"],
            "Status": rule["status"],
            "Filter": {"Prefix": rule["filter"]["prefix"]},
            "Expiration": {"Days": int(rule["expiration"]["days"])},
            "AbortIncompleteMultipartUpload": {
                "DaysAfterInitiation": int(rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"])
            },
        }
        for rule in inputs["rules"]
    ]
    cloud.client("s3").put_bucket_lifecycle_configuration(
        Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules}
    )
    return inputs["bucket"], {}


def _bucket_object(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    cloud.client("s3").put_object(Bucket=inputs["bucket"], Key=inputs["key"], Body=content(inputs["source"]))
    return inputs["key"], {"key": inputs["key"]}


def _key(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    kms = cloud.client("kms")
    made = kms.create_key(Description=inputs["description"], Tags=pairs(inputs.get("tags"), "TagKey", "TagValue"))[
        "KeyMetadata"
    ]
    if inputs.get("enableKeyRotation"):
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return made["KeyId"], {"arn": made["Arn"], "keyId": made["KeyId"]}


HANDLERS: dict[str, Callable[[Cloud, str, Inputs], Made]] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access_block,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _bucket_encryption,
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_policy,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_lifecycle,
    "aws:s3/bucketObjectv2:BucketObjectv2": _bucket_object,
    "aws:kms/key:Key": _key,
}
