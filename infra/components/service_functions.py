"""The functions that state machines call to clone, lock and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.components.clone_service import CloneService, CloneServiceArgs
from infra.components.run_registry import RunRegistry, RunRegistryArgs
from infra.components.table_writer import TableWriter, TableWriterArgs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from catalog.models import Catalog
    from infra.account.sources import Sources
    from infra.components.function import Function
    from infra.components.spark_application import SparkApplication
    from infra.naming import Naming
    from infra.settings.model import Settings


def service_functions(
    *,
    naming: Naming,
    settings: Settings,
    catalog: Catalog,
    sources: Sources,
    clones_group_id: pulumi.Input[str],
    parameter_groups: Mapping[str, pulumi.Input[str]],
    spark: SparkApplication,
    key_arn: pulumi.Output[str],
    boundary_arn: pulumi.Input[str],
) -> dict[str, Function]:
    """Declare the functions; return them by name without the stack's prefix."""
    clones = CloneService(
        naming.function("aurora-clone"),
        CloneServiceArgs(
            naming=naming,
            settings=settings,
            clusters=list(catalog.clusters.values()),
            sources=sources,
            security_group_id=clones_group_id,
            parameter_groups=parameter_groups,
            key_arn=key_arn,
            boundary_arn=boundary_arn,
        ),
    )
    registry = RunRegistry(
        naming.function("run-registry"),
        RunRegistryArgs(
            naming=naming,
            settings=settings,
            application_id=spark.id,
            application_arn=spark.arn,
            key_arn=key_arn,
            boundary_arn=boundary_arn,
        ),
    )
    writer = TableWriter(
        naming.function("table-writer"),
        TableWriterArgs(naming=naming, settings=settings, catalog=catalog, key_arn=key_arn, boundary_arn=boundary_arn),
    )
    return {"aurora-clone": clones.function, "run-registry": registry.function, "table-writer": writer.function}
