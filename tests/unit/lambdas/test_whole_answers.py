"""The functions' complete answers, of which the state machine reads each field."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from aurora_clone.clusters import Cluster, Rds, proof_against
from aurora_clone.service import CloneService, CloneSettings
from run_registry.callers import Caller
from run_registry.documents import Status
from run_registry.errors import ExecutionEndedError, RedriveRefusedError
from run_registry.executions import AwsExecutions, Execution
from run_registry.service import RunRegistry
from run_watch.check import Check
from run_watch.handler import Watch
from run_watch.notice import Stack

from tests.unit.lambdas.test_aurora_clone import TAGS, FakeRds, FakeSeal, cluster
from tests.unit.lambdas.test_run_registry import NOON, RATES, KnownExecutions, MemoryStore

STOPPER = Caller(domain="rates", run="r1", execution="operator:1")


def service(rds: FakeRds) -> CloneService:
    settings = CloneSettings(
        stack="test",
        sources=frozenset({"lipsdb"}),
        instance_class="db.r6g.large",
        security_group_id="sg-1",
        parameter_groups={"aurora-postgresql16": "clones-16"},
    )
    return CloneService(Rds(rds), FakeSeal(), settings)


@pytest.mark.parametrize(
    ("status", "calls"), [("creating", []), ("available", ["delete lipsdb-clone"]), ("deleting", [])]
)
def test_a_destruction_answers_which_clone_it_is_about(status: str, calls: list[str]) -> None:
    clone = cluster("lipsdb-clone", status=status, TagList=TAGS, CloneGroupId="g1")
    rds = FakeRds({"lipsdb": cluster("lipsdb", CloneGroupId="g1"), "lipsdb-clone": clone})

    answer = service(rds).destroy("lipsdb", "lipsdb-clone", "etag", "exec")

    assert answer == {"status": "DELETING", "source": "lipsdb", "clone": "lipsdb-clone"}
    assert [call for call in rds.calls if call.startswith("delete")] == calls


def test_a_clone_that_is_not_there_is_answered_by_its_names() -> None:
    rds = FakeRds({"lipsdb": cluster("lipsdb", CloneGroupId="g1")})

    answer = service(rds).destroy("lipsdb", "lipsdb-clone", "etag", "exec")

    assert answer == {"status": "UNAVAILABLE", "source": "lipsdb", "clone": "lipsdb-clone"}


def test_a_stop_is_recorded_once_though_the_first_answer_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    store, executions = MemoryStore(), KnownExecutions({"exec-rates": Execution(living=True)})
    registry = RunRegistry(store, executions, lambda: NOON)
    registry.begin(RATES)
    executions.known["exec-rates"] = Execution(living=False, stopped=NOON)
    write = store.put_if

    def unanswered(key: str, body: str, etag: str) -> None:
        write(key, body, etag)

    monkeypatch.setattr(store, "put_if", unanswered)
    assert registry.stop(STOPPER) == {"status": "RECORDED"}


def test_a_stop_of_a_lock_that_changed_hands_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    store, executions = MemoryStore(), KnownExecutions({"exec-rates": Execution(living=True)})
    registry = RunRegistry(store, executions, lambda: NOON)
    registry.begin(RATES)
    executions.known["exec-rates"] = Execution(living=False, stopped=NOON)

    def faster(key: str, _body: str, _etag: str) -> None:
        store.objects[key] = replace(store.objects[key], body="another's")

    monkeypatch.setattr(store, "put_if", faster)
    assert registry.stop(STOPPER) == {"status": "NOT_OWNER"}


OURS = {tag["Key"]: tag["Value"] for tag in TAGS}
SOURCE = Cluster(
    identifier="lipsdb", status="available", engine="aurora-postgresql", engine_version="16.4", parameter_group="",
    storage_type="", clone_group="g1", created_at="", endpoint="", port=5432, subnet_group="",
)  # fmt: skip
CLONE = replace(SOURCE, identifier="lipsdb-clone", tags=OURS)


def unproven(clone: Cluster, source: Cluster | None = SOURCE) -> str:
    return proof_against(clone, source, source_name="lipsdb", stack="test", sources=frozenset({"lipsdb", "other"}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"tags": {**OURS, "migration:source": "other"}}, "has the tag migration:source='other' instead of 'lipsdb'"),
        ({"tags": {**OURS, "migration:stack": "prod"}}, "has the tag migration:stack='prod' instead of 'test'"),
        ({"tags": {**OURS, "migration:system": "x"}}, "has the tag migration:system='x' instead of"),
        *[
            ({"tags": {name: value for name, value in OURS.items() if name != gone}}, f"has the tag {gone}=None")
            for gone in ("migration:source", "migration:stack", "migration:system")
        ],
        ({"identifier": "lipsdb"}, "is a source of the catalog"),
        ({"identifier": "other"}, "is a source of the catalog"),
        ({"identifier": "other-clone"}, "is not named lipsdb-clone"),
        ({"clone_group": "g2"}, "is in another clone group than lipsdb"),
        ({"clone_group": ""}, "has no clone group, so it is not a clone of lipsdb"),
        ({"clone_group": "", "status": "creating"}, ""),
        ({"clone_group": "g2", "status": "creating"}, "is in another clone group than lipsdb"),
    ],
)
def test_a_clone_is_proven_by_its_name_each_of_its_tags_and_its_group(changes: dict[str, Any], reason: str) -> None:
    unproven_reason = unproven(replace(CLONE, **changes))

    assert reason in unproven_reason
    assert bool(unproven_reason) is bool(reason)


def test_a_clone_whose_source_is_gone_is_proven_by_the_rest() -> None:
    assert unproven(CLONE, None) == ""
    assert unproven(CLONE, replace(SOURCE, clone_group="")) == "lipsdb-clone is in another clone group than lipsdb"


@pytest.mark.parametrize("subnets", ["private", ""])
def test_a_clone_is_restored_into_its_sources_subnets(subnets: str) -> None:
    source = cluster("lipsdb", CloneGroupId="g1", **({"DBSubnetGroup": subnets} if subnets else {}))
    rds = FakeRds({"lipsdb": source})

    service(rds).start("lipsdb", "lipsdb-clone", "r1", domain="rates", mode="official")

    assert rds.restored.get("DBSubnetGroupName", "") == subnets
    assert rds.restored["SourceDBClusterIdentifier"] == "lipsdb"
    assert (rds.restored["RestoreType"], rds.restored["UseLatestRestorableTime"]) == ("copy-on-write", True)
    assert rds.restored["DBClusterParameterGroupName"] == "clones-16"
    assert rds.restored["VpcSecurityGroupIds"] == ["sg-1"]


@pytest.mark.parametrize(("storage", "asked"), [("aurora-iopt1", "aurora-iopt1"), ("aurora", "aurora"), ("", None)])
def test_a_clone_is_billed_as_its_source_is(storage: str, asked: str | None) -> None:
    rds = FakeRds({"lipsdb": cluster("lipsdb", CloneGroupId="g1", StorageType=storage)})

    service(rds).start("lipsdb", "lipsdb-clone", "r1")

    assert rds.restored.get("StorageType") == asked
    assert (rds.restored["DeletionProtection"], rds.restored["CopyTagsToSnapshot"]) == (False, False)


@pytest.mark.parametrize(
    ("execution", "error"),
    [
        (Execution(living=False, stopped=NOON), ExecutionEndedError),
        (Execution(living=True, redriven=True), RedriveRefusedError),
    ],
)
@pytest.mark.parametrize("operation", ["begin", "change", "applied", "finish", "fail", "lift"])
def test_nothing_is_done_for_an_execution_that_ended_or_was_redriven(
    operation: str, execution: Execution, error: type[Exception]
) -> None:
    store, executions = MemoryStore(), KnownExecutions({"exec-rates": Execution(living=True)})
    registry = RunRegistry(store, executions, lambda: NOON)
    registry.begin(RATES)
    before = dict(store.objects)
    executions.known["exec-rates"] = execution
    more = {"applied": ("then",), "fail": ("ImportFailed", "why"), "lift": ("etag",)}.get(operation, ())

    with pytest.raises(error):
        getattr(registry, operation)(RATES, *more)
    assert store.objects == before


class Pages:
    """A client of which each list is one page, by the operation's own name."""

    def __init__(self, **pages: dict[str, Any]) -> None:
        self.pages, self.called = pages, []
        self.exceptions = SimpleNamespace(ExecutionDoesNotExist=KeyError)

    def get_paginator(self, operation: str) -> SimpleNamespace:
        return SimpleNamespace(paginate=lambda **asked: [self.pages[operation]] if asked else [])

    def stop_execution(self, **asked: str) -> None:
        self.called.append(asked["executionArn"])

    def cancel_job_run(self, **asked: str) -> None:
        self.called.append(asked["jobRunId"])


