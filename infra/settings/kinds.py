"""The types of a stack file's settings; each rejects values that AWS or the program would reject."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pulumi_aws as aws
from pydantic import BeforeValidator

from catalog.emr_workers import DISK_GB, MEMORY_GB
from infra.settings.subscribers import Subscriber, subscribers
from infra.settings.values import account, choice, like, nearest, number_of, tags, text, whole

# Retention periods of CloudWatch Logs; it rejects other numbers when it creates a group.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
CLONE_CLASS = "db.r6g.large"  # the default class of a clone
# A cluster needs a capacity range before its first db.serverless instance, and a clone has none.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-rds-dbcluster-serverlessv2scalingconfiguration.html
_WHY = "; db.serverless needs a capacity range, and clones of Serverless v2 sources run on provisioned classes too"
# Without the Regions of other partitions, whose ARNs begin differently.
_OTHER_PARTITIONS = ("cn-", "eu-iso", "eusc-", "us-gov-", "us-iso")
REGIONS = tuple(r.value for r in aws.Region if not r.value.startswith(_OTHER_PARTITIONS))
REQUIRED_TAGS = ("cost-centre", "data-class", "environment", "owner")
MOST_EXECUTORS = 2000
_MOST_VCPU, _MOST_MEMORY_GB, _MOST_DISK_GB = 4000, 32_000, 8_000_000
_MOST_JOBS = 1000  # https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_SchedulerConfiguration.html
_MOST_PLANNED_HOURS = 24 * 14
_MOST_SHARDS = 200
_LEAST_RETENTION_HOURS, _MOST_RETENTION_HOURS = 24, 8760


def _region(value: str) -> str:
    if not value:
        raise ValueError("is missing; set it to a Region, like eu-central-1")
    if value not in REGIONS:
        raise ValueError(f"is {value!r}, which is not a Region of the partition aws{nearest(value, REGIONS)}")
    return value


Text = Annotated[str, BeforeValidator(text)]
Flag = Annotated[bool, BeforeValidator(choice("false", "true"))]
Account = Annotated[str, BeforeValidator(account)]
Region = Annotated[str, BeforeValidator(_region)]
TotalVcpu = Annotated[int, BeforeValidator(whole(1, _MOST_VCPU))]
TotalDisk = Annotated[int, BeforeValidator(whole(0, _MOST_DISK_GB))]
Vcpu = Annotated[int, BeforeValidator(number_of(tuple(MEMORY_GB)))]
Memory = Annotated[int, BeforeValidator(whole(0, _MOST_MEMORY_GB))]
Disk = Annotated[int, BeforeValidator(whole(1, _MOST_DISK_GB))]
DiskType = Annotated[str, BeforeValidator(choice(*DISK_GB))]
LeastExecutors = Annotated[int, BeforeValidator(whole(1, MOST_EXECUTORS))]
MostExecutors = Annotated[int, BeforeValidator(whole(0, MOST_EXECUTORS))]
Jobs = Annotated[int, BeforeValidator(whole(1, _MOST_JOBS))]
LogDays = Annotated[int, BeforeValidator(number_of(LOG_DAYS))]
PlannedHours = Annotated[int, BeforeValidator(whole(1, _MOST_PLANNED_HOURS))]
StreamMode = Annotated[str, BeforeValidator(choice("ON_DEMAND", "PROVISIONED"))]
Shards = Annotated[int, BeforeValidator(whole(1, _MOST_SHARDS))]
RetentionHours = Annotated[int, BeforeValidator(whole(_LEAST_RETENTION_HOURS, _MOST_RETENTION_HOURS))]
Folder = Annotated[Path, BeforeValidator(text)]
Subscribers = Annotated[tuple[Subscriber, ...], BeforeValidator(subscribers)]
Tags = Annotated[dict[str, str], BeforeValidator(tags(REQUIRED_TAGS))]
InstanceClass = Annotated[
    str, BeforeValidator(like(r"db\.[a-z0-9-]+\.[a-z0-9-]+", f"{CLONE_CLASS}, a provisioned class{_WHY}"))
]
Repository = Annotated[
    str, BeforeValidator(like(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}", "owner/name"))
]
Bucket = Annotated[str, BeforeValidator(like(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "company-pulumi-test"))]
ProviderArn = Annotated[
    str,
    BeforeValidator(
        like(
            r"arn:aws:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com",
            "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        )
    ),
]
