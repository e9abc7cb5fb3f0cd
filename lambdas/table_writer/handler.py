"""Lambda handler: one call of the table writer per event."""

from __future__ import annotations

import json
import logging
import os
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config

from table_writer.binding import require_caller
from table_writer.errors import InvalidEventError
from table_writer.orders import Order
from table_writer.pace import Clock, Pace
from table_writer.preconditions import Preconditions
from table_writer.service import TableWriter
from table_writer.store import S3Store
from table_writer.table import DynamoTable

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)
THREADS = 16
# The last writes, the conflicts and the answer take less; a write takes at most its two timeouts.
RESERVED_MILLISECONDS = 30_000
_CONNECT_SECONDS, _READ_SECONDS = 3, 10


class Invocation(Protocol):
    """The part of Lambda's context that the handler uses."""

    invoked_function_arn: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function's timeout."""


@cache
def clients() -> dict[str, Any]:
    """Return the clients, built on first use so that importing calls no AWS.

    The client that writes does not retry, so that the pace learns of each throttled write.
    """
    once = Config(
        retries={"total_max_attempts": 1},
        max_pool_connections=THREADS,
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
    )
    return {
        "s3": boto3.client("s3"),
        "states": boto3.client("stepfunctions"),
        "tables": boto3.client("dynamodb"),
        "items": boto3.client("dynamodb", config=once),
    }


def handler(event: dict[str, Any], context: Invocation) -> dict[str, Any]:
    """Answer one event: {"operation": "apply", and the fields of an order}."""
    if event.get("operation") != "apply":
        raise InvalidEventError(f"operation: {event.get('operation')!r} is not apply")
    order = Order.read(event)
    require_caller(context.invoked_function_arn, os.environ["STACK"], order)
    answer = writer(order, lambda: context.get_remaining_time_in_millis() > RESERVED_MILLISECONDS).apply(order)
    facts = {
        "domain": order.domain,
        "run": order.run,
        "table": order.table_name,
        "kind": order.kind,
        "lane": order.lane,
    }
    logger.info(json.dumps({**facts, "answer": answer}))
    return answer


def writer(order: Order, has_time: Callable[[], bool]) -> TableWriter:
    """Return the writer of an order."""
    made, clock = clients(), Clock()
    pace = Pace(order.writes_per_second, clock)
    return TableWriter(
        store=S3Store(made["s3"], os.environ["DATA_BUCKET"]),
        preconditions=Preconditions(made["states"], made["tables"]),
        table=DynamoTable(made["items"], order.table_name, pace, clock, has_time),
        now=clock.now,
        has_time=has_time,
        threads=THREADS,
    )
