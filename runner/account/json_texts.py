"""Read the JSON texts of an execution's history, of which Step Functions may have cut off the end."""

from __future__ import annotations

import json
from typing import Any


def json_object(text: str | None) -> dict[str, Any]:
    """Return the object that a text holds, or an empty one."""
    value = json_value(text)
    return value if isinstance(value, dict) else {}


def json_list(text: str | None) -> list[dict[str, Any]]:
    """Return the list that a text holds, or an empty one."""
    value = json_value(text)
    return value if isinstance(value, list) else []


def json_number(text: str | None) -> int:
    """Return the number that a text holds, or 0."""
    value = json_value(text)
    return int(value) if isinstance(value, int | float) else 0


def json_value(text: str | None) -> Any:  # noqa: ANN401 - JSON
    """Return what a text holds, or None where it is no JSON."""
    try:
        return json.loads(text or "null")
    except json.JSONDecodeError:
        return None
