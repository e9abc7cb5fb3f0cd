"""Comparison of loaded tables with the catalog, for both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migration_spark import schema
from migration_spark.errors import SchemaMismatch

from local.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migration_spark.spec import Extract


def check_columns(
    columns: dict[tuple[str, str], list[dict[str, Any]]],
    extracts: list[Extract],
    types: Mapping[str, Any],
    missing: list[str],
) -> None:
    """Compare the columns of each source and cluster with the extracts.

    Args:
        columns: The databases' answers by source and cluster.
        extracts: The extracts that read them.
        types: The types that a column may have, by cluster.
        missing: A sentence for each table that does not exist.

    Raises:
        DataError: A table or column is missing or of another type; the message has all of them.
    """
    if missing:
        raise DataError("; ".join(dict.fromkeys(missing)))
    try:
        schema.check(columns, extracts, types)
    except SchemaMismatch as error:
        raise DataError(str(error).removesuffix(" Correct the catalog or the source; nothing was read.")) from error
