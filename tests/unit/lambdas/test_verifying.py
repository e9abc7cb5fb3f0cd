"""A verification in the registry: its preconditions, and its effect on a proof that no longer holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from run_registry.callers import Caller
from run_registry.cut_over import Live, live_key
from run_registry.documents import Status, status_key
from run_registry.errors import InvalidEventError
from run_registry.proven import Proven, proven_key
from run_registry.service import RunRegistry

from tests.unit.lambdas.registry_fakes import LIVING, NOON, KnownExecutions, MemoryStore, proven_document

KEY = proven_key("rates", "official")
OPERATOR = Caller(domain="rates", run="b1", execution="operator:anna")
BROKEN = "a verification showed that the tables are no longer as the run b1 proved"


def run_of(run: str, kind: str, attempt: int = 1) -> Caller:
    return Caller(domain="rates", run=run, execution=f"exec-{run}-{attempt}", mode="official", kind=kind)


VERIFICATION = run_of("b1", "verification")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def registry(store: MemoryStore) -> RunRegistry:
    living = [run_of(run, "", attempt).execution for run in ("b1", "c1") for attempt in (1, 2)]
    return RunRegistry(store, KnownExecutions(dict.fromkeys(living, LIVING)), lambda: NOON)


def prove(store: MemoryStore, run: str = "b1", changing: str = "") -> Proven:
    """Store the proven state of a run."""
    proven = proven_document(run).stored(NOON - timedelta(hours=1))
    proven = proven.changed_by(changing) if changing else proven
    store.objects.pop(KEY, None)
    store.put_new(KEY, proven.text())
    return proven


def changing(store: MemoryStore) -> str:
    return Proven.read(store.objects[KEY].body).changing


def test_a_verification_begins_with_what_its_run_proved_and_gives_it_back_as_it_was(
    registry: RunRegistry, store: MemoryStore
) -> None:
    base = prove(store)

    begun = registry.begin(VERIFICATION)

    assert (begun["status"], begun["base"]) == ("OWNED", base.document)
    assert Status.read(store.objects[status_key("rates")].body).kind == "verification"
    assert registry.finish(VERIFICATION)["status"] == "DESTROY"
    assert status_key("rates") not in store.objects
    assert store.objects[KEY].body == base.text()


@pytest.mark.parametrize(
    ("run", "by", "reason"),
    [
        ("c1", "", "the last official run that matched is c1"),
        ("b1", "c1", "the run c1 has begun to write to the tables since, and has not matched"),
        ("b1", "b1", BROKEN),
    ],
)
def test_tables_that_are_not_as_the_run_left_them_are_not_verified(
    registry: RunRegistry, store: MemoryStore, run: str, by: str, reason: str
) -> None:
    prove(store, run, by)

    assert registry.begin(VERIFICATION) == {"status": "NOT_PROVEN", "reason": reason}
    assert list(store.objects) == [KEY]


def test_a_run_that_proved_nothing_is_not_verified(registry: RunRegistry, store: MemoryStore) -> None:
    assert registry.begin(VERIFICATION) == {"status": "NOT_PROVEN", "reason": "no official run of rates has matched"}
    assert store.objects == {}


def test_live_tables_are_not_verified(registry: RunRegistry, store: MemoryStore) -> None:
    prove(store)
    store.put_new(live_key("rates"), Live("rates", "b1", "2026-01-01T11:59:00Z", "operator:anna").text())

    assert registry.begin(VERIFICATION)["status"] == "LIVE"


def test_a_proof_that_no_longer_holds_serves_no_cut_over_no_catch_up_and_no_verification(
    registry: RunRegistry, store: MemoryStore
) -> None:
    prove(store)
    registry.begin(VERIFICATION)

    assert registry.fail(VERIFICATION, "DataMismatch", "1 item differs") == {"status": "RECORDED"}

    assert changing(store) == "b1"
    lock = store.objects[status_key("rates")]
    store.delete_if(status_key("rates"), lock.etag)
    assert registry.cut_over(OPERATOR, "2026-01-01T12:00:00Z") == {"status": "NOT_PROVEN", "reason": BROKEN}
    assert registry.begin(run_of("c1", "catch-up")) == {
        "status": "NO_BASE",
        "reason": f"{BROKEN}: migrate repair b1, or bootstrap rates anew",
    }
    assert registry.begin(replace(VERIFICATION, execution="exec-b1-2"))["status"] == "NOT_PROVEN"


@pytest.mark.parametrize(("kind", "error"), [("verification", "ExportFailed"), ("bootstrap", "DataMismatch")])
def test_a_failure_that_says_nothing_of_the_proof_leaves_it(
    registry: RunRegistry, store: MemoryStore, kind: str, error: str
) -> None:
    prove(store)
    caller = run_of("b1", kind)
    registry.begin(caller)

    registry.fail(caller, error, "why")

    assert changing(store) == ""


def test_a_verification_changes_no_table(registry: RunRegistry, store: MemoryStore) -> None:
    prove(store)
    registry.begin(VERIFICATION)

    with pytest.raises(InvalidEventError, match="the run b1 is a verification, which changes no existing table"):
        registry.change(VERIFICATION)


def test_the_tables_of_an_unfinished_catch_up_are_not_verified(store: MemoryStore) -> None:
    executions = KnownExecutions({VERIFICATION.execution: LIVING, "exec-c1-1": LIVING})
    registry = RunRegistry(store, executions, lambda: NOON)
    catch_up: Any = run_of("c1", "catch-up")
    prove(store)
    registry.begin(catch_up)
    registry.change(catch_up)
    del executions.known["exec-c1-1"]

    assert registry.begin(VERIFICATION)["status"] == "UNFINISHED"
