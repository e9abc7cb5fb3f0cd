"""The clones' parameter groups: a clone must not write to itself between Bootstrap and Compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import rds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.naming import Naming

_FAMILIES = {"aurora-postgresql": "aurora-postgresql16", "aurora-mysql": "aurora-mysql8.0"}
_QUIET = {
    "aurora-postgresql": {
        "default_transaction_read_only": "1",
        "max_logical_replication_workers": "0",
        "rds.logical_replication": "0",
        "shared_preload_libraries": "pg_stat_statements",  # pg_cron runs only where it is loaded here
    },
    "aurora-mysql": {"binlog_format": "OFF", "event_scheduler": "OFF", "read_only": "1"},
}


@dataclass(frozen=True, kw_only=True)
class CloneParametersArgs:
    """Inputs of :class:`CloneParameters`."""

    naming: Naming
    engines: Iterable[str]


class CloneParameters(pulumi.ComponentResource):
    """One cluster parameter group per engine, with schedulers and replication off."""

    def __init__(self, name: str, args: CloneParametersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:CloneParameters", name, None, opts)
        self.groups: dict[str, pulumi.Output[str]] = {}
        for engine in sorted(set(args.engines)):
            group = args.naming.clone_parameter_group(engine)
            made = rds.ClusterParameterGroup(
                group,
                name=group,
                family=_FAMILIES[engine],
                description="Clones do not write to themselves",
                parameters=[
                    {"name": parameter, "value": value, "apply_method": "pending-reboot"}
                    for parameter, value in sorted(_QUIET[engine].items())
                ],
                tags=args.naming.tags(),
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.groups[engine] = made.name
        self.register_outputs({"groups": self.groups})
