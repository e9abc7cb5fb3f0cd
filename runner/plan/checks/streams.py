"""Check of the Kinesis streams, which only an official run enables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runner.account.lookups import missing
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account


def check_streams(account: Account) -> Iterator[Finding]:
    """Fail on streams that are missing or not ACTIVE; a rehearsal enables none."""
    for stream in account.streams if account.request.mode == "official" else ():
        about = f"stream {stream}"
        try:
            answer = account.client("kinesis").describe_stream_summary(StreamName=stream)
        except ClientError as error:
            if not missing(error):
                raise
            yield Finding("fails", about, "it does not exist", "deploy the stack")
            continue
        status = answer["StreamDescriptionSummary"]["StreamStatus"]
        if status != "ACTIVE":
            yield Finding("fails", about, f"it is {status}, not ACTIVE", "wait until it is ACTIVE")
