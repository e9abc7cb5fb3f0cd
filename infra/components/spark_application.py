"""The EMR Serverless application and the role of its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import cloudwatch, emrserverless

from infra.components.roles import ServiceRole, ServiceRoleArgs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.naming import Naming
    from infra.settings.model import Settings

_RELEASE = "emr-7.9.0"  # Spark 3.5 and Python 3.9
_IDLE_MINUTES = 15
_QUEUE_MINUTES = 360


@dataclass(frozen=True, kw_only=True)
class SparkApplicationArgs:
    """Inputs of :class:`SparkApplication`."""

    naming: Naming
    settings: Settings
    subnet_ids: Sequence[str]
    security_group_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    job_policy: pulumi.Input[dict[str, Any]]
    boundary_arn: pulumi.Input[str]


class SparkApplication(pulumi.ComponentResource):
    """The application: it starts with a job, stops when idle, queues excess jobs and keeps its logs."""

    def __init__(self, name: str, args: SparkApplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:SparkApplication", f"{name}-application", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        naming, settings = args.naming, args.settings
        log = cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/emr-serverless/{name}",
            retention_in_days=settings.keep_days,
            kms_key_id=args.key_arn,
            tags=naming.tags(),
            opts=child,
        )
        application = emrserverless.Application(
            name,
            name=name,
            release_label=_RELEASE,
            type="spark",
            architecture="ARM64",
            auto_start_configuration={"enabled": True},
            auto_stop_configuration={"enabled": True, "idle_timeout_minutes": _IDLE_MINUTES},
            maximum_capacity={
                "cpu": f"{settings.capacity.vcpu} vCPU",
                "memory": f"{settings.capacity.memory_gb} GB",
                "disk": f"{settings.capacity.disk_gb} GB",
            },
            scheduler_configuration={
                "max_concurrent_runs": settings.max_concurrent_jobs,
                "queue_timeout_minutes": _QUEUE_MINUTES,
            },
            monitoring_configuration={
                "cloudwatch_logging_configuration": {
                    "enabled": True,
                    "log_group_name": log.name,
                    "log_types": [{"name": "SPARK_DRIVER", "values": ["STDERR", "STDOUT"]}],
                },
                "s3_monitoring_configuration": {
                    "log_uri": f"s3://{naming.data_bucket}/logs/",
                    "encryption_key_arn": args.key_arn,
                },
            },
            network_configuration={"subnet_ids": args.subnet_ids, "security_group_ids": [args.security_group_id]},
            tags=naming.tags(),
            opts=child,
        )
        role = ServiceRole(
            naming.job_role,
            ServiceRoleArgs(
                naming=naming,
                service="emr-serverless.amazonaws.com",
                policy=args.job_policy,
                boundary_arn=args.boundary_arn,
            ),
            child,
        )
        self.id = application.id
        self.arn = application.arn
        # A job that starts before its role has a policy fails on its first read, so the ARN waits for the policy.
        self.job_role_arn = pulumi.Output.all(role.arn, role.policy.id).apply(lambda pair: str(pair[0]))
        self.register_outputs({"id": self.id, "arn": self.arn, "job_role_arn": self.job_role_arn})
