"""A job knows its release, and refuses the prefix and the items of another release."""

from __future__ import annotations

import json

import pytest
from migration_spark import __version__, release
from migration_spark.errors import ReleaseChanged
from migration_spark.release import check_manifest, check_release, own_commit, own_release

from catalog.loader import load_catalog
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition

OWN, OTHER = "1.0.0-00000000000a", "1.0.0-00000000000b"


def test_the_jobs_have_the_version_of_the_project() -> None:
    assert own_release() == __version__  # no release is on the path


def test_a_job_is_of_the_release_that_its_jar_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"RELEASE": f"{OWN}\n".encode(), "COMMIT": b"c0ffee\n"}
    monkeypatch.setattr(release.pkgutil, "get_data", lambda package, name: {"migration_spark": files}[package][name])

    assert own_release() == OWN
    assert own_commit() == "c0ffee"


def test_outside_of_a_release_there_is_no_commit() -> None:
    assert own_commit() == ""


def test_a_loader_that_reads_no_files_has_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release.pkgutil, "get_data", lambda *_: None)

    assert (own_release(), own_commit()) == (__version__, "")


@pytest.mark.parametrize("expected", [OWN, ""])
def test_a_job_runs_as_the_release_that_it_is_started_for(expected: str) -> None:
    check_release(OWN, expected, "r1")


def test_a_jar_under_another_releases_name_is_refused_before_anything_is_read() -> None:
    with pytest.raises(ReleaseChanged) as refused:
        check_release(OWN, OTHER, "r1")

    assert str(refused.value) == (
        "the JAR below releases/1.0.0-00000000000b/ belongs to the release 1.0.0-00000000000a: it was overwritten. "
        "Deploy the stack, which uploads a whole release. Then resume with: migrate resume r1"
    )


@pytest.mark.parametrize("written", [OTHER, "1.0.0", None])
def test_compare_refuses_what_another_release_wrote(written: str | None) -> None:
    with pytest.raises(ReleaseChanged) as refused:
        check_manifest(OWN, written, "r1")

    assert str(refused.value) == (
        f"the items of the run r1 were written by the release {written}, and this is 1.0.0-00000000000a. Start a new "
        "run, or resume without --jar-key, which keeps the release that wrote them: migrate resume r1"
    )


def test_compare_takes_what_its_own_release_wrote() -> None:
    check_manifest(OWN, OWN, "r1")


@pytest.mark.parametrize("job", ["RunBootstrap", "RunCompare"])
def test_each_job_is_told_the_release_under_the_name_that_it_reads(job: str) -> None:
    machine = definition(load_catalog(), "rates", DeployedNames.placeholder("test"), Limits())

    assert release.PROPERTY == "spark.migration.release"
    assert f"'{release.PROPERTY}'" in json.dumps(machine["States"][job])
