"""A cut-over before the verdict needs the lock of a catch-up that has applied its changes, and no other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.callers import Caller
from run_registry.cut_over import Live, live_key
from run_registry.documents import Status, status_key
from run_registry.errors import InvalidEventError, LockLostError
from run_registry.executions import Execution
from run_registry.handler import answer_event
from run_registry.proven import proven_key
from run_registry.service import RunRegistry

from tests.unit.lambdas.registry_fakes import LIVING, NOON, KnownExecutions, MemoryStore, proven_document

if TYPE_CHECKING:
    from collections.abc import Callable

INSTANT, EXPORTED = "2026-01-01T12:02:00Z", "2026-01-01T12:01:00Z"
KEY, MARK, PROVEN = status_key("rates"), live_key("rates"), proven_key("rates", "official")
OPERATOR = Caller(domain="rates", run="c1", execution="operator:anna-1")


def run_of(run: str, kind: str = "catch-up", attempt: int = 1, mode: str = "official") -> Caller:
    return Caller(domain="rates", run=run, execution=f"exec-{run}-{attempt}", mode=mode, kind=kind)


FIRST, RESUME = run_of("c1"), run_of("c1", attempt=2)
REPAIR = run_of("c1", "repair", 2)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put_new(proven_key("rates", "official"), proven_document("b1").stored(NOON - timedelta(hours=1)).text())
    return store


@pytest.fixture
def executions() -> KnownExecutions:
    return KnownExecutions({f"exec-{run}-{attempt}": LIVING for run in ("c1", "c2", "b1") for attempt in (1, 2)})


@pytest.fixture
def registry(store: MemoryStore, executions: KnownExecutions) -> RunRegistry:
    return RunRegistry(store, executions, lambda: NOON)


def lock(store: MemoryStore) -> Status:
    return Status.read(store.objects[KEY].body)


def mark(store: MemoryStore) -> Live:
    return Live.read(store.objects[MARK].body)


def has_applied(registry: RunRegistry) -> None:
    """Let the catch-up c1 have applied its changes."""
    assert registry.begin(FIRST)["status"] == "OWNED"
    registry.change(FIRST)
    assert registry.applied(FIRST, EXPORTED) == {"status": "APPLIED", "instant": EXPORTED}


def is_live(registry: RunRegistry) -> None:
    """Let the domain be live beside c1's lock."""
    has_applied(registry)
    registry.cut_over(OPERATOR, INSTANT, verify_after=True)


def end(executions: KnownExecutions, caller: Caller) -> None:
    executions.known[caller.execution] = Execution(living=False, stopped=NOON - timedelta(hours=1))


def proof(run: str = "c1") -> Any:  # noqa: ANN401 - a proven state
    return proven_document(run, cloned="2026-01-01T11:30:00Z")


def test_the_lock_says_that_all_changes_are_applied_and_keeps_the_first_instant(
    registry: RunRegistry, store: MemoryStore
) -> None:
    has_applied(registry)

    again = registry.applied(FIRST, "2026-01-01T12:30:00Z")

    assert again == {"status": "APPLIED", "instant": EXPORTED}
    assert (lock(store).changing, lock(store).applied) == (True, EXPORTED)


def test_the_lock_of_a_run_that_has_not_applied_anything_is_readable_for_an_earlier_release(
    registry: RunRegistry, store: MemoryStore
) -> None:
    registry.begin(FIRST)
    registry.change(FIRST)

    assert "applied" not in json.loads(store.objects[KEY].body)


def test_nothing_is_applied_before_it_was_begun_or_by_whoever_lost_the_lock(
    registry: RunRegistry, store: MemoryStore
) -> None:
    registry.begin(FIRST)
    with pytest.raises(InvalidEventError, match="the run c1 has not begun to write, so it has applied nothing"):
        registry.applied(FIRST, EXPORTED)
    with pytest.raises(LockLostError, match="now belongs to"):
        registry.applied(run_of("c2"), EXPORTED)
    del store.objects[KEY]
    with pytest.raises(LockLostError, match="has no owner"):
        registry.applied(FIRST, EXPORTED)


def test_whoever_has_applied_its_changes_writes_no_more(registry: RunRegistry, store: MemoryStore) -> None:
    has_applied(registry)
    before = dict(store.objects)

    with pytest.raises(InvalidEventError, match=f"c1 has applied its changes before {EXPORTED}, and writes no more"):
        registry.change(FIRST)
    assert store.objects == before


def test_a_domain_goes_live_beside_the_lock_of_whoever_has_applied_its_changes(
    registry: RunRegistry, store: MemoryStore
) -> None:
    has_applied(registry)

    answer = registry.cut_over(OPERATOR, INSTANT, verify_after=True)

    assert answer == {"status": "LIVE", "instant": INSTANT, "verdict": "PENDING"}
    assert mark(store) == Live("rates", "c1", INSTANT, "operator:anna-1", applied=EXPORTED, verdict="PENDING")
    assert lock(store).execution == FIRST.execution


