"""The right to destroy is checked, and so is whether its holder is running."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import pytest
from aurora_clone.errors import ExecutionUnknownError, SealNotHeldError
from aurora_clone.seal import S3Seal

from statemachine.retries import retry


class S3:
    """Holds the seal of `holder`."""

    def __init__(self, *, held: bool = True, **more: str) -> None:
        self._held = held
        self._more = more

    class exceptions:  # noqa: D106, N801 - boto3's name
        NoSuchKey = KeyError

    def get_object(self, **wanted: str) -> dict[str, Any]:
        assert wanted == {"Bucket": "bucket", "Key": "status/teardown-seal.json"}
        if not self._held:
            raise KeyError
        return {"ETag": "e", "Body": io.BytesIO(json.dumps({"execution": "holder", **self._more}).encode())}


class States:
    def __init__(self, **answer: Any) -> None:  # noqa: ANN401 - what the service answers
        self._answer = answer

    class exceptions:  # noqa: D106, N801 - boto3's name
        ExecutionDoesNotExist = LookupError

    def describe_execution(self, **wanted: str) -> dict[str, Any]:
        assert wanted == {"executionArn": "holder", "includedData": "METADATA_ONLY"}
        if not self._answer:
            raise LookupError
        return self._answer


@pytest.mark.parametrize("redrives", [{"redriveCount": 0}, {}], ids=["never redriven", "not said"])
def test_a_living_holder_may_destroy(redrives: dict[str, int]) -> None:
    S3Seal(S3(), States(status="RUNNING", **redrives), "bucket").require("e", "holder")


def test_where_there_is_no_seal_nobody_may_destroy() -> None:
    with pytest.raises(SealNotHeldError, match=r"nobody holds s3://bucket/.*; nothing was destroyed"):
        S3Seal(S3(held=False), States(status="RUNNING"), "bucket").require("e", "holder")


@pytest.mark.parametrize(
    ("etag", "execution", "answer"),
    [
        ("other", "holder", {"status": "RUNNING"}),
        ("e", "other", {"status": "RUNNING"}),
        ("e", "holder", {"status": "ABORTED"}),
        ("e", "holder", {"status": "RUNNING", "redriveCount": 1}),
    ],
    ids=["another seal", "another holder", "ended", "redriven"],
)
def test_everybody_else_may_not(etag: str, execution: str, answer: dict[str, Any]) -> None:
    with pytest.raises(SealNotHeldError, match="nothing was destroyed"):
        S3Seal(S3(), States(**answer), "bucket").require(etag, execution)


def test_a_holder_that_is_not_known_yet_is_refused_under_a_name_that_is_retried() -> None:
    with pytest.raises(ExecutionUnknownError, match="does not know holder; nothing was destroyed"):
        S3Seal(S3(), States(), "bucket").require("e", "holder")
    assert ExecutionUnknownError.__name__ in retry("lambda")[0]["ErrorEquals"]


@pytest.mark.parametrize(
    ("now", "may"), [("12:29:29", True), ("12:29:30", False), ("12:30:01", False)], ids=["in time", "nearly", "over"]
)
def test_an_operator_may_destroy_until_the_end_of_the_seal(now: str, *, may: bool) -> None:
    seal = S3Seal(
        S3(expires="2026-01-01T12:30:00+00:00"),
        None,  # nobody is asked whether an operator lives
        "bucket",
        lambda: datetime.fromisoformat(f"2026-01-01T{now}+00:00"),
    )

    if may:
        seal.require("e", "holder")
    else:
        with pytest.raises(SealNotHeldError, match="the operator's right to destroy ended 2026-01-01T12:30"):
            seal.require("e", "holder")
