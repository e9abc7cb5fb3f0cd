"""The outcomes of a run's Maps and clones."""

from __future__ import annotations

import pytest

from tests.unit.statemachine.stepping import MACHINE, NAMES, kept, payload, step, value


def test_the_clones_are_kept_by_their_clusters_name() -> None:
    result = [
        {"ok": True, "name": "c", "endpoint": "h", "port": 3306, "createdAt": "t", "position": "f:1"},
        {"ok": False, "name": "d", "error": "E", "cause": "because"},
    ]

    made = kept("CloneClusters", result, parallelism=1, run="r1", mode="official", registration={})

    assert made["clones"] == {"c": {"host": "h", "port": 3306, "createdAt": "t", "position": "f:1"}}
    assert made["failure"] == {"error": "E", "cause": "d: because"}
    assert kept("CloneClusters", result[:1], parallelism=1)["failure"] == {"error": "", "cause": ""}


@pytest.mark.parametrize("state", ["CheckTables", "CloneClusters", "MigrateTables", "DestroyClones"])
def test_a_map_fails_by_the_name_of_its_first_failure_and_tells_all(state: str) -> None:
    bad = [{"ok": False, "name": name, "error": f"{name}Error", "cause": "so"} for name in ("a", "b")]
    good = {"ok": True, "name": "c", "endpoint": "", "port": 0, "createdAt": "", "position": ""}

    assert kept(state, [good, *bad])["failure"] == {"error": "aError", "cause": "a: so; b: so"}
    assert step(state, answer=[good]).kept["failure"] == {"error": "", "cause": ""}


def test_only_what_went_well_is_known_of_tables() -> None:
    good, bad = {"ok": True, "name": "T", "kind": "FREE"}, {"ok": False, "name": "U", "error": "E", "cause": "c"}

    assert kept("CheckTables", [good, bad])["existingTables"] == {"T": good}
    assert kept("MigrateTables", [good, bad])["migrated"] == [good]
    assert kept("MigrateTables", [bad])["migrated"] == []


@pytest.mark.parametrize(
    ("state", "checks", "other"),
    [("CheckCloneStatus", "cloneChecks", "startCalls"), ("StartClone", "startCalls", "cloneChecks")],
)
def test_each_look_at_a_clone_and_each_start_is_counted_by_itself(state: str, checks: str, other: str) -> None:
    answered = {"status": "AVAILABLE", "createdAt": "t"}
    own = {"cluster": "c", "run": "r1", "mode": "official"}

    looked = step(state, answer=payload(**answered), own=own, cloneChecks=1, startCalls=1)

    assert (looked.kept[checks], looked.kept[other]) == (2, 1)
    assert (looked.kept["clone"], looked.kept["cloneTime"]) == (answered, "t")
    creator = {"domain": "rates", "mode": "official"} if state == "StartClone" else {}
    operation = "start" if state == "StartClone" else "status"
    assert looked.asked == {
        "FunctionName": NAMES.clone_function_arn,
        "Payload": {"operation": operation, "source": "c", "clone": "c-clone", "runId": "r1", **creator},
    }


def test_a_clone_without_a_time_has_none() -> None:
    assert (
        step("CheckCloneStatus", answer=payload(status="FAILED"), own={"cluster": "c", "run": "r"}, cloneChecks=0).kept[
            "cloneTime"
        ]
        == ""
    )


def test_a_clone_that_is_ready_tells_where_it_answers() -> None:
    clone = {"endpoint": "h", "port": 5432, "createdAt": "t", "position": "f:1"}

    assert step("CloneReady", own={"cluster": "c"}, clone=clone).output == {
        "ok": True,
        "name": "c",
        "endpoint": "h",
        "port": 5432,
        "createdAt": "t",
        "position": "f:1",
    }
    assert step("CloneReady", own={"cluster": "c"}, clone={}).output == {
        "ok": True,
        "name": "c",
        "endpoint": "",
        "port": 0,
        "createdAt": "",
        "position": "",
    }


def test_a_cluster_is_cloned_for_its_run_beside_the_official_runs_and_nothing_is_counted_yet() -> None:
    def item(**registration: object) -> object:
        return value(
            MACHINE["States"]["CloneClusters"]["ItemSelector"],
            states={"context": {"Map": {"Item": {"Value": "c"}}}},
            registration=registration,
            run="r1",
            mode="official",
        )

    own = {"cluster": "c", "run": "r1", "mode": "official"}
    assert item(began="b", officialRuns=["a/1"]) == {**own, "began": "b", "officialRuns": ["a/1"]}
    assert item() == {**own, "began": "", "officialRuns": []}
    assert step("TakeCluster", state_input=own).kept == {"own": own, "cloneChecks": 0, "startCalls": 0}
