"""Readers of JSON in execution histories, which Step Functions may have truncated."""

from __future__ import annotations

import json
from typing import Any


def json_object(text: str | None) -> dict[str, Any]:
    """Return the JSON object of a text, or an empty one."""
    value = json_value(text)
    return value if isinstance(value, dict) else {}


def json_list(text: str | None) -> list[dict[str, Any]]:
    """Return the JSON list of a text, or an empty one."""
    value = json_value(text)
    return value if isinstance(value, list) else []


def json_number(text: str | None) -> int:
    """Return the JSON number of a text, or 0."""
    value = json_value(text)
    return int(value) if isinstance(value, int | float) else 0


def json_value(text: str | None) -> Any:  # noqa: ANN401 - JSON
    """Return the JSON value of a text, or None if it is not JSON."""
    try:
        return json.loads(text or "null")
    except json.JSONDecodeError:
        return None
