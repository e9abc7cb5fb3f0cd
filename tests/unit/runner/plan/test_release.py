"""The plan names the release that a run keeps, and the missing files of the release that it uses."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from runner.plan.checks.release import check_release
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import Documents, account, clone

OLD, NEW = "1.0.0-00000000000a", "1.0.0-00000000000b"
BUCKET = "migration-test-artifacts-971779422973"
FILES = ("bootstrap.py", "compare.py", "delta.py", "x.jar")


DEPLOY = "deploy the stack, which uploads a release"
AT_ONCE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Objects(Documents):
    """Releases in the artifacts bucket, newest last, and documents in the data bucket."""

    def __init__(self, keys: list[str], *, at_once: bool) -> None:
        super().__init__()
        self._keys, self._step = keys, dt.timedelta(hours=0 if at_once else 1)

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        listed = [{"Key": key, "LastModified": AT_ONCE + n * self._step} for n, key in enumerate(self._keys)]

        def paginate(**asked: str) -> list[dict[str, Any]]:
            assert asked == {"Bucket": BUCKET, "Prefix": "releases/"}
            return [{"Contents": listed}]

        return SimpleNamespace(paginate=paginate)


def checked(
    keys: list[str],
    release: str | None = None,
    failure: Any = None,  # noqa: ANN401 - a document
    verdict: str = "",
    *,
    at_once: bool = False,
    **request: Any,  # noqa: ANN401 - fields of a request
) -> list[Finding | str]:
    """Return the check's results; `release` wrote the items of the run r1, and "" is one without a name."""
    made = account(run_id=None if release is None else "r1", **request)
    for source in [cluster.identifier for cluster in made.clusters]:
        made.rds_clusters[f"{source}-clone"] = clone(source)
    clones = {
        cluster.identifier: made.rds_clusters[f"{cluster.identifier}-clone"]["ClusterCreateTime"].isoformat()
        for cluster in made.clusters
    }
    objects = Objects(keys, at_once=at_once)
    summary = {"failure": failure, "specHash": "0" * 64, "clones": clones, "attempt": "a"}
    if release is not None:
        objects.documents["processed/rates/r1/summary.json"] = summary | ({"release": release} if release else {})
    if verdict:
        objects.documents["reports/rates/r1/verdict.json"] = {"verdict": verdict, "mode": "rehearsal"}
    made._clients["s3"] = objects
    return list(check_release(made))


def files(*releases: str) -> list[str]:
    return [f"releases/{release}/{name}" for release in releases for name in FILES]


def fails(what: str, todo: str) -> Finding:
    return Finding("fails", "release", what, todo)


def lost(release: str) -> Finding:
    return fails(
        f"the items of this run were written by the release {release}, which is not whole below "
        f"s3://{BUCKET}/releases/ any more: it would fail with ReleaseChanged",
        "start a new run, or deploy that release again",
    )


def without(release: str, *names: str) -> list[Finding]:
    return [fails(f"s3://{BUCKET}/releases/{release}/{name} does not exist", DEPLOY) for name in names]


def jar(release: str) -> str:
    return f"releases/{release}/x.jar"


def test_a_whole_release_needs_no_word() -> None:
    assert checked(files(OLD, NEW)) == []


def test_a_jar_in_no_release_is_not_counted() -> None:
    assert checked(files("1.0.0")) == [fails(f"no release JAR lies below s3://{BUCKET}/releases/", DEPLOY)]


def test_a_jar_in_no_release_cannot_be_named() -> None:
    assert checked(files("1.0.0", NEW), jar_key="releases/1.0.0/x.jar") == [
        fails(
            f"no JAR releases/1.0.0/x.jar lies below s3://{BUCKET}/releases/",
            "name one that is there with --jar-key; the command releases lists them",
        )
    ]


def test_the_release_that_will_be_used_has_to_be_whole() -> None:
    assert checked([*files(OLD), jar(NEW)]) == without(NEW, "bootstrap.py", "compare.py", "delta.py")
    assert checked([*files(NEW), jar(OLD)]) == without(OLD, "bootstrap.py", "compare.py", "delta.py")
    assert checked([*files(NEW), jar(OLD)], jar_key=jar(NEW)) == []
    assert checked([jar(OLD), *files(NEW)], jar_key=jar(OLD)) == without(OLD, "bootstrap.py", "compare.py", "delta.py")


@pytest.mark.parametrize("name", ["bootstrap.py", "compare.py", "delta.py"])
def test_each_job_of_the_release_is_looked_for(name: str) -> None:
    assert checked([key for key in files(NEW) if not key.endswith(name)]) == without(NEW, name)


def test_of_releases_uploaded_at_once_the_last_by_name_is_the_newest() -> None:
    keys = [*files(NEW), jar(OLD)]

    assert checked(keys, at_once=True) == []
    assert checked(list(reversed(keys)), at_once=True) == []


KEEPS = f"the run keeps the release {OLD}, which wrote its items"


def test_a_resume_keeps_the_release_that_wrote_its_items() -> None:
    assert checked(files(OLD, NEW), release=OLD) == [KEEPS]
    assert checked(files(OLD, NEW), release=OLD, jar_key=jar(OLD)) == [KEEPS]


def test_a_resume_that_adopts_nothing_takes_the_newest() -> None:
    assert checked(files(NEW), release=OLD, failure={"error": "RowsRejected", "cause": "c"}) == []
    assert checked(files(NEW), release=OLD, verdict="MATCH") == []
    assert checked(files(NEW), release=OLD, verdict="MISMATCH") == [lost(OLD)]


def test_a_resume_with_another_release_is_refused() -> None:
    assert checked(files(OLD, NEW), release=OLD, jar_key=jar(NEW)) == [
        fails(
            f"the items of this run were written by the release {OLD}, and --jar-key names {jar(NEW)}: "
            "it would fail with ReleaseChanged",
            "leave --jar-key out, or start a new run",
        )
    ]


@pytest.mark.parametrize(
    "keys", [files(NEW), [*files(NEW), jar(OLD)], [*files(NEW), *(key for key in files(OLD) if key != jar(OLD))]]
)
def test_a_resume_without_its_release_is_refused(keys: list[str]) -> None:
    assert checked(keys, release=OLD) == [lost(OLD)]


def test_items_of_before_the_named_releases_are_not_resumed() -> None:
    assert checked(files("1.0.0", NEW), release="1.0.0") == [lost("1.0.0")]
    assert checked(files(NEW), release="") == [lost("without a name")]