@pytest.mark.parametrize(
    ("change", "verify_after"),
    [
        ({}, False),
        ({"applied": ""}, True),
        ({"state": "FAILED", "error": "DataMismatch"}, True),
        ({"kind": "repair"}, True),
        ({"mode": "rehearsal"}, True),
        ({"run": "c2"}, True),
    ],
    ids=["not-asked-for", "not-applied", "failed", "repair", "rehearsal", "another-run"],
)
def test_a_domain_goes_live_beside_no_other_lock(
    registry: RunRegistry,
    store: MemoryStore,
    change: dict[str, Any],
    verify_after: bool,  # noqa: FBT001 - pytest's
) -> None:
    has_applied(registry)
    changed = replace(lock(store), **change)
    store.put_if(KEY, changed.text(), store.objects[KEY].etag)

    assert registry.cut_over(OPERATOR, INSTANT, verify_after=verify_after) == {
        "status": "BUSY",
        "holder": changed.holder(),
    }
    assert MARK not in store.objects


def test_a_proven_domain_that_nobody_holds_needs_no_verdict_afterwards(
    registry: RunRegistry, store: MemoryStore
) -> None:
    assert registry.cut_over(replace(OPERATOR, run="b1"), INSTANT, verify_after=True) == {
        "status": "LIVE",
        "instant": INSTANT,
    }
    assert "verdict" not in json.loads(store.objects[MARK].body)


def test_the_verdict_follows_into_the_live_mark(registry: RunRegistry, store: MemoryStore) -> None:
    is_live(registry)

    registry.finish(FIRST, proof())

    assert KEY not in store.objects
    assert mark(store).verdict == "MATCH"


@pytest.mark.parametrize(
    ("error", "verdict"), [("DataMismatch", "MISMATCH"), ("ExportFailed", "PENDING")], ids=["differs", "fails"]
)
def test_a_live_mark_says_mismatch_only_after_a_comparison(
    registry: RunRegistry, store: MemoryStore, error: str, verdict: str
) -> None:
    is_live(registry)

    assert registry.fail(FIRST, error, "why") == {"status": "RECORDED"}

    assert (mark(store).verdict, lock(store).state, lock(store).applied) == (verdict, "FAILED", EXPORTED)


@pytest.mark.parametrize("error", ["ExportFailed", "DataMismatch"])
def test_a_live_domain_is_open_to_the_resume_that_proves_it_and_to_nobody_else(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions, error: str
) -> None:
    is_live(registry)
    registry.fail(FIRST, error, "why")
    end(executions, FIRST)

    live = {"status": "LIVE", "instant": INSTANT, "verdict": mark(store).verdict}
    assert registry.begin(run_of("c2")) == live
    assert registry.begin(run_of("b1", "bootstrap")) == live
    assert registry.begin(REPAIR) == live
    assert registry.begin(run_of("c1", mode="rehearsal", attempt=2)) == live
    answer = registry.begin(RESUME)

    assert {name: answer[name] for name in ("status", "applied")} == {"status": "OWNED", "applied": EXPORTED}
    with pytest.raises(InvalidEventError, match="writes no more"):
        registry.change(RESUME)
    registry.finish(RESUME, proof())
    assert mark(store).verdict == "MATCH"


