"""A few of the paths, crashes and races that `make coverage-states` and `make crash` try in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.aws.stepfunctions.faults import plant
from statemachine.render import worst_case
from tests.machine.crash import crash, kill, problems
from tests.machine.races import race
from tests.machine.rig import LIMITS
from tests.machine.ways import WAYS, Way

if TYPE_CHECKING:
    from tests.machine.rig import Rig

CHOSEN = (
    "throttling of every call",
    "executions that are not known yet",
    "a run that matched",
    "another run's official table",
    "somebody's table in every place",
    "no clone that can be used",
    "clones that a rehearsal left behind, official",
    "clones of another domain's official run",
    "a clone of somebody else",
    "the job reports SourceNotVisible",
    "the job reports SourceNotCloned",
    "the job reports ColumnsNotListed",
    "the job finds RowsFiltered",
    "the job finds KeysCollide",
    "a JAR that is in no release",
    "resume after a deployment",
    "resume with another release",
    "resume after the release is gone",
    "resume after the release lost a file",
    "resume what a release without a hash wrote",
    "resume with another release, nothing to adopt",
    "a summary of another release",
    "a summary without a release",
    "a verdict of another release",
    "objects that nobody wrote",
    "objects of other names",
    "resume after the import, official",
    "resume with items written anew, official",
    "resume over clones made anew, official",
    "resume over an empty table that is to be filled, official",
    "a protection that does not come",
    "resume over a table that changed hands",
    "a verdict without every item",
)


@pytest.mark.parametrize("way", [way for way in WAYS if way.name in CHOSEN], ids=lambda way: way.name)
def test_a_prepared_execution_ends_as_it_must(rig: Rig, way: Way) -> None:
    given = way.prepare(rig) or {}

    ended = rig.run(**{**way.given, **given})

    assert (ended.error or ended.status) == (way.ends or "SUCCEEDED"), ended.cause
    assert way.says in ended.cause


@pytest.mark.parametrize(
    "state", ["StartClone", "RunBootstrap", "ImportTable", "ExportTable", "RunCompare", "DestroyClone"]
)
def test_a_run_that_is_stopped_resumes_to_the_whole_migration(rig: Rig, state: str) -> None:
    assert crash(rig, state) == []


@pytest.mark.parametrize("state", ["StartClone", "RunBootstrap"])
def test_a_run_whose_function_or_job_is_killed_fails_by_name_and_resumes(rig: Rig, state: str) -> None:
    assert kill(rig, state) == []


def test_a_resume_adopts_what_is_done_instead_of_doing_it_again(rig: Rig) -> None:
    rig.control(compare={"exit": 1})
    first = rig.run(runId="r1")
    assert first.error == "CompareFailed"
    rig.control()

    arn = rig.start(runId="r1")
    resumed = rig.end(arn)

    assert resumed.status == "SUCCEEDED"
    entered = rig.entered(arn)
    done_before = {"StartClone", "RunBootstrap", "ImportTable", "ExportTable", "DeleteTable"}
    assert done_before & set(entered) == set()
    assert {"AdoptSummary", "AdoptImport", "FormerExport", "RunCompare"} <= set(entered)


def test_what_differed_is_exported_and_compared_anew(rig: Rig) -> None:
    rig.control(compare={"verdict": {"verdict": "MISMATCH"}})
    assert rig.run(runId="r1").error == "DataMismatch"
    rig.control()

    arn = rig.start(runId="r1")

    assert rig.end(arn).status == "SUCCEEDED"
    assert "ExportTable" in rig.entered(arn)
    assert "ImportTable" not in rig.entered(arn)


def test_a_deployment_between_bootstrap_and_compare_does_not_reach_the_run(rig: Rig) -> None:
    def deploying(answer: Any) -> Any:
        rig.deploy_release("9.0.0-00000000000b")
        return answer

    plant("ImportTable", deploying)

    arn = rig.start()
    ended = rig.end(arn)

    assert (ended.status, ended.output["release"]) == ("SUCCEEDED", rig.release)
    assert "9.0.0-00000000000b" in rig.releases()
    assert rig.releases_run(arn) == [
        (f"releases/{rig.release}/bootstrap.py", rig.release),
        (f"releases/{rig.release}/compare.py", rig.release),
    ]


def test_a_resume_keeps_the_release_that_wrote_its_items_and_a_new_run_takes_the_newest(rig: Rig) -> None:
    rig.control(compare={"exit": 1})
    assert rig.run(runId="r1").error == "CompareFailed"
    rig.control()
    rig.deploy_release("0.9.0-00000000000b")

    resumed = rig.start(runId="r1")
    assert rig.end(resumed).output["release"] == rig.release
    new = rig.start(runId="r2")

    assert rig.end(new).output["release"] == "0.9.0-00000000000b"
    assert rig.releases_run(resumed) == [(f"releases/{rig.release}/compare.py", rig.release)]


def test_a_resume_without_items_takes_the_newest_release(rig: Rig) -> None:
    rig.control(bootstrap={"exit": 1, "says": "a bug"})
    assert rig.run(runId="r1").error == "BootstrapFailed"
    rig.control()
    rig.deploy_release("1.0.0-00000000000b")

    arn = rig.start(runId="r1")

    assert rig.end(arn).status == "SUCCEEDED"
    assert {release for _, release in rig.releases_run(arn)} == {"1.0.0-00000000000b"}


def test_a_jar_that_is_in_no_release_is_never_the_newest(rig: Rig) -> None:
    rig.deploy_release("9.9.9")
    rig.deploy_release("1.0.0-00000000000b/deeper")

    assert rig.run().output["release"] == rig.release


@pytest.mark.parametrize("machine", ["rates", "rates-distributed"])
def test_both_modes_of_the_maps_migrate_within_the_computed_events(rig: Rig, machine: str) -> None:
    arn = rig.start(machine, mode="official")
    ended = rig.end(arn)

    assert problems(rig, ended.status, ended.cause, ended.output, {"mode": "official"}) == []
    assert len(rig.events(arn)) <= worst_case(rig.definitions[machine], LIMITS).events["the execution"]


def test_the_computed_events_bound_a_run_that_is_throttled_everywhere(rig: Rig) -> None:
    next(way for way in WAYS if way.name == "throttling of every call").prepare(rig)
    arn = rig.start(mode="official")

    assert rig.end(arn).status == "SUCCEEDED"
    assert len(rig.events(arn)) <= worst_case(rig.definitions["rates"], LIMITS).events["the execution"]


@pytest.mark.parametrize("seed", range(3))
def test_domains_that_end_and_begin_together_lose_no_clones(rig: Rig, seed: int) -> None:
    assert race(rig, seed) == []
