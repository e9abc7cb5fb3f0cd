"""Check of a call's caller: the request must fit the ARN that the caller may invoke.

A caller can forge a field of the event, but not the ARN of the invocation. The roles of the state machines may invoke
only the function, operators only its alias:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from run_registry.callers import OPERATOR
from run_registry.documents import WRITE_NOTHING
from run_registry.errors import CallerRefusedError

if TYPE_CHECKING:
    from run_registry.callers import Caller

OPERATORS = "operators"  # the alias that operators invoke
_OF_OPERATORS = ("cutOver", "lift", "release", "stop")
_FUNCTION_PARTS = 7  # arn:aws:lambda:<region>:<account>:function:<name>, and a qualifier after it


def require_caller(invoked_arn: str, stack: str, caller: Caller, operation: str) -> None:
    """Return if the caller behind this ARN may act as `caller`.

    Raises:
        CallerRefusedError: An operator claims to be an execution, an execution another domain's, or it may not do this.
    """
    parts = invoked_arn.split(":")
    qualifier = ":".join(parts[_FUNCTION_PARTS:])
    if qualifier == OPERATORS:
        if not caller.is_operator or operation not in _OF_OPERATORS:
            raise CallerRefusedError(
                f"an operator asks for {operation} as {caller.execution!r}: the alias {OPERATORS} answers "
                f"{', '.join(_OF_OPERATORS)} for a holder that begins with {OPERATOR!r} alone; nothing was touched"
            )
        return
    executions = f"{':'.join([*parts[:2], 'states', *parts[3:5]])}:execution"
    if qualifier or not _is_of(caller, executions, stack, operation):
        raise CallerRefusedError(
            f"{caller.execution!r} is no execution of the state machine of {caller.domain} in {stack} that may ask "
            f"for {operation} ({caller.kind}): operators invoke the alias {OPERATORS}, as `migrate release-clones` "
            "does; nothing was touched"
        )


def _is_of(caller: Caller, executions: str, stack: str, operation: str) -> bool:
    """Return whether the caller is an execution of a state machine of the domain that may ask for the operation."""
    kind, _, rest = caller.execution.partition(":execution:")
    machine, _, name = rest.partition(":")
    # `make verify-aws` runs a machine of its own, whose name no domain can produce.
    bootstraps = (f"migration-{stack}-{caller.domain}", f"migration-{stack}-verify-{caller.domain}")
    catch_up = f"{bootstraps[0]}-catch-up"
    machines: tuple[str, ...]
    if operation in ("applied", "change") or (operation == "begin" and caller.kind not in WRITE_NOTHING):
        machines = (catch_up,)
    elif operation == "begin":
        machines = bootstraps
    else:
        machines = (*bootstraps, catch_up)
    return f"{kind}:execution" == executions and machine in machines and bool(name)
