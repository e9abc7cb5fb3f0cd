"""The function that grants and releases the domain locks and the teardown seal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from infra import policies
from infra.components.function import Function, FunctionArgs

if TYPE_CHECKING:
    from infra.naming import Naming
    from infra.settings.model import Settings


@dataclass(frozen=True, kw_only=True)
class RunRegistryArgs:
    """Inputs of :class:`RunRegistry`."""

    naming: Naming
    settings: Settings
    application_id: pulumi.Input[str]
    application_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    boundary_arn: pulumi.Input[str]


class RunRegistry(pulumi.ComponentResource):
    """The run registry, which keeps its state below status/ of the data bucket."""

    def __init__(self, name: str, args: RunRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:RunRegistry", f"{name}-service", None, opts)
        naming = args.naming
        self.function = Function(
            name,
            FunctionArgs(
                naming=naming,
                package="run_registry",
                policy=pulumi.Output.all(args.key_arn, args.application_arn).apply(
                    lambda arns: policies.run_registry(naming, *arns)
                ),
                environment={
                    "DATA_BUCKET": naming.data_bucket,
                    "STACK": naming.stack,
                    "APPLICATION_ID": args.application_id,
                    "SECOND_PERSON": "true" if args.settings.second_person else "false",
                },
                key_arn=args.key_arn,
                keep_days=args.settings.keep_days,
                boundary_arn=args.boundary_arn,
                for_operators=True,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"function_arn": self.function.arn})
