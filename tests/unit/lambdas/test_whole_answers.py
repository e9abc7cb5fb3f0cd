"""What the functions answer, whole: the state machine reads each field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aurora_clone.clusters import Rds
from aurora_clone.service import CloneService, CloneSettings
from run_registry.callers import Caller
from run_registry.executions import Execution
from run_registry.service import RunRegistry

from tests.unit.lambdas.test_aurora_clone import TAGS, FakeRds, FakeSeal, cluster
from tests.unit.lambdas.test_run_registry import NOON, RATES, KnownExecutions, MemoryStore

STOPPER = Caller(domain="rates", run="r1", execution="operator:1")


def service(rds: FakeRds) -> CloneService:
    settings = CloneSettings(
        stack="test",
        sources=frozenset({"lipsdb"}),
        instance_class="db.r6g.large",
        security_group_id="sg-1",
        parameter_groups={},
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
