"""Policy of the table writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.policies.documents import (
    allow,
    document,
    executions,
    list_below,
    objects,
    own_log,
    use_key,
)
from infra.policies.tables import deny_on_live, table_arns, table_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import TableSettings
    from infra.naming import Naming


def table_writer(naming: Naming, key_arn: str, tables: Iterable[TableSettings]) -> dict[str, Any]:
    """Return the policy of the writer Lambda: it may write to the catalog's tables until they are live."""
    tables = list(tables)
    return document(
        allow(_OWN, *table_arns(naming, (table.name for table in tables))),
        deny_on_live(["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
        *table_keys(naming, {table.kms_key for table in tables if table.kms_key}),
        list_below(naming.data_bucket, "changes/"),
        allow(["s3:GetObject"], *objects(naming.data_bucket, "changes/")),
        allow(["s3:PutObject"], *objects(naming.data_bucket, "conflicts/")),
        use_key(naming, key_arn, "Decrypt", "GenerateDataKey"),
        executions(naming),
        own_log(naming, "table-writer"),
    )


_OWN = (
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:GetItem",
    "dynamodb:ListTagsOfResource",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
