"""Whether the Kinesis streams can be enabled, which only an official run does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runner.plan.account import missing
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.plan.account import Account


def check_stream(account: Account, stream: str) -> Iterator[Finding]:
    """Say that a stream is not there or not ACTIVE."""
    try:
        found = account.client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    except ClientError as error:
        if not missing(error):
            raise
        yield Finding("fails", f"stream {stream}", "it is not there", "deploy the stack")
        return
    if found["StreamStatus"] != "ACTIVE":
        yield Finding(
            "fails", f"stream {stream}", f"it is {found['StreamStatus']}, not ACTIVE", "wait until it is ACTIVE"
        )
