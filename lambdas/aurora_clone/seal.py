"""The teardown seal, which the clone service reads right before each deletion."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aurora_clone.errors import ExecutionUnknownError, SealNotHeldError

if TYPE_CHECKING:
    from collections.abc import Callable

SEAL_KEY = "status/teardown-seal.json"
CLOCKS_DIFFER = timedelta(seconds=30)  # at most; the registry's clock set the seal's end


class S3Seal:
    """The seal in the data bucket."""

    def __init__(
        self,
        s3: Any,  # noqa: ANN401 - boto3 generates its clients at run time
        states: Any,  # noqa: ANN401 - the same
        bucket: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._s3 = s3
        self._states = states
        self._bucket = bucket
        self._now = now

    def require(self, etag: str, execution: str) -> None:
        """Return if this holder has the seal: a running execution, or an operator before the seal expires.

        Raises:
            SealNotHeldError: There is no seal, another holder has it, or the holder's right has ended.
            ExecutionUnknownError: Step Functions does not know the holder (yet).
        """
        try:
            stored = self._s3.get_object(Bucket=self._bucket, Key=SEAL_KEY)
        except self._s3.exceptions.NoSuchKey as error:
            raise SealNotHeldError(f"nobody holds s3://{self._bucket}/{SEAL_KEY}; nothing was destroyed") from error
        seal = json.loads(stored["Body"].read())
        if stored["ETag"] != etag or seal["execution"] != execution:
            raise SealNotHeldError(
                f"s3://{self._bucket}/{SEAL_KEY} is held by {seal['execution']}; nothing was destroyed"
            )
        if seal.get("expires"):
            self._require_time(seal["expires"])
        else:
            self._require_life(execution)

    def _require_time(self, expires: str) -> None:
        """Refuse an expired operator's seal: five minutes after its end the registry gives the clones to others."""
        if self._now() >= datetime.fromisoformat(expires) - CLOCKS_DIFFER:
            raise SealNotHeldError(f"the operator's right to destroy ended {expires}; nothing was destroyed")

    def _require_life(self, execution: str) -> None:
        try:
            caller = self._states.describe_execution(executionArn=execution, includedData="METADATA_ONLY")
        except self._states.exceptions.ExecutionDoesNotExist as error:  # eventually consistent
            raise ExecutionUnknownError(f"Step Functions does not know {execution}; nothing was destroyed") from error
        # A redriven execution keeps its seal only until a caller that saw it ended removes the seal.
        if caller["status"] != "RUNNING" or caller.get("redriveCount", 0):
            raise SealNotHeldError(f"{execution} has ended or was redriven; nothing was destroyed")
