"""Sources that can be cloned, clusters that a run may use as their clones, and what the plan says of those."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from runner.plan.checks.clone_plans import clone_plans
from runner.plan.checks.clones import check_clone, check_source, is_too_old, unproven
from runner.plan.facts import ClonePlan
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import account, clone, cluster

if TYPE_CHECKING:
    from catalog.models import Cluster
    from runner.account.lookups import Account

NAME = "lipsdb"
SOURCE = f"cluster {NAME}"
CLONE = f"clone {NAME}-clone"
CORRECT = "correct catalog/clusters.yaml, and deploy"
GROUPS = "aurora-postgresql16, aurora-postgresql16-logical"
RUN = {"run": "r1", "domain": "rates", "mode": "rehearsal"}


def source(made: Account) -> Cluster:
    return next(cluster for cluster in made.clusters if cluster.identifier == NAME)


def of_source(**facts: Any) -> list[Finding]:  # noqa: ANN401 - RDS's facts
    """Return the findings on a source of which RDS says these facts."""
    made = account()
    made.rds_clusters[NAME] |= facts
    return list(check_source(made, source(made)))


def of_clone(facts: dict[str, Any], instance: str | None = None) -> list[Finding]:
    """Return the findings on a clone of which RDS says these facts, and of its instance this status."""
    made = account()
    made.rds_clusters[f"{NAME}-clone"] = clone(NAME) | facts
    if instance:
        made.rds_instances[f"{NAME}-clone-1"] = {"DBInstanceStatus": instance}
    return list(check_clone(made, source(made)))


def test_a_source_that_can_be_cloned_is_quiet() -> None:
    assert of_source() == []


def test_a_source_that_is_not_there_is_refused() -> None:
    made = account()
    del made.rds_clusters[NAME]

    assert list(check_source(made, source(made))) == [Finding("fails", SOURCE, "it is not in eu-west-1", CORRECT)]


@pytest.mark.parametrize(
    ("facts", "what", "todo"),
    [
        ({"Status": "stopped"}, "it is stopped, not available", "wait until it is available"),
        (
            {"DBClusterMembers": []},
            "it has no instance; Aurora clones only a cluster that has one",
            "add an instance to it",
        ),
        ({"Engine": "aurora-mysql"}, "its engine is aurora-mysql, the catalog says aurora-postgresql", CORRECT),
        (
            {"EngineVersion": "17.2"},
            f"it runs aurora-postgresql 17.2; the stack has parameter groups for clones of {GROUPS}",
            "deploy the stack again, which looks at the sources",
        ),
        (
            {"EngineVersion": "9.6.1"},
            f"it runs aurora-postgresql 9.6.1; the stack has parameter groups for clones of {GROUPS}",
            "upgrade it; 11, 12, 13, 14, 15, 16, 17 can be migrated",
        ),
    ],
)
def test_a_source_that_cannot_be_cloned_is_refused(facts: dict[str, Any], what: str, todo: str) -> None:
    assert of_source(**facts) == [Finding("fails", SOURCE, what, todo)]


def test_a_stack_without_parameter_groups_says_so() -> None:
    made = account()
    made.clone_function["Environment"]["Variables"] = {}

    assert [finding.what for finding in check_source(made, source(made))] == [
        "it runs aurora-postgresql 16.4; the stack has parameter groups for clones of no version"
    ]


def test_every_problem_of_a_source_is_reported_and_the_version_of_another_engine_is_none() -> None:
    facts = {"Status": "stopped", "DBClusterMembers": [], "Engine": "aurora-mysql", "EngineVersion": "5.6"}

    assert [finding.what for finding in of_source(**facts)] == [
        "it is stopped, not available",
        "it has no instance; Aurora clones only a cluster that has one",
        "its engine is aurora-mysql, the catalog says aurora-postgresql",
    ]


def test_no_clone_and_a_clone_of_ours_are_quiet() -> None:
    made = account()

    assert list(check_clone(made, source(made))) == []
    assert of_clone({}) == []
    assert of_clone({"Status": "creating", "CloneGroupId": ""}, "creating") == []
    assert of_clone({"ClusterCreateTime": None}) == []


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"TagList": []}, "it has the tag migration:system=None instead of 'rates-avail-migration-bootstrap'"),
        (
            {"TagList": clone(NAME, {"stack": "prod"})["TagList"]},
            "it has the tag migration:stack='prod' instead of 'test'",
        ),
        (
            {"TagList": clone("other")["TagList"]},
            "it has the tag migration:source='other' instead of 'lipsdb'",
        ),
        ({"CloneGroupId": ""}, "it has no clone group, so it is not a clone of lipsdb"),
        ({"CloneGroupId": "other"}, "it is in another clone group than lipsdb"),
    ],
)
def test_a_cluster_that_only_has_a_clones_name_is_refused(facts: dict[str, Any], reason: str) -> None:
    what = f"a cluster of this name is there, but {reason}"

    assert of_clone(facts) == [Finding("fails", CLONE, what, "rename or delete it")]


@pytest.mark.parametrize(
    ("status", "instance", "what"),
    [
        ("cloning-failed", None, "it is cloning-failed, its instance is not there: waiting does not change that"),
        ("available", "storage-full", "it is available, its instance is storage-full: waiting does not change that"),
    ],
)
def test_a_clone_in_a_final_state_is_refused(status: str, instance: str | None, what: str) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(hours=30)

    assert of_clone({"Status": status, "ClusterCreateTime": old}, instance) == [
        Finding("fails", CLONE, what, "delete it")
    ]


@pytest.mark.parametrize("hours", [30, 10_000])
def test_a_clone_that_is_too_old_is_refused_with_its_age(hours: int) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours, minutes=5)

    assert of_clone({"ClusterCreateTime": old}) == [
        Finding(
            "fails",
            CLONE,
            f"it is {hours} hours old; a run uses none older than 24 hours",
            "release the clones: migrate release-clones --environment test",
        )
    ]


def test_a_clone_that_is_not_yet_too_old_is_quiet() -> None:
    assert of_clone({"ClusterCreateTime": dt.datetime.now(dt.UTC) - dt.timedelta(hours=23, minutes=59)}) == []


@pytest.mark.parametrize(("hours", "is_old"), [("24", True), ("26", False), (None, False)])
def test_the_stack_says_how_old_a_clone_may_be(hours: str | None, *, is_old: bool) -> None:
    made = account()
    del made.tags["migration:clone-hours"]
    if hours:
        made.tags["migration:clone-hours"] = hours

    assert is_too_old(made, dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)) is is_old
    assert is_too_old(made, None) is False


def test_a_clone_is_proven_before_rds_has_given_it_a_clone_group() -> None:
    made = account()

    assert unproven(made, source(made), clone(NAME, Status="creating", CloneGroupId="")) == ""


def test_a_clone_whose_source_is_gone_is_still_proven_by_its_tags() -> None:
    made = account()
    del made.rds_clusters[NAME]

    assert unproven(made, source(made), clone(NAME)) == ""


def test_the_plan_shows_proven_clones_alone_with_their_creators() -> None:
    made = account()
    first, second, third = (cluster.identifier for cluster in made.clusters[:3])
    described = clone(first, RUN, Status="backing-up")
    made.rds_clusters[f"{first}-clone"] = described
    made.rds_clusters[f"{second}-clone"] = cluster(f"{second}-clone")
    unnamed = clone(third)
    del unnamed["ClusterCreateTime"]
    made.rds_clusters[f"{third}-clone"] = unnamed

    assert clone_plans(made) == [
        ClonePlan(first, "backing-up", described["ClusterCreateTime"], "r1", "rates", "rehearsal"),
        ClonePlan(third, "available", None, "", "", ""),
    ]
