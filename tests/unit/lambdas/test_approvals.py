"""A cut-over and a release of clones record their approver; if the stack requires one, they fail without one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from run_registry.approvals import approval, record
from run_registry.errors import NotApprovedError

AT = "2027-01-02T12:00:00+00:00"


class Objects:
    """A store that keeps what is new."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def put_new(self, key: str, body: str) -> str | None:
        return None if key in self.kept else self.kept.setdefault(key, body)


def event(operation: str = "cutOver", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of an event
    holder = "operator:ada-0123456789ab"
    return {"operation": operation, "domain": "rates", "run": "r1", "execution": holder, **more}


@pytest.mark.parametrize("operation", ["cutOver", "release"])
def test_an_approval_is_kept_with_both_names(operation: str) -> None:
    store: Any = Objects()
    for _ in range(2):
        record(store, approval(event(operation, approvedBy="grace"), AT, is_needed=True))

    ((key, body),) = store.kept.items()
    assert key == f"status/approved/{operation}/rates/{AT}.json"
    assert body == json.dumps(json.loads(body), sort_keys=True)
    assert json.loads(body) == {
        "version": 1,
        "operation": operation,
        "domain": "rates",
        "run": "r1",
        "requested_by": "ada",
        "approved_by": "grace",
        "at": AT,
    }


@pytest.mark.parametrize("operation", ["cutOver", "release"])
@pytest.mark.parametrize(
    ("more", "approver"),
    [
        ({}, "nobody"),
        ({"approvedBy": ""}, "nobody"),
        ({"approvedBy": " "}, "nobody"),
        ({"approvedBy": "Ada"}, "'Ada', the requester"),
    ],
)
def test_without_a_second_person_the_stack_refuses(operation: str, more: dict[str, str], approver: str) -> None:
    with pytest.raises(NotApprovedError) as error:
        approval(event(operation, **more), AT, is_needed=True)

    assert str(error.value) == (
        f"{operation}: the approver is {approver}. The stack requires a second person (secondPerson): add "
        "--approved-by NAME. Nothing was done"
    )


def test_a_stack_that_asks_for_nobody_keeps_what_it_is_told() -> None:
    store: Any = Objects()
    record(store, approval(event(), AT, is_needed=False))
    assert store.kept == {}
    record(store, approval(event(approvedBy="grace"), AT, is_needed=False))
    assert len(store.kept) == 1


@pytest.mark.parametrize("operation", ["begin", "finish", "fail", "lift", "stop", "change"])
def test_no_other_operation_needs_one(operation: str) -> None:
    assert approval(event(operation), AT, is_needed=True) is None


def test_an_execution_s_release_is_refused_elsewhere() -> None:
    assert approval({**event("release"), "execution": "arn:aws:states:e"}, AT, is_needed=True) is None
