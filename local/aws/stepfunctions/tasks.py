"""SDK integrations: member names, times, bodies and error names of the service.

moto translates neither requests nor answers, so `aws-sdk:rds` and similar Tasks fail on the first member.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service as base
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)

from local.aws import sdk
from local.aws.seams import replace


def install() -> None:
    """Translate requests, answers and errors of aws-sdk Tasks."""
    replace(base.StateTaskService, "_get_boto_service_name", _service_name)
    replace(StateTaskServiceAwsSdk, "_normalise_parameters", _normalise_parameters)
    replace(StateTaskServiceAwsSdk, "_normalise_response", _normalise_response)
    replace(StateTaskServiceAwsSdk, "_from_error", _from_error)


def _service_name(self: Any, boto_service_name: str | None = None) -> str:
    return sdk.service_name(boto_service_name or self.resource.api_name)


def _normalise_parameters(self: Any, parameters: dict[str, Any], *_: object) -> None:
    operation = sdk.operation(_service_name(self), self.resource.api_action)
    if operation is not None:
        translated = sdk.to_boto(dict(parameters), operation.input_shape)
        parameters.clear()
        parameters.update(translated)


def _normalise_response(self: Any, response: Any, *_: object) -> None:
    operation = sdk.operation(_service_name(self), self.resource.api_action)
    if operation is not None and isinstance(response, dict):
        translated = sdk.from_boto(dict(response), operation.output_shape)
        response.clear()
        response.update(translated)


_original_from_error = StateTaskServiceAwsSdk._from_error


def _from_error(self: Any, env: Any, ex: Exception) -> Any:
    if not isinstance(ex, ClientError):
        return _original_from_error(self, env, ex)
    error = sdk.error_name(_service_name(self), ex.response["Error"]["Code"])
    answer = ex.response["ResponseMetadata"]
    cause = (
        f"{ex.response['Error']['Message']} (Service: {error.split('.', 1)[0]}, "
        f"Status Code: {answer['HTTPStatusCode']}, Request ID: {answer.get('RequestId', '')})"
    )
    return self._get_task_failure_event(env=env, error=error, cause=cause)
