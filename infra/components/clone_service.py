"""The function that clones clusters, verifies clones and destroys them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from infra import policies
from infra.components.function import Function, FunctionArgs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.models import Cluster
    from infra.account.sources import Sources
    from infra.naming import Naming
    from infra.settings.model import Settings


@dataclass(frozen=True, kw_only=True)
class CloneServiceArgs:
    """Inputs of :class:`CloneService`."""

    naming: Naming
    settings: Settings
    clusters: Sequence[Cluster]
    sources: Sources
    security_group_id: pulumi.Input[str]
    parameter_groups: Mapping[str, pulumi.Input[str]]  # by family
    key_arn: pulumi.Output[str]
    boundary_arn: pulumi.Input[str]


class CloneService(pulumi.ComponentResource):
    """The clone service; its environment lists the sources and the clones' parameter groups."""

    def __init__(self, name: str, args: CloneServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:CloneService", f"{name}-service", None, opts)
        naming = args.naming
        self.function = Function(
            name,
            FunctionArgs(
                naming=naming,
                package="aurora_clone",
                policy=args.key_arn.apply(lambda key: policies.clone_service(naming, key, args.clusters, args.sources)),
                environment={
                    "DATA_BUCKET": naming.data_bucket,
                    "STACK": naming.stack,
                    "SOURCES": json.dumps([cluster.identifier for cluster in args.clusters]),
                    "CLONE_INSTANCE_CLASS": args.settings.clone_instance_class,
                    "CLONE_SECURITY_GROUP_ID": args.security_group_id,
                    "CLONE_PARAMETER_GROUPS": pulumi.Output.json_dumps(args.parameter_groups, sort_keys=True),
                },
                key_arn=args.key_arn,
                keep_days=args.settings.keep_days,
                boundary_arn=args.boundary_arn,
                for_operators=True,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"function_arn": self.function.arn})
