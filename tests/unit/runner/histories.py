"""Events of executions' histories as GetExecutionHistory returns them, one second after another."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from tests.unit.runner.fakes import BEGAN

Event = dict[str, Any]


def numbered(*events: Event, first: int = 1) -> list[Event]:
    """Return events with ids and times; the first is at `first` seconds after BEGAN."""
    return [
        {
            "id": first + number,
            "previousEventId": first + number - 1,
            "timestamp": BEGAN + dt.timedelta(seconds=first + number),
            **event,
        }
        for number, event in enumerate(events)
    ]


def entered(state: str, state_input: Any = None) -> Event:  # noqa: ANN401 - JSON
    details = {"name": state, "input": json.dumps(state_input or {})}
    return {"type": "PassStateEntered", "stateEnteredEventDetails": details}


def left(state: str, output: Any = None, **assigned: Any) -> Event:  # noqa: ANN401 - JSON
    variables = {key: json.dumps(value) for key, value in assigned.items()}
    details = {"name": state, "output": json.dumps(output or {}), "assignedVariables": variables}
    return {"type": "PassStateExited", "stateExitedEventDetails": details}


def answered(resource: str, answer: Any, *, submitted: bool = False) -> Event:  # noqa: ANN401 - JSON
    kind = "Submitted" if submitted else "Succeeded"
    details = {"resource": resource, "resourceType": "aws-sdk", "output": json.dumps(answer)}
    return {"type": f"Task{kind}", f"task{kind}EventDetails": details}
