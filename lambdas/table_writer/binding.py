"""Check of a call's caller: it must be an execution of the domain's catch-up machine, for one of the domain's tables.

A caller can forge a field of the event, but not the ARN of the invocation. Only the roles of the catch-up machines may
invoke the function: https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from table_writer.errors import CallerRefusedError

if TYPE_CHECKING:
    from table_writer.orders import Order

_FUNCTION_PARTS = 7  # arn:aws:lambda:<region>:<account>:function:<name>, and a qualifier after it
_REHEARSED = "-rehearsal"


def require_caller(invoked_arn: str, stack: str, order: Order) -> None:
    """Return if the caller behind this ARN may request the order.

    Raises:
        CallerRefusedError: The caller is no execution of the domain's catch-up machine, or the table's name differs.
    """
    parts = invoked_arn.split(":")
    if len(parts) != _FUNCTION_PARTS:
        raise CallerRefusedError(f"the function was invoked as {invoked_arn}: it has no alias. Nothing was written")
    machine = f"{':'.join([*parts[:2], 'states', *parts[3:5]])}:execution:migration-{stack}-{order.domain}-catch-up:"
    if not order.execution.startswith(machine) or order.execution == machine:
        raise CallerRefusedError(
            f"execution: {order.execution!r} is none of the catch-up machine of {order.domain} in {stack}: start it "
            "with `migrate catch-up` or `migrate repair`. Nothing was written"
        )
    if order.table_name not in (order.table, order.table + _REHEARSED):
        raise CallerRefusedError(
            f"tableName: {order.table_name!r} is neither {order.table} nor {order.table}{_REHEARSED}. "
            "Nothing was written"
        )
