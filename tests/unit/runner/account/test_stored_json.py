"""A missing document in S3 is None, and an invalid one raises an error that names the object."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runner.account.stored_json import read_json, read_json_or_refuse
from runner.errors import UsageError


class Objects:
    """A bucket whose objects are texts or errors."""

    def __init__(self, **objects: str | ClientError) -> None:
        self._objects = objects

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        stored = self._objects.get(Key, ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject"))
        if isinstance(stored, ClientError):
            raise stored
        assert Bucket == "data"
        return {"Body": io.BytesIO(stored.encode())}


def test_a_document_is_read_and_none_is_none() -> None:
    assert read_json(Objects(a='{"run": "r1"}'), "data", "a") == {"run": "r1"}
    assert read_json(Objects(), "data", "a") is None


@pytest.mark.parametrize("text", ["[1]", "5", "null", "{"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"s3://data/a holds no JSON object|Expecting"):
        read_json(Objects(a=text), "data", "a")


def test_a_bucket_that_cannot_be_read_says_which_object() -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    with pytest.raises(UsageError, match=r"^s3://data/a cannot be read: .*AccessDenied"):
        read_json_or_refuse(Objects(a=denied), "data", "a")
