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
    store.put_new("live/a", "two")

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

    assert store.get("status/a") == Stored("two", second)
    assert store.put_if("status/a", "three", first) is None
    assert store.delete_if("status/a", first) is False
    assert store.delete_if("status/a", second) is True
    assert store.put_if("status/a", "four", second) is None


class Stubborn:
    """An S3 that answers with one status, the first times or always."""

    def __init__(self, status: int, times: int = 100) -> None:
        self.calls = 0
        self._status = status
        self._times = times

    def put_object(self, **_arguments: object) -> dict[str, str]:
        self.calls += 1
        if self.calls > self._times:
            return {"ETag": "e"}
        raise ClientError({"Error": {"Code": "x"}, "ResponseMetadata": {"HTTPStatusCode": self._status}}, "PutObject")  # type: ignore[typeddict-item]  # as little as is read


def test_conflicts_are_tried_again_after_longer_and_longer_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = Stubborn(409)
    waits: list[float] = []
    monkeypatch.setattr("random.uniform", lambda least, most: (least, most))

    with pytest.raises(StoreBusyError, match=r"s3://data/k: refused 6 times"):
        S3Store(s3, "data", waits.append).put_new("k", "x")

    assert s3.calls == ATTEMPTS
    assert waits == [(0, 0.2), (0, 0.4), (0, 0.8), (0, 1.6), (0, 3.2), (0, 6.4)]


@pytest.mark.parametrize("status", [409, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(status: int) -> None:
    s3 = Stubborn(status, times=2)

    assert S3Store(s3, "data", lambda _seconds: None).put_new("k", "x") == "e"
    assert s3.calls == 3


@pytest.mark.parametrize("status", [400, 403, 501])
def test_what_does_not_pass_is_an_error_at_once(status: int) -> None:
    s3 = Stubborn(status)

    with pytest.raises(ClientError):
        S3Store(s3, "data", lambda _seconds: None).put_new("k", "x")
    assert s3.calls == 1


@pytest.mark.parametrize("status", [404, 412])
def test_what_the_condition_refuses_is_an_answer(status: int) -> None:
    s3 = Stubborn(status)

    assert S3Store(s3, "data", lambda _seconds: None).put_new("k", "x") is None
    assert s3.calls == 1
