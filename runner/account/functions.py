"""The clone service and the run registry, invoked through the alias for operators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from runner.errors import FunctionError

if TYPE_CHECKING:
    from runner.account.environments import Environment

# Longer than the functions' timeout, and without retries: a repeated call would not tell the first one's result.
_ONCE = Config(read_timeout=330, retries={"total_max_attempts": 1})
_ALIAS = "operators"


class Functions:
    """The clone service and the run registry of an environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._client = environment.client("lambda", _ONCE)

    def registry(self, operation: str, **fields: str | bool) -> dict[str, Any]:
        """Call the run registry.

        Raises:
            FunctionError: The function raised an error; `name` is its class.
        """
        return self._call("run-registry", {"operation": operation, **fields})

    def clone(self, operation: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Call the clone service.

        Raises:
            FunctionError: The function raised an error; `name` is its class.
        """
        return self._call("aurora-clone", {"operation": operation, **fields})

    def _call(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        function = self._environment.function(name)
        answer = self._client.invoke(FunctionName=function, Qualifier=_ALIAS, Payload=json.dumps(event))
        response = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            message = str(response.get("errorMessage", response))
            raise FunctionError(str(response.get("errorType", "Unknown")), message, function)
        return dict(response)
