"""The teardown seal as the clone service sees it: an object read right before each deletion."""

from __future__ import annotations

import json
from typing import Any

from aurora_clone.errors import SealNotHeldError

SEAL_KEY = "status/teardown-seal.json"


class S3Seal:
    """The seal in the data bucket."""

    def __init__(self, s3: Any, states: Any, bucket: str) -> None:  # noqa: ANN401 - boto3 clients are made at run time
        self._s3 = s3
        self._states = states
        self._bucket = bucket

    def require(self, etag: str, execution: str) -> None:
        """Return if the seal is this execution's.

        Raises:
            SealNotHeldError: There is no seal, it is another's, or the execution has ended or was redriven.
        """
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=SEAL_KEY)
        except self._s3.exceptions.NoSuchKey as error:
            raise SealNotHeldError(f"nobody holds s3://{self._bucket}/{SEAL_KEY}; nothing was destroyed") from error
        holder = json.loads(found["Body"].read())["execution"]
        if found["ETag"] != etag or holder != execution:
            raise SealNotHeldError(f"s3://{self._bucket}/{SEAL_KEY} is held by {holder}; nothing was destroyed")
        caller = self._states.describe_execution(executionArn=execution, includedData="METADATA_ONLY")
        # A redriven execution holds its seal only until somebody who saw it dead removes it.
        if caller["status"] != "RUNNING" or caller.get("redriveCount", 0):
            raise SealNotHeldError(f"{execution} has ended or was redriven; nothing was destroyed")
