"""Buckets, their settings and objects, and the KMS key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.deploy.archives import content
from local.deploy.cloud import tag_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy.cloud import Cloud, Inputs, Made

_FIRST = "us-east-1"


def _bucket(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    bucket = inputs.get("bucket", name)
    s3 = cloud.client("s3")
    # The first Region of S3 has no location constraint.
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}} if cloud.region != _FIRST else {}
    s3.create_bucket(Bucket=bucket, **elsewhere)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_list(inputs.get("tags"))})
    return bucket, {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}


def _public_access_block(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    block = {name[0].upper() + name[1:]: inputs[name] for name in names}
    cloud.client("s3").put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=block)
    return inputs["bucket"], {}


def _bucket_owner(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    rules = [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]
    cloud.client("s3").put_bucket_ownership_controls(Bucket=inputs["bucket"], OwnershipControls={"Rules": rules})
    return inputs["bucket"], {}


def _bucket_versioning(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    status = inputs["versioningConfiguration"]["status"]
    cloud.client("s3").put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration={"Status": status})
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
    cloud.client("s3").put_bucket_lifecycle_configuration(
        Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": [_lifecycle_rule(rule) for rule in inputs["rules"]]}
    )
    return inputs["bucket"], {}


def _lifecycle_rule(rule: Inputs) -> Inputs:
    replaced, incomplete = rule["noncurrentVersionExpiration"], rule["abortIncompleteMultipartUpload"]
    made = {
        "ID": rule["id"],
        "Status": rule["status"],
        "Filter": {"Prefix": rule["filter"]["prefix"]},
        "NoncurrentVersionExpiration": {"NoncurrentDays": int(replaced["noncurrentDays"])},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": int(incomplete["daysAfterInitiation"])},
    }
    return made | ({"Expiration": {"Days": int(rule["expiration"]["days"])}} if "expiration" in rule else {})


def _bucket_object(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    cloud.client("s3").put_object(Bucket=inputs["bucket"], Key=inputs["key"], Body=content(inputs["source"]))
    return inputs["key"], {"key": inputs["key"]}


def _key(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    kms = cloud.client("kms")
    tags = tag_list(inputs.get("tags"), "TagKey", "TagValue")
    made = kms.create_key(Description=inputs["description"], Policy=inputs["policy"], Tags=tags)["KeyMetadata"]
    if inputs.get("enableKeyRotation"):
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return made["KeyId"], {"arn": made["Arn"], "keyId": made["KeyId"]}


def _key_alias(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    alias = inputs.get("name", name)
    cloud.client("kms").create_alias(AliasName=alias, TargetKeyId=inputs["targetKeyId"])
    return alias, {"name": alias, "arn": cloud.arn("kms", alias)}


HANDLERS: dict[str, Callable[[Cloud, str, Inputs], Made]] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access_block,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _bucket_encryption,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket_owner,
    "aws:s3/bucketVersioning:BucketVersioning": _bucket_versioning,
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_policy,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_lifecycle,
    "aws:s3/bucketObjectv2:BucketObjectv2": _bucket_object,
    "aws:kms/alias:Alias": _key_alias,
    "aws:kms/key:Key": _key,
}
