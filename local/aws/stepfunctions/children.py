"""Child executions: each item of a distributed Map has its own ARN, input, history and end.

moto runs all items in the parent's execution and drops their events.
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker


class _Worker(ExecutionWorker):  # type: ignore[misc]  # moto has no types
    """A worker for the states of an item, which the parent's definition has already parsed."""

    def __init__(self, program: Any, **facts: Any) -> None:
        super().__init__(**facts)
        self._program = program

    def _get_evaluation_entrypoint(self) -> Any:
        return self._program


class Child(Execution):  # type: ignore[misc]  # moto has no types
    """A child workflow execution, which sees its input and none of its parent's variables."""

    def __init__(self, parent: Any, map_run_arn: str, label: str, program: Any, child_input: Any) -> None:
        name = str(uuid.uuid4())
        super().__init__(
            name=name,
            sm_type=parent.sm_type,
            role_arn=parent.role_arn,
            exec_arn=f"{parent.exec_arn.rsplit(':', 1)[0]}/{label}:{name}",
            account_id=parent.account_id,
            region_name=parent.region_name,
            state_machine=parent.state_machine,
            start_date=dt.datetime.now(dt.UTC),
            cloud_watch_logging_session=None,
            input_data=json.dumps(child_input),
            activity_store={},
        )
        self.state_machine_arn = f"{parent.state_machine.arn}/{label}"
        self.map_run_arn = map_run_arn
        self._program = program
        self.exec_status = ExecutionStatus.RUNNING
        self.exec_worker = self._get_start_execution_worker()

    def _get_start_execution_worker(self) -> Any:
        worker = super()._get_start_execution_worker()
        return _Worker(
            self._program,
            evaluation_details=worker._evaluation_details,
            exec_comm=worker._execution_communication,
            cloud_watch_logging_session=None,
            activity_store={},
        )

    def run(self) -> None:
        """Run to the end in the calling thread."""
        self.exec_worker._execution_logic()

    def stop(self, stop_date: Any, error: str | None, cause: str | None) -> None:
        """Stop at the next state. A child that has not entered its first state has no environment yet."""
        if self.exec_worker.env is not None and self.exec_status == ExecutionStatus.RUNNING:
            super().stop(stop_date, error, cause)
