"""`emr-serverless:startJobRun.sync`: start a job run and wait for its end.

moto does not support EMR Serverless as an integrated service.
A job run that does not succeed ends the Task with States.TaskFailed, whose Cause is the job run as JSON:
https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_factory as factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from local.aws import sdk
from local.aws.seams import replace_everywhere
from local.aws.stepfunctions.clients import client_for

if TYPE_CHECKING:
    from collections.abc import Callable

_SERVICE = "emr-serverless"
_ENDED_BADLY = ("FAILED", "CANCELLED")


class StateTaskServiceEmrServerless(StateTaskServiceCallback):  # type: ignore[misc]  # moto has no types
    """The Task of a Spark job."""

    def __init__(self) -> None:
        # Both patterns, because with Sync alone moto has no callback endpoint to interrupt.
        super().__init__(supported_integration_patterns={ResourceCondition.Sync, ResourceCondition.WaitForTaskToken})

    def _get_supported_parameters(self) -> set[str]:
        shape = sdk.operation(_SERVICE, "StartJobRun").input_shape  # type: ignore[union-attr]  # the model has it
        return {sdk.member_name(name) for name in shape.members}  # type: ignore[union-attr]

    def _from_error(self, env: Any, ex: Exception) -> Any:
        if not isinstance(ex, ClientError):
            return super()._from_error(env=env, ex=ex)
        # The optimized integration spells the service with its acronym.
        error = "EMRServerless." + sdk.error_name(_SERVICE, ex.response["Error"]["Code"]).split(".", 1)[1]
        return self._failed(env, CustomErrorName(error), error, ex.response["Error"]["Message"])

    def _eval_service_task(
        self,
        env: Any,
        resource_runtime_part: Any,
        normalised_parameters: dict[str, Any],
        state_credentials: Any,
    ) -> None:
        operation = sdk.operation(_SERVICE, self.resource.api_action)
        client = client_for(resource_runtime_part.region, _SERVICE, state_credentials)
        arguments = sdk.to_boto(normalised_parameters, operation.input_shape)  # type: ignore[union-attr]
        answer = client.start_job_run(**arguments)
        answer.pop("ResponseMetadata", None)
        env.stack.append(sdk.from_boto(answer, operation.output_shape))  # type: ignore[union-attr]

    def _build_sync_resolver(
        self,
        env: Any,
        resource_runtime_part: Any,
        normalised_parameters: dict[str, Any],  # noqa: ARG002 - moto's signature
        state_credentials: Any,
    ) -> Callable[[], Any]:
        started = env.stack.pop()
        client = client_for(resource_runtime_part.region, _SERVICE, state_credentials)
        shape = sdk.operation(_SERVICE, "GetJobRun").output_shape.members["jobRun"]  # type: ignore[union-attr]

        def poll() -> Any:
            answer = client.get_job_run(applicationId=started["ApplicationId"], jobRunId=started["JobRunId"])["jobRun"]
            job = sdk.from_boto(answer, shape)
            if job["State"] in _ENDED_BADLY:
                name = StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed)
                error = StatesErrorNameType.StatesTaskFailed.to_name()
                raise FailureEventException(self._failed(env, name, error, json.dumps(job)))
            return job if job["State"] == "SUCCESS" else None

        return poll

    def _failed(self, env: Any, name: Any, error: str, cause: str) -> FailureEvent:
        details = TaskFailedEventDetails(
            resource=self._get_sfn_resource(), resourceType=self._get_sfn_resource_type(), error=error, cause=cause
        )
        return FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )


def install() -> None:
    """Add the Task to moto's factory."""
    original = factory.state_task_service_for

    def service_for(service_name: str) -> Any:
        return StateTaskServiceEmrServerless() if service_name == _SERVICE else original(service_name)

    replace_everywhere(factory, "state_task_service_for", service_for)
