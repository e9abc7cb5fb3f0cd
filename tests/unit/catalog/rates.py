"""A small table for tests of selects: rates of plans, with references to plans and properties."""

from __future__ import annotations

from typing import Any

from catalog.cross_field_rules import table_findings
from catalog.models import Table
from catalog.spec import _table

EXTRACTS = {
    "rate": {
        "source": "rate",
        "group": "shops",
        "columns": {
            "id": "bigint",
            "property_id": "integer",
            "plan_code": "text",
            "room": "text",
            "night": "date",
            "seen": "timestamptz",
            "code": "uuid",
            "price": "numeric(9,2)",
            "any_number": "numeric",
            "ratio": "double",
            "flag": "boolean",
            "blob": "bytes",
            "labels": "text[]",
            "numbers": "bigint[]",
            "facts": "json",
        },
    },
    "plan": {"source": "plan", "group": "shops", "columns": {"plan_code": "text", "name": "text", "active": "boolean"}},
    "property": {"source": "property", "group": "shops", "columns": {"property_id": "integer", "name": "text"}},
}
COUNTED = "rate._cluster AS _cluster"
PLAN = "plan._cluster IS NULL AS _unmatched_plan"
PROPERTY = "property._cluster IS NULL AS _unmatched_property"


def table(select: str, **facts: Any) -> Table:  # noqa: ANN401 - a table's fields
    """Return a table with a select; `facts` replace its fields."""
    fields = {
        "name": "Rate",
        "extracts": {name: extract for name, extract in EXTRACTS.items() if name == "rate" or f"{name}." in select},
        "driving": {"extract": "rate"},
        "select": select,
        "key": {"partition": {"name": "id", "type": "N"}},
    }
    return Table.model_validate({**fields, **facts})


def messages(select: str, *, engine: str = "aurora-postgresql", **facts: Any) -> list[str]:  # noqa: ANN401 - a table's fields
    """Return what the check says of a select."""
    return [finding.message for finding in table_findings(table(select, **facts), {"shops": engine}, ())]


def key_messages(expression: str, *, engine: str = "aurora-postgresql", **facts: Any) -> list[str]:  # noqa: ANN401 - a table's fields
    """Return what the check says of a key expression over rate's columns."""
    key = {"partition": {"name": "k", "type": facts.pop("type", "S")}}
    return messages(f"SELECT {COUNTED}, {expression} AS k FROM rate", engine=engine, **{"key": key, **facts})


def traced(select: str, **facts: Any) -> str | None:  # noqa: ANN401 - a table's fields
    """Return the select that names each row's driving row."""
    text: str | None = _table(table(select, **facts))["traced"]
    return text
