"""The function that writes the changes of a catch-up or repair into the migrated tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from infra import policies
from infra.components.function import Function, FunctionArgs

if TYPE_CHECKING:
    from catalog.models import Catalog
    from infra.naming import Naming
    from infra.settings.model import Settings

# Lambda allots CPU by memory: a whole core at 1,769 MB. A writer's threads wait for DynamoDB and encode JSON meanwhile.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
_MEMORY_MB = 1769


@dataclass(frozen=True, kw_only=True)
class TableWriterArgs:
    """Inputs of :class:`TableWriter`."""

    naming: Naming
    settings: Settings
    catalog: Catalog
    key_arn: pulumi.Output[str]
    boundary_arn: pulumi.Input[str]


class TableWriter(pulumi.ComponentResource):
    """The table writer; its role may write to the catalog's tables, except live ones."""

    def __init__(self, name: str, args: TableWriterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:TableWriter", f"{name}-service", None, opts)
        naming = args.naming
        tables = [table for domain in args.catalog.domains.values() for table in domain.tables]
        self.function = Function(
            name,
            FunctionArgs(
                naming=naming,
                package="table_writer",
                policy=args.key_arn.apply(lambda key: policies.table_writer(naming, key, tables)),
                environment={"DATA_BUCKET": naming.data_bucket, "STACK": naming.stack},
                key_arn=args.key_arn,
                keep_days=args.settings.keep_days,
                boundary_arn=args.boundary_arn,
                memory_mb=_MEMORY_MB,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"function_arn": self.function.arn})
