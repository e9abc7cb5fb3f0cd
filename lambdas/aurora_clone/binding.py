"""Check of a call's caller: operators invoke an alias of the function, state machines the function itself.

A caller can forge a field of the event, but not the ARN of the invocation:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
"""

from __future__ import annotations

from aurora_clone.errors import CallerRefusedError

OPERATORS = "operators"  # the alias that operators invoke
OPERATOR = "operator:"  # prefix of the holder of an operator's seal
_OF_OPERATORS = ("status", "verify", "destroy")
_FUNCTION_PARTS = 7  # arn:aws:lambda:<region>:<account>:function:<name>, and a qualifier after it


def require_caller(invoked_arn: str, operation: str, holder: str) -> None:
    """Return if the caller behind this ARN may request the operation with the seal of this holder.

    Raises:
        CallerRefusedError: An operator requests a clone or uses an execution's seal, or an execution an operator's.
    """
    qualifier = ":".join(invoked_arn.split(":")[_FUNCTION_PARTS:])
    by_operator = qualifier == OPERATORS
    if by_operator and operation not in _OF_OPERATORS:
        raise CallerRefusedError(
            f"operation: an operator asks for {operation}; the alias {OPERATORS} answers {', '.join(_OF_OPERATORS)} "
            "alone: start a run, which creates its clones. Nothing was done"
        )
    if qualifier not in ("", OPERATORS):
        raise CallerRefusedError(f"the function was invoked as {qualifier}; invoke {OPERATORS}. Nothing was done")
    if operation == "destroy" and by_operator != holder.startswith(OPERATOR):
        raise CallerRefusedError(
            f"seal.execution: {holder!r} is {'no operator' if by_operator else 'an operator'}, but the call is "
            f"{'an' if by_operator else 'no'} operator's: release the clones with migrate release-clones. "
            "Nothing was destroyed"
        )
