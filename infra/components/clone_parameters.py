"""The clones' parameter groups, which keep a clone unchanged between Bootstrap and Compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import rds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.naming import Naming

_POSTGRES = "aurora-postgresql"
_QUIET = {
    _POSTGRES: {
        "default_transaction_read_only": "1",
        "max_logical_replication_workers": "0",
        "shared_preload_libraries": "pg_stat_statements",  # pg_cron runs only if this setting loads it
    },
    "aurora-mysql": {"binlog_format": "OFF", "event_scheduler": "OFF", "read_only": "1"},
}


@dataclass(frozen=True, kw_only=True)
class CloneParametersArgs:
    """Inputs of :class:`CloneParameters`."""

    naming: Naming
    families: Iterable[str]


class CloneParameters(pulumi.ComponentResource):
    """Cluster parameter groups per family, with schedulers and subscriptions off.

    PostgreSQL families have a second group for sources with logical replication: a server that has a replication slot
    does not start without it.
    """

    def __init__(self, name: str, args: CloneParametersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:CloneParameters", name, None, opts)
        self._naming = args.naming
        self.groups: dict[str, pulumi.Output[str]] = {}
        for family in sorted(set(args.families)):
            engine = family.rstrip("0123456789.")
            self._add(family, family, _QUIET[engine])
            if engine == _POSTGRES:
                self._add(f"{family}-logical", family, {**_QUIET[engine], "rds.logical_replication": "1"})
        self.register_outputs({"groups": self.groups})

    def _add(self, label: str, family: str, parameters: dict[str, str]) -> None:
        group = self._naming.clone_parameter_group(label)
        self.groups[label] = rds.ClusterParameterGroup(
            group,
            name=group,
            family=family,
            description="Clones do not write to themselves",
            parameters=[
                {"name": parameter, "value": value, "apply_method": "pending-reboot"}
                for parameter, value in sorted(parameters.items())
            ],
            tags=self._naming.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        ).name