def test_a_live_domain_whose_run_was_given_up_is_open_to_nobody(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    is_live(registry)
    end(executions, FIRST)
    registry.release(OPERATOR)

    assert registry.begin(RESUME) == {"status": "LIVE", "instant": INSTANT, "verdict": "PENDING"}
    assert KEY not in store.objects


def test_a_resume_of_what_is_applied_is_told_so_and_a_repair_is_not(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    has_applied(registry)
    registry.fail(FIRST, "DataMismatch", "why")
    end(executions, FIRST)

    answer = registry.begin(REPAIR)
    kept = lock(store).applied
    registry.change(REPAIR)

    assert (answer["status"], "applied" in answer, kept, lock(store).applied) == ("OWNED", False, EXPORTED, "")


def test_a_repair_that_a_cut_over_overtook_leaves_the_lock_to_the_run_that_proves(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_applied(registry)
    end(executions, FIRST)
    write = store.put_if

    def cut_over_before(key: str, body: str, etag: str) -> str | None:
        if key == KEY and MARK not in store.objects:
            assert registry.cut_over(OPERATOR, INSTANT, verify_after=True)["status"] == "LIVE"
        return write(key, body, etag)

    monkeypatch.setattr(store, "put_if", cut_over_before)

    assert registry.begin(REPAIR)["status"] == "LIVE"
    left = lock(store)
    assert (left.kind, left.state, left.error, left.applied) == ("catch-up", "FAILED", "DomainIsLive", EXPORTED)
    assert left.cause == "the domain went live meanwhile"


@pytest.mark.parametrize("ends", ["finish", "fail"])
def test_a_run_that_ends_between_the_second_look_and_the_confirmation_leaves_its_verdict(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    has_applied(registry)
    write = store.put_if
    endings: dict[str, Callable[[], object]] = {
        "finish": lambda: registry.finish(FIRST, proof()),
        "fail": lambda: registry.fail(FIRST, "DataMismatch", "why"),
    }

    def end_before(key: str, body: str, etag: str) -> str | None:
        if key == MARK and not mark(store).confirmed:
            monkeypatch.setattr(store, "put_if", write)
            endings[ends]()
        return write(key, body, etag)

    monkeypatch.setattr(store, "put_if", end_before)
    answer = registry.cut_over(OPERATOR, INSTANT, verify_after=True)

    wanted = {"finish": "MATCH", "fail": "MISMATCH"}[ends]
    assert answer == {"status": "LIVE", "instant": INSTANT, "verdict": wanted}
    assert mark(store).verdict == wanted


def test_a_verdict_whose_writing_was_lost_is_written_by_the_next_call(
    registry: RunRegistry, store: MemoryStore
) -> None:
    is_live(registry)
    pending = store.objects[MARK]
    registry.finish(FIRST, proof())
    store.objects[MARK] = pending

    assert registry.cut_over(OPERATOR, INSTANT) == {"status": "LIVE", "instant": INSTANT, "verdict": "MATCH"}


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ({"operation": "applied"}, "instant: is missing or not a text"),
        ({"operation": "cutOver", "instant": INSTANT, "verifyAfter": "yes"}, "verifyAfter: 'yes' is not true or false"),
    ],
)
def test_a_malformed_event_is_named(registry: RunRegistry, event: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidEventError, match=sentence):
        answer_event(registry, {"domain": "rates", "run": "c1", "execution": "e", **event})


def test_a_mark_is_a_document_with_sorted_names_and_a_version() -> None:
    mark = Live("rates", "c1", INSTANT, "operator:anna-1")

    assert mark.verdict == ""
    assert mark.text() == (
        f'{{"by": "operator:anna-1", "confirmed": true, "domain": "rates", "instant": "{INSTANT}", "run": "c1", '
        '"version": 1}'
    )


def test_a_cut_over_waits_for_the_verdict_unless_it_is_told_otherwise(
    registry: RunRegistry, store: MemoryStore
) -> None:
    has_applied(registry)

    assert registry.cut_over(OPERATOR, INSTANT)["status"] == "BUSY"
    assert MARK not in store.objects


def test_an_unconfirmed_mark_is_withdrawn_where_a_cut_over_must_wait_for_the_verdict(
    registry: RunRegistry, store: MemoryStore
) -> None:
    has_applied(registry)
    store.put_new(MARK, Live("rates", "c1", INSTANT, "operator:anna-0", confirmed=False).text())

    assert registry.cut_over(OPERATOR, INSTANT)["status"] == "BUSY"
    assert MARK not in store.objects


def before_the_mark(monkeypatch: pytest.MonkeyPatch, store: MemoryStore, act: Callable[[str, str], object]) -> None:
    """Let another call act just before the registry first writes the live mark; it gets the mark's body and etag."""
    write = store.put_if

    def put_if(key: str, body: str, etag: str) -> str | None:
        if key == MARK:
            monkeypatch.setattr(store, "put_if", write)
            act(body, etag)
        return write(key, body, etag)

    monkeypatch.setattr(store, "put_if", put_if)


def test_a_verdict_that_another_call_settles_first_is_the_one_that_is_returned(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_live(registry)
    store.put_if(PROVEN, proof().stored(NOON).text(), store.objects[PROVEN].etag)
    before_the_mark(monkeypatch, store, lambda body, etag: store.put_if(MARK, body, etag))

    assert registry.cut_over(OPERATOR, INSTANT, verify_after=True) == {
        "status": "LIVE",
        "instant": INSTANT,
        "verdict": "MATCH",
    }
    assert mark(store).verdict == "MATCH"


def test_a_match_that_another_call_settles_first_is_returned_and_not_the_mismatch_before_it(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_live(registry)
    failed = replace(lock(store), state="FAILED", error="DataMismatch")
    store.put_if(KEY, failed.text(), store.objects[KEY].etag)
    write, matched = store.put_if, replace(mark(store), verdict="MATCH")

    def put_if(key: str, body: str, etag: str) -> str | None:
        assert (key, Live.read(body).verdict) == (MARK, "MISMATCH")
        monkeypatch.setattr(store, "put_if", write)
        write(MARK, matched.text(), etag)  # the resume has matched meanwhile
        return write(key, body, etag)

    monkeypatch.setattr(store, "put_if", put_if)

    assert registry.cut_over(OPERATOR, INSTANT) == {"status": "LIVE", "instant": INSTANT, "verdict": "MATCH"}
    assert mark(store) == matched


def test_a_cut_over_that_another_one_overtakes_returns_the_verdict_that_is_known(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_applied(registry)

    def confirmed_and_proven(_body: str, etag: str) -> None:
        other = Live("rates", "c1", INSTANT, "operator:ben-1", applied=EXPORTED, verdict="PENDING")
        store.put_if(MARK, other.text(), etag)
        store.put_if(PROVEN, proof().stored(NOON).text(), store.objects[PROVEN].etag)

    before_the_mark(monkeypatch, store, confirmed_and_proven)

    assert registry.cut_over(OPERATOR, INSTANT, verify_after=True) == {
        "status": "LIVE",
        "instant": INSTANT,
        "verdict": "MATCH",
    }
    assert mark(store).verdict == "MATCH"
