"""The embedded AWS answers as moto does, from whatever keeps a value and by whatever name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.core import serialize
from moto.core.utils import get_service_model

from local.aws import server

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


@dataclass
class Event:
    """An event as an object keeps it."""

    id: int
    previous_event_id: int
    timestamp: datetime


def body(service: str, operation: str, answer: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    server.install()
    model = get_service_model(service).operation_model(operation)
    serializer = serialize.JSONSerializer(model, value_picker=serialize.XFormedAttributePicker())
    return json.loads(serializer.serialize(answer)["body"])


@pytest.mark.parametrize("turn", ["names that are derived", "names that are known"])
def test_an_answer_has_what_is_kept_by_any_of_its_names_and_nothing_else(turn: str) -> None:  # noqa: ARG001 - it is asked twice
    kept = [
        {"id": 1, "previous_event_id": 0, "timestamp": NOON, "other": "no member"},
        Event(2, 1, NOON),
        {"id": 3, "taskFailedEventDetails": {"error": "E"}, "timestamp": NOON.isoformat()},
    ]

    assert body("stepfunctions", "GetExecutionHistory", {"events": kept}) == {
        "events": [
            {"id": 1, "previousEventId": 0, "timestamp": 1798804800},
            {"id": 2, "previousEventId": 1, "timestamp": 1798804800},
            {"id": 3, "taskFailedEventDetails": {"error": "E"}, "timestamp": 1798804800},
        ]
    }


def test_members_of_one_name_in_two_services_are_not_mistaken() -> None:
    tags = [{"key": "a", "value": "b"}]

    assert body("stepfunctions", "ListTagsForResource", {"tags": tags}) == {"tags": tags}
    assert body("dynamodb", "ListTagsOfResource", {"tags": tags}) == {"Tags": [{"Key": "a", "Value": "b"}]}
