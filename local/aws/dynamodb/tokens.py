"""Client tokens of imports and exports: a repeated request returns the same job.

moto starts another job. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ImportTable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult

if TYPE_CHECKING:
    from collections.abc import Callable

_arns: dict[tuple[str, str, str, str], str] = {}


def idempotent(start: Callable[[Any], ActionResult], jobs: str, description: str, arn: str) -> Any:
    """Return a handler that calls `start` once per token.

    `jobs` names the backend's dictionary of jobs, `description` the answer's only field, and `arn` the ARN in it.
    """

    def handle(self: Any) -> ActionResult:
        backend = self.dynamodb_backend
        token = (backend.account_id, backend.region_name, jobs, self.body.get("ClientToken") or "")
        known = getattr(backend, jobs).get(_arns.get(token, ""))
        if known is not None:
            return ActionResult({description: known.response()})
        answer = start(self)
        if self.body.get("ClientToken"):
            _arns[token] = answer.result[description][arn]
        return answer

    return handle


def forget() -> None:
    """Clear the tokens of an embedded AWS that has ended."""
    _arns.clear()
