"""The function that reports how runs end and measures clones and runs, and the rules that call it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import cloudwatch, lambda_

from infra import policies
from infra.components.alarms import CHECK_MINUTES, NAMESPACE
from infra.components.function import Function, FunctionArgs
from infra.settings.clone_price import usd_per_hour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.naming import Naming
    from infra.settings.model import Settings

# https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
_ENDED = ["ABORTED", "FAILED", "SUCCEEDED", "TIMED_OUT"]


@dataclass(frozen=True, kw_only=True)
class RunWatchArgs:
    """Inputs of :class:`RunWatch`."""

    naming: Naming
    settings: Settings
    key_arn: pulumi.Output[str]
    boundary_arn: pulumi.Input[str]
    topic_arn: pulumi.Output[str]
    machine_arns: Mapping[str, pulumi.Output[str]]  # by name
    application_id: pulumi.Output[str]


class RunWatch(pulumi.ComponentResource):
    """The watch; each end of an execution and a 15-minute schedule call it."""

    def __init__(self, name: str, args: RunWatchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:RunWatch", f"{name}-service", None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        naming = args.naming
        machines = pulumi.Output.all(*[args.machine_arns[name] for name in sorted(args.machine_arns)])
        policy = pulumi.Output.all(args.key_arn, args.topic_arn, machines).apply(
            lambda arns: policies.run_watch(naming, arns[0], topic_arn=arns[1], machines=arns[2], namespace=NAMESPACE)
        )
        self.function = Function(
            name,
            FunctionArgs(
                naming=naming,
                package="run_watch",
                policy=policy,
                environment={
                    "DATA_BUCKET": naming.data_bucket,
                    "STACK": naming.stack,
                    "TOPIC_ARN": args.topic_arn,
                    "REPOSITORY": args.settings.github_repository,
                    "STATE_MACHINES": pulumi.Output.json_dumps(machines),
                    "INSTANCE_USD_PER_HOUR": str(usd_per_hour(args.settings.clone_instance_class)),
                },
                key_arn=args.key_arn,
                keep_days=args.settings.keep_days,
                boundary_arn=args.boundary_arn,
            ),
            self._child,
        )
        pattern = machines.apply(_ends_of)
        self._rule(f"{naming.prefix}-run-ended", naming, event_pattern=pattern)
        self._rule(f"{naming.prefix}-job-failed", naming, event_pattern=args.application_id.apply(_failures_of))
        self._rule(
            f"{naming.prefix}-check",
            naming,
            schedule_expression=f"rate({CHECK_MINUTES} minutes)",
            message=json.dumps({"operation": "check"}),
        )
        self.register_outputs({"function_arn": self.function.arn})

    def _rule(self, name: str, naming: Naming, *, message: str | None = None, **facts: Any) -> None:  # noqa: ANN401 - a rule's own arguments
        rule = cloudwatch.EventRule(name, name=name, tags=naming.tags(), opts=self._child, **facts)
        permission = lambda_.Permission(
            f"{name}-permission",
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.function]),
        )
        cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            arn=self.function.arn,
            input=message,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )


def _failures_of(application_id: str) -> str:
    """Return the event pattern of failed Spark job runs.

    https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-eventbridge.html
    """
    pattern = {
        "source": ["aws.emr-serverless"],
        "detail-type": ["EMR Serverless Job Run State Change"],
        "detail": {"applicationId": [application_id], "state": ["FAILED"]},
    }
    return json.dumps(pattern, sort_keys=True)


def _ends_of(machine_arns: list[str]) -> str:
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": machine_arns, "status": _ENDED},
    }
    return json.dumps(pattern, sort_keys=True)
