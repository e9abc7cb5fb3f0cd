"""The table of verdicts: what DynamoDB says of each case, as its oracle said it last."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path("tests/data/dynamodb_verdicts.json")
ACCEPTED = "accepted"


@cache
def table() -> dict[str, Any]:
    """Return the table as it is kept."""
    kept: dict[str, Any] = json.loads(TABLE.read_text("utf-8"))
    return kept


def is_accepted(name: str) -> bool:
    """Return whether DynamoDB takes a case's item; real tables count more than the oracle."""
    measured = table()["measured"].get(name)
    return bool((measured["verdict"] if measured else table()["verdicts"][name]) == ACCEPTED)


def met(name: str) -> str:
    """Return what DynamoDB says of a condition: met, not met or refused; AWS's pages count more than the oracle."""
    measured = table()["measured"].get(name)
    said: str = measured["verdict"] if measured else table()["conditions"][name]
    return said.partition(":")[0]
