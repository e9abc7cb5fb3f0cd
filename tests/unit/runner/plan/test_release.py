"""The plan names the release that a run keeps, and the missing files of the release that it uses."""

from __future__ import annotations

import datetime as dt
import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from runner.plan.checks.release import check_release
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import account, clone, refused

OLD, NEW = "1.0.0-00000000000a", "1.0.0-00000000000b"
BUCKET = "migration-test-artifacts-971779422973"
FILES = ("bootstrap.py", "compare.py", "delta.py", "x.jar")


class Objects:
    """Releases in the artifacts bucket, newest last, and a summary in the data bucket."""

    def __init__(self, keys: list[str], summary: dict[str, Any] | None) -> None:
        self._keys, self._summary = keys, summary

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        began = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        listed = [{"Key": key, "LastModified": began + dt.timedelta(hours=n)} for n, key in enumerate(self._keys)]
        return SimpleNamespace(paginate=lambda **_: [{"Contents": listed}])

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803, ARG002 - boto3's names
        if self._summary is None or not Key.endswith("/summary.json"):
            raise refused("NoSuchKey")
        return {"Body": io.BytesIO(json.dumps(self._summary).encode())}


def checked(keys: list[str], release: str | None = None, failure: Any = None, **request: Any) -> list[Any]:  # noqa: ANN401
    """Return the check's results; `release` wrote the items of the run r1."""
    made = account(run_id="r1" if release else None, **request)
    for source in [cluster.identifier for cluster in made.clusters]:
        made.rds_clusters[f"{source}-clone"] = clone(source)
    clones = {
        cluster.identifier: made.rds_clusters[f"{cluster.identifier}-clone"]["ClusterCreateTime"].isoformat()
        for cluster in made.clusters
    }
    summary = {"failure": failure, "specHash": "0" * 64, "clones": clones, "release": release, "attempt": "a"}
    made._clients["s3"] = Objects(keys, summary if release else None)
    return [
        (finding.level, finding.what) if isinstance(finding, Finding) else finding for finding in check_release(made)
    ]


def files(*releases: str) -> list[str]:
    return [f"releases/{release}/{name}" for release in releases for name in FILES]


def test_a_whole_release_needs_no_word() -> None:
    assert checked(files(OLD, NEW)) == []


def test_a_jar_in_no_release_is_not_counted() -> None:
    assert checked(files("1.0.0")) == [("fails", f"no release JAR lies below s3://{BUCKET}/releases/")]


def test_a_jar_in_no_release_cannot_be_named() -> None:
    assert checked(files("1.0.0", NEW), jar_key="releases/1.0.0/x.jar") == [
        ("fails", f"no JAR releases/1.0.0/x.jar lies below s3://{BUCKET}/releases/")
    ]


def test_the_newest_release_has_to_be_whole() -> None:
    assert checked(
        [*files(OLD), f"releases/{NEW}/bootstrap.py", f"releases/{NEW}/delta.py", f"releases/{NEW}/x.jar"]
    ) == [("fails", f"s3://{BUCKET}/releases/{NEW}/compare.py does not exist")]


def test_a_resume_keeps_the_release_that_wrote_its_items() -> None:
    assert checked(files(OLD, NEW), release=OLD) == [f"the run keeps the release {OLD}, which wrote its items"]
    assert checked(files(OLD, NEW), release=OLD, jar_key=f"releases/{OLD}/x.jar") == [
        f"the run keeps the release {OLD}, which wrote its items"
    ]


def test_a_resume_that_adopts_nothing_takes_the_newest() -> None:
    assert checked(files(NEW), release=OLD, failure={"error": "RowsRejected", "cause": "c"}) == []


def test_a_resume_with_another_release_is_refused() -> None:
    jar = f"releases/{NEW}/x.jar"

    assert checked(files(OLD, NEW), release=OLD, jar_key=jar) == [
        (
            "fails",
            (
                f"the items of this run were written by the release {OLD}, and --jar-key names {jar}: "
                "it would fail with ReleaseChanged"
            ),
        )
    ]


@pytest.mark.parametrize("keys", [files(NEW), [*files(NEW), f"releases/{OLD}/x.jar"]])
def test_a_resume_without_its_release_is_refused(keys: list[str]) -> None:
    assert checked(keys, release=OLD) == [
        (
            "fails",
            (
                f"the items of this run were written by the release {OLD}, which is not whole below "
                f"s3://{BUCKET}/releases/ any more: it would fail with ReleaseChanged"
            ),
        )
    ]


def test_items_of_before_the_named_releases_are_not_resumed() -> None:
    ((level, what),) = checked(files("1.0.0", NEW), release="1.0.0")

    assert level == "fails"
    assert what.startswith("the items of this run were written by the release 1.0.0, which is not whole")