def test_what_a_dead_run_left_is_found_in_the_lists_of_aws_and_stopped() -> None:
    jobs = [
        {"id": "1", "name": "rates-bootstrap-x1", "state": "QUEUED"},
        {"id": "2", "name": "rates-compare-x1", "state": "CANCELLING"},
        {"id": "3", "name": "rates-compare-x2", "state": "RUNNING"},
        {"id": "4", "name": "availability-compare-x1", "state": "RUNNING"},
    ]
    items = [{"executionArn": "i1", "status": "RUNNING"}, {"executionArn": "i2", "status": "FAILED", "stopDate": NOON}]
    states = Pages(
        list_map_runs={"mapRuns": [{"mapRunArn": "m", "stopDate": NOON}]}, list_executions={"executions": items}
    )
    emr = Pages(list_job_runs={"jobRuns": jobs})
    aws_executions = AwsExecutions(states, emr, "app")

    assert aws_executions.cancel_jobs("rates", "arn:x:x1") == 2
    assert emr.called == ["1"]
    left = aws_executions.stop_items("arn:x:x1")
    assert (left.open, left.stopped, states.called) == (1, NOON, ["i1"])


def test_a_lock_that_does_not_say_when_its_run_began_or_how_says_nothing_of_it() -> None:
    status = Status("rates", "r1", "exec-rates", "2026-01-01T12:00:00+00:00")

    assert (status.began, status.mode, status.error, status.cause) == ("", "", "", "")


def test_what_is_measured_is_sent_to_the_metrics_whole() -> None:
    sent: dict[str, Any] = {}
    nothing = Pages(describe_db_clusters={"DBClusters": []}, list_executions={"executions": []})
    nothing.get_paginator = lambda name: SimpleNamespace(paginate=lambda **_: [nothing.pages[name]])  # type: ignore[method-assign]
    check = Check(rds=nothing, states=nothing, stack="test", state_machines=("m",), instance_usd_per_hour=1.0)
    cloudwatch = SimpleNamespace(put_metric_data=lambda **metrics: sent.update(metrics))
    watch = Watch(check=check, states=nothing, sns=None, cloudwatch=cloudwatch, topic="t", stack=Stack("test", "b", ""))

    measured = watch.answer({"operation": "check"})

    assert measured == dict.fromkeys(("Clones", "OldestCloneHours", "ClonesUsdPerHour", "LongestRunHours"), 0)
    assert sent["Namespace"] == "RatesAvailMigration"
    assert {metric["MetricName"]: metric["Value"] for metric in sent["MetricData"]} == measured
    assert all(metric["Dimensions"] == [{"Name": "Stack", "Value": "test"}] for metric in sent["MetricData"])
