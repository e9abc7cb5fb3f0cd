"""A few of the paths, crashes and races that `make coverage-states` and `make crash` try in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from statemachine.render import worst_case
from tests.machine.crash import crash, kill, problems
from tests.machine.endings import differences, ending, stated
from tests.machine.races import race
from tests.machine.rig import LIMITS
from tests.machine.ways import WAYS, Way, prepared

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
    "objects that nobody wrote",
    "objects of other names",
    "resume after the import, official",
    "resume with items written anew, official",
    "resume over clones made anew, official",
    "resume over an empty table that is to be filled, official",
    "a protection that does not come",
    "resume over a table that changed hands",
    "resume over one clone made anew",
    "a rehearsal's table of another stack",
    "a rehearsal's table that is being deleted",
    "an import that lost an item",
    "resume over an import that lost an item, official",
    "an export that lost an item",
    "resume with somebody's export",
    "a difference",
    "a verdict without every item",
    "a verdict with one item too few",
    "a cluster that is no clone",
    "another domain at work",
)


@pytest.mark.parametrize("way", [way for way in WAYS if way.name in CHOSEN], ids=lambda way: way.name)
def test_a_prepared_execution_ends_as_it_must(rig: Rig, way: Way) -> None:
    ended = rig.run(**prepared(rig, way))

    assert (ended.error or ended.status) == (way.ends or "SUCCEEDED"), ended.cause
    assert way.says in ended.cause
    assert differences(ending(rig, ended), stated().get(way.name)) == []


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
