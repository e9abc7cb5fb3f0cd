"""The table of verdicts: DynamoDB's answer to each case, from the last run of its oracle."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path("tests/data/dynamodb_verdicts.json")
ACCEPTED = "accepted"


@cache
def table() -> dict[str, Any]:
    """Return the stored table."""
    kept: dict[str, Any] = json.loads(TABLE.read_text("utf-8"))
    return kept


def is_accepted(name: str) -> bool:
    """Return whether DynamoDB accepts a case's item; answers of real tables take precedence over the oracle's."""
    measured = table()["measured"].get(name)
    return bool((measured["verdict"] if measured else table()["verdicts"][name]) == ACCEPTED)


def met(name: str) -> str:
    """Return whether a condition is met, not met or refused; AWS's pages take precedence over the oracle."""
    measured = table()["measured"].get(name)
    said: str = measured["verdict"] if measured else table()["conditions"][name]
    return said.partition(":")[0]
