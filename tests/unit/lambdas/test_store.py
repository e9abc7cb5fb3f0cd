"""The store's conditions, against moto's S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from run_registry.errors import StoreBusyError
from run_registry.store import ATTEMPTS, S3Store, Stored

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="data")
        yield S3Store(s3, "data")


def test_what_is_written_is_read_and_listed(store: S3Store) -> None:
    etag = store.put_new("status/a", "one")

    assert store.get("status/a") == Stored("one", str(etag))
    assert store.list("status/") == ["status/a"]
    assert store.get("status/b") is None


def test_a_second_new_object_is_refused(store: S3Store) -> None:
    store.put_new("status/a", "one")

    assert store.put_new("status/a", "two") is None
    assert store.get("status/a") == Stored("one", str(store.get("status/a").etag))  # type: ignore[union-attr]  # just written


def test_only_the_known_object_is_replaced_or_deleted(store: S3Store) -> None:
    first = str(store.put_new("status/a", "one"))
    second = str(store.put_if("status/a", "two", first))

    assert store.put_if("status/a", "three", first) is None
    assert store.delete_if("status/a", first) is False
    assert store.delete_if("status/a", second) is True
    assert store.put_if("status/a", "four", second) is None


class Stubborn:
    """An S3 that answers conflicts."""

    def __init__(self) -> None:
        self.calls = 0

    def put_object(self, **_arguments: object) -> None:
        self.calls += 1
        raise ClientError({"Error": {"Code": "x"}, "ResponseMetadata": {"HTTPStatusCode": 409}}, "PutObject")  # type: ignore[typeddict-item]  # as little as is read


def test_conflicts_are_tried_again_and_then_told() -> None:
    s3 = Stubborn()
    waits: list[float] = []

    with pytest.raises(StoreBusyError, match=r"s3://data/k: refused 6 times"):
        S3Store(s3, "data", waits.append).put_new("k", "x")

    assert (s3.calls, len(waits)) == (ATTEMPTS, ATTEMPTS)
