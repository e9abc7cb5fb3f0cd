"""The settings model of a stack file."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from catalog.loader import CATALOG_DIRECTORY
from infra.settings import kinds
from infra.settings.workers import capacity_of, workers_of
from statemachine.workers import Workers

if TYPE_CHECKING:
    from infra.settings.workers import Capacity

_DEFAULT = Workers()


class Settings(BaseModel):
    """The values of one stack.

    A field with a description is a project setting, spelt in camelCase in the stack file. `python -m infra.settings`
    writes descriptions, types and defaults to Pulumi.yaml, where `pulumi config` reads them.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel)

    stack: str
    account: kinds.Account = Field(alias="aws:allowedAccountIds")
    region: kinds.Region = Field(alias="aws:region")

    vpc_name: kinds.Text = Field(description="The Name tag of the VPC that the Aurora clusters are in")
    subnet_tag: kinds.Text = Field(description="The Name tag of the private subnets that the Spark jobs run in")
    gateway_endpoints: kinds.Flag = Field(
        default=False,
        description="Whether to add gateway endpoints of S3 and DynamoDB to those subnets, where the VPC has none",
    )
    clone_instance_class: kinds.InstanceClass = Field(
        default=kinds.CLONE_CLASS,
        description="The instance class of a clone; a provisioned one, of Serverless v2 sources too",
    )
    max_vcpu: kinds.TotalVcpu = Field(default=64, description="The most vCPUs that the Spark jobs may use together")
    max_memory_gb: kinds.Memory = Field(
        default=0,
        description="The most GB of memory that the Spark jobs may use together; "
        "0 is what maxVcpu vCPUs of workers have",
    )
    max_disk_gb: kinds.TotalDisk = Field(
        default=0,
        description="The most GB of disk that the Spark jobs may use together; 0 is what maxVcpu vCPUs of workers have",
    )
    driver_vcpu: kinds.Vcpu = Field(
        default=_DEFAULT.driver.vcpu, description="The vCPUs of a Spark job's driver, 1, 2, 4, 8, 16 or 32"
    )
    driver_memory_gb: kinds.Memory = Field(
        default=0,
        description="The memory of a driver with Spark's overhead; 0 is 4 GB per vCPU, or what comes nearest",
    )
    driver_disk_gb: kinds.Disk = Field(
        default=_DEFAULT.driver.disk_gb,
        description="The disk of a driver, 20 to 200 GB of type STANDARD, and to 2000 of SHUFFLE_OPTIMIZED",
    )
    driver_disk_type: kinds.DiskType = Field(
        default=_DEFAULT.driver.disk_type, description="The type of a driver's disk, STANDARD or SHUFFLE_OPTIMIZED"
    )
    executor_vcpu: kinds.Vcpu = Field(
        default=_DEFAULT.executor.vcpu,
        description="The vCPUs of an executor, 1, 2, 4, 8, 16 or 32; it runs as many tasks at once",
    )
    executor_memory_gb: kinds.Memory = Field(
        default=0,
        description="The memory of an executor with Spark's overhead; 0 is 4 GB per vCPU, or what comes nearest",
    )
    executor_disk_gb: kinds.Disk = Field(
        default=_DEFAULT.executor.disk_gb,
        description="The disk of an executor, 20 to 200 GB of type STANDARD, and to 2000 of SHUFFLE_OPTIMIZED",
    )
    executor_disk_type: kinds.DiskType = Field(
        default=_DEFAULT.executor.disk_type,
        description="The type of an executor's disk, STANDARD or SHUFFLE_OPTIMIZED",
    )
    min_executors: kinds.LeastExecutors = Field(
        default=_DEFAULT.min_executors, description="The fewest executors that a Spark job keeps while it runs"
    )
    max_executors: kinds.MostExecutors = Field(
        default=0,
        description="The most executors of one Spark job, 3 or more; "
        "0 is what the capacity holds if the other maxConcurrentJobs have one each",
    )
    max_concurrent_jobs: kinds.Jobs = Field(
        default=4, description="The most Spark jobs at once; more wait in the application's queue"
    )
    catalog: kinds.Folder = Field(default=CATALOG_DIRECTORY, description="The folder that says what moves")
    keep_days: kinds.LogDays = Field(
        default=30,
        description="Days after which raw, processed and exported objects and logs are deleted; "
        "one that CloudWatch Logs has",
    )
    planned_hours: kinds.PlannedHours = Field(
        default=12, description="The hours that a run may take before an alarm says so"
    )
    stream_mode: kinds.StreamMode = Field(
        default="ON_DEMAND", description="The capacity mode of the Kinesis streams, ON_DEMAND or PROVISIONED"
    )
    stream_shards: kinds.Shards = Field(default=4, description="The shards of a PROVISIONED stream")
    stream_retention_hours: kinds.RetentionHours = Field(
        default=168, description="How long a stream keeps a record, 24 to 8760 hours"
    )
    plain_stream_names: kinds.Flag = Field(
        default=False, description="Whether streams have the catalog's names; only one stack of an account can"
    )
    github_repository: kinds.Repository = Field(
        description="The repository whose workflows may take the stack's roles, as owner/name"
    )
    state_bucket: kinds.Bucket = Field(
        description="The bucket that holds this deployment's state, which the roles of workflows may then use"
    )
    github_provider_arn: kinds.ProviderArn = Field(
        default="",
        description="The account's OpenID Connect provider of GitHub, if it has one; by default the stack makes it",
    )
    pull_request_preview: kinds.Flag = Field(
        default=False,
        description="Whether a pull request is previewed against this stack, and so may read its state",
    )
    notify: kinds.Subscribers = Field(
        default=(),
        description="Subscribers to notices and alarms; "
        "each entry has a protocol (email, https, slack, teams) and an endpoint",
    )
    second_person: kinds.Flag = Field(
        default=False,
        description="Whether an official run, a cut-over and a release of clones need the approval of a second person",
    )
    tags: kinds.Tags = Field(
        default={},
        validate_default=True,
        description="Tags of every resource and migrated table; "
        "cost-centre, data-class, environment and owner must be there",
    )

    @cached_property
    def capacity(self) -> Capacity:
        """Return the maximum capacity of all Spark jobs together."""
        return capacity_of(self)

    @cached_property
    def workers(self) -> Workers:
        """Return the workers of one Spark job."""
        return workers_of(self)

    @model_validator(mode="after")
    def _check_workers(self) -> Self:
        workers_of(self)
        return self
