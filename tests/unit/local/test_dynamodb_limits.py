"""The embedded DynamoDB accepts and refuses what DynamoDB does, and the oracle confirms the table of verdicts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.dynamodb.limits import key_limits, refusal
from tests.dynamodb.cases import cases
from tests.dynamodb.conditions import conditions
from tests.dynamodb.oracle import running
from tests.dynamodb.verdicts import ACCEPTED, is_accepted, table

if TYPE_CHECKING:
    from tests.dynamodb.items import Case

INDEX = {"KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}]}


def said(case: Case) -> str | None:
    """Return the embedded DynamoDB's refusal of an item in a line of an import, or None."""
    types = {"id": {"binary": "B", "number": "N"}.get(case.table, "S"), "sort": "S", "other": "S"}
    key: list[dict[str, Any]] = [{"AttributeName": "id", "KeyType": "HASH"}]
    key += [{"AttributeName": "sort", "KeyType": "RANGE"}] if case.table == "sorted" else []
    indexes = [INDEX] if case.table == "indexed" else []
    limits = key_limits(key, indexes, types)
    return refusal(json.loads(case.line)["Item"], limits, {part["AttributeName"] for part in key})


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name[:60])
def test_the_embedded_dynamodb_takes_what_dynamodb_takes_and_nothing_else(case: Case) -> None:
    reason = said(case)

    assert (reason is None) == is_accepted(case.name), reason


def test_the_table_of_verdicts_is_what_the_oracle_says() -> None:
    with running() as oracle:
        if oracle is None:
            pytest.skip("no oracle runs here: `make oracle` builds one")
        accepted = {case.name: oracle.verdict(case) == ACCEPTED for case in cases()}
        met = {case.name: oracle.met(case).partition(":")[0] for case in conditions()}

    assert accepted == {name: verdict == ACCEPTED for name, verdict in table()["verdicts"].items()}
    assert met == {name: verdict.partition(":")[0] for name, verdict in table()["conditions"].items()}


def test_every_measured_verdict_says_where_it_was_measured() -> None:
    measured = table()["measured"]

    assert set(measured) <= {case.name for case in (*cases(), *conditions())}
    assert all(verdict["source"].startswith("https://") for verdict in measured.values())
