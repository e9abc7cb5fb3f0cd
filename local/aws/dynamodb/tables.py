"""Table ids, and the pages of ListImports and ListExports.

moto's tables have no id. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.models.table import Table

from local.aws.seams import replace

_PAGE = 25  # the largest page of ListImports and ListExports


def install() -> None:
    """Give each table an id."""
    original = Table.describe

    def describe(self: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        answer: dict[str, Any] = original(self, base_key)
        answer[base_key]["TableId"] = table_id(self)
        return answer

    replace(Table, "describe", describe)


def table_id(table: Any) -> str:
    """Return the table's id, or an empty text if there is no table yet."""
    return "" if table is None else str(table.__dict__.setdefault("embedded_id", str(uuid.uuid4())))


def page(entries: list[dict[str, Any]], body: dict[str, Any], *, size: str, answer: str) -> ActionResult:
    """Return one page of a listing. `size` names the request's field, `answer` the response's."""
    start = int(body.get("NextToken") or 0)
    end = start + min(int(body.get(size) or _PAGE), _PAGE)
    more = {"NextToken": str(end)} if end < len(entries) else {}
    return ActionResult({answer: entries[start:end], **more})
