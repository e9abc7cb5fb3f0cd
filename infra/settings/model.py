"""What a stack's file says, read once and checked."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pulumi_aws as aws

from catalog.loader import CATALOG_DIRECTORY
from infra.errors import SettingsError
from infra.settings.stack_file import StackFile
from infra.settings.subscribers import ENDPOINTS, Subscriber
from infra.settings.workers import KEYS, read_workers
from statemachine.names import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.settings.subscribers import Protocol
    from infra.settings.workers import Capacity
    from statemachine.workers import Workers

_NAME = re.compile(r"[a-z][a-z0-9]{1,9}")
# What CloudWatch Logs keeps for; another number is refused when a group is made.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_MOST_JOBS = 1000  # https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_SchedulerConfiguration.html
_LEAST_HOURS, _MOST_HOURS = 24, 8760  # of a stream's retention
_MOST_SHARDS = 200
_MOST_PLANNED_HOURS = 24 * 14
_CLONE_CLASS = "db.r6g.large"
# A cluster needs a capacity range before its first db.serverless instance, and a clone is not given one.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-rds-dbcluster-serverlessv2scalingconfiguration.html
_WHY = "; db.serverless needs a capacity range, and clones of Serverless v2 sources run on provisioned classes too"
_INSTANCE_CLASS = re.compile(r"db\.[a-z0-9-]+\.[a-z0-9-]+")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REPOSITORY = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}")
_PROVIDER = re.compile(r"arn:aws:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com")
# Regions of other partitions are left out: an ARN begins with another text there.
_OTHER_PARTITIONS = ("cn-", "eu-iso", "eusc-", "us-gov-", "us-iso")
REGIONS = tuple(r.value for r in aws.Region if not r.value.startswith(_OTHER_PARTITIONS))
_NOT_OWN = ("stack", "account", "region")  # what Pulumi and its provider say of a stack
_OF_SEVERAL_KEYS = ("workers", "capacity")
REQUIRED_TAGS = ("cost-centre", "data-class", "environment", "owner")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The values of one stack."""

    stack: str
    account: str  # the only one that the stack may be deployed to
    region: str
    vpc_name: str
    subnet_tag: str
    gateway_endpoints: bool
    clone_instance_class: str
    workers: Workers  # of one Spark job
    capacity: Capacity  # of all Spark jobs together
    max_concurrent_jobs: int
    keep_days: int
    planned_hours: int  # a longer run raises an alarm
    catalog: Path
    stream_mode: str
    stream_shards: int  # of a PROVISIONED stream
    stream_retention_hours: int
    plain_stream_names: bool
    github_repository: str
    state_bucket: str  # of the deployment's own state, as `pulumi login s3://…` has it
    github_provider_arn: str  # nothing: the stack makes the account's provider
    pull_request_preview: bool  # a pull request may read what a preview of this stack reads
    notify: tuple[Subscriber, ...] = ()
    second_person: bool = False  # an official run needs somebody's approval who did not ask for it
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, values: Mapping[str, str], stack: str) -> Settings:
        """Return the settings of a stack, given its whole configuration.

        Raises:
            SettingsError: A value is missing, unknown or out of bounds; names the key and the file.
        """
        if not _NAME.fullmatch(stack):
            raise SettingsError(f"the stack {stack!r} must be named in 2 to 10 small letters and digits, like test")
        file = StackFile(values, SYSTEM, stack)
        file.refuse_unknown(_known_keys())
        jobs = file.count("maxConcurrentJobs", 4, most=_MOST_JOBS)
        workers, capacity = read_workers(file, jobs)
        return cls(
            stack=stack,
            account=file.account(),
            region=file.region(REGIONS),
            vpc_name=file.text("vpcName"),
            subnet_tag=file.text("subnetTag"),
            gateway_endpoints=file.flag("gatewayEndpoints"),
            clone_instance_class=file.like_or(
                "cloneInstanceClass", _INSTANCE_CLASS, f"{_CLONE_CLASS}, a provisioned class{_WHY}", _CLONE_CLASS
            ),
            workers=workers,
            capacity=capacity,
            max_concurrent_jobs=jobs,
            keep_days=file.count_of("keepDays", 30, LOG_DAYS),
            planned_hours=file.count("plannedHours", 12, most=_MOST_PLANNED_HOURS),
            catalog=Path(file.text_or("catalog", str(CATALOG_DIRECTORY))),
            stream_mode=file.one_of("streamMode", ("ON_DEMAND", "PROVISIONED")),
            stream_shards=file.count("streamShards", 4, most=_MOST_SHARDS),
            stream_retention_hours=file.count("streamRetentionHours", 168, least=_LEAST_HOURS, most=_MOST_HOURS),
            plain_stream_names=file.flag("plainStreamNames"),
            github_repository=file.like("githubRepository", _REPOSITORY, "owner/name"),
            state_bucket=file.like("stateBucket", _BUCKET, "company-pulumi-test"),
            github_provider_arn=file.like_or(
                "githubProviderArn",
                _PROVIDER,
                "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
                "",
            ),
            pull_request_preview=file.flag("pullRequestPreview"),
            notify=tuple(
                Subscriber(cast("Protocol", protocol), endpoint)
                for protocol, endpoint in file.pairs("notify", ("protocol", "endpoint"), ENDPOINTS)
            ),
            second_person=file.flag("secondPerson"),
            tags=file.tags("tags", REQUIRED_TAGS),
        )


def _known_keys() -> set[str]:
    """Return every key that the program or the provider of AWS reads."""
    names = {_key(one.name) for one in fields(Settings) if one.name not in (*_NOT_OWN, *_OF_SEVERAL_KEYS)}
    own = {f"{SYSTEM}:{name}" for name in (*names, *KEYS)}
    return own | {f"aws:{_key(name)}" for name in inspect.signature(aws.ProviderArgs).parameters}


def _key(name: str) -> str:
    """Return a name as a stack file spells it: maxVcpu for max_vcpu."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
