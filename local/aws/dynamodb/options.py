"""Table options that moto drops: class, on-demand maxima, and the key of an imported table.

moto applies an update at once and accepts another meanwhile. AWS makes one change at a time, and the table is UPDATING
until then. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

import threading
import time
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import ResourceInUseException
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.table_import import TableImport
from moto.dynamodb.responses import DynamoHandler

from local.aws.active import active
from local.aws.seams import replace

_KEPT = ("TableClass", "OnDemandThroughput")
_asked = threading.local()  # the current request of this thread: moto does not pass these options on


def install() -> None:
    """Keep and describe the options of created, imported and updated tables."""
    create, import_table, update = (
        getattr(DynamoHandler, name) for name in ("create_table", "import_table", "update_table")
    )
    original_import = TableImport.__init__

    def start_import(self: Any) -> ActionResult:
        _asked.creation = self.body["TableCreationParameters"]
        return import_table(self)

    def init_import(self: Any, *arguments: Any, **named: Any) -> None:
        original_import(self, *arguments, **named)
        self.creation = _asked.creation

    def create_table(self: Any) -> ActionResult:
        answer = create(self)
        keep_options(self.dynamodb_backend.get_table(self.body["TableName"]), self.body)
        return answer

    def update_table(self: Any) -> ActionResult:
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        if _status(table) != "ACTIVE":
            raise ResourceInUseException(f"Attempt to change a resource which is still in use: {table.name}")
        update(self)
        keep_options(table, self.body)
        table.updating_until = time.monotonic() + active().cluster_seconds
        return ActionResult(table.describe())

    replace(DynamoHandler, "create_table", create_table)
    replace(DynamoHandler, "import_table", start_import)
    replace(DynamoHandler, "update_table", update_table)
    replace(TableImport, "__init__", init_import)
    _show()


def keep_options(table: Any, options: dict[str, Any]) -> None:
    """Keep the options of a request that moto drops."""
    table.__dict__.setdefault("kept_options", {}).update({name: options[name] for name in _KEPT if name in options})


def _show() -> None:
    original = Table.describe

    def describe(self: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        answer: dict[str, Any] = original(self, base_key)
        kept = self.__dict__.get("kept_options", {})
        answer[base_key]["TableStatus"] = _status(self)
        answer[base_key]["TableClassSummary"] = {"TableClass": kept.get("TableClass", "STANDARD")}
        if "OnDemandThroughput" in kept:
            answer[base_key]["OnDemandThroughput"] = kept["OnDemandThroughput"]
        return answer

    replace(Table, "describe", describe)


def _status(table: Any) -> str:
    return "UPDATING" if time.monotonic() < table.__dict__.get("updating_until", 0.0) else "ACTIVE"
